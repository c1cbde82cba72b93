"""Words in English and Korean: the catalogue is complete and faithful, and Korean reaches every place a planner reads.

A text of the catalogue is whatever Babel finds as the first argument of :data:`MARKERS` in the modules and page
templates that ``pyproject.toml`` names.
"""

from __future__ import annotations

import contextlib
import html
import io
import json
import os
import re
import string
import subprocess
import sys
import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
import typer
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from python_calamine import CalamineWorkbook

import optimizer as vc
from optimizer.analysis.store import Solved, Store
from optimizer.cli.doctor import HEADINGS as DOCTOR_HEADINGS
from optimizer.cli.doctor import in_words
from optimizer.cli.helping import commands_of
from optimizer.cli.main import app, status_of
from optimizer.data.allocation import read_allocation
from optimizer.data.case import CaseTables
from optimizer.data.dictionary import dictionary
from optimizer.data.names import display_names, in_language
from optimizer.data.provenance import BASES, UNSTATED
from optimizer.export.case_words import stated_sources
from optimizer.export.csvs import TABLES
from optimizer.export.plan_book import HEADINGS
from optimizer.export.study import study_table
from optimizer.export.sweeps import change_words
from optimizer.language import VARIABLE, Bilingual, Language, choose_language, say, translate

ROOT = Path(__file__).parent.parent
TUTORIAL = ROOT / "inputs" / "tutorial"
INVALID = ROOT / "tests" / "reference" / "invalid-numbers"
CATALOGUE = ROOT / "optimizer" / "locale" / "ko.po"
MARKERS = ("say", "sentence", "translate", "cell", "key")
"""Functions whose first argument is a text of the catalogue."""
HANGUL = re.compile("[가-힣]")
ENGLISH = re.compile(r"[A-Za-z]+(?: [a-z]+){3}")
"""Four plain words in a row: an English sentence, for keys and commands never make as many."""
LONGEST_SHEET_NAME = 31
UTF8 = {**os.environ, "PYTHONUTF8": "1"}


@cache
def marked_texts() -> dict[str, str]:
    """Return every marked text of the source with the place it was first found in."""
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["babel"]["mappings"]
    methods = [(mapping["pattern"], mapping["method"]) for mapping in mappings]
    texts: dict[str, str] = {}
    for file, line, text, _, _ in extract_from_dir(ROOT, methods, keywords=dict.fromkeys(MARKERS)):
        assert isinstance(text, str), f"{file}:{line}: a marker takes one text"
        texts.setdefault(text, f"{file}:{line}")
    for text in help_texts():
        texts.setdefault(text, "--help")
    return texts


@cache
def help_texts() -> tuple[str, ...]:
    """Return what commands and their options say of themselves, beside them and without a marker."""
    parts = [told for one in commands_of(typer.main.get_command(app)) for told in (one, *one.params)]
    return tuple(dict.fromkeys(part.help for part in parts if getattr(part, "help", None)))


@cache
def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as stream:
        return read_po(stream, abort_invalid=True)


def translations() -> dict[str, str]:
    return {str(message.id): str(message.string) for message in catalogue() if message.id}


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def listed(texts: list[str]) -> str:
    return "\n".join(["", *texts])


def test_the_extractor_sees_modules_and_templates() -> None:
    files = {place.partition(":")[0] for place in marked_texts().values()}
    assert any(file.endswith(".py") for file in files)
    assert any(file.endswith(".j2") for file in files)


def test_every_text_is_translated() -> None:
    known = translations()
    missing = [f"{place}: {text!r}" for text, place in marked_texts().items() if text not in known]
    assert not missing, f"texts that optimizer/locale/ko.po lacks:{listed(missing)}"
    empty = [repr(text) for text, korean in known.items() if not korean.strip()]
    assert not empty, f"texts with an empty translation:{listed(empty)}"


def test_nothing_in_the_catalogue_is_stale_or_fuzzy() -> None:
    marked = marked_texts()
    stale = [repr(text) for text in translations() if text not in marked]
    assert not stale, f"entries that no marked text of the source has:{listed(stale)}"
    assert not catalogue().obsolete
    assert not [message.id for message in catalogue() if message.id and message.fuzzy]
    assert "fuzzy" not in CATALOGUE.read_text(encoding="utf-8")


def test_the_catalogue_says_that_it_is_korean() -> None:
    header = dict(catalogue().mime_headers)
    assert header["Language"] == "ko"
    assert "utf-8" in header["Content-Type"].lower()


def test_translations_keep_the_fields_of_their_texts() -> None:
    changed = [f"{text!r}: {korean!r}" for text, korean in translations().items() if fields(text) != fields(korean)]
    assert not changed, listed(changed)


def test_translations_keep_the_spaces_at_the_ends_of_their_texts() -> None:
    for text, korean in translations().items():
        assert (text[:1].isspace(), text[-1:].isspace()) == (korean[:1].isspace(), korean[-1:].isspace()), text


def test_translations_are_korean_and_leave_no_english_sentence() -> None:
    wrong = [f"{text!r}: {korean!r}" for text, korean in translations().items() if not HANGUL.search(korean)]
    wrong += [f"{text!r}: {korean!r}" for text, korean in translations().items() if ENGLISH.search(korean)]
    assert not wrong, listed(wrong)


def test_words_looked_up_by_name_are_in_the_catalogue() -> None:
    known = translations()
    assert [word for word in (*BASES, UNSTATED) if word not in known] == []
    assert [text for text in dictionary()["meaning"] if text not in known] == []


def test_every_text_stands_once_in_the_catalogue() -> None:
    written = re.findall(r'^msgid (.+(?:\n".*")*)', CATALOGUE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [text for text, count in Counter(written).items() if count > 1] == []


def test_korean_writes_numbers_and_their_units_together() -> None:
    apart = re.compile(r"[}0-9] (?:%|[천백십]*[만억조]?원)")
    assert [korean for korean in translations().values() if apart.search(korean)] == []


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("1십억원", "십억원 단위로 반올림"),
        ("1억원", "억원 단위로 반올림"),
        ("1조원", "조원 단위로 반올림"),
        ("1백만원", "백만원 단위로 반올림"),
        ("1원", "원 단위로 반올림"),
        ("0.01조원", "0.01조원 단위로 반올림"),
        ("1,001억원", "1,001억원 단위로 반올림"),
        ("21십억원", "21십억원 단위로 반올림"),
    ],
)
def test_korean_does_not_say_the_one_of_a_unit(step: str, said: str) -> None:
    assert f"{said}." in translate(
        "Rounding: money is rounded to {step} so that every row, column and total adds up; valued as it is printed, "
        "the plan loses {loss} of its objective ({share} %).",
        Language.KO,
        step=step,
        loss="1억원",
        share="0.1",
    )


def test_korean_keeps_the_one_of_an_amount() -> None:
    text = "The plan spends {amount}"
    assert translate(text, Language.KO, amount="1억원") == "The plan spends 1억원"
    assert translate(text, Language.KO, amount="1십억원") == "The plan spends 십억원"
    assert translate(text, Language.EN, amount="1십억원") == "The plan spends 1십억원"


def test_a_message_is_said_in_both_languages_with_its_values() -> None:
    inner = say("no link costs anything")
    message = say("Note: {remark}", remark=inner)
    assert str(message) == message.text(Language.EN) == "Note: no link costs anything"
    assert message.text(Language.KO) == f"참고: {inner.text(Language.KO)}"
    assert inner.text(Language.KO) != inner.text()
    assert translate("a text that no catalogue has", Language.KO) == "a text that no catalogue has"


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("홍릉", "홍릉은 홍릉이 홍릉을 홍릉과 홍릉으로"),
        ("서울", "서울은 서울이 서울을 서울과 서울로"),
        ("대구", "대구는 대구가 대구를 대구와 대구로"),
        ("오송", "오송은 오송이 오송을 오송과 오송으로"),
        ("3", "3은 3이 3을 3과 3으로"),
        ("1,002", "1,002는 1,002가 1,002를 1,002와 1,002로"),
        ("5%", "5%는 5%가 5%를 5%와 5%로"),
        ("'오송'", "'오송'은 '오송'이 '오송'을 '오송'과 '오송'으로"),
        ("highs", "highs은(는) highs이(가) highs을(를) highs와(과) highs(으)로"),
    ],
)
def test_particles_fit_the_words_before_them(word: str, said: str) -> None:
    written = "{a}은(는) {a}이(가) {a}을(를) {a}와(과) {a}(으)로"
    assert translate(written, Language.KO, a=word) == said
    assert translate(written, Language.EN, a=word) == written.replace("{a}", word)


def test_a_language_chosen_once_is_that_of_whatever_is_given_none(
    monkeypatch: pytest.MonkeyPatch, tutorial_plan: vc.Plan
) -> None:
    assert vc.options.language is Language.EN
    with pytest.raises(vc.InputError) as told:
        vc.load_case("nowhere")
    english = str(told.value)
    monkeypatch.setattr(vc.options, "language", "ko")
    assert vc.options.language is Language.KO
    assert HANGUL.search(str(told.value))  # said when it is shown, not when it was raised
    assert told.value.text("en") == english
    assert "공공자금" in tutorial_plan._repr_html_()
    assert repr(tutorial_plan.case).startswith("Case('연습용 사례', 2026-2031년, 십억원: ")
    assert repr(tutorial_plan.why("hongneung", "clinical")) == tutorial_plan.why("hongneung", "clinical").text("ko")
    assert HANGUL.search(tutorial_plan.plot.years().layout.title.text)
    assert not HANGUL.search(tutorial_plan.plot.years(language="en").layout.title.text)
    assert tutorial_plan.certificate.text() == tutorial_plan.certificate.text("ko")
    with pytest.raises(vc.InputError, match="fr"):
        vc.options.language = "fr"  # type: ignore[assignment]
    with pytest.raises(vc.InputError, match="tongue"):
        vc.options.tongue = "ko"  # type: ignore[attr-defined]
    assert vc.options.language is Language.KO


def test_the_environment_names_the_language_to_begin_with(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(VARIABLE, "ko")
    choose_language(None)
    assert vc.options.language is Language.KO
    assert status_of(["check", str(TUTORIAL)]) == 0
    assert HANGUL.search(capsys.readouterr().out)
    assert status_of(["check", str(TUTORIAL), "--lang", "en"]) == 0  # what is said of one command comes first
    assert HANGUL.search(capsys.readouterr().out) is None
    monkeypatch.setenv(VARIABLE, "kr")
    assert status_of(["check", str(TUTORIAL)]) == 1
    assert "OPTIMIZER_LANG" in capsys.readouterr().err
    choose_language(None)
    with pytest.warns(UserWarning, match="'kr'"):
        assert vc.options.language is Language.EN
    choose_language(None)


COMMANDS = [[], *([name] for name in typer.main.get_command(app).commands)]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: " ".join(words) or "optimizer")
def test_help_is_korean_throughout(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["--lang", "ko", *command, "--help"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("사용법: ")
    assert ENGLISH.search(said) is None
    assert not {"Usage", "Options", "Arguments", "default:", "required"} & set(re.findall(r"[A-Za-z]+:?", said))
    lines = [line for line in said.splitlines() if not line.startswith("    optimizer ")]  # examples stay in one piece
    assert max(map(columns_of, lines)) <= 80
    assert status_of([*command, "--help"]) == 0
    assert HANGUL.search(capsys.readouterr().out.replace("억원, 조원, 백만원", "").replace("억원", "")) is None


def columns_of(line: str) -> int:
    return len(line) + len(HANGUL.findall(line))


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["solve"], "CASE"),
        (["solve", "x", "--bogus"], "--bogus"),
        (["frobnicate"], "frobnicate"),
        (["solve", "x", "--method", "guess"], "guess"),
        (["tornado", "x", "--share", "much"], "--share"),
        (["tornado", "x", "--workers", "0"], "1 이상"),
        (["solve", "x", "y"], "y"),
    ],
)
def test_a_wrong_command_line_is_told_in_korean(
    command: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of([*command, "--lang", "ko"]) == 1
    said = capsys.readouterr().err
    assert told in said
    assert ENGLISH.search(said) is None
    assert all(HANGUL.search(line) for line in said.strip().splitlines())


def test_what_a_point_changes_is_told_in_words() -> None:
    changes = [
        vc.Change("budget", "amount", "multiply", 0.9, "year=2028; funder=mohw|msit"),
        vc.Change("case", "funding.carry_over", "set", 0.2),
    ]
    case = vc.load_case(TUTORIAL)
    assert change_words(case, changes, Language.EN) == {
        "budget[year=2028; funder=mohw|msit].amount multiply": (
            "Budget [Year: 2028; Funder: Health and Welfare, Science and ICT]: Amount, multiplied"
        ),
        "case.funding.carry_over": "Settings: Share of a yearly budget that may move to the next year",
    }
    assert change_words(case, changes, Language.KO) == {
        "budget[year=2028; funder=mohw|msit].amount multiply": (
            "예산 [연도: 2028; 부처: 보건복지부, 과학기술정보통신부]: 금액(배율)"
        ),
        "case.funding.carry_over": "설정: 연간 예산 중 다음 해로 이월할 수 있는 비율",
    }


def test_what_points_change_alike_keeps_headings_of_its_own() -> None:
    case, wheres = vc.load_case(TUTORIAL), ("year=2028;funder=msit", "year=2028; funder=msit", "year 2028")
    changes = [vc.Change("budget", "amount", "add", 1.0, where) for where in wheres]
    words = list(change_words(case, changes, Language.KO).values())
    assert len(set(words)) == 3
    assert all(word.startswith("예산 [연도: 2028; 부처: 과학기술정보통신부]: 금액(가감) (") for word in words[:2])
    assert words[2] == "예산 [year 2028]: 금액(가감)"  # no filter, which the point itself is refused for


def test_a_text_without_a_korean_one_stays_as_it_is() -> None:
    table = pd.DataFrame({"source": ["a book", "a guess"], "source_ko": ["책", ""], "name_ko": ["가", "나"]})
    said = {language: in_language(table, language) for language in Language}
    assert said[Language.EN].to_dict("list") == {"source": ["a book", "a guess"], "name_ko": ["가", "나"]}
    assert said[Language.KO].to_dict("list") == {"source": ["책", "a guess"], "name_ko": ["가", "나"]}


def test_lines_that_a_source_speaks_of_are_told_by_their_names(tutorial: vc.Case) -> None:
    stated = tutorial.table("sources").assign(where="stage=launch|clinical; cluster=osong", table="sites")
    frames = {**tutorial.frames, "sources": stated}
    case = CaseTables(tutorial.raw, tutorial.settings, frames)
    assert set(stated_sources(case, Language.KO)["where"]) == {"단계: 출시, 임상; 클러스터: 오송"}
    assert set(stated_sources(case, Language.EN)["where"]) == {"Stage: Launch, Clinical; Cluster: Osong"}


def test_tables_of_studies_hold_names_and_words(tutorial: vc.Case) -> None:
    table = pd.DataFrame(
        {"point": ["lean-budget", "mine"], "status": ["optimal", "limit"], "bound_by": ["envelope", None]}
    )
    future, own = study_table(tutorial, table, Language.KO).to_numpy().tolist()
    assert future == ["긴축 예산", "최적", "중복투자의 볼록 포락선"]
    assert own[:2] == ["mine", "한도에 도달하여 중단"]


def test_a_reason_that_was_stored_keeps_its_korean_names(tmp_path: Path) -> None:
    reason = say("funder {funder} has a budget of 0 in every year.", funder=Bilingual("msit", korean="과기정통부"))
    store = Store(tmp_path / "study.db", "study", {})
    store.add([("digest", "point", "", Solved("infeasible", reason, {}, 0.0))])
    kept = store.read()["digest"].reason
    store.close()
    assert kept is not None
    assert [kept.text(language) for language in Language] == [reason.text(language) for language in Language]
    assert "과기정통부" in kept.text(Language.KO)


def test_doctor_speaks_korean(capsys: pytest.CaptureFixture[str]) -> None:
    words = [*(translate(text, Language.KO) for text in DOCTOR_HEADINGS.values())]
    assert all(HANGUL.search(word) for word in words)
    frame = in_words(pd.DataFrame([dict.fromkeys(DOCTOR_HEADINGS, "yes")]), Language.KO)
    assert list(frame.columns) == words
    assert frame.iloc[0].eq("예").all()


@pytest.mark.parametrize("name", ["korea", "tutorial"])
def test_the_cases_that_ship_have_korean_names(name: str) -> None:
    case = vc.load_case(ROOT / "inputs" / name)
    assert HANGUL.search(case.settings.case.name_ko)
    for table in ("clusters", "stages", "fields", "funders", "rules"):
        assert case.table(table)["name_ko"].map(HANGUL.search).all(), table
    assert case.table("rules")["note_ko"].map(HANGUL.search).all()
    named = display_names(case, Language.KO)["scenario"]
    assert all(HANGUL.search(text) for text in named.values())


def test_english_reads_no_catalogue_and_imports_no_babel(tmp_path: Path) -> None:
    program = f"""
import sys

opened = []
sys.addaudithook(lambda event, given: opened.append(str(given[0])) if event == "open" else None)
sys.modules["babel"] = None
from optimizer.cli.doctor import HEADINGS as DOCTOR_HEADINGS
from optimizer.cli.doctor import in_words
from optimizer.cli.helping import commands_of
from optimizer.cli.main import app, status_of

assert status_of(["check", {str(TUTORIAL)!r}]) == 0
assert status_of(["check", {str(INVALID)!r}]) == 1
assert status_of(["check", "--dictionary"]) == 0
assert status_of(["solve", {str(TUTORIAL)!r}, "--out", {str(tmp_path / "run")!r}]) == 0
assert opened
assert not [path for path in opened if path.endswith((".po", ".mo"))]
assert not [name for name in sys.modules if name.startswith("babel.")]
"""
    ended = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=False,
        cwd=ROOT,
        text=True,
        encoding="utf-8",
        env=UTF8,
    )
    assert ended.returncode == 0, ended.stderr
    assert HANGUL.search(ended.stdout + ended.stderr) is None


@dataclass(frozen=True)
class Run:
    """A run of the tutorial case from the command line: its folder and what it printed."""

    folder: Path
    printed: str

    @property
    def page(self) -> str:
        return (self.folder / "report.html").read_text(encoding="utf-8")

    @property
    def workbook(self) -> dict[str, list[list[object]]]:
        book = CalamineWorkbook.from_path(self.folder / "plan.xlsx")
        return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[Language, Run]:
    made = {}
    for language in Language:
        folder = tmp_path_factory.mktemp("language") / language.value
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            assert status_of(["solve", str(TUTORIAL), "--lang", language.value, "--out", str(folder)]) == 0
        made[language] = Run(folder, printed.getvalue())
    return made


def korean_names(tutorial: vc.Case, *tables: str) -> list[str]:
    return [str(name) for table in tables for name in tutorial.table(table)["name_ko"]]


def test_solve_prints_korean(runs: dict[Language, Run], tutorial: vc.Case) -> None:
    said = runs[Language.KO].printed
    for text in ("Worth of launches", "Overlap penalty", "Public money spent", "Private money", "Launches", "total"):
        assert translate(text, Language.KO) in said, text
    for name in korean_names(tutorial, "clusters", "stages"):
        assert name in said, name
    assert ENGLISH.search(said) is None
    assert HANGUL.search(runs[Language.EN].printed) is None


def test_compare_names_what_the_cases_of_the_runs_name(
    runs: dict[Language, Run], tutorial: vc.Case, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [str(run.folder) for run in runs.values()]
    assert status_of(["compare", *folders, "--by", "funder,stage", "--lang", "ko"]) == 0
    said = capsys.readouterr().out
    for name in [*korean_names(tutorial, "funders", "stages"), translate("link", Language.KO)]:
        assert name in said, name
    assert set(re.findall("[A-Za-z]+", said)) == set(Language)  # what the runs are called
    assert status_of(["compare", *folders, "--by", "region"]) == 0
    assert "chungcheong" in capsys.readouterr().out  # attributes have no English names


def test_check_gives_its_reasons_in_korean(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["check", str(INVALID), "--lang", "ko"]) == 1
    head, *lines = capsys.readouterr().err.strip().splitlines()
    assert HANGUL.search(head)
    assert len(lines) == 4
    for line in lines:
        assert HANGUL.search(line)
        assert ENGLISH.search(line) is None
    assert lines[0].startswith("  clusters.csv:2 private_cap: ")
    assert "'5O'" in lines[0]
    assert status_of(["check", str(INVALID), "--lang", "ko", "--json"]) == 1
    faults = json.loads(capsys.readouterr().out)["faults"]
    assert all(HANGUL.search(fault["reason"]) for fault in faults)
    assert (faults[0]["file"], faults[0]["column"]) == ("clusters.csv", "private_cap")


def test_check_says_in_korean_what_is_in_a_case(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["check", str(TUTORIAL), "--lang", "ko"]) == 0
    said = capsys.readouterr().out
    for basis in (*BASES, UNSTATED):
        assert translate(basis, Language.KO) in said
        assert basis not in said
    assert "  클러스터 clusters: 4\n" in said
    assert ENGLISH.search(said) is None


def test_the_dictionary_is_korean_throughout(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["check", "--dictionary", "--lang", "ko", "--json"]) == 0
    lines = json.loads(capsys.readouterr().out)
    english = dictionary()
    assert [line["column"] for line in lines] == english["column"].to_list()
    left = [
        f"{line['table']}.{line['column']}: {line['meaning']}"
        for line in lines
        if not HANGUL.search(line["meaning"]) or ENGLISH.search(line["meaning"])
    ]
    assert not left, listed(left)
    assert status_of(["check", "--dictionary", "--lang", "ko"]) == 0
    said = capsys.readouterr().out
    assert [text for text in english["meaning"] if text in said] == []


def test_the_report_is_korean(runs: dict[Language, Run], tutorial: vc.Case) -> None:
    page = runs[Language.KO].page
    assert '<html lang="ko">' in page
    headings = re.findall(r"<h[23][^>]*>(.*?)</h[23]>", page)
    assert len(headings) > 8
    assert [heading for heading in headings if not HANGUL.search(heading)] == []
    paragraphs = re.findall(r"<p(?: class=\"warn\")?>(.*?)</p>", page)
    assert paragraphs
    assert [text for text in paragraphs if not HANGUL.search(text) or ENGLISH.search(text)] == []
    cells = [html.unescape(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", page)]
    assert [cell for cell in cells if ENGLISH.search(cell)] == []
    for name in [*korean_names(tutorial, "clusters", "stages", "fields"), "연습용 가상 수치"]:
        assert name in cells, name
    assert '<html lang="en">' in runs[Language.EN].page
    assert not [
        text for text in re.findall(r"<h[23][^>]*>(.*?)</h[23]>", runs[Language.EN].page) if HANGUL.search(text)
    ]


def test_the_workbook_is_korean(runs: dict[Language, Run], tutorial: vc.Case) -> None:
    sheets = runs[Language.KO].workbook
    assert list(sheets) == [translate(heading, Language.KO) for heading in HEADINGS.values()]
    assert [name for name in sheets if not HANGUL.search(name)] == []
    summary = sheets[translate(HEADINGS["summary"], Language.KO)]
    assert [line[0] for line in summary if line[0] and not HANGUL.search(str(line[0]))] == []
    pivot = sheets[translate(HEADINGS["cluster_stage"], Language.KO)]
    total = translate("total", Language.KO)
    clusters = [*korean_names(tutorial, "clusters"), total]
    assert [line[1] for line in pivot[5 : 5 + len(clusters)]] == clusters
    assert pivot[3][2:] == [*korean_names(tutorial, "stages"), translate("link", Language.KO), total]
    shown = [str(cell) for rows in sheets.values() for row in rows for cell in row]
    assert [text for text in shown if ENGLISH.search(text)] == []


def test_headings_of_the_korean_workbook_are_korean(runs: dict[Language, Run]) -> None:
    latin = []
    for name, rows in runs[Language.KO].workbook.items():
        top = next((row for row in rows if sum(cell != "" for cell in row) > 1), [])
        latin += [
            f"{name}: {cell}" for cell in top if re.search("[A-Za-z]", str(cell)) and not HANGUL.search(str(cell))
        ]
    assert latin == []


def test_the_korean_allocation_is_read_back_as_the_english_one(runs: dict[Language, Run], tutorial: vc.Case) -> None:
    korean, english = (read_allocation(tutorial, runs[one].folder / "plan.xlsx") for one in (Language.KO, Language.EN))
    pd.testing.assert_frame_equal(korean, english)
    assert runs[Language.KO].workbook[translate(HEADINGS["allocation"], Language.KO)][0][0] == "부처 (funder)"


def test_rules_and_the_case_bear_their_korean_names(runs: dict[Language, Run], tutorial: vc.Case) -> None:
    sheet = runs[Language.KO].workbook[translate(HEADINGS["rules"], Language.KO)]
    names = korean_names(tutorial, "rules")
    assert {row[0] for row in sheet[1:]} <= set(names)
    assert not set(tutorial.table("rules")["rule"]) & set(re.findall(r"<td>(.*?)</td>", runs[Language.KO].page))
    assert "KRW" not in runs[Language.KO].printed


@pytest.mark.parametrize("language", list(Language))
def test_sheet_names_are_what_excel_takes(language: Language) -> None:
    names = [translate(heading, language) for heading in HEADINGS.values()]
    assert len(set(names)) == len(names)
    for name in names:
        assert 0 < len(name) <= LONGEST_SHEET_NAME, name
        assert not set(name) & set("[]:*?/\\"), name


def test_keys_are_not_translated(runs: dict[Language, Run]) -> None:
    english, korean = runs[Language.EN].folder, runs[Language.KO].folder
    for name in TABLES:
        assert (korean / f"{name}.csv").read_bytes() == (english / f"{name}.csv").read_bytes(), name
    clusters = (korean / "allocation.csv").read_text(encoding="utf-8")
    assert HANGUL.search(clusters) is None
    assert "hongneung" in clusters
    summaries = [set(json.loads((folder / "summary.json").read_text(encoding="utf-8"))) for folder in (english, korean)]
    assert summaries[0] == summaries[1]
