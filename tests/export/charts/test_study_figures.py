"""Figures of studies: units on their axes in both languages, bends by name, and no name that is markup."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import optimizer as vc
from optimizer.export.charts.trade_offs import MOST_BENDS

MONEY = vc.Parameter("<b>budgets</b>", vc.Target("budget", "amount"), 0.9, 1.1)
WORTH = vc.Parameter("worth", vc.Target("fields", "value"), 0.9, 1.1)
QUICK: dict[str, Any] = {"method": "fixed", "executor": "serial"}
LEAN = (vc.Future("<i>lean</i>", 0.3, (vc.Change("budget", "amount", "multiply", 0.7),)), vc.Future("plain", 0.7))


def regret(plan: vc.Plan) -> vc.Regret:
    return vc.regret({"<b>best</b>": plan, "half": half(plan)}, LEAN, plan.case, **QUICK)


def half(plan: vc.Plan) -> pd.DataFrame:
    table = plan.allocation.query("partner == ''")[["funder", "cluster", "stage", "field", "year", "amount"]]
    return table.assign(amount=table["amount"] / 2)


@cache
def commitment(plan: vc.Plan) -> vc.Stochastic:
    return vc.stochastic(plan.case, LEAN, 2027, overlap="fixed", lapse=True)


STUDIES: dict[str, Callable[[vc.Plan], Any]] = {
    "tornado": lambda plan: vc.tornado(plan.case, [MONEY, WORTH], **QUICK),
    "launches": lambda plan: vc.tornado(plan.case, [MONEY], measure="launches", **QUICK),
    "sobol": lambda plan: vc.sobol(plan.case, [MONEY, WORTH], samples=4, seed=1, **QUICK),
    "budget curve": lambda plan: vc.budget_curve(plan, most=8),
    "frontier": lambda plan: vc.frontier(plan, points=3),
    "frontier of launches": lambda plan: vc.frontier(plan, ("launches", "private"), points=3),
    "alternatives": lambda plan: vc.alternatives(plan, n=1, checks=0),
    "calibration": lambda plan: vc.calibrate_overlap(plan.case, penalties=[0.05, 1]),
    "priorities": lambda plan: vc.priority_list(plan, [800, 1200, 1600], method="forward"),
    "without a cluster": lambda plan: vc.replacement_cost(plan, executor="serial", progress=False),
    "without a link": lambda plan: vc.replacement_cost(plan, "link", executor="serial", progress=False),
    "without a rule": lambda plan: vc.replacement_cost(plan, "rule", executor="serial", progress=False),
    "scenarios": lambda plan: vc.sample_scenarios(plan.case, 20),
    "regret": regret,
    "outcomes": commitment,
    "fan of launches": lambda plan: SimpleNamespace(plot=partial(commitment(plan).plot, "launches")),
    "risk": lambda plan: commitment(plan).risk_frontier((0, 1)),
    "fresh futures": lambda plan: commitment(plan).out_of_sample(LEAN),
    "regret of commitments": lambda plan: commitment(plan).regret(),
    "small regret": lambda plan: SimpleNamespace(plot=partial(regret(plan).plot, "within")),
}


@pytest.fixture(scope="module")
def studies(tutorial_plan: vc.Plan) -> dict[str, Any]:
    return {name: study(tutorial_plan) for name, study in STUDIES.items()}


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("name", list(STUDIES))
def test_axes_of_studies_name_their_units(name: str, language: str, studies: dict[str, Any]) -> None:
    figure = studies[name].plot(language=language)
    assert figure.layout.title.text
    assert any("가" <= sign <= "힣" for sign in figure.layout.title.text) == (language == "ko")
    assert figure.layout.title.subtitle.text
    # a priority list has two panels
    for axis in (*figure.select_xaxes(), *figure.select_yaxes()):
        assert axis.title.text
        assert axis.ticktext is not None or axis.title.text.endswith(")"), axis.title.text
        assert not re.search("[가-힣]", axis.title.text) or language == "ko"
    for trace in figure.data:
        if trace.type == "heatmap":
            assert trace.colorbar.title.text.endswith(")")
    assert "Noto Sans" in figure.layout.template.layout.font.family


def test_launches_are_counted_in_projects(studies: dict[str, Any]) -> None:
    assert studies["launches"].plot().layout.xaxis.title.text == "Launches (projects)"
    assert studies["tornado"].plot().layout.xaxis.title.text.endswith("(KRW bn)")


def test_names_of_parameters_are_no_markup(studies: dict[str, Any]) -> None:
    names = studies["tornado"].plot().layout.yaxis.ticktext
    assert "&#60;b&#62;budgets&#60;/b&#62;" in names
    assert not [name for name in names if "<" in name]


def test_the_sharpest_bends_bear_numbers_and_are_named(studies: dict[str, Any]) -> None:
    study = studies["budget curve"]
    told = [annotation.text for annotation in study.plot().layout.annotations]
    slopes = study.table["shadow_price"].to_numpy()
    count = min(MOST_BENDS, int((np.diff(slopes) < 0).sum()))
    assert count > 1
    numbers, names = told[:count], told[count:]
    assert numbers == [f"<b>{number}</b>" for number in range(1, count + 1)]
    assert all(name.startswith(f"{number}  ") for number, name in enumerate(names, start=1))
    sharpest = study.table.iloc[1:].loc[-np.diff(slopes) == np.max(-np.diff(slopes))].iloc[0]
    assert any(f"{sharpest['budget_from']:,.0f} KRW bn: " in name for name in names)
    first, _, _ = str(sharpest["bend"]).partition("; ")
    assert any(first[:60] in name for name in names)


@pytest.mark.parametrize("name", ["without a link", "scenarios", "small regret", "outcomes", "fresh futures"])
def test_no_two_series_look_alike_in_grey(name: str, studies: dict[str, Any]) -> None:
    looks = [
        trace.marker.pattern.shape if trace.type == "bar" else (trace.line.dash, trace.marker.symbol)
        for trace in studies[name].plot().data
    ]
    assert len(looks) > 1
    assert len(set(looks)) == len(looks)


def test_a_pile_is_what_the_list_gives_and_its_price_has_a_panel_of_its_own(studies: dict[str, Any]) -> None:
    found = studies["priorities"]
    bars = found.plot().data
    money = [np.array(bar.y) for bar in bars if bar.yaxis != "y2"]
    assert sum(money) == pytest.approx(found.table["spend"].to_numpy())
    (price,) = [bar for bar in bars if bar.yaxis == "y2"]
    assert np.array(price.y) == pytest.approx(100 * found.table["stability_share"].to_numpy())
    assert list(found.plot().layout.xaxis.ticktext) == ["800", "1,200", "1,600"]
    assert found.plot().layout.yaxis.title.text == "Spend (KRW bn)"


def test_many_units_are_added_up_by_their_first_label(tutorial_plan: vc.Plan) -> None:
    every = ["cluster", "stage", "field", "funder", "year"]
    found = vc.priority_list(tutorial_plan, [1200, 1600], of=every, method="forward")
    assert len(found.order) > 40
    bars = [bar for bar in found.plot().data if bar.yaxis != "y2"]
    assert sorted(bar.name for bar in bars) == ["Daedeok", "Daegu", "Hongneung", "Osong"]
    assert sum(np.array(bar.y) for bar in bars) == pytest.approx(found.table["spend"].to_numpy())


@pytest.mark.parametrize("name", ["without a cluster", "without a link", "without a rule"])
def test_bars_of_losses_end_within_their_proven_range(name: str, studies: dict[str, Any]) -> None:
    found = studies[name]
    figure, value = found.plot(), found.found.figure
    table = found.table
    for bars in figure.data:
        places = np.array(bars.y, dtype=int)
        assert np.array(bars.x) == pytest.approx(table[value].to_numpy()[places])
        assert np.array(bars.x) + bars.error_x.array == pytest.approx(table[f"{value}_most"].to_numpy()[places])
        assert np.array(bars.x) - bars.error_x.arrayminus == pytest.approx(table[f"{value}_least"].to_numpy()[places])
        assert set(table["certain"].to_numpy()[places]) == {bars.name == "Certain"}
        assert (bars.marker.pattern.shape is None) == (bars.name == "Certain")
    assert sum(len(bars.y) for bars in figure.data) == len(table)


def test_what_there_is_no_plan_without_is_said_on_top(tutorial: vc.Case) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "case"
        tutorial.save(folder)
        (folder / "rules.csv").write_text(
            "rule,where,measure,sense,value\nsome,cluster=daegu,spend,at_least,50\n", encoding="utf-8"
        )
        plan = vc.load_case(folder).solve()
    found = vc.replacement_cost(plan, executor="serial", progress=False)
    figure = found.plot()
    lacking = found.table["loss"].isna()
    assert found.table["cluster"][lacking].tolist() == ["daegu"]
    (told,) = [trace for trace in figure.data if trace.type == "scatter"]
    assert list(told.y) == [0]
    assert told.text[0].strip() == "no plan without it"
    assert figure.layout.yaxis.ticktext[0] == "Daegu"


def test_names_that_are_shared_are_kept_apart(tutorial: vc.Case) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "case"
        tutorial.save(folder)
        for table in ("clusters", "stages", "fields"):
            frame = pd.read_csv(folder / f"{table}.csv").assign(name="Same")
            frame.to_csv(folder / f"{table}.csv", index=False)
        plan = vc.load_case(folder).solve()
    lost = vc.replacement_cost(plan, executor="serial", progress=False).plot()
    assert list(lost.layout.yaxis.ticktext) == ["Same"] * 4
    assert sorted(np.concatenate([bars.y for bars in lost.data])) == [0, 1, 2, 3]
    drawn = vc.sample_scenarios(plan.case, 20).plot()
    assert sorted(np.concatenate([bars.y for bars in drawn.data[:-1]])) == list(range(15))
    pile = vc.priority_list(plan, [1200, 1600], of="cluster", method="forward").plot()
    assert [bars.name for bars in pile.data if bars.yaxis != "y2"] == ["Same"] * 4


def test_cells_and_curves_say_what_is_lost(studies: dict[str, Any]) -> None:
    found = studies["regret"]
    cells = found.plot().data[0]
    assert np.array(cells.z) == pytest.approx(100 * found.found.regrets.relative.to_numpy())
    assert cells.text[1][0] == f"{found.matrix.iloc[1, 0]:,.1f}"
    assert found.plot().layout.yaxis.ticktext == ("◆ &#60;b&#62;best&#60;/b&#62;", "half")
    assert found.plot().layout.xaxis.ticktext[0] == "&#60;i&#62;lean&#60;/i&#62;"
    best, _ = studies["small regret"].plot().data
    near = 100 * found.summary["share_within"].iloc[0]
    reached = np.array(best.y)[np.array(best.x) <= 100 * found.found.within]
    assert reached.max() == pytest.approx(near)


def test_many_futures_are_shaded_without_figures_and_some_are_named(tutorial_plan: vc.Plan) -> None:
    futures = [vc.Future(f"f{number}", 1 / 30) for number in range(30)]
    figure = vc.regret({"half": half(tutorial_plan)}, futures, tutorial_plan.case, **QUICK).plot()
    assert figure.data[0].texttemplate is None
    assert np.array(figure.data[0].z).shape == (1, 30)
    assert [name for name in figure.layout.xaxis.ticktext if name] == [f"f{number}" for number in range(0, 30, 2)]
