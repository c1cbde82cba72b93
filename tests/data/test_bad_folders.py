"""Folders that are no case: every fault once, at its address, in words that name the rule, and no false follow-ups.

Each table below pairs the content of files with *all* the faults that content may cause. A fault too many counts as
much as one too few: a planner who reads of forty unknown clusters looks in the wrong file for the one bad line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

import optimizer as vc

WriteCase = Callable[[Mapping[str, str | bytes | None]], Path]
Fault = tuple[str, int | None, str, str, str]
"""File, line, column, value, and a piece of the reason."""


def faults_of(folder: Path) -> list[vc.Fault]:
    with pytest.raises(vc.CaseError) as caught:
        vc.load_case(folder)
    return list(caught.value.faults)


def check(folder: Path, expected: list[Fault]) -> None:
    found = faults_of(folder)
    told = [(fault.file, fault.line, fault.column, fault.value) for fault in found]
    assert sorted(told, key=str) == sorted((fault[:4] for fault in expected), key=str)
    reasons = {address: fault.reason.text() for address, fault in zip(told, found, strict=True)}
    for *address, piece in expected:
        assert piece in reasons[tuple(address)]  # type: ignore[index]


SETTINGS = '[case]\nname = "small"\ncurrency = "KRW bn"\nfirst_year = 2026\nlast_year = 2027\n'
"""Beginning of the settings, to add to."""
KOREAN = "cluster,name\na,홍릉\nb,대덕\n"

UNREADABLE: dict[str, tuple[str, str | bytes | None, int | None, str]] = {
    "empty settings": ("case.toml", "", None, "needs this"),
    "missing settings": ("case.toml", None, None, "no such file"),
    "empty clusters": ("clusters.csv", "", None, "empty"),
    "blank clusters": ("clusters.csv", "\n\n,,\n", None, "empty"),
    "empty stages": ("stages.csv", "", None, "empty"),
    "empty fields": ("fields.csv", "", None, "empty"),
    "empty sites": ("sites.csv", "", None, "empty"),
    "empty budget": ("budget.csv", "", None, "empty"),
    "missing clusters": ("clusters.csv", None, None, "no such file"),
    "missing stages": ("stages.csv", None, None, "no such file"),
    "missing budget": ("budget.csv", None, None, "no such file"),
    "no clusters": ("clusters.csv", "cluster,name\n", None, "no rows"),
    "no stages": ("stages.csv", "stage,cost,success_rate\n", None, "no rows"),
    "no fields": ("fields.csv", "field,value\n", None, "no rows"),
    "no budget": ("budget.csv", "funder,year,amount\n", None, "no rows"),
    "korean Excel": ("clusters.csv", KOREAN.encode("cp949"), 2, "probably CP949"),
    "korean Excel, fields": ("fields.csv", "field,name\ndrug,신약\ndevice,의료기기\n".encode("cp949"), 2, "CP949"),
    "unicode text of Excel": ("clusters.csv", KOREAN.encode("utf-16"), None, "UTF-16"),
    "unicode text without mark": ("clusters.csv", "cluster\na\nb\n".encode("utf-16-le"), 1, "NUL"),
    "western Excel": ("clusters.csv", "cluster,name\na,Café\nb,\n".encode("latin-1"), 2, "not UTF-8"),
    "a picture": ("sites.csv", b"cluster,stage,field\na,\x00,drug\n", 2, "NUL"),
    "korean settings": ("case.toml", SETTINGS.replace("small", "한국 바이오").encode("cp949"), 2, "CP949"),
    "broken settings": ("case.toml", SETTINGS + "discount_rate = \n", 6, "not valid TOML"),
    "a key twice": ("case.toml", SETTINGS + 'name = "again"\n', 6, "not valid TOML"),
    "open section": ("case.toml", SETTINGS + "[value\n", 6, "not valid TOML"),
    "settings with old line ends": ("case.toml", SETTINGS.replace("\n", "\r"), 1, "not valid TOML"),
    "a number of 5000 digits": ("case.toml", SETTINGS + f"discount_rate = 1{'0' * 5000}\n", None, "not valid TOML"),
    "a list in a list in a list": (
        "case.toml", SETTINGS + f"[diminishing_returns]\ntranches = {'[' * 3000}{']' * 3000}\n", None, "not valid TOML",
    ),
    # quotes that are never closed swallow every line after them
    "open quotes": ("clusters.csv", 'cluster,name\na,"Alpha\nb,Beta\n', 2, "quot"),
    "a cell of ten million signs": ("clusters.csv", f"cluster,name\na,{'x' * 10_000_001}\nb,\n", 2, "long"),
}  # fmt: skip


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_cannot_be_read_is_one_fault(name: str, write_case: WriteCase) -> None:
    file, content, line, piece = UNREADABLE[name]
    (fault,) = faults_of(write_case({file: content}))
    assert fault.file == file
    assert fault.line == line or line is None
    assert piece in fault.reason.text()


def test_open_quotes_do_not_swallow_rules_in_silence(write_case: WriteCase) -> None:
    """A note with one quotation mark too many must not switch off the rules below it."""
    rules = 'rule,sense,value,note\nfirst,at_most,5,"as agreed\nsecond,at_most,1,\nthird,at_most,0,\n'
    (fault,) = faults_of(write_case({"rules.csv": rules}))
    assert (fault.file, fault.line) == ("rules.csv", 2)


@pytest.mark.parametrize("name", ["case.toml", "clusters.csv", "fields.csv", "sites.csv"])
def test_a_folder_in_place_of_a_file_is_one_fault(name: str, write_case: WriteCase) -> None:
    folder = write_case({name: None})
    (folder / name).mkdir()
    check(folder, [(name, None, "", "", "is a folder")])


def test_a_folder_without_anything_names_the_four_files_it_needs(tmp_path: Path) -> None:
    names = ["case.toml", "clusters.csv", "stages.csv", "budget.csv"]
    check(tmp_path, [(name, None, "", "", "no such file") for name in names])


@pytest.mark.parametrize("content", [b"a,b\n", b"PK\x03\x04"])
def test_a_file_is_no_case(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "case.csv"
    path.write_bytes(content)
    with pytest.raises(vc.InputError, match=r"neither a case folder nor an \.xlsx workbook"):
        vc.load_case(path)
    with pytest.raises(vc.InputError, match="does not exist"):
        vc.load_case(tmp_path / "nowhere")


SHAPES: dict[str, tuple[dict[str, str], list[Fault]]] = {
    "a comma without quotes": (
        {"clusters.csv": "cluster,name\na,Alpha, the first\nb,Beta\n"},
        [("clusters.csv", 2, "", "a,Alpha,the first", "3 cells but the header has 2")],
    ),
    "thousands in a csv": (
        {"budget.csv": "year,amount\n2026,1,000\n2027,10\n"},
        [("budget.csv", 2, "", "2026,1,000", "3 cells but the header has 2")],
    ),
    "a short line": (
        {"sites.csv": "cluster,stage,field,capacity\na,idea,drug\nb,idea,device,x\n"},
        [
            ("sites.csv", 2, "", "a,idea,drug", "3 cells but the header has 4"),
            ("sites.csv", 3, "capacity", "x", "not a number"),
        ],
    ),
    "a column twice": (
        {"sites.csv": "cluster,stage,field,capacity,capacity\na,idea,drug,5,5\n"},
        [("sites.csv", 1, "capacity", "capacity", "twice")],
    ),
    "an unknown column": (
        {"sites.csv": "cluster,stage,field,capacty\na,idea,drug,5\na,market,drug,5\n"},
        [("sites.csv", 1, "capacty", "capacty", "no such column")],
    ),
    "no key column": (
        {"clusters.csv": "name\nAlpha\nBeta\n"},
        [("clusters.csv", 1, "cluster", "", "needs this column")],
    ),
    "no key column, fields": (
        {"fields.csv": "name,value\nDrugs,1\nDevices,1\n"},
        [("fields.csv", 1, "field", "", "needs this column")],
    ),
    "no amount": (
        {"budget.csv": "funder,year\nm,2026\nm,2027\n"},
        [("budget.csv", 1, "amount", "", "needs this column")],
    ),
    "no year": (
        {"budget.csv": "funder,amount\nm,1\nm,2\n"},
        [("budget.csv", 1, "year", "", "needs this column")],
    ),
    "blank keys": (
        {"stages.csv": "stage,cost,success_rate\n,1,0.5\n,2,0.5\n", "sites.csv": "cluster,stage,field\n"},
        [("stages.csv", 2, "stage", "", "required"), ("stages.csv", 3, "stage", "", "required")],
    ),
    "faults under blank lines": (
        {"clusters.csv": "\n,,\ncluster,name,name\na,,\nb,,\n"},
        [("clusters.csv", 3, "name", "name", "twice")],
    ),
    "faults under cells of several lines": (
        {"clusters.csv": 'cluster,name,private_cap\na,"Al\npha\n",\nb,"Be\nta",much\n'},
        [("clusters.csv", 5, "private_cap", "much", "not a number")],
    ),
    "faults under cells of several Windows lines": (
        {"clusters.csv": 'cluster,name,private_cap\r\na,"Al\r\npha\r\n",\r\nb,"Be\r\nta",much\r\n'},
        [("clusters.csv", 5, "private_cap", "much", "not a number")],
    ),
    "faults between old line ends": (
        {"clusters.csv": "cluster,name,private_cap\ra,Alpha,1\rb,Beta,much\r"},
        [("clusters.csv", 3, "private_cap", "much", "not a number")],
    ),
    "reserved attributes": (
        {"clusters.csv": "cluster,year,tranche\na,1,2\nb,1,2\n"},
        [("clusters.csv", 1, "year", "year", "meaning"), ("clusters.csv", 1, "tranche", "tranche", "meaning")],
    ),
    # columns of constraints.csv: an attribute of that name would stand there twice
    "attributes called like columns of the results": (
        {"clusters.csv": "cluster,slack,shadow_price\na,1,2\nb,1,2\n"},
        [("clusters.csv", 1, "slack", "slack", "meaning"), ("clusters.csv", 1, "shadow_price", "shadow_price", "mean")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_tables_of_the_wrong_shape(name: str, write_case: WriteCase) -> None:
    files, expected = SHAPES[name]
    check(write_case(files), expected)


def test_a_column_without_a_name_is_told_by_its_position(write_case: WriteCase) -> None:
    (fault,) = faults_of(write_case({"sites.csv": "cluster,,stage,field\na,?,idea,drug\na,?,market,drug\n"}))
    assert (fault.file, fault.line) == ("sites.csv", 1)
    assert "2" in fault.text().removeprefix("sites.csv:1")


NOT_NUMBERS = {
    "1,000": "thousands separators", "1,234,567.5": "thousands separators", "1_000": "not a number",
    "0x10": "not a number", "0b1": "not a number", "1e": "not a number", "1.2.3": "not a number", "--1": "not a number",
    "１２": "not a number", "٣": "not a number", "½": "not a number", "1 000": "not a number", "5%": "not a number",
    "$5": "not a number", "∞": "not a number", "'5": "not a number", "#N/A": "not a number", "=1+1": "not a number",
    "true": "not a number", "five": "not a number", "5O": "not a number", "-": "not a number", ".": "not a number",
    "NaN": "not a finite number", "nan": "not a finite number", "+nan": "not a finite number",
    "inf": "not a finite number", "-INF": "not a finite number", "Infinity": "not a finite number",
    "1e400": "not a finite number", "-1e400": "not a finite number", "1.1e15": "slip of unit", "-5": "negative",
    "-1e-9": "negative",
}  # fmt: skip


@pytest.mark.parametrize("text", NOT_NUMBERS)
def test_texts_that_are_no_amount_of_money(text: str, write_case: WriteCase) -> None:
    folder = write_case({"clusters.csv": f'cluster,private_cap\na,"{text}"\nb,1\n'})
    check(folder, [("clusters.csv", 2, "private_cap", text, NOT_NUMBERS[text])])


@pytest.mark.parametrize(
    ("text", "value"),
    [("5", 5), (" 5 ", 5), ("+5", 5), ("5.", 5), (".5", 0.5), ("05", 5), ("1e3", 1e3), ("1E+3", 1e3), ("1e15", 1e15)],
)
def test_texts_that_are_numbers(text: str, value: float, write_case: WriteCase) -> None:
    case = vc.load_case(write_case({"clusters.csv": f"cluster,private_cap\na,{text}\nb,\n"}))
    assert case.table("clusters")["private_cap"].tolist() == [value, float("inf")]


RANGES: list[tuple[str, str, str, str]] = [
    ("stages.csv", "stage,cost,success_rate\nidea,1,{}\nmarket,2,0.5\n", "0", "(0,1]"),
    ("stages.csv", "stage,cost,success_rate\nidea,1,{}\nmarket,2,0.5\n", "1.0001", "(0,1]"),
    ("stages.csv", "stage,cost,success_rate\nidea,{},1\nmarket,2,0.5\n", "-0.01", "negative"),
    ("stages.csv", "stage,cost,success_rate,duration\nidea,1,1,{}\nmarket,2,0.5,\n", "1001", "1000 years"),
    ("stages.csv", "stage,cost,success_rate,decay\nidea,1,1,{}\nmarket,2,0.5,\n", "1.5", "[0,1]"),
    ("stages.csv", "stage,cost,success_rate,crowd_in\nidea,1,1,{}\nmarket,2,0.5,\n", "-1", "negative"),
    ("stages.csv", "stage,cost,success_rate,feedback\nidea,1,1,{}\nmarket,2,0.5,\n", "x", "not a number"),
    ("clusters.csv", "cluster,latitude\na,{}\nb,\n", "37.5N", "not a number"),
    ("clusters.csv", "cluster,max_niches\na,{}\nb,\n", "0", "at least 1"),
    ("clusters.csv", "cluster,max_niches\na,{}\nb,\n", "1.5", "whole"),
    ("fields.csv", "field,value\ndrug,{}\ndevice,\n", "-1", "negative"),
    ("fields.csv", "field,demand\ndrug,{}\ndevice,\n", "x", "not a number"),
    ("niches.csv", "stage,field,success_rate\nidea,drug,{}\n", "0", "(0,1]"),
    ("niches.csv", "stage,field,cost\nidea,drug,{}\n", "x", "not a number"),
    ("niches.csv", "stage,field,duration\nidea,drug,{}\n", "-1", "negative"),
    *(
        ("sites.csv", f"cluster,stage,field,{column}\na,idea,drug,{{}}\n", text, reason)
        for column in (
            "capacity", "cost_factor", "success_factor", "backlog", "inflow", "activity", "expansion_cost",
            "expansion_limit", "minimum",
        )
        for text, reason in (("-1", "negative"), ("x", "not a number"))
    ),
    ("sites.csv", "cluster,stage,field,specialized\na,idea,drug,{}\n", "maybe", "true or false"),
    ("sites.csv", "cluster,stage,field,specialized\na,idea,drug,{}\n", "2", "true or false"),
    ("links.csv", "origin,destination,retention\na,b,{}\n", "1.1", "[0,1]"),
    ("links.csv", "origin,destination,capacity\na,b,{}\n", "x", "not a number"),
    ("links.csv", "origin,destination,transfer_cost\na,b,{}\n", "-1", "negative"),
    ("links.csv", "origin,destination,expansion_cost\na,b,{}\n", "-1", "negative"),
    ("links.csv", "origin,destination,expansion_limit\na,b,{}\n", "x", "not a number"),
    ("similarity.csv", "cluster_a,cluster_b,similarity\na,b,{}\n", "1.1", "[0,1]"),
    ("rules.csv", "rule,sense,value\nr,at_most,{}\n", "-1", "negative"),
    ("rules.csv", "rule,sense,value,price\nr,at_most,1,{}\n", "-1", "negative"),
    ("rules.csv", "rule,sense,value\nr,{},1\n", "at most", "at_least, at_most"),
    ("rules.csv", "rule,sense,value,kind\nr,at_most,1,{}\n", "percent", "amount, share"),
    ("rules.csv", "rule,sense,value,measure\nr,at_most,1,{}\n", "money", "spend, starts, launches"),
    ("rules.csv", "rule,sense,value,enabled\nr,at_most,1,{}\n", "on", "true or false"),
    ("baseline.csv", "funder,cluster,stage,field,year,amount\nm,a,idea,drug,{},1\n", "2026.5", "whole"),
    ("baseline.csv", "funder,cluster,stage,field,year,amount\nm,a,idea,drug,2026,{}\n", "-1", "negative"),
    ("scenarios.csv", "scenario,probability,table,column,operation,value\nx,{},budget,amount,set,1\n", "0", "(0,1]"),
    ("scenarios.csv", "scenario,probability,table,column,operation,value\nx,1,budget,amount,{},1\n", "+", "multiply"),
    ("sources.csv", "table,basis\nsites,{}\n", "guessed", "published, derived, assumed"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "table", "text", "piece"), RANGES)
def test_cells_outside_their_range(file: str, table: str, text: str, piece: str, write_case: WriteCase) -> None:
    column = next(
        name for name, cell in zip(*(line.split(",") for line in table.splitlines()[:2]), strict=True) if cell == "{}"
    )
    check(write_case({file: table.format(text)}), [(file, 2, column, text, piece)])


@pytest.mark.parametrize("year", ["2026.5", "26th", "2026-01-01"])
def test_a_year_that_cannot_be_read_is_not_missing_too(year: str, write_case: WriteCase) -> None:
    """The year of the line is most likely the one that is not found; to say both sends a planner to add a row."""
    (fault,) = faults_of(write_case({"budget.csv": f"year,amount\n{year},10\n2027,10\n"}))
    assert (fault.file, fault.line, fault.column, fault.value) == ("budget.csv", 2, "year", year)


def test_a_year_beside_a_bad_amount_is_not_missing(write_case: WriteCase) -> None:
    folder = write_case({"budget.csv": "year,amount\n2026.0,ten\n2027,10\n"})
    check(folder, [("budget.csv", 2, "amount", "ten", "not a number")])


NAMES: dict[str, tuple[dict[str, str], list[Fault]]] = {
    "unknown in sites": (
        {"sites.csv": "cluster,stage,field\nz,idea,drug\na,zz,drug\na,idea,zzz\n"},
        [
            ("sites.csv", 2, "cluster", "z", "clusters.csv"),
            ("sites.csv", 3, "stage", "zz", "stages.csv"),
            ("sites.csv", 4, "field", "zzz", "fields.csv"),
        ],
    ),
    "unknown in niches": (
        {"niches.csv": "stage,field,cost\nz,drug,\nidea,zz,\n"},
        [("niches.csv", 2, "stage", "z", "stages.csv"), ("niches.csv", 3, "field", "zz", "fields.csv")],
    ),
    "unknown in links": (
        {"links.csv": "origin,destination,stage\nz,a,\na,zz,\na,b,zzz\na,b,idea\n"},
        [
            ("links.csv", 2, "origin", "z", "clusters.csv"),
            ("links.csv", 3, "destination", "zz", "clusters.csv"),
            ("links.csv", 4, "stage", "zzz", "stages.csv"),
        ],
    ),
    "unknown in mandates": (
        {"mandates.csv": "funder,cluster,stage,field\nq,,,\nm,z,zz,zzz\nm,,link,\n"},
        [
            ("mandates.csv", 2, "funder", "q", "no such funder in budget.csv"),
            ("mandates.csv", 3, "cluster", "z", "clusters.csv"),
            ("mandates.csv", 3, "stage", "zz", "stages.csv"),
            ("mandates.csv", 3, "field", "zzz", "fields.csv"),
        ],
    ),
    "unknown in baseline": (
        {"baseline.csv": "funder,cluster,stage,field,year,amount\nq,z,zz,zzz,2026,1\n,b,link,,2026,1\n"},
        [
            ("baseline.csv", 2, "funder", "q", "no such funder in budget.csv"),
            ("baseline.csv", 2, "cluster", "z", "clusters.csv"),
            ("baseline.csv", 2, "stage", "zz", "stages.csv"),
            ("baseline.csv", 2, "field", "zzz", "fields.csv"),
            ("baseline.csv", 3, "funder", "national", "no such funder in budget.csv"),
        ],
    ),
    "similarity": (
        {"similarity.csv": "cluster_a,cluster_b,similarity\na,z,1\na,a,1\na,b,0.5\nb,a,0.5\na,b,0.5\n"},
        [
            ("similarity.csv", 2, "cluster_b", "z", "clusters.csv"),
            ("similarity.csv", 3, "cluster_b", "a", "itself"),
            ("similarity.csv", 5, "cluster_a, cluster_b", "b, a", "line 4"),
            ("similarity.csv", 6, "cluster_a, cluster_b", "a, b", "line 4"),
        ],
    ),
    "a stage called link": (
        {"stages.csv": "stage,cost,success_rate\nlink,1,1\nidea,1,0.5\nmarket,2,0.5\n"},
        [("stages.csv", 2, "stage", "link", "stands for links")],
    ),
    "names that stand for sums": (
        {"clusters.csv": "cluster\na\nb\ntotal\n"},
        [("clusters.csv", 4, "cluster", "total", "stands for sums")],
    ),
    "a link out of the last stage": (
        {"links.csv": "origin,destination,stage\na,b,idea\na,b,market\n"},
        [("links.csv", 3, "stage", "market", "out of the last stage")],
    ),
    "keys twice": (
        {"clusters.csv": "cluster\na\nb\na\na\n"},
        [("clusters.csv", 4, "cluster", "a", "line 2"), ("clusters.csv", 5, "cluster", "a", "line 2")],
    ),
    "a key twice by its default": (
        {"budget.csv": "funder,year,amount\nnational,2026,1\n,2026,1\n,2027,1\n"},
        [("budget.csv", 3, "funder, year", "national, 2026", "line 2")],
    ),
    "a site twice by its default field": (
        {"fields.csv": "field\nall\n", "sites.csv": "cluster,stage,field\na,idea,\na,idea,all\n"},
        [("sites.csv", 3, "cluster, stage, field", "a, idea, all", "line 2")],
    ),
    "a year twice in two spellings": (
        {"budget.csv": "year,amount\n2026,1\n2026.0,2\n2027,3\n+2027,4\n"},
        [
            ("budget.csv", 3, "funder, year", "national, 2026", "line 2"),
            ("budget.csv", 5, "funder, year", "national, 2027", "line 4"),
        ],
    ),
    "missing years": (
        {"budget.csv": "funder,year,amount\nm,2025,1\nm,2026,1\nn,2027,1\n"},
        [("budget.csv", None, "year", "2027", "m has no row"), ("budget.csv", None, "year", "2026", "n has no row")],
    ),
    "rules": (
        {
            "rules.csv": "rule,sense,value,where,of,per\n1,at_most,1,region,,\n2,at_most,1,=a,,\n"
            "3,at_most,1,cluster=,,\n4,at_most,1,cluster=a|,,\n5,at_most,1,cluster=a;cluster=b,,\n6,at_most,1,clustr=a,,\n"
            "7,at_most,1,,sector=a,\n8,at_most,1,,,clster\n9,at_most,1,,,year|rule\n1,at_most,1,,,\n"
        },
        [
            ("rules.csv", 2, "where", "region", "a filter reads"),
            ("rules.csv", 3, "where", "=a", "a filter reads"),
            ("rules.csv", 4, "where", "cluster=", "a filter reads"),
            ("rules.csv", 5, "where", "cluster=a|", "a filter reads"),
            ("rules.csv", 6, "where", "cluster=a;cluster=b", "twice"),
            ("rules.csv", 7, "where", "clustr=a", "no column clustr"),
            ("rules.csv", 8, "of", "sector=a", "no column sector"),
            ("rules.csv", 9, "per", "clster", "no column clster"),
            ("rules.csv", 10, "per", "year|rule", "no column rule"),
            ("rules.csv", 11, "rule", "1", "line 2"),
        ],
    ),
    "scenarios of settings": (
        {
            "scenarios.csv": "scenario,name_ko,probability,table,where,column,operation,value\n"
            "low,,1,case,,overlap.between_clusters,set,1\nlow,긴축,1,case,year=2026,case.discount_rate,set,0\n"
            "low,긴축,1,case,,case.first_year,add,1\nlow,축소,1,case,,overlap.method,set,1\n",
        },
        [
            ("scenarios.csv", 3, "where", "year=2026", "no lines"),
            ("scenarios.csv", 4, "column", "case.first_year", "no figure of this name that may change"),
            ("scenarios.csv", 5, "column", "overlap.method", "no figure of this name"),
            ("scenarios.csv", 5, "name_ko", "축소", "another Korean name in line 3"),
        ],
    ),
    "two Korean names of one text": (
        {
            "clusters.csv": "cluster,name_ko,kind,kind_ko,size,size_ko\n"
            "a,가,hub,거점,s,소\nb,가,hub,,s,소\nc,나,hub,중심,m,소\nd,다,,없음,m,중\n",
        },
        [
            ("clusters.csv", 4, "kind_ko", "중심", "hub has another Korean name in line 2"),
            ("clusters.csv", 5, "size_ko", "중", "m has another Korean name in line 4"),
        ],
    ),
    "scenarios and sources": (
        {
            "scenarios.csv": "scenario,probability,table,where,column,operation,value\n"
            "low,0.5,budgt,,amount,set,1\nlow,0.4,budget,yer=2026,sum,set,1\nhigh,0.4,budget,,amount,set,1\n",
            "sources.csv": "table,where,column,basis\nsite,,,assumed\nsites,custer=a,cap,assumed\ncase,,,assumed\n",
        },
        [
            ("scenarios.csv", None, "probability", "", "add up to 0.9"),
            ("scenarios.csv", 2, "table", "budgt", "no table"),
            ("scenarios.csv", 3, "where", "yer=2026", "no column yer"),
            ("scenarios.csv", 3, "column", "sum", "no column sum"),
            ("scenarios.csv", 3, "probability", "0.4", "line 2"),
            ("sources.csv", 2, "table", "site", "no table"),
            ("sources.csv", 3, "where", "custer=a", "no column custer"),
            ("sources.csv", 3, "column", "cap", "no column cap"),
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_that_do_not_fit_together(name: str, write_case: WriteCase) -> None:
    files, expected = NAMES[name]
    check(write_case(files), expected)


OF_SETTINGS: dict[str, tuple[str, list[tuple[int | None, str, str, str]]]] = {
    "unknown section": (SETTINGS + "[money]\nunit = 1\n", [(6, "money", "", "no such key")]),
    "unknown key": (SETTINGS + "[value]\nsaturtion = 1\n", [(7, "value.saturtion", "1", "no such key")]),
    "text for a number": (SETTINGS + 'discount_rate = "high"\n', [(6, "case.discount_rate", "high", "not a number")]),
    "grouped": (SETTINGS + 'discount_rate = "1,000"\n', [(6, "case.discount_rate", "1,000", "thousands")]),
    "not finite": (SETTINGS + "discount_rate = nan\n", [(6, "case.discount_rate", "nan", "not a finite number")]),
    "endless": (SETTINGS + "discount_rate = -inf\n", [(6, "case.discount_rate", "-inf", "not a finite number")]),
    "negative": (SETTINGS + "discount_rate = -0.01\n", [(6, "case.discount_rate", "-0.01", "negative")]),
    "half a year": (SETTINGS.replace("2026", "2026.5"), [(4, "case.first_year", "2026.5", "whole")]),
    "a date": (SETTINGS.replace("2026", "2026-01-01"), [(4, "case.first_year", "2026-01-01", "not a number")]),
    "turned years": (SETTINGS.replace("2027", "2025"), [(5, "case.last_year", "2025", "before first_year")]),
    "years without end": (SETTINGS.replace("2027", "20270"), [(5, "case.last_year", "20270", "200 years")]),
    "no currency": (SETTINGS.replace('currency = "KRW bn"\n', ""), [(None, "case.currency", "", "needs this key")]),
    "no name": (SETTINGS.replace('"small"', '""'), [(2, "case.name", "", "")]),
    "a list for a name": (SETTINGS.replace('"small"', '["a"]'), [(2, "case.name", "['a']", "")]),
    "misspelt method": (SETTINGS + '[overlap]\nmethod = "sequent"\n', [(7, "overlap.method", "sequent", "fixed")]),
    "misspelt by": (SETTINGS + '[specialization]\nby = "town"\n', [(7, "specialization.by", "town", "niche, stage")]),
    "a number for a section": ("value = 3\n" + SETTINGS, [(1, "value", "3", "section")]),
    "dotted keys": (
        'case.name = "x"\ncase.currency = "y"\ncase.first_year = 2026\ncase.last_year = "never"\n',
        [(4, "case.last_year", "never", "not a number")],
    ),
    "several at once": (
        SETTINGS + "discount_rate = -1\n[value]\nsaturation = 2\n[funding]\ncarry_over = 1.5\nloan = 1\n",
        [
            (6, "case.discount_rate", "-1", "negative"),
            (8, "value.saturation", "2", "[0,1]"),
            (10, "funding.carry_over", "1.5", "[0,1]"),
            (11, "funding.loan", "1", "no such key"),
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OF_SETTINGS)
def test_settings_that_cannot_be(name: str, write_case: WriteCase) -> None:
    text, expected = OF_SETTINGS[name]
    check(write_case({"case.toml": text}), [("case.toml", *fault) for fault in expected])


@pytest.mark.parametrize("number", ["1" + "0" * 400, "-1" + "0" * 400])
def test_a_whole_number_too_large_for_a_machine_is_a_fault(number: str, write_case: WriteCase) -> None:
    (fault,) = faults_of(write_case({"case.toml": SETTINGS + f"discount_rate = {number}\n"}))
    assert (fault.file, fault.line, fault.column) == ("case.toml", 6, "case.discount_rate")


TRANCHES = {
    "[]": "", "5": "", '"all"': "", "[1, 1]": "", "[[0.5, 1], [0.4]]": "", "[[0.5, 1, 2], [0.5, 1, 1]]": "",
    "[[0.5, 1], [0.4, 2]]": "add up to 1", "[[0.5, 2], [0.5, 1]]": "must not fall", "[[1, -1]]": "negative",
    "[[1.5, 1], [-0.5, 1]]": "[0,1]", "[[nan, 1], [1, 1]]": "finite", '[["half", 1], [0.5, 1]]': "not a number",
}  # fmt: skip


@pytest.mark.parametrize("text", TRANCHES)
def test_tranches_that_are_none_are_one_fault_each(text: str, write_case: WriteCase) -> None:
    found = faults_of(write_case({"case.toml": SETTINGS + f"[diminishing_returns]\ntranches = {text}\n"}))
    assert {(fault.file, fault.line, fault.column) for fault in found} == {
        ("case.toml", 7, "diminishing_returns.tranches")
    }
    for fault in found:
        # what a planner can act on: no word of the library behind it
        assert TRANCHES[text] in fault.reason.text()
        assert "tuple" not in fault.reason.text().lower()
        assert "this key" not in fault.reason.text()


def test_faults_of_many_files_come_together_in_the_order_of_the_files(write_case: WriteCase) -> None:
    folder = write_case(
        {
            "case.toml": SETTINGS.replace("2027", "2025"),
            "clusters.csv": "cluster,private_cap\na,x\nb,-1\n",
            "stages.csv": "stage,cost,success_rate\nidea,1,2\nmarket,,0.5\n",
            "sites.csv": "cluster,stage,field\nc,idea,drug\n",
            "budget.csv": "funder,year,amount\nm,2026,y\nm,2026,1\n",
            "rules.csv": "rule,sense,value,per\nr,at_most,1,town\n",
        }
    )
    told = [fault.text().split(":")[0] + f":{fault.line} {fault.column}" for fault in faults_of(folder)]
    assert told == [
        "case.toml:5 case.last_year", "clusters.csv:2 private_cap", "clusters.csv:3 private_cap",
        "stages.csv:2 success_rate", "stages.csv:3 cost", "sites.csv:2 cluster", "budget.csv:2 amount",
        "budget.csv:3 funder, year", "rules.csv:2 per",
    ]  # fmt: skip


def test_a_fault_is_said_in_one_line_whatever_the_cell_holds(write_case: WriteCase) -> None:
    """Neither line ends nor the codes that steer a terminal reach the screen, nor a cell of a million signs."""
    folder = write_case({"clusters.csv": f'cluster,private_cap\na,"two\nlines\x1b[2J"\nb,{"9" * 1_000_000}x\n'})
    for fault in faults_of(folder):
        assert fault.text().isprintable()
        assert len(fault.text()) < 2000


@pytest.mark.parametrize("sign", ["\x01", "\x0b", "\x1f", "\x7f", "\ufffe", "\uffff"])
def test_characters_that_no_workbook_keeps_are_faults(sign: str, write_case: WriteCase) -> None:
    folder = write_case({"clusters.csv": f"cluster,name\na,Al{sign}pha\nb,Beta\n"})
    check(folder, [("clusters.csv", 2, "name", f"Al{sign}pha", f"U+{ord(sign):04X}")])


HARMLESS: dict[str, dict[str, str | bytes]] = {
    "byte order mark": {"clusters.csv": "\ufeffcluster,name\na,\nb,\n", "case.toml": "\ufeff" + SETTINGS},
    "Windows line ends": {"clusters.csv": "cluster,name\r\na,\r\nb,\r\n", "case.toml": SETTINGS.replace("\n", "\r\n")},
    "old line ends": {"clusters.csv": "cluster,name\ra,\rb,\r"},
    "blank lines and blanks": {"clusters.csv": "\n cluster , name \n\n a , \n,\n b ,\n\n"},
    "korean names": {"clusters.csv": "cluster,name\na,홍릉\nb,오송\n".encode()},
    "no optional table": {"fields.csv": "field\nall\n", "sites.csv": "cluster,stage\n"},
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_spreadsheets_do_to_files_is_no_fault(name: str, write_case: WriteCase) -> None:
    case = vc.load_case(write_case(HARMLESS[name]))
    assert case.table("clusters")["cluster"].tolist() == ["a", "b"]


@pytest.mark.parametrize(
    "table", ["niches", "sites", "links", "mandates", "similarity", "rules", "baseline", "sources"]
)
def test_tables_of_no_rows_are_sound_and_can_be_solved(table: str, write_case: WriteCase) -> None:
    columns = vc.dictionary().query("table == @table")["column"]
    case = vc.load_case(write_case({f"{table}.csv": ",".join(columns) + "\n"}))
    assert len(case.table(table)) == 0
    assert case.solve().status == "optimal"


def test_one_of_everything_is_a_case(write_case: WriteCase) -> None:
    folder = write_case(
        {
            "case.toml": SETTINGS.replace("2027", "2026"),
            "clusters.csv": "cluster\na\n",
            "stages.csv": "stage,cost,success_rate\nmarket,2,0.5\n",
            "fields.csv": None,
            "sites.csv": None,
            "budget.csv": "year,amount\n2026,4\n",
        }
    )
    plan = vc.load_case(folder).solve()
    assert plan.summary()["objective"] == pytest.approx(1)  # 4 of money, 2 a start, half of them launched


@pytest.mark.parametrize("name", ["copy", "json", "model_extra", "KEY", "__class__", "self", "index"])
def test_attributes_may_bear_any_name_that_means_nothing_here(name: str, write_case: WriteCase, tmp_path: Path) -> None:
    """No name of Python, nor of a library underneath, shines through."""
    rules = f"rule,sense,value,where,per\nr,at_most,3,{name}=p|q,{name}\n"
    case = vc.load_case(write_case({"clusters.csv": f"cluster,{name}\na,p\nb,q\n", "rules.csv": rules}))
    assert case.table("clusters")[name].tolist() == ["p", "q"]
    plan = case.solve()
    assert plan.statistics.spend(groupby=["cluster"])["spend"].max() <= 3 + 1e-6
    plan.to_csv(tmp_path / "tables")


def test_files_that_are_no_tables_are_remarked(write_case: WriteCase) -> None:
    folder = write_case({"cluster.csv": "cluster\n", "메모.csv": "", "notes.csv": "x\n", "README.md": "text"})
    remarks = [str(remark) for remark in vc.load_case(folder).remarks]
    assert any("cluster.csv" in remark and "clusters.csv" in remark for remark in remarks)
    assert any("메모.csv" in remark for remark in remarks)
    assert any("notes.csv" in remark for remark in remarks)


def test_a_case_may_lie_in_a_folder_of_any_name(write_case: WriteCase, tmp_path: Path) -> None:
    place = tmp_path / "2026년 예산 {x} 100%"
    write_case({}).rename(place)
    assert vc.load_case(place).name == "small"
