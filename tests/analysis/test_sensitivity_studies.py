"""Tornado, Morris and Sobol: by hand, known answers by the same code, and samples without a plan."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from python_calamine import CalamineWorkbook

import optimizer as vc
from optimizer.analysis.screening import Outcomes, Space, screen_effects, screen_indices
from tests.strategies import draft, near

PI = float(np.pi)
CUBE = Space(("x1", "x2", "x3"), (-PI,) * 3, (PI,) * 3)
BUDGET, WORTH = vc.Target("budget", "amount"), vc.Target("fields", "value")


def ishigami(x: np.ndarray) -> Outcomes:
    """Ishigami and Homma (1990) with a = 7, b = 0.1."""
    return Outcomes(np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0]))


def product() -> vc.Case:
    """Return a case whose outcome is its budget of 100 times the worth of a launch, 3."""
    return draft({"value": {"terminal_weight": 0}}, fields="field,value\nall,3").load()


def floored() -> vc.Case:
    """Return the same case with a floor of 100 on spending, which a smaller budget cannot meet."""
    return draft(
        {"value": {"terminal_weight": 0}}, fields="field,value\nall,3", rules="rule,sense,value\nfloor,at_least,100"
    ).load()


def test_sobol_of_ishigami() -> None:
    found = screen_indices(CUBE, ishigami, 4096, seed=1)
    table = found.table.set_index("parameter").loc[list(CUBE.names)]
    assert table["S1"].to_numpy() == pytest.approx([0.313905, 0.442411, 0], abs=0.02)
    assert table["ST"].to_numpy() == pytest.approx([0.557589, 0.442411, 0.243684], abs=0.02)
    assert found.table["parameter"].tolist() == ["x1", "x2", "x3"]
    assert found.failures == 0
    pairs = screen_indices(CUBE, ishigami, 2048, seed=1, pairs=True).pairs
    assert pairs["S2"].to_numpy() == pytest.approx([0, 0.243684, 0], abs=0.05)


def test_morris_by_hand() -> None:
    space = Space(("a", "b", "c"), (0, 0, 0), (1, 10, 1))
    # crossing its range a adds 2, b takes 30 away, c nothing: the effects of a straight line are the same everywhere
    found = screen_effects(space, lambda x: Outcomes(2 * x[:, 0] - 3 * x[:, 1]), 8, seed=3)
    assert found.table["parameter"].tolist() == ["b", "a", "c"]
    assert found.table["mu"].tolist() == near([-30, 2, 0])
    assert found.table["mu_star"].tolist() == near([30, 2, 0])
    assert found.table["sigma"].tolist() == pytest.approx([0, 0, 0], abs=1e-9)


def test_samples_without_an_outcome_are_told() -> None:
    def broken(x: np.ndarray) -> Outcomes:
        return Outcomes(np.where(x[:, 0] > 2, np.nan, ishigami(x).values))

    for found in (screen_indices(CUBE, broken, 256, seed=1), screen_effects(CUBE, broken, 40, seed=1)):
        assert 0 < found.failures < 1
        assert 0 < found.lost < found.blocks
        assert not found.table.isna().any(axis=None)
        assert "The figures are biased" in str(found.notes[1])
    with pytest.raises(vc.SolveError, match="too few to analyse"):
        screen_indices(CUBE, lambda x: Outcomes(np.full(len(x), np.nan)), 8, seed=1)
    with pytest.raises(vc.InputError, match="draw 2 or more"):
        screen_effects(CUBE, ishigami, 1, seed=1)


def test_samples_that_a_limit_ended_are_told() -> None:
    def stopped(x: np.ndarray) -> Outcomes:
        return Outcomes(ishigami(x).values, ["limit" if first > 2 else "optimal" for first in x[:, 0]])

    found = screen_effects(CUBE, stopped, 40, seed=1)
    assert found.limited == (found.samples["x1"] > 2).sum() > 0
    assert not found.complete
    assert f"{found.limited} of {len(found.samples)} points" in str(found.notes[-1])
    assert screen_effects(CUBE, ishigami, 40, seed=1).complete


@pytest.mark.parametrize(
    ("statuses", "status"),
    [(["infeasible", "limit"], "limit"), (["infeasible", "error"], "error"), (["infeasible"], "infeasible")],
)
def test_no_samples_to_analyse_end_as_their_plans_did(statuses: list[str], status: str) -> None:
    with pytest.raises(vc.SolveError) as caught:
        screen_effects(CUBE, lambda x: Outcomes(np.full(len(x), np.nan), statuses), 8, seed=1)
    assert caught.value.status == status


def test_nothing_moves_a_constant() -> None:
    found = screen_indices(CUBE, lambda x: Outcomes(np.ones(len(x))), 8, seed=1)
    assert found.table[["S1", "ST"]].isna().all(axis=None)
    assert "nothing moves it" in str(found.notes[-1])


def test_seeds_repeat_samples() -> None:
    one, same, other = (screen_indices(CUBE, ishigami, 8, seed=seed) for seed in (1, 1, 2))
    assert one.samples.equals(same.samples)
    assert not one.samples.equals(other.samples)


def test_sobol_of_a_case() -> None:
    # budget u and worth v, uniform on [0.5, 1.5], means 1, variances 1/12: var(uv) = 2/12 + 1/144, S1 = 12/25 each
    parameters = [vc.Parameter("money", BUDGET, 0.5, 1.5), vc.Parameter("worth", WORTH, 0.5, 1.5)]
    found = vc.sobol(product(), parameters, samples=64, seed=7, method="fixed", executor="serial")
    assert len(found.samples) == 64 * 4
    assert found.table["S1"].to_numpy() == pytest.approx([12 / 25] * 2, abs=0.06)
    assert found.table["ST"].to_numpy() == pytest.approx([13 / 25] * 2, abs=0.06)
    assert len(found.plot().data) == 2


def test_morris_of_a_case_survives_samples_without_a_plan(tmp_path: Path) -> None:
    parameters = [vc.Parameter("money", BUDGET, 0.5, 3.5), vc.Parameter("worth", WORTH, 1, 2)]
    found = vc.morris(floored(), parameters, trajectories=30, seed=1, method="fixed", executor="serial")
    assert 0 < found.failures < 1
    assert found.table["parameter"].tolist() == ["money", "worth"]
    book = CalamineWorkbook.from_path(found.to_excel(tmp_path / "morris.xlsx"))
    assert book.sheet_names == ["Sensitivity", "Notes"]
    assert "The figures are biased" in book.get_sheet_by_name("Notes").to_python()[2][0]
    assert list(found.plot().data[0].text) == ["money", "worth"]


def test_tornado_by_hand(tmp_path: Path) -> None:
    parameters = [
        vc.Parameter("a little worth", WORTH, 0.9, 1.0001),
        vc.Parameter("money", BUDGET, 0.5, 1.2),
        vc.Parameter("unlimited", vc.Target("fields", "value", "field=none"), 0.5, 2),
    ]
    found = vc.tornado(product(), parameters, method="fixed", executor="serial")
    table = found.table
    assert found.base == near(300)
    assert table["parameter"].tolist() == ["money", "a little worth", "unlimited"]
    assert table["at_low"].tolist()[:2] == near([150, 270])
    assert table["at_high"].tolist()[:2] == near([360, 300.03])
    assert table["change_low"].tolist()[:2] == near([-150, -30])
    assert table["swing"].tolist()[:2] == near([210, 30.03])
    assert "no line of fields is selected" in table["reason"].iloc[2]
    assert np.isnan(table["swing"].iloc[2])
    drawn = found.plot().data
    assert [bar.base for bar in drawn] == near([300, 300])
    assert CalamineWorkbook.from_path(found.to_excel(tmp_path / "tornado.xlsx")).sheet_names == ["Tornado", "Notes"]


def test_a_swing_within_the_accuracy_of_the_solves_is_none() -> None:
    # worth v moves the objective 300 v by hand: a thousandth is certain, a millionth of a millionth is nothing
    parameters = [vc.Parameter("seen", WORTH, 0.999, 1.001), vc.Parameter("unseen", WORTH, 1 - 1e-12, 1 + 1e-9)]
    found = vc.tornado(product(), parameters, method="fixed", executor="serial")
    assert found.table["parameter"].tolist() == ["seen", "unseen"]
    assert found.table["certain"].tolist() == [True, False]
    assert found.table["swing"].tolist() == [near(0.6), 0.0]
    assert found.table[["change_low", "change_high"]].iloc[1].tolist() == [0.0, 0.0]
    assert not any("swings are not certain" in str(note) for note in found.notes)


def test_a_tornado_in_python_proves_its_plans_as_the_command_does(tutorial: vc.Case) -> None:
    parameters = [
        vc.Parameter("money", BUDGET, 0.5, 1.5),
        vc.Parameter("costs", vc.Target("stages", "cost"), 0.9999, 1.0001),
    ]
    how = {"method": "fixed", "executor": "serial"}
    proven = vc.tornado(tutorial, parameters, **how)
    assert proven.table["certain"].tolist() == [True, False]
    unproven = vc.tornado(tutorial, parameters, **how, options=vc.SolveOptions(prove=False))
    assert not unproven.table["certain"].any()
    assert "prove=True" in str(unproven.notes[1])


def test_one_end_without_a_plan_leaves_the_swing_of_the_other() -> None:
    found = vc.tornado(floored(), [vc.Parameter("money", BUDGET, 0.5, 1.2)], method="fixed", executor="serial")
    line = found.table.iloc[0]
    assert np.isnan(line["at_low"])
    assert line["swing"] == near(60)
    assert "No plan fulfils every rule" in line["reason"]


def test_the_usual_tornado_of_the_tutorial(tutorial: vc.Case) -> None:
    found = vc.tornado(tutorial, method="fixed", executor="serial", measure="launches")
    assert found.table["swing"].is_monotonic_decreasing
    assert found.table["parameter"].iloc[0] == "Success rates"
    with pytest.raises(vc.InputError, match="no figure of a plan is called 'happiness'"):
        vc.tornado(tutorial, measure="happiness")
    with pytest.raises(vc.InputError, match="there is no argument speed"):
        vc.tornado(tutorial, speed=1)
