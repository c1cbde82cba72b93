"""A case may come by mail: no name in it becomes a formula or a piece of a page, and none breaks a plan.

The names below are those of clusters, stages, fields, funders, rules, attributes and of the case itself at once.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import html
import json
import re
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

import optimizer as vc
from optimizer.cli.main import status_of
from optimizer.export.safe import FORMULA_STARTS, harmless

HOSTILE = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", '=HYPERLINK("http://x.y";"z")', "{=1+1}"]
OURS = re.compile(r"<(c:)?f>(SUM|ROUND|IF\(|\(?[A-Z]+\d|'[A-Z][A-Za-z() ]+'!\$|[A-Z][a-z]+!\$)")
"""How formulas of ours begin: with a function, a cell, or a sheet of ours. SUMPRODUCT and SUMIFS begin with SUM."""
MARKUP = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=y>',
    "<b>bold</b>",
    "&amp;",
    "{{ 7 * 7 }}",
    "{x}",
    "%s",
    "[red]",
]
MARKUP_TOGETHER = ["<script>alert(1)</script>%s", '"><img src=x onerror=y>{x}', "<b>bold</b>&amp;[red]", "{{ 7 * 7 }}"]
"""The same in fewer names, short enough that no label cuts them: labels treat their signs one by one."""


TEXTS = frozenset({"text", "label", "name", "ticktext", "hovertemplate", "valuesuffix"})
"""Keys of a figure whose values plotly writes into a page."""


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def write_case(folder: Path, name: str, key: str | None = None, attribute: str = "grade") -> vc.Case:
    """Write a case in which everything that has a name or a note bears this one; keys too, unless told otherwise."""
    cell, key = quoted(name), quoted(name) if key is None else key
    escaped = "".join(f"\\U{ord(sign):08X}" for sign in name)
    folder.mkdir(parents=True)
    files = {
        "case.toml": f'[case]\nname = "{escaped}"\ncurrency = "{escaped}"\nfirst_year = 2026\nlast_year = 2027\n'
        "[overlap]\nbetween_clusters = 0.1\nbetween_funders = 0.1\n",
        "clusters.csv": f"cluster,name,{attribute}\n{key},{cell},{cell}\nb,,q\n",
        "stages.csv": f"stage,name,cost,success_rate\nidea,,1,0.5\n{key},{cell},2,0.5\n",
        "fields.csv": f"field,name,value\n{key},{cell},100\n",
        "sites.csv": f"cluster,stage,field,capacity,backlog\n{key},idea,{key},5,9\n{key},{key},{key},5,2\n"
        f"b,idea,{key},4,9\nb,{key},{key},4,2\n",
        "budget.csv": f"funder,year,amount\n{key},2026,10\n{key},2027,10\nn,2026,5\nn,2027,5\n",
        "rules.csv": f"rule,sense,value,per,note,price\n{key},at_most,3,{attribute},{cell},0.1\n",
        "sources.csv": f"table,basis,source,url\nsites,assumed,{cell},{cell}\n",
        "benchmarks.csv": f"cluster,metric,value,unit,source\n{cell},{cell},1,{cell},{cell}\n",
    }
    for file, text in files.items():
        (folder / file).write_text(text, encoding="utf-8")
    return vc.load_case(folder)


def is_number(text: str) -> bool:
    return re.fullmatch(r"-?(\d+(\.\d+)?(e[+-]?\d+)?|inf)", text) is not None


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_becomes_a_formula(name: str, tmp_path: Path) -> None:
    attribute = name if re.fullmatch("[^;=|']+", name) else "grade"  # filters cannot name the others
    case = write_case(tmp_path / "case", name, attribute=attribute)
    plan = case.solve()
    plan.to_csv(tmp_path / "run")
    for path in (tmp_path / "run").glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as stream:
            cells = [cell for row in csv.reader(stream) for cell in row]
        assert [cell for cell in cells if cell.startswith(FORMULA_STARTS) and not is_number(cell)] == []
    told = (tmp_path / "run" / "allocation.csv").read_text(encoding="utf-8").replace('""', '"')
    assert harmless(name) in told  # it is there, and recognisable
    for book in (plan.to_excel(tmp_path / "plan.xlsx"), case.save(tmp_path / "case.xlsx")):
        with zipfile.ZipFile(book) as archive:
            assert not [part for part in archive.namelist() if "externalLink" in part]
            texts = {part: archive.read(part).decode() for part in archive.namelist() if part.endswith(".xml")}
        formulas = [found for text in texts.values() for found in re.findall(r"<(?:c:)?f[ >][^<]*", text)]
        assert not [formula for formula in formulas if not OURS.search(formula)]
        links = [found for text in texts.values() for found in re.findall(r"<hyperlink [^>]*>", text)]
        assert not [link for link in links if "r:id" in link]  # only to sheets of the book itself
    assert vc.load_case(tmp_path / "case.xlsx").table("clusters")["cluster"].iloc[0] == name  # a case says what it says


class Tags(HTMLParser):
    """Collects the tags and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.said: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[Any]) -> None:
        self.tags.add(tag)
        self.tags.update(name for name, _ in attrs if name.startswith("on"))

    def handle_data(self, data: str) -> None:
        self.said.append(data.strip())


@pytest.fixture(scope="module")
def plain_tags(tmp_path_factory: pytest.TempPathFactory) -> tuple[set[str], set[str]]:
    """Return the tags of the report and of the card of a case whose names are plain."""
    folder = tmp_path_factory.mktemp("plain")
    plan = write_case(folder / "case", "plain").solve()
    page = plan.to_html(folder / "report.html").read_text(encoding="utf-8")
    return Tags(page).tags, Tags(plan._repr_html_()).tags


@pytest.mark.parametrize("name", MARKUP_TOGETHER)
def test_no_name_becomes_a_part_of_the_page(
    name: str, plain_tags: tuple[set[str], set[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = write_case(tmp_path / "case", name).solve()
    page, card = Tags(plan.to_html(tmp_path / "report.html").read_text(encoding="utf-8")), Tags(plan._repr_html_())
    assert page.tags == plain_tags[0]
    assert card.tags == plain_tags[1]
    assert name in page.said
    assert name in card.said
    assert status_of(["solve", str(tmp_path / "case")]) == 0
    assert name in capsys.readouterr().out
    assert status_of(["check", str(tmp_path / "case")]) == 0
    assert f"{name}: sound" in capsys.readouterr().out


def test_the_card_of_a_case_without_a_plan_is_as_safe(tmp_path: Path) -> None:
    write_case(tmp_path / "case", MARKUP[0], key="a")
    (tmp_path / "case" / "rules.csv").write_text("rule,sense,value\nr,at_least,1e9\n")
    plan = vc.load_case(tmp_path / "case").solve()
    assert plan.status == "infeasible"
    assert "<script" not in plan._repr_html_()


def test_a_report_fetches_nothing(tutorial_plan: vc.Plan, tmp_path: Path) -> None:
    text = tutorial_plan.to_html(tmp_path / "report.html").read_text(encoding="utf-8")
    page = Tags(text)
    assert page.tags.isdisjoint({"link", "img", "iframe", "object", "embed", "base", "form", "src", "srcset"})
    assert not re.search(r"<(?!a )[^>]*\s(?:src|href|data|action)=", re.sub(r"(?s)<script.*?</script>", "", text))
    assert not re.search(r"(?i)url\(|@import", re.search(r"(?s)<style>.*?</style>", text)[0])


def test_the_policy_of_a_report_names_its_two_scripts_and_nothing_else(tutorial_plan: vc.Plan, tmp_path: Path) -> None:
    text = tutorial_plan.to_html(tmp_path / "report.html").read_text(encoding="utf-8")
    policy = html.unescape(re.search(r'Content-Security-Policy" content="(.*?)"', text)[1])
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    scripts = re.findall(r"(?s)<script>(.*?)</script>", text)
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    assert re.findall(r"'sha256-(.*?)'", policy) == digests
    assert len(re.findall("<script", re.sub(r"(?s)(<script>).*?</script>", r"\1", text))) == 2 + text.count(
        '<script type="application/json"'
    )
    assert "unsafe-eval" not in policy


@pytest.mark.parametrize("name", MARKUP_TOGETHER)
def test_no_name_is_markup_in_a_figure(name: str, tmp_path: Path) -> None:
    plan = write_case(tmp_path / "case", name).solve()
    for figure in (
        plan.plot.sankey(),
        plan.plot.projects(),
        plan.plot.heat_map(),
        plan.plot.years(),
        plan.plot.launches(),
    ):
        assert_no_markup(figure)


@pytest.mark.parametrize("name", MARKUP_TOGETHER)
def test_no_name_is_markup_in_a_figure_of_a_study(name: str, tmp_path: Path) -> None:
    case = write_case(tmp_path / "case", name)
    plan = case.solve()
    quick: dict[str, Any] = {"executor": "serial", "progress": False}
    futures = [vc.Future(name, 0.5), vc.Future("lean", 0.5, (vc.Change("budget", "amount", "multiply", 0.7),))]
    regret = vc.regret({name: plan}, futures, case, **quick)
    for figure in (
        vc.priority_list(plan, [20, 30], method="forward").plot(),
        *(vc.replacement_cost(plan, of, **quick).plot() for of in ("cluster", "site", "funder", "rule")),
        vc.sample_scenarios(case, 4).plot(),
        regret.plot("heat"),
        regret.plot("within"),
    ):
        assert_no_markup(figure)


def assert_no_markup(figure: Any) -> None:
    for label in labels_of(json.loads(figure.to_json())):
        # breaks, fields and percent signs of ours
        plain = re.sub(r"<br>|<extra></extra>|%\{[a-zA-Z.:,0-9\[\]]+\}|%(?=[ )<]|$)", "", label)
        assert not re.search(r"[<>$%{}]|&(?!#\d+;)", plain), label


def labels_of(data: Any) -> Iterator[str]:
    """Yield every text of a figure that plotly writes into a page."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key in TEXTS and isinstance(value, str):
                yield value
            elif key in TEXTS and isinstance(value, list):
                yield from (text for text in value if isinstance(text, str))
            else:
                yield from labels_of(value)
    elif isinstance(data, list):
        for value in data:
            yield from labels_of(value)


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"])
def test_every_sign_a_spreadsheet_takes_for_the_start_of_a_formula_is_known(sign: str) -> None:
    """The wide ones are taken for the narrow ones by a Japanese or Korean Excel."""
    assert harmless(f"{sign}1+1") == f"'{sign}1+1"
    assert harmless(f"1{sign}1") == f"1{sign}1"


# Words that our own tables use, and names that two places share: they name things all the same.
WORDS = ["cluster", "stage", "year", "spend", "nan", "2026", "Links"]


@pytest.mark.parametrize("word", WORDS)
def test_names_may_be_words_of_our_own_tables(word: str, tmp_path: Path) -> None:
    """As keys and as the names that are shown of them."""
    plan = write_case(tmp_path / "case", word).solve()
    assert plan._repr_html_()
    assert status_of(["solve", str(tmp_path / "case"), "--out", str(tmp_path / "run")]) == 0
    pivot = plan.pivot(["cluster"], ["stage"])
    assert pivot.to_numpy()[-1, -1] == pytest.approx(plan.summary()["spend"])


def test_many_may_share_a_display_name(tutorial: vc.Case, tmp_path: Path) -> None:
    """Names are for reading; keys tell things apart. All columns and rows are there, and add up."""
    folder = tmp_path / "case"
    tutorial.save(folder)
    for file in ("clusters", "stages", "fields"):
        with (folder / f"{file}.csv").open(encoding="utf-8", newline="") as stream:
            table = list(csv.DictReader(stream))
        with (folder / f"{file}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, table[0].keys())
            writer.writeheader()
            writer.writerows({**row, "name": "Same"} for row in table)
    plan = vc.load_case(folder).solve()
    plan.save(tmp_path / "run")
    with CalamineWorkbook.from_path(tmp_path / "run" / "plan.xlsx") as book:
        rows = book.get_sheet_by_name("Cluster by stage").to_python()
    end = next(line for line, row in enumerate(rows) if row[1] == "total")
    clusters, stages = rows[5:end], rows[3][2:-1]
    assert len(clusters) == 4
    assert len(stages) >= 4
    assert rows[end][-1] == pytest.approx(sum(row[-1] for row in clusters))
    assert rows[end][-1] == pytest.approx(plan.summary()["spend"])


def test_very_long_names_are_written_and_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = "아주 긴 이름 " * 2000  # 16,000 signs
    write_case(tmp_path / "case", name.strip())
    assert status_of(["solve", str(tmp_path / "case"), "--out", str(tmp_path / "run")]) == 0
    assert name.strip() in (tmp_path / "run" / "allocation.csv").read_text(encoding="utf-8")
    assert "아주 긴 이름" in capsys.readouterr().out
