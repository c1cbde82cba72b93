"""Figures of studies: units on their axes in both languages, bends by name, and no name that is markup."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import optimizer as vc
from optimizer.export.charts.trade_offs import MOST_BENDS

MONEY = vc.Parameter("<b>budgets</b>", vc.Target("budget", "amount"), 0.9, 1.1)
WORTH = vc.Parameter("worth", vc.Target("fields", "value"), 0.9, 1.1)
QUICK: dict[str, Any] = {"method": "fixed", "executor": "serial"}
STUDIES: dict[str, Callable[[vc.Plan], Any]] = {
    "tornado": lambda plan: vc.tornado(plan.case, [MONEY, WORTH], **QUICK),
    "launches": lambda plan: vc.tornado(plan.case, [MONEY], measure="launches", **QUICK),
    "sobol": lambda plan: vc.sobol(plan.case, [MONEY, WORTH], samples=4, seed=1, **QUICK),
    "budget curve": lambda plan: vc.budget_curve(plan, most=8),
    "frontier": lambda plan: vc.frontier(plan, points=3),
    "frontier of launches": lambda plan: vc.frontier(plan, ("launches", "private"), points=3),
    "alternatives": lambda plan: vc.alternatives(plan, n=1, checks=0),
    "calibration": lambda plan: vc.calibrate_overlap(plan.case, penalties=[0.05, 1]),
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
    for axis in (figure.layout.xaxis, figure.layout.yaxis):
        assert axis.title.text
        assert axis.ticktext is not None or axis.title.text.endswith(")"), axis.title.text
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
