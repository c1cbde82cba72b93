"""Every reference case, through the Python API and the command line: answers to 1e-6, failures as they should be."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

import optimizer as vc
from optimizer.cli.main import status_of

REFERENCE = Path(__file__).parent / "reference"
CASES = {path.parent.name: json.loads(path.read_text()) for path in sorted(REFERENCE.glob("*/expected.json"))}
OPTIMAL = [name for name, expected in CASES.items() if expected["status"] == "optimal"]
LARGEST = "random-medium"
"""Takes seconds to write; the command line writes the same tables of its smaller sister."""
INVALID = [name for name, expected in CASES.items() if expected["status"] == "invalid"]
FIGURES = (
    *("lp_objective", "objective", "worth", "overlap_clusters", "overlap_funders"),
    *("spend", "private", "rule_price", "launches"),
)
KEYS = ["funder", "cluster", "stage", "field", "year"]


def near(value: float) -> object:
    return pytest.approx(value, rel=1e-6, abs=1e-6)


def check_figures(summary: dict[str, object] | pd.Series, expected: dict[str, object]) -> None:
    for name in FIGURES:
        if expected.get(name) is not None:
            assert summary[name] == near(expected[name]), name
    if "objective_at_least" in expected:
        assert summary["objective"] >= expected["objective_at_least"] * (1 - 1e-6)
    parts = summary["worth_launches"] + summary["worth_pipeline"] - summary["overlap_penalty"] - summary["rule_price"]
    assert summary["objective"] == near(parts)


def check_allocation(table: pd.DataFrame, expected: dict[str, object]) -> None:
    found = table.assign(field=table["field"].fillna("")).groupby(KEYS)["amount"].sum()
    cells = {tuple(cell.get(key, "") for key in KEYS): cell["amount"] for cell in expected.get("allocation", [])}
    for key, amount in cells.items():
        assert found.get(key, 0.0) == near(amount), key
    if expected["unique"] and cells:
        assert found.sum() == near(sum(cells.values()))


def check_prices(table: pd.DataFrame, expected: dict[str, object]) -> None:
    for price in expected.get("shadow_prices", []):
        labels = {name: label for name, label in price.items() if name != "shadow_price"}
        chosen = table
        for name, label in labels.items():
            chosen = chosen[chosen[name] == label]
        assert len(chosen) == 1, labels
        assert chosen["shadow_price"].iloc[0] == near(price["shadow_price"]), labels


@cache
def fixed_plan(name: str) -> vc.Plan | vc.FailedPlan:
    return vc.load_case(REFERENCE / name).solve(method="fixed")


@pytest.mark.parametrize("name", OPTIMAL)
def test_answers_through_python(name: str) -> None:
    plan = fixed_plan(name)
    assert isinstance(plan, vc.Plan)
    check_figures(plan.summary(), CASES[name])
    check_allocation(plan.allocation, CASES[name])
    check_prices(plan.sensitivity.constraints, CASES[name])
    certificate = plan.certificate
    assert certificate.ok
    assert (certificate.table["scaled"] < 1e-6).all()
    assert plan.objective_parts.sum() == near(plan.objective)


@pytest.mark.parametrize("name", [name for name in OPTIMAL if name != LARGEST])
def test_answers_through_the_command_line(name: str, tmp_path: Path) -> None:
    run = tmp_path / "run"
    assert status_of(["solve", str(REFERENCE / name), "--method", "fixed", "--out", str(run), "--quiet"]) == 0
    check_figures(json.loads((run / "summary.json").read_text()), CASES[name])
    check_allocation(pd.read_csv(run / "allocation.csv"), CASES[name])
    check_prices(pd.read_csv(run / "constraints.csv"), CASES[name])


@pytest.mark.parametrize("name", OPTIMAL)
def test_sequential_is_never_below_fixed_nor_above_its_bound(name: str) -> None:
    fixed = fixed_plan(name).summary()
    sequential = vc.load_case(REFERENCE / name).solve(method="sequential").summary()
    assert sequential["objective"] >= fixed["objective"] - 1e-6 * abs(fixed["objective"])
    assert sequential["objective"] <= sequential["bound"] + 1e-6 * abs(sequential["bound"])


def test_two_rules_that_cannot_hold_together_are_a_value(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = vc.load_case(REFERENCE / "infeasible-two-rules")
    plan = case.solve()
    assert isinstance(plan, vc.FailedPlan)
    assert (plan.ok, plan.status) == (False, "infeasible")
    assert plan.summary()["objective"] is None
    with pytest.raises(vc.SolveError, match="there is no allocation: the case is infeasible"):
        _ = plan.allocation
    with pytest.raises(vc.SolveError, match="infeasible"):
        case.solve(raise_on_failure=True)
    assert status_of(["solve", str(REFERENCE / "infeasible-two-rules"), "--out", str(tmp_path / "run")]) == 2
    assert "Give rules a price" in capsys.readouterr().err
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert summary["status"] == "infeasible"
    expected = CASES["infeasible-two-rules"]
    assert sorted(map(str, summary["conflict"])) == sorted(map(str, expected["conflict"]))
    assert summary["smallest_change"] == near(expected["smallest_change"])
    assert not (tmp_path / "run" / "allocation.csv").exists()


def addresses(faults: list[dict[str, object]]) -> set[tuple[object, ...]]:
    return {(fault["file"], fault["line"], fault["column"], fault["value"]) for fault in faults}


@pytest.mark.parametrize("name", INVALID)
def test_every_fault_is_reported_at_once(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    expected = addresses(CASES[name]["faults"])
    with pytest.raises(vc.CaseError) as caught:
        vc.load_case(REFERENCE / name)
    assert addresses([fault.as_dict() for fault in caught.value.faults]) == expected
    assert status_of(["check", str(REFERENCE / name), "--json"]) == 1
    assert addresses(json.loads(capsys.readouterr().out)["faults"]) == expected
    assert status_of(["solve", str(REFERENCE / name), "--out", str(tmp_path / "run")]) == 1
    said = capsys.readouterr().err
    for file, line, column, _ in expected:
        assert f"{file}:{line} {column}" in said if line else f"{file} {column}" in said
    assert list(tmp_path.iterdir()) == []
