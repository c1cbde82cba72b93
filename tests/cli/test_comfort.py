"""What makes the command line easy: tables that fit, examples that work, lists in either form, keys that complete."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import typer
from hypothesis import given
from hypothesis import strategies as some
from rich.cells import cell_len
from rich.console import Console
from typer.main import get_command

import optimizer as vc
from optimizer.cli import arguments
from optimizer.cli.draw import print_frame
from optimizer.cli.examples import EXAMPLES
from optimizer.cli.main import Exit, app, status_of
from optimizer.export.words import amount, shows, unlisted
from optimizer.language import Language
from optimizer.solvers.base import ADAPTERS

TUTORIAL = str(Path(__file__).parents[2] / "inputs" / "tutorial")
COMMANDS: Any = get_command(app)


def printed(frame: pd.DataFrame, width: int) -> list[str]:
    out = Console(width=width, file=None, record=True, quiet=False, highlight=False, emoji=False, force_terminal=False)
    with out.capture() as said:
        print_frame(out, frame, "Money")
    return said.get().splitlines()


@given(
    width=some.integers(34, 140),
    count=some.integers(1, 6),
    figures=some.integers(1, 9),
    size=some.sampled_from([9.5, 12_345.6, 1_234_567_890.1]),
)
def test_no_figure_is_cut_and_no_line_too_long(width: int, count: int, figures: int, size: float) -> None:
    names = [f"가치사슬 stage {line}" for line in range(count)]
    frame = pd.DataFrame(
        {"name": names, **{f"money at budget {n}": [size + line + n for line in range(count)] for n in range(figures)}}
    )
    lines = printed(frame, width)
    assert max(map(cell_len, lines)) <= width
    assert "…" not in "".join(lines)
    for line in range(count):
        for n in range(figures):
            assert any(re.search(rf"(?<![\d,.]){re.escape(amount(size + line + n))}(?![\d,.])", told) for told in lines)


def test_a_table_too_wide_is_set_in_parts_that_repeat_what_tells_lines_apart() -> None:
    frame = pd.DataFrame({"rank": [1, 2], "cluster": ["Osong", "Daegu"], "money": [1.0, 2.0], "launches": [3.0, 4.0]})
    lines = printed(frame, 30)
    assert sum("rank" in line for line in lines) == 2
    assert sum("Osong" in line for line in lines) == 1
    assert sum("Money" in line for line in lines) == 1
    assert sum(line.count("cluster") for line in printed(frame, 18)) == 2  # line by line


def test_every_command_has_examples_that_it_understands() -> None:
    assert set(EXAMPLES) == set(COMMANDS.commands)
    for name, lines in EXAMPLES.items():
        assert lines[-1].split()[0] == name
        for line in lines:
            command, *rest = line.split()
            COMMANDS.commands[command].make_context(command, rest)  # raises a usage error where it does not


def test_examples_stand_below_the_help_each_in_a_line_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["evaluate", "--help"]) == Exit.SOLVED
    said = capsys.readouterr().out
    assert "\n    optimizer evaluate inputs/tutorial my-run/allocation.csv\n" in said
    assert "Examples:\n" in said


def test_every_command_that_tells_something_can_tell_it_as_json() -> None:
    for name, command in COMMANDS.commands.items():
        assert name == "lab" or any("--json" in one.opts for one in command.params), name
    solving = {"new", "check", "compare", "verify", "doctor", "lab", "sample", "export", "mpi-sppy"}
    for name in set(COMMANDS.commands) - solving:
        assert any("--time-limit" in one.opts for one in COMMANDS.commands[name].params), name


def test_lists_are_taken_by_commas_and_by_repeating() -> None:
    assert arguments.names_of(["funder, year", "stage"]) == ["funder", "year", "stage"]
    assert arguments.numbers_of(["0.2,0.5", "1"], "--penalty") == [0.2, 0.5, 1.0]
    assert arguments.numbers_of(None, "--penalty") is None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["calibrate", TUTORIAL, "--penalty", "0.1,much"], "--penalty is 'much'; give numbers, several by commas"),
        (["priorities", TUTORIAL, "--of", "cluster,continent"], "continent"),
        (["frontier", TUTORIAL, "--measure", "worth,overlap,luck"], "luck"),
        (["regret", TUTORIAL, "--plan", "a=x.csv,b=y.csv"], "x.csv does not exist"),
        (["regret", TUTORIAL, "--plan", "a=x.csv,a=y.csv"], "each name once"),
        (["export", TUTORIAL, "--out", "x.docx", "--by", "funder,continent"], "continent"),
    ],
)
def test_a_wrong_part_of_a_list_is_named(line: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(line) == Exit.BAD_INPUT
    assert said in capsys.readouterr().err


def test_engines_and_keys_of_the_case_complete() -> None:
    assert set(arguments.ENGINES) == set(ADAPTERS)
    context = typer.Context(COMMANDS)
    context.params["case"] = TUTORIAL
    assert arguments.keys_in("clusters", "cluster")(context, "d") == ["daedeok", "daegu"]
    context.params["case"] = "nowhere"
    assert arguments.keys_in("clusters", "cluster")(context, "d") == []
    engine = next(one for one in COMMANDS.commands["solve"].params if one.name == "engine")
    assert [item.value for item in engine.shell_complete(context, "c")] == ["cbc", "cplex", "copt"]


def test_drawn_rates_and_factors_stand_apart_with_their_percentiles(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["sample", TUTORIAL, "-n", "20"]) == Exit.SOLVED
    rates, _, factors = capsys.readouterr().out.partition("Factors that were drawn")
    assert "Success rate" in rates
    assert "Success rate" not in factors
    assert "5th percentile" in " ".join(factors.split())


def test_a_curve_of_many_pieces_is_told_in_short(capsys: pytest.CaptureFixture[str]) -> None:
    line = ["budget-curve", TUTORIAL, "--funder", "msit", "--year", "2028", "--low", "70", "--high", "90"]
    assert status_of(line) == Exit.SOLVED
    said = capsys.readouterr().out
    assert len(said.splitlines()) < 60
    assert "This is a summary of" in said
    assert "8 of " in said


def test_a_plan_that_commits_nothing_or_later_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    header = "funder,cluster,stage,field,year,amount\n"
    (tmp_path / "empty.csv").write_text(header)
    (tmp_path / "late.csv").write_text(
        header + "msit,daedeok,discovery,drug,2028,10\nmsit,daedeok,discovery,drug,2040,77\n"
    )
    (tmp_path / "one.csv").write_text(
        "scenario,probability,table,where,column,operation,value\nas it is,1,budget,,amount,multiply,1\n"
    )
    plans = f"none={tmp_path / 'empty.csv'},late={tmp_path / 'late.csv'}"
    line = ["regret", TUTORIAL, "--futures", str(tmp_path / "one.csv"), "--plan", plans, "--workers", "1", "--json"]
    assert status_of(line) == Exit.SOLVED
    notes = " ".join(json.loads(capsys.readouterr().out)["notes"])
    assert "late (77): money of years outside of the horizon 2026 to 2031 counts nowhere" in notes
    assert "none: no money is committed within the horizon" in notes


def test_swings_within_the_gap_are_not_certain(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "parameters.csv"
    file.write_text(
        "parameter,table,where,column,operation,low,high\n"
        "money,budget,,amount,multiply,0.5,1.5\ncosts,stages,,cost,multiply,0.9999,1.0001\n"
    )
    line = ["tornado", TUTORIAL, str(file), "--method", "fixed", "--workers", "1", "--json"]
    assert status_of(line) == Exit.SOLVED
    data = json.loads(capsys.readouterr().out)
    assert [line["certain"] for line in data["table"]] == [True, False]
    assert any(note.startswith("1 swings are not certain") for note in data["notes"])


def test_lists_of_money_left_over_have_no_line_of_nothing_and_still_add_up(capsys: pytest.CaptureFixture[str]) -> None:
    left = vc.load_case(TUTORIAL).solve().statistics.headroom()["unspent"]
    small = left[(left > 0) & (left < 0.05)]
    assert len(small)
    assert status_of(["solve", TUTORIAL]) == Exit.SOLVED
    lines = capsys.readouterr().out.splitlines()
    first = next(place for place, line in enumerate(lines) if "are not spent" in line)
    listed = [float(amount) for line in lines[first + 1 :] for amount in re.findall(r"20\d\d: ([\d.]+) KRW bn", line)]
    assert sorted(listed) == sorted(round(amount, 1) for amount in left if amount >= 0.05)
    assert lines[-1].endswith(f"not listed: {small.sum():.1g} KRW bn together ({len(small)}).")
    assert float(lines[first].split()[0]) == pytest.approx(left.sum(), abs=0.05)
    assert status_of(["evaluate", TUTORIAL]) == Exit.SOLVED
    table = capsys.readouterr().out.split("Left over (")[1]
    assert not [line for line in table.splitlines() if line.startswith("│") and line.split("│")[8].strip() == "0.0"]
    assert "are not listed" in table


def test_what_shows_as_nothing_is_told_by_half_of_the_last_digit() -> None:
    left = pd.Series([0.051, 0.049, 0.0, 12.0])
    assert shows(left).tolist() == [True, False, False, True]
    assert shows(left, digits=2).tolist() == [True, True, False, True]
    assert unlisted(left, "KRW bn", Language.EN) == [
        "Smaller amounts would show as 0.0 and are not listed: 0.05 KRW bn together (1)."
    ]
    assert unlisted(left[shows(left)], "KRW bn", Language.KO) == []
