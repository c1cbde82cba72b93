"""Hand-made tables of money: read from files, workbooks and frames, and every fault of them at once."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter

import optimizer as vc
from optimizer.data.allocation import read_allocation

HEAD = "funder,cluster,partner,stage,field,year,amount\n"
SPOILED = (
    HEAD
    + "msit,osong,,discovery,drug,2026,5\n"
    + "mist,osong,,discovery,drug,2026,5\n"  # no such funder
    + "msit,osong,,discovery,drug,2026,-1\n"  # negative, and the key of line 2
    + "msit,nowhere,,discovery,drug,2026,1e99\n"
    + "msit,osong,,link,drug,2026,1\n"
    + "msit,osong,daegu,discovery,drug,2027,nan\n"
    + "msit,osong,,discovery,drug,soon,5\n"
)
FAULTS = [
    (3, "funder", "mist"),
    (4, "amount", "-1"),
    (4, "funder, cluster, partner, stage, field, year", "msit, osong, , discovery, drug, 2026"),
    (5, "amount", "1e99"),
    (5, "cluster", "nowhere"),
    (6, "field", "drug"),
    (7, "amount", "nan"),
    (7, "partner", "daegu"),
    (8, "year", "soon"),
]


def faults(case: vc.Case, given: Path | pd.DataFrame) -> list[tuple[int | None, str, str]]:
    with pytest.raises(vc.CaseError) as caught:
        case.evaluate(given)
    assert caught.value.text("ko")
    return sorted((fault.line or 0, fault.column, fault.value) for fault in caught.value.faults)


def test_every_fault_comes_at_once_with_its_address(tutorial: vc.Case, tmp_path: Path) -> None:
    path = tmp_path / "hand.csv"
    path.write_text(SPOILED, encoding="utf-8")
    assert faults(tutorial, path) == sorted(FAULTS)
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert faults(tutorial, frame) == sorted(FAULTS)


@pytest.mark.parametrize(
    ("content", "piece"),
    [
        ((HEAD + "과기정통부,osong,,discovery,drug,2026,5\n").encode("cp949"), "probably CP949"),
        ((HEAD + "msit,osong,,discovery,drug,2026,5\n").encode("utf-16"), "UTF-16"),
        (b"", "empty"),
        (b"funder;cluster;amount\n", "not separated by commas"),
        (b"cluster,stage,fields_,year,amount\n", "no such column"),
        (b"cluster,stage,year\n", "needs this column"),
        (b'cluster,stage,year,amount\n"osong,discovery,2026,1\n', "quotation marks"),
    ],
)
def test_files_that_are_no_tables_say_what_to_do(content: bytes, piece: str, tutorial: vc.Case, tmp_path: Path) -> None:
    path = tmp_path / "표.csv"
    path.write_bytes(content)
    with pytest.raises(vc.CaseError, match=piece):
        tutorial.evaluate(path)


def test_a_workbook_of_several_sheets_must_say_which(tutorial: vc.Case, tmp_path: Path) -> None:
    path = tmp_path / "hand.xlsx"

    def write(*names: str) -> None:
        with xlsxwriter.Workbook(path) as book:
            for name in names:
                sheet = book.add_worksheet(name)
                sheet.write_row(0, 0, ["cluster", "stage", "field", "year", "amount", "funder"])
                sheet.write_row(1, 0, ["osong", "discovery", "drug", 2026, 5, "msit"])

    write("one", "two")
    with pytest.raises(vc.CaseError, match="which sheet holds the allocation"):
        tutorial.evaluate(path)
    for names in (["one"], ["notes", "Allocation"], ["메모", "배분 내역"]):
        write(*names)
        assert read_allocation(tutorial, path)["amount"].tolist() == [5]


def test_places_that_are_no_table_are_refused(tutorial: vc.Case, tmp_path: Path) -> None:
    with pytest.raises(vc.InputError, match="does not exist"):
        tutorial.evaluate(tmp_path / "nowhere.csv")
    with pytest.raises(vc.InputError, match="does not exist"):
        tutorial.evaluate(tmp_path)
    (tmp_path / "table.ods").write_text("x")
    with pytest.raises(vc.CaseError, match=r"a \.csv file or an \.xlsx workbook"):
        tutorial.evaluate(tmp_path / "table.ods")


def test_names_that_our_tables_made_harmless_are_known_again(tmp_path: Path) -> None:
    folder = tmp_path / "case"
    folder.mkdir()
    files = {
        "case.toml": '[case]\nname = "x"\ncurrency = "KRW"\nfirst_year = 2026\nlast_year = 2026\n',
        "clusters.csv": "cluster\n=1+1\n'=1+1\n",
        "stages.csv": "stage,cost,success_rate\n@launch,1,1\n",
        "budget.csv": "year,amount\n2026,10\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    case = vc.load_case(folder)
    plan = case.solve()
    plan.save(tmp_path / "run")
    assert case.evaluate(tmp_path / "run" / "allocation.csv", against=plan).objective == pytest.approx(plan.objective)
    # a cluster whose own name begins with an apostrophe stays itself
    frame = pd.DataFrame({"cluster": ["'=1+1", "=1+1"], "stage": "@launch", "year": 2026, "amount": [1, 2]})
    assert read_allocation(case, frame)["cluster"].tolist() == ["'=1+1", "=1+1"]
