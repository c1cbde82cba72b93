"""A case that is saved and read again is the same case: as a folder, as a workbook, and from there as a folder."""

from __future__ import annotations

import csv
import pickle
import string
import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import optimizer as vc
from optimizer.data.case import CaseTables

ROOT = Path(__file__).parents[2]
PLACES = [
    *(path.parent for path in sorted(ROOT.glob("tests/reference/*/case.toml")) if "invalid" not in path.parent.name),
    ROOT / "inputs" / "tutorial",
    ROOT / "inputs" / "korea",
]
SETTINGS = '[case]\nname = {name}\ncurrency = "KRW bn"\nfirst_year = 2026\nlast_year = 2026\ndiscount_rate = {rate!r}\n'


def assert_same(case: CaseTables, again: CaseTables) -> None:
    assert again.settings == case.settings
    assert list(again.frames) == list(case.frames)
    for name, frame in case.frames.items():
        pd.testing.assert_frame_equal(again.frames[name], frame, check_exact=True)


def records(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return [[cell.strip() for cell in row] for row in csv.reader(stream) if any(row)]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_cases_that_ship_survive_every_way(place: Path, tmp_path: Path) -> None:
    case = vc.load_case(place)
    again = vc.load_case(case.save(tmp_path / "again"))
    assert_same(case, again)
    for name in case.raw.tables:
        assert records(tmp_path / "again" / f"{name}.csv") == records(place / f"{name}.csv")
    book = vc.load_case(case.save(tmp_path / "book.xlsx"))
    assert_same(case, book)
    assert_same(case, vc.load_case(book.save(tmp_path / "unpacked")))


@pytest.mark.parametrize("place", PLACES[-2:], ids=lambda place: place.name)
def test_a_figure_is_as_well_founded_in_a_workbook(place: Path, tmp_path: Path) -> None:
    """Settings are figures too, wherever they stand; what is assumed stays counted as assumed."""
    case = vc.load_case(place)
    book = vc.load_case(case.save(tmp_path / "book.xlsx"))
    pd.testing.assert_frame_equal(vc.provenance(book), vc.provenance(case))


def test_numbers_of_the_settings_stay_numbers(tutorial: vc.Case, tmp_path: Path) -> None:
    book = vc.load_case(tutorial.save(tmp_path / "book.xlsx"))
    book.save(tmp_path / "unpacked")
    assert "first_year = 2026\n" in (tmp_path / "unpacked" / "case.toml").read_text()


def test_nothing_is_overwritten(tutorial: vc.Case, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    for name in ("taken/notes.txt", "book.xlsx", "file"):
        (tmp_path / name).write_text("mine")
    for name in ("taken", "book.xlsx", "file", "nowhere/case", "nowhere/book.xlsx", "file/case"):
        with pytest.raises(vc.InputError):
            tutorial.save(tmp_path / name)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["book.xlsx", "file", "notes.txt", "taken"]
    assert {path.read_text() for path in tmp_path.rglob("*") if path.is_file()} == {"mine"}


# Texts and numbers as wild as a table can hold them. Trimming and blank cells are the reader's own rules.
TEXTS = st.text(
    # control characters are faults, and every line end is read as one kind
    st.characters(codec="utf-8", exclude_characters="\r\x7f\ufffe\uffff", exclude_categories=["Cs", "Cc"])
    | st.sampled_from(string.punctuation + "\n\t,;\"'=+-@_x41"),
    max_size=20,
)
TRIMMED = TEXTS.map(str.strip)
NAMES = TRIMMED.filter(lambda text: text not in {"", "link"})
AMOUNTS = st.none() | st.floats(0, 1e15) | st.integers(0, 10**15)


def cell(value: object) -> str:
    return "" if value is None else repr(value) if isinstance(value, float) else str(value)


@st.composite
def tables(draw: st.DrawFn) -> dict[str, list[list[str]]]:
    clusters = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    stages = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    rows = {
        "clusters": [
            ["cluster", "name", "grade", "private_cap", "latitude"],
            *([name, draw(TRIMMED), draw(TRIMMED), cell(draw(AMOUNTS)), cell(draw(AMOUNTS))] for name in clusters),
        ],
        "stages": [
            ["stage", "cost", "success_rate"],
            *([name, cell(draw(st.floats(0, 1e9))), "0.5"] for name in stages),
        ],
        "budget": [["funder", "year", "amount"], [draw(NAMES), "2026", cell(draw(st.floats(0, 1e15)))]],
        "sites": [
            ["cluster", "stage", "specialized", "capacity"],
            *(
                [cluster, stage, draw(st.sampled_from(["", "true", "false"])), cell(draw(AMOUNTS))]
                for cluster in clusters
                for stage in stages
                if draw(st.booleans())
            ),
        ],
    }
    return rows  # named for the reader


@settings(max_examples=60, deadline=None, phases=[Phase.reuse, Phase.generate])
@given(rows=tables(), name=NAMES, rate=st.floats(0, 1))
def test_any_table_survives_every_way(rows: dict[str, list[list[str]]], name: str, rate: float) -> None:
    with tempfile.TemporaryDirectory() as place:
        survives_every_way(Path(place), rows, name, rate)


AWKWARD_TEXTS = {
    "what Excel would convert": [
        "007",
        "1.50",
        "TRUE",
        "2026-01-01",
        "#N/A",
        "1e5",
        "5%",
        "=1+1",
        "{=1+1}",
        "+1",
        "'x",
    ],
    "what Excel would open": ["http://x.y", "mailto:x", "internal:clusters!A1", "file://x"],
    "what a workbook escapes": ["_x0041_", "_x000D_", "a<b>&amp;"],
    "line ends": ["a\nb", "c\r\nd", "e\rf", "a\u2028b", "a\x85b"],
    "quotes and commas": ['"', '""', "a,b", ";", "|", "\\", "\\n"],
    "signs of the world": ["홍릉", "e\u0301", "\u200b", "😀", "a\xa0b", "\ufeffa"],
}


@pytest.mark.parametrize("texts", AWKWARD_TEXTS.values(), ids=AWKWARD_TEXTS)
def test_awkward_texts_survive_every_way(texts: list[str], tmp_path: Path) -> None:
    clusters = [["cluster", "name", "grade"], *([text, text, text] for text in texts)]
    survives_every_way(tmp_path, {**PLAIN, "clusters": clusters}, "awkward", 0)


@pytest.mark.parametrize(
    "number", ["0.30000000000000004", "1234567.8901234567", "155948463848665.25", "5e-324", "1e15", "1e-310", "0.1"]
)
def test_numbers_survive_to_the_last_digit(number: str, tmp_path: Path) -> None:
    budget = [["year", "amount"], ["2026", number]]
    survives_every_way(tmp_path, {**PLAIN, "budget": budget}, "digits", float(number) % 1)


@pytest.mark.parametrize("name", ["[1]", '["a"]', "[draft]", "007", "true", "=1+1", "a\nb", '"', "\\"])
def test_names_of_cases_survive_every_way(name: str, tmp_path: Path) -> None:
    survives_every_way(tmp_path, PLAIN, name, 0)


PLAIN = {
    "clusters": [["cluster"], ["a"], ["b"]],
    "stages": [["stage", "cost", "success_rate"], ["idea", "1", "0.5"], ["market", "2", "0.5"]],
    "budget": [["year", "amount"], ["2026", "5"]],
}


def survives_every_way(folder: Path, rows: dict[str, list[list[str]]], name: str, rate: float) -> None:
    source = folder / "case"
    source.mkdir()
    quoted = '"' + "".join(f"\\U{ord(sign):08X}" for sign in name) + '"'
    (source / "case.toml").write_text(SETTINGS.format(name=quoted, rate=rate))
    for table, lines in rows.items():
        with (source / f"{table}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, quoting=csv.QUOTE_ALL).writerows(lines)
    case = vc.load_case(source)
    again = vc.load_case(case.save(folder / "again"))
    assert_same(case, again)
    assert {table: raw.cells for table, raw in again.raw.tables.items()} == {
        table: raw.cells for table, raw in case.raw.tables.items()
    }
    book = vc.load_case(case.save(folder / "book.xlsx"))
    assert_same(case, book)
    assert_same(case, vc.load_case(book.save(folder / "unpacked")))


def test_texts_too_long_for_a_cell_of_excel_are_refused_and_not_cut(write_case, tmp_path: Path) -> None:
    """Excel holds 32,767 signs in a cell; a workbook that lacks the rest would be another case."""
    case = vc.load_case(write_case({"clusters.csv": f"cluster,name\na,{'x' * 40_000}\nb,\n"}))
    with pytest.raises(vc.InputError, match="clusters"):
        case.save(tmp_path / "book.xlsx")
    assert not (tmp_path / "book.xlsx").exists()
    assert_same(case, vc.load_case(case.save(tmp_path / "again")))


def test_a_case_can_be_sent_to_another_process(tutorial: vc.Case) -> None:
    sent = pickle.loads(pickle.dumps(tutorial))  # noqa: S301  # our own bytes
    assert sent.settings == tutorial.settings
    for name, frame in tutorial.frames.items():
        pd.testing.assert_frame_equal(sent.table(name), frame)
    with pytest.raises(TypeError):
        sent.stored["budget"] = frame
    assert sent.solve(method="fixed").objective == tutorial.solve(method="fixed").objective
