"""The panel without a browser: what it shows, what a turned dial and a pressed button do, and what it writes."""

from __future__ import annotations

import builtins
import json
import re
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import optimizer as vc
from optimizer.analysis.exploring import Look, State
from optimizer.desk.payload import (
    FIRST_LOOK,
    OTHER_YARDSTICK,
    SHOWN,
    VIEWS,
    WITHIN_GAP,
    controls,
    notes,
    positions,
    settings_at,
    shown_state,
    status,
)
from optimizer.export.charts.difference import difference_map
from optimizer.language import Language
from tests.conftest import REFERENCE

LONG = 60


@pytest.fixture
def panel(tutorial_plan: vc.Plan, tmp_path: Path) -> vc.Exploration:
    return vc.explore(tutorial_plan, folder=tmp_path / "out")


def soon(holds: Callable[[], bool]) -> None:
    """Wait until something holds that another thread brings about."""
    end = time.monotonic() + LONG
    while not holds():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def rows(panel: vc.Exploration) -> dict[str, dict[str, str]]:
    return {row["name"]: row for row in panel._panel.state["rows"]}


def test_shown_positions_are_settings(tutorial: vc.Case, panel: vc.Exploration) -> None:
    start = panel.state.asked
    assert settings_at(tutorial, positions(tutorial, start)) == start
    turned = replace(start, budget=1.07, min_share=0.62, discount_rate=0.05, rules=("more devices",))
    assert settings_at(tutorial, positions(tutorial, turned)) == turned
    assert [dial["unit"] for dial in controls(tutorial, Language.EN)["dials"]] == ["%", "", "", "%", "% a year"]


def test_numbers_are_those_of_the_plan_beside_the_pinned_one(panel: vc.Exploration, tutorial: vc.Case) -> None:
    assert list(rows(panel)) == list(SHOWN)
    assert {row["change"] for row in rows(panel).values()} == {"0", "0 % points"}
    panel.turn(budget=0.8)
    assert panel.wait(LONG)
    less = tutorial.change(vc.Change("budget", "amount", "multiply", 0.8)).solve()
    change = less.objective - panel.pinned.objective
    assert rows(panel)["objective"]["value"] == f"{less.objective:,.1f} KRW bn"
    assert rows(panel)["objective"]["change"] == f"−{-change:,.1f}"
    assert panel._panel.state["for"] == panel._panel.values
    assert panel._panel.values["dials"]["budget"] == 80
    panel.pin()
    assert rows(panel)["objective"]["change"] == "0"
    panel.reset()
    assert panel.wait(LONG)
    assert rows(panel)["objective"]["change"] == f"+{-change:,.1f}"


def test_what_hands_turn_is_planned(panel: vc.Exploration, tutorial: vc.Case) -> None:
    values = panel._panel.values
    rules = {**values["rules"], "no cluster above 90 a year": False}
    panel._panel.values = {"dials": {**values["dials"], "between_clusters": 0.35}, "rules": rules}
    assert panel.wait(LONG)
    expected = (
        vc.Change("case", "overlap.between_clusters", "set", 0.35),
        vc.Change("rules", "enabled", "set", "false", where="rule=no cluster above 90 a year"),
    )
    assert panel.changes == expected
    assert panel.plan.objective == tutorial.change(*expected).solve().objective
    assert eval(panel.code, {"case": tutorial, "vc": vc}).settings == panel.changed_case().settings  # noqa: S307


def test_every_picture_is_drawn_and_none_leaves_a_trace(panel: vc.Exploration) -> None:
    figure = panel._figure
    for view in (*VIEWS, "allocation"):
        panel.show(view)
        assert figure.layout.title.text
        json.dumps([trace.z for trace in figure.data if trace.type == "heatmap"], default=list, allow_nan=False)
        assert bool(figure.layout.annotations) == (view == "flow")
        assert [trace.type for trace in figure.data] == (["sankey"] if view == "flow" else ["heatmap", "scatter"])
    with pytest.raises(vc.InputError, match="no picture 'map'; there are allocation, difference, flow, overlap"):
        panel.show("map")


def test_a_picture_of_nothing_says_so(panel: vc.Exploration) -> None:
    panel.show("overlap")
    panel.turn(budget=0)
    assert panel.wait(LONG)
    assert "there is no overlap to draw" in panel._figure.layout.title.text
    assert panel._figure.layout.xaxis.visible is False


def test_the_difference_adds_up(tutorial: vc.Case, tutorial_plan: vc.Plan) -> None:
    less = tutorial.change(vc.Change("budget", "amount", "multiply", 0.6)).solve()
    figure = difference_map(less, tutorial_plan)
    cells, texts = figure.data
    spend = less.summary()["spend"] - tutorial_plan.summary()["spend"]
    shown = {(x, y): float(text.replace(",", "")) for x, y, text in zip(texts.x, texts.y, texts.text, strict=True)}
    assert shown[max(shown)] == pytest.approx(spend, abs=0.5)
    assert np.nansum(np.array(cells.z, dtype=float)) == pytest.approx(spend, abs=0.5)
    assert cells.zmin == -cells.zmax


def test_buttons_write_and_say_where(panel: vc.Exploration, tutorial: vc.Case) -> None:
    panel.turn(budget=0.9)
    assert panel.wait(LONG)
    for button, ending in (("workbook", r"plan-\S+\.xlsx"), ("run", r"run-\S+Z"), ("case", r"case-\S+Z")):
        panel._pressed(None, {"do": button}, [])
        soon(lambda ending=ending: re.fullmatch(f"Written: .*{ending}", panel._panel.said))
    written = {path.name.partition("-")[0]: path for path in panel.folder.iterdir()}
    assert (written["run"] / "report.html").is_file()
    again = vc.load_case(written["case"])
    assert again.table("budget")["amount"].sum() == pytest.approx(0.9 * tutorial.table("budget")["amount"].sum())
    assert panel.save_case() != panel.save_case()  # within one second, and nothing is written over
    panel._pressed(None, {"do": "pin"}, [])
    assert panel._panel.said.startswith("Pinned")
    panel._pressed(None, {"do": "reset"}, [])
    assert panel.wait(LONG)
    assert panel.changes == ()


def test_a_button_that_fails_says_why(panel: vc.Exploration) -> None:
    panel.folder.write_text("in the way")
    panel._pressed(None, {"do": "workbook"}, [])
    soon(lambda: "Earlier results are untouched" in panel._panel.said)
    panel.folder.unlink()
    with pytest.raises(vc.InputError, match=r"Exploration\.turn: more is given than is taken"):
        panel.turn("budget")  # type: ignore[call-arg]
    values = panel._panel.values
    panel._panel.values = {**values, "dials": {**values["dials"], "min_share": 200}}  # as nobody's hand can
    assert panel.wait(LONG)
    panel._pressed(None, {"do": "pin"}, [])
    assert "waiting brings none" in panel._panel.said
    assert "Turn the dials back" in panel._panel.said


def test_no_plan_is_said_beside_the_last_one() -> None:
    case = vc.load_case(REFERENCE / "infeasible-two-rules")
    panel = vc.explore(case.change(vc.Change("rules", "enabled", "set", "false", where="rule=research floor")))
    assert panel.wait(LONG)
    before = panel._panel.state
    panel.turn(**{"research floor": True})
    assert panel.wait(LONG)
    soon(lambda: panel._panel.state["failure"]["lines"])
    after = panel._panel.state
    assert after["rows"] == before["rows"]
    assert after["for"] == before["for"] != panel._panel.values
    assert not after["settled"]
    assert any("research floor" in line for line in after["failure"]["lines"])
    assert "no plan at these settings" in after["status"]
    assert "vc-old" in panel._frame._dom_classes
    panel.close()


def test_notes_say_what_a_difference_is_worth(tutorial: vc.Case, tutorial_plan: vc.Plan, panel: vc.Exploration) -> None:
    start = panel.state.asked
    pinned = Look(start, tutorial_plan, first=False)
    little = tutorial.change(vc.Change("budget", "amount", "multiply", 0.99)).solve()
    much = tutorial.change(vc.Change("budget", "amount", "multiply", 0.4)).solve()
    assert notes(pinned, pinned) == []
    assert notes(Look(replace(start, budget=0.99), little, first=False), pinned) == [WITHIN_GAP]
    assert notes(Look(replace(start, budget=0.4), much, first=False), pinned) == []
    assert notes(Look(replace(start, discount_rate=0.1), much, first=False), pinned) == [OTHER_YARDSTICK]


def test_a_first_look_is_called_one_and_cannot_be_kept(tutorial_plan: vc.Plan, panel: vc.Exploration) -> None:
    start = panel.state.asked
    state = State(1, start, Look(start, tutorial_plan, first=True), busy=True)
    assert status(state) == FIRST_LOOK
    shown = shown_state(tutorial_plan.case, state, Language.EN)
    assert shown["first"]
    assert not shown["settled"]
    assert {row["change"] for row in shown["rows"]} == {""}


def test_korean_has_no_english_sentence(tutorial_plan: vc.Plan) -> None:
    panel = vc.explore(tutorial_plan, language="ko")
    fixed = panel._panel.controls
    texts = [text for dial in fixed["dials"] for text in (dial["label"], dial["hint"])]
    texts += [*fixed["words"].values(), *(view["label"] for view in fixed["views"]), panel._panel.state["status"]]
    texts += [row["label"] for row in panel._panel.state["rows"]]
    assert all(re.search("[가-힣]", text) for text in texts)
    assert fixed["title"] == "연습용 사례"


def test_it_is_shown_as_a_widget(panel: vc.Exploration) -> None:
    assert "application/vnd.jupyter.widget-view+json" in panel._repr_mimebundle_()
    assert repr(panel) == "Exploration('tutorial': case)"


def test_what_is_missing_is_named(tutorial_plan: vc.Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: object, **more: object) -> object:
        if name.partition(".")[0] == "ipywidgets":
            raise ModuleNotFoundError(name=name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(vc.InputError, match="panels need the package ipywidgets; install it by 'make lab'"):
        vc.explore(tutorial_plan)
    monkeypatch.undo()
    with pytest.raises(vc.InputError, match="explore: case is 'inputs/tutorial'; give a case or a plan"):
        vc.explore("inputs/tutorial")


def test_nothing_of_it_is_imported_before_it_is_wanted() -> None:
    import subprocess

    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, optimizer as vc; vc.explore; vc.load_case; "
            "print([name for name in ('ipywidgets', 'anywidget', 'plotly') if name in sys.modules])",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == "[]"
