"""Figures: their numbers are those of the plan, their axes name a unit, and they say it in both languages."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import optimizer as vc
from optimizer.export.charts.labels import escaped, wrapped
from optimizer.export.charts.style import COLOURS, PATTERNS, bar_look
from optimizer.export.charts.years import weighted_percentile
from optimizer.plan.flows import ENDS, SOURCES, Flow
from tests.strategies import Draft, cases, law

HANGUL = re.compile("[가-힣]")
REFERENCE = Path(__file__).parents[2] / "reference"
LANGUAGES = ["en", "ko"]
FIGURES: dict[str, Callable[[vc.Plan, str], Any]] = {
    "sankey": lambda plan, language: plan.plot.sankey(language=language),
    "projects": lambda plan, language: plan.plot.projects(language=language),
    "heat_map": lambda plan, language: plan.plot.heat_map(language=language),
    "share": lambda plan, language: plan.plot.heat_map("region", "field", share=True, language=language),
    "overlap": lambda plan, language: plan.plot.overlap(language=language),
    "overlap_funders": lambda plan, language: plan.plot.overlap("funder", language=language),
    "map": lambda plan, language: plan.plot.map(language=language),
    "years": lambda plan, language: plan.plot.years(language=language),
    "launches": lambda plan, language: plan.plot.launches(language=language),
    "few": lambda plan, language: plan.plot.launches(beside={"a": plan, "b": plan}, language=language),
    "fan": lambda plan, language: plan.plot.launches(beside=dict.fromkeys("abcdefgh", plan), language=language),
    "waterfall": lambda plan, language: plan.plot.waterfall(language=language),
    "moves": lambda plan, language: plan.plot.waterfall("cluster", language=language),
}


@pytest.fixture(scope="module")
def plan(tutorial: vc.Case, tutorial_plan: vc.Plan) -> vc.Plan:
    """Return the tutorial's plan with half of it as what is done today."""
    today = tutorial_plan.allocation.query("partner == ''").drop(columns=["partner", "baseline", "change"])
    raw = tutorial.frames | {"baseline": today.assign(amount=(today["amount"] / 2).round(3))}
    return _with_tables(tutorial, {"baseline": raw["baseline"]})


def _with_tables(case: vc.Case, tables: dict[str, pd.DataFrame]) -> vc.Plan:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "case"
        case.save(folder)
        for name, table in tables.items():
            table.to_csv(folder / f"{name}.csv", index=False)
        solved = vc.load_case(folder).solve()
    assert isinstance(solved, vc.Plan)
    return solved


def axes(figure: Any) -> list[Any]:
    """Return the axes of a figure; a Sankey diagram has none, and its unit stands in the line under the title."""
    if figure.data[0].type == "sankey":
        return []
    return [figure.layout.xaxis, figure.layout.yaxis]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", list(FIGURES))
def test_numbers_that_hovering_shows_stand_before_their_unit(name: str, language: str, plan: vc.Plan) -> None:
    figure = FIGURES[name](plan, language)
    told = [text for trace in figure.data for text in hovered(trace.to_plotly_json())]
    glued = {found for text in told for found in re.findall(r"\d([A-Za-z가-힣]+)", re.sub(r"%\{[^}]*\}", "0", text))}
    # Korean units follow without a space; names of what is counted are none
    assert glued <= ({"십억원", "건"} if language == "ko" else set())


def hovered(trace: dict[str, Any]) -> list[str]:
    """Return the texts of a trace that hovering shows beside numbers."""
    told = [trace.get("hovertemplate", ""), f"%{{value}}{trace.get('valuesuffix', '')}"]
    return [*told, *map(str, np.atleast_1d(trace["text"]))] if trace.get("hoverinfo") == "text" else told


@pytest.mark.parametrize(("language", "told"), [("en", "%{y:,.2f} projects per year<"), ("ko", "연간 %{y:,.2f}건<")])
def test_launches_of_a_year_are_told_with_what_they_are(language: str, told: str, plan: vc.Plan) -> None:
    assert told in plan.plot.launches(language=language).data[0].hovertemplate


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", list(FIGURES))
def test_every_figure_has_a_title_and_units(name: str, language: str, plan: vc.Plan) -> None:
    figure = FIGURES[name](plan, language)
    title = figure.layout.title.text
    assert title
    assert bool(HANGUL.search(title)) == (language == "ko")
    assert figure.layout.title.subtitle.text
    for axis in axes(figure):
        # places with names are counted in nothing; every other axis names its unit
        named = axis.ticktext is not None
        assert axis.title.text, name
        assert named or axis.title.text.endswith(")"), axis.title.text
        assert not HANGUL.search(axis.title.text) or language == "ko"
    if not axes(figure):
        unit = {"en": "KRW bn", "ko": "십억원"}[language]
        assert unit in figure.layout.title.subtitle.text or name == "projects"
    assert "Noto Sans" in figure.layout.template.layout.font.family
    assert figure.layout.height >= 300


@pytest.mark.parametrize("name", list(FIGURES))
def test_a_korean_figure_speaks_no_english(name: str, plan: vc.Plan) -> None:
    text = FIGURES[name](plan, "ko").to_json()
    for english in ("Hongneung", "Daegu", "Discovery", "Medical devices", "Public money", "capital", "Year"):
        assert f'"{english}' not in text, english


@pytest.mark.parametrize("by", [None, ["funder", "stage"], ["region", "stage", "field"], ["year", "cluster"]])
def test_every_column_of_the_money_diagram_adds_up_to_what_is_spent(by: list[str] | None, plan: vc.Plan) -> None:
    levels = by or ["funder", "cluster", "stage", "field"]
    for most in (12, 2):
        figure = plan.plot.sankey(by, most=most)
        diagram = figure.data[0]
        across = np.array(diagram.node.x)
        source, target, value = (np.array(getattr(diagram.link, name)) for name in ("source", "target", "value"))
        columns = np.unique(across)
        assert len(columns) == len(levels)
        for before, after in pairwise(columns):
            between = (across[source] == before) & (across[target] == after)
            assert value[between].sum() == pytest.approx(plan.summary()["spend"])
        for column, level in zip(columns, levels, strict=True):
            assert (across == column).sum() <= max(most, 1)
            if most >= 12:
                wanted = plan.statistics.spend([level]).query("spend > 0")["spend"]
                through = [
                    max(value[source == node].sum(), value[target == node].sum())
                    for node in np.flatnonzero(across == column)
                ]
                assert sorted(through) == pytest.approx(sorted(wanted))


def test_one_year_of_the_money_diagram_is_that_year(plan: vc.Plan) -> None:
    spent = plan.statistics.spend(["year"]).set_index("year")["spend"]
    figure = plan.plot.sankey(["funder", "field"], year=2028)
    assert sum(figure.data[0].link.value) == pytest.approx(spent[2028])
    with pytest.raises(vc.InputError, match="spends nothing in 2050"):
        plan.plot.sankey(year=2050)
    with pytest.raises(vc.InputError, match="by is funder; name two labels or more"):
        plan.plot.sankey(["funder"])


@law(15)
@given(draft=cases())
def test_projects_that_enter_a_stage_leave_it(draft: Draft) -> None:
    case = draft.load()
    plan = case.solve()
    if not plan.ok:
        return
    flows = plan.statistics.flows()
    table = flows.pivot(index="stage", columns="kind", values="projects").reindex(columns=list(Flow)).fillna(0.0)
    table = table.reindex(case.table("stages")["stage"]).fillna(0.0)
    entered = table[[*SOURCES, Flow.ARRIVED]].sum(axis=1)
    passed = table[Flow.ARRIVED].shift(-1).fillna(0.0)
    assert (entered - table[list(ENDS)].sum(axis=1) - passed).to_numpy() == pytest.approx(0, abs=1e-4)
    started = plan.statistics.projects("stage").set_index("stage")["starts"].reindex(table.index).fillna(0.0)
    left = table[[Flow.FAILED, Flow.RUNNING, Flow.LOST, Flow.LAUNCHED]].sum(axis=1) + passed
    assert started.to_numpy() == pytest.approx(left.to_numpy(), abs=1e-4)
    assert table[Flow.LAUNCHED].sum() == pytest.approx(plan.summary()["launches"], abs=1e-6)
    assert (table >= -1e-6).all(axis=None)


def test_the_project_diagram_balances_and_ends_in_the_launches(plan: vc.Plan) -> None:
    diagram = plan.plot.projects().data[0]
    across = np.array(diagram.node.x)
    source, target, value = (np.array(getattr(diagram.link, name)) for name in ("source", "target", "value"))
    for node in np.flatnonzero((across > across.min()) & (across < across.max())):
        assert value[target == node].sum() == pytest.approx(value[source == node].sum(), rel=1e-6)
    launched = next(number for number, label in enumerate(diagram.node.label) if label.startswith("Launched"))
    assert value[target == launched].sum() == pytest.approx(plan.summary()["launches"])
    devices = plan.plot.projects("device").data[0]
    assert sum(devices.link.value) < sum(value)
    with pytest.raises(vc.InputError, match="there is no field 'pumps'; name one of"):
        plan.plot.projects("pumps")


def test_handovers_are_what_links_carry(plan: vc.Plan) -> None:
    passed = plan.statistics.handovers(["stage"]).set_index("stage")["projects"]
    finished = plan.statistics.projects("stage").set_index("stage")["finished"]
    assert (passed <= finished.reindex(passed.index) + 1e-6).all()
    assert "launch" not in passed.index


def test_cells_and_totals_are_those_of_the_pivot(plan: vc.Plan) -> None:
    figure = plan.plot.heat_map()
    table = plan.pivot(["cluster"], ["stage"])
    cells, numbers = figure.data
    inner = np.array(cells.z, dtype=float)
    assert np.nansum(inner) == pytest.approx(plan.summary()["spend"])
    assert inner.shape == table.shape
    assert np.isnan(inner[-1]).all()
    totals = np.nansum(inner[:-1], axis=1)
    assert (np.diff(totals) <= 1e-9).all()  # what gets most stands on top
    assert numbers.text[-1] == f"{plan.summary()['spend']:,.0f}"
    assert plan.plot.heat_map(language="ko").layout.yaxis.ticktext[-1] == "합계"
    shares = plan.plot.heat_map("region", "field", share=True)
    assert np.nansum(np.array(shares.data[0].z, dtype=float)[:-1], axis=1) == pytest.approx(100)
    with pytest.raises(vc.InputError, match="pivot needs"):
        plan.plot.heat_map("stage", "stage")


@pytest.mark.parametrize(("between", "figure"), [("cluster", "overlap_clusters"), ("funder", "overlap_funders")])
def test_the_triangle_of_overlap_adds_up(between: str, figure: str, plan: vc.Plan) -> None:
    cells = np.array(plan.plot.overlap(between).data[0].z, dtype=float)
    assert np.nansum(cells) == pytest.approx(plan.summary()[figure])


def test_what_does_not_overlap_is_not_drawn(tutorial: vc.Case) -> None:
    nothing = vc.Change("similarity", column="similarity", operation="set", value=0)
    with pytest.raises(vc.InputError, match="no two of them"):
        tutorial.change(nothing).solve().plot.overlap()


def test_bubbles_are_money_and_arrows_are_projects(plan: vc.Plan) -> None:
    figure = plan.plot.map()
    bubbles = [trace for trace in figure.data if trace.mode == "markers"]
    area = {
        text.partition("<br>")[0]: size**2
        for trace in bubbles
        for text, size in zip(trace.text, trace.marker.size, strict=True)
    }
    spend = plan.pivot(["cluster"])["spend"].drop("total")
    names = plan.case.table("clusters").set_index("cluster")["name"]
    for one in spend.index:
        assert area[names[one]] / area[names[spend.idxmax()]] == pytest.approx(spend[one] / spend.max())
    lines = plan.statistics.handovers()
    away = lines[lines["origin"] != lines["destination"]]
    assert sum(trace.mode == "lines+markers" for trace in figure.data) == len(away)
    assert plan.plot.map(arrows=0).layout.title.subtitle.text.count("<br>") == 1
    assert "Natural Earth" in figure.layout.title.subtitle.text
    assert len({annotation.text for annotation in figure.layout.annotations}) == len(spend)


def test_a_map_needs_places_and_draws_korea_only_below_korea(tutorial: vc.Case) -> None:
    clusters = tutorial.table("clusters")[["cluster", "name", "name_ko", "region", "capital", "anchor"]]
    with pytest.raises(vc.InputError, match=r"no cluster of case tutorial has coordinates.*clusters\.csv"):
        _with_tables(tutorial, {"clusters": clusters}).plot.map()
    abroad = clusters.assign(latitude=[42.4, 42.3, 51.5, 52.2], longitude=[-71.1, -71.0, -0.1, 0.1])
    figure = _with_tables(tutorial, {"clusters": abroad}).plot.map()
    assert "Natural Earth" not in figure.layout.title.subtitle.text
    assert not [trace for trace in figure.data if trace.fill == "toself"]


def test_bars_over_the_years_add_up(plan: vc.Plan) -> None:
    for by in ("funder", "stage"):
        figure = plan.plot.years(by)
        bars = [trace for trace in figure.data if trace.type == "bar"]
        spent = plan.statistics.spend(["year"]).set_index("year")["spend"]
        assert sum(np.array(bar.y) for bar in bars) == pytest.approx(spent.to_numpy())
        (budget,) = [trace for trace in figure.data if trace.name == "Budget"]
        table = plan.case.table("budget").groupby("year")["amount"].sum()
        assert list(budget.y) == pytest.approx(table[list(budget.x)].tolist())
    bars = [trace for trace in plan.plot.launches().data if trace.type == "bar"]
    assert sum(np.sum(bar.y) for bar in bars) == pytest.approx(plan.summary()["launches"])


def test_the_waterfalls_begin_today_and_end_at_the_plan(plan: vc.Plan) -> None:
    today = plan.case.evaluate(against=plan)
    steps = plan.plot.waterfall(today=today).data[0]
    assert steps.x[0] == pytest.approx(today.objective)
    assert steps.x[-1] == pytest.approx(plan.objective)
    assert sum(steps.x[:-1]) == pytest.approx(plan.objective)
    for by in ("cluster", "stage", "field", "funder", "year"):
        steps = plan.plot.waterfall(by).data[0]
        assert steps.x[0] == pytest.approx(plan.allocation["baseline"].sum())
        assert sum(steps.x[:-1]) == pytest.approx(steps.x[-1]) == pytest.approx(plan.summary()["spend"])
    with pytest.raises(vc.InputError, match="by is 'weather'; it must be one of cluster, stage"):
        plan.plot.waterfall("weather")


def test_a_plan_that_spends_nothing_is_drawn_and_reported(tutorial: vc.Case, tmp_path: Path) -> None:
    broke = tutorial.change(vc.Change("budget", column="amount", operation="multiply", value=0)).solve()
    assert broke.summary()["spend"] == 0
    with pytest.raises(vc.InputError, match="spends nothing in 2026–2031"):
        broke.plot.sankey()
    for figure in (broke.plot.heat_map(), broke.plot.map(), broke.plot.years(), broke.plot.projects()):
        assert figure.layout.title.text
    assert 'data-figure="figure-launches"' in broke.to_html(tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_case_without_a_plan_says_why_there_is_no_figure() -> None:
    failed = vc.load_case(REFERENCE / "infeasible-two-rules").solve()
    with pytest.raises(vc.SolveError, match="there is no figure: the case is infeasible"):
        failed.plot.sankey()


@pytest.mark.parametrize("by", [None, "cluster"])
def test_without_a_baseline_there_is_no_today(by: str | None) -> None:
    plan = vc.load_case(REFERENCE / "single-stage").solve()
    with pytest.raises(vc.InputError, match=r"has no baseline\.csv.*Add the table"):
        plan.plot.waterfall(by)


def test_a_fan_lies_between_its_plans(plan: vc.Plan, tutorial: vc.Case) -> None:
    factors = [0.6, 0.8, 1.0, 1.2]
    less = [vc.Change("budget", column="amount", operation="multiply", value=factor) for factor in factors]
    plans = {f"x {change.value}": tutorial.change(change).solve() for change in less}
    figure = plan.plot.launches(beside=plans, weights=dict.fromkeys(plans, 1) | {"x 0.6": 5})
    lines = {trace.name: np.array(trace.y) for trace in figure.data}
    assert list(lines) == [*plans, "Mean"]
    for name, solved in plans.items():
        assert lines[name].sum() == pytest.approx(solved.summary()["launches"])
    weights = np.array([5, 1, 1, 1]) / 8
    assert lines["Mean"] == pytest.approx(np.array([lines[name] for name in plans]).T @ weights)
    with pytest.raises(vc.InputError, match=r"without one: x 0\.8"):
        plan.plot.launches(beside=plans, weights={"x 0.6": 1})
    with pytest.raises(vc.InputError, match="there are no plans to draw"):
        plan.plot.launches(beside={})


@given(
    values=st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=9),
    percent=st.floats(0.1, 99.9),
)
def test_a_percentile_has_its_share_of_the_weight_up_to_it(values: list[float], percent: float) -> None:
    shares = np.arange(1, len(values) + 1) / np.arange(1, len(values) + 1).sum()
    (found,) = weighted_percentile(np.array([values]), shares, percent)
    array = np.array(values)
    assert shares[array <= found].sum() >= percent / 100 - 1e-9
    assert shares[array < found].sum() < percent / 100 + 1e-9


def test_series_differ_by_more_than_colour() -> None:
    looks = [bar_look(number) for number in range(len(COLOURS) * 2)]
    assert len({(look["color"], look["pattern"]["shape"]) for look in looks}) == len(looks)
    assert len({look["pattern"]["shape"] for look in looks[: len(PATTERNS)]}) == len(PATTERNS)


@given(st.text(max_size=60))
def test_no_text_is_markup_for_plotly(text: str) -> None:
    for shown in (escaped(text), wrapped(text).replace("<br>", "")):
        assert not re.search(r"[<>$%{}]", shown)
        assert not re.search(r"&(?!#\d+;)", shown)


def test_a_long_name_is_cut_and_a_plain_one_is_not() -> None:
    assert escaped("Daegu & Gyeongbuk") == "Daegu &#38; Gyeongbuk"
    assert escaped("가" * 50) == "가" * 39 + "…"
    assert wrapped("Manufacturing scale-up and launch", 14) == "Manufacturing<br>scale-up and<br>launch"
