"""Futures drawn at random: moments of their laws, how they hang together, what is kept of them, and what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from scipy.special import ndtr, ndtri
from scipy.stats import rankdata

import optimizer as vc
from optimizer.analysis.reduction import reduce_points
from optimizer.data.futures import futures_of

ROOT = Path(__file__).parent.parent.parent
CLINICAL = "stages[stage=clinical].success_rate"
RATES_ONLY = vc.Uncertainty(costs=0, values=0, demand=0)


@pytest.fixture(scope="module")
def korea() -> vc.Case:
    return vc.load_case(ROOT / "inputs" / "korea")


def test_rates_have_the_moments_of_their_beta_law(tutorial: vc.Case) -> None:
    # Beta(p n, (1 - p) n) with p = 0.4, n = 24: mean 0.4, variance 0.24 / 25 = 0.0096
    futures = vc.sample_scenarios(tutorial, 4000, 3, sample_sizes={"clinical": 24}, uncertainty=RATES_ONLY)
    line = futures.summary.set_index("where").loc["stage=clinical"]
    assert (line["mean"], line["deviation"]) == (0.4, pytest.approx(np.sqrt(0.0096)))
    drawn = futures.table[CLINICAL]
    assert drawn.mean() == pytest.approx(0.4, abs=2e-4)
    assert drawn.var(ddof=0) == pytest.approx(0.0096, rel=0.01)
    # skewness of a Beta law: 2 (b - a) sqrt(a + b + 1) / ((a + b + 2) sqrt(a b)), a = 9.6, b = 14.4
    assert drawn.skew() == pytest.approx(2 * 4.8 * 5 / (26 * np.sqrt(9.6 * 14.4)), abs=0.02)


def test_many_trials_pin_a_rate_down_unless_programmes_differ(tutorial: vc.Case) -> None:
    sure = vc.sample_scenarios(tutorial, 50, sample_sizes={"clinical": 1e8}, uncertainty=RATES_ONLY)
    assert sure.table[CLINICAL].to_numpy() == pytest.approx(0.4, abs=5e-4)
    differing = vc.Uncertainty(spread=0.02, costs=0, values=0, demand=0)
    wide = vc.sample_scenarios(tutorial, 4000, sample_sizes={"clinical": 1e8}, uncertainty=differing)
    assert wide.table[CLINICAL].mean() == pytest.approx(0.4, abs=2e-4)
    assert wide.table[CLINICAL].std() == pytest.approx(np.sqrt(0.02 * 0.24), rel=0.01)


@pytest.mark.parametrize("design", ["latin_hypercube", "sobol", "random"])
def test_factors_have_mean_one_and_their_variation(tutorial: vc.Case, design: str) -> None:
    found = vc.sample_scenarios(tutorial, 4096, 1, design=design).summary
    factors = found[found["kind"] != "Success"]
    loose = 0.06 if design == "random" else 0.03
    assert factors["drawn_mean"].to_numpy() == pytest.approx(1.0, abs=0.02)
    assert factors["drawn_deviation"].to_numpy() == pytest.approx(factors["deviation"].to_numpy(), rel=loose)


def test_a_latin_hypercube_visits_every_range_once(tutorial: vc.Case) -> None:
    futures = vc.sample_scenarios(tutorial, 20, 5, 0.7, between_fields=0.2, uncertainty=vc.Uncertainty(costs=0.3))
    sigma = np.sqrt(np.log1p(0.09))
    factor = np.sort(futures.table["niches[stage=launch; field=device].cost multiply"])
    shares = ndtr((np.log(factor) + sigma**2 / 2) / sigma)
    assert np.floor(shares * 20).astype(int).tolist() == list(range(20))


def test_figures_of_a_field_move_together_and_kinds_apart(korea: vc.Case) -> None:
    futures = vc.sample_scenarios(korea, 4000, 2, 0.6, between_fields=0.2, design="random")
    quantities = futures.summary
    scores = ndtri(rankdata(futures.found.values, axis=0) / 4001)
    correlation = np.corrcoef(scores.T)
    kind, field = quantities["kind"].to_numpy(), quantities["field"].to_numpy()
    same_kind, same_field = kind[:, None] == kind, field[:, None] == field
    off = ~np.eye(len(kind), dtype=bool)
    assert correlation[off & same_kind & same_field] == pytest.approx(0.6, abs=0.06)
    assert correlation[off & same_kind & ~same_field] == pytest.approx(0.2, abs=0.07)
    assert correlation[off & ~same_kind] == pytest.approx(0.0, abs=0.07)
    together = vc.sample_scenarios(korea, 50, 2, 1.0)
    ranks = together.found.values.argsort(axis=0)[:, (kind == "Success") & (field == "vaccine")]
    assert (ranks == ranks[:, :1]).all()


def test_published_trials_are_the_law_of_rates_and_sure_rates_stay(korea: vc.Case) -> None:
    found = vc.sample_scenarios(korea, 10).summary.set_index(["where", "column"])
    line = found.loc[("stage=phase2; field=small-molecule", "success_rate")]
    assert (line["trials"], line["deviation"]) == (2896, pytest.approx(np.sqrt(0.28 * 0.72 / 2897)))
    assert ("stage=manufacturing", "success_rate") not in found.index
    assert ("stage=phase1", "success_rate") not in found.index  # every field has a rate of its own there
    assert "7 of 21 success rates" in vc.sample_scenarios(korea, 2).notes[1].text()


def test_seeds_make_futures(tutorial: vc.Case) -> None:
    once, again = (vc.sample_scenarios(tutorial, 9, 4) for _ in range(2))
    assert once.futures == again.futures
    assert once.futures != vc.sample_scenarios(tutorial, 9, 5).futures
    assert [one.name for one in vc.sample_scenarios(tutorial, 10)][::9] == ["s01", "s10"]
    assert len(once) == 9
    assert list(once) == list(once.futures)
    assert (once[0], once[-2:]) == (once.futures[0], once.futures[-2:])


@pytest.mark.parametrize("keep", [None, 3])
def test_a_file_gives_back_the_very_futures(tutorial: vc.Case, tmp_path: Path, keep: int | None) -> None:
    futures = vc.sample_scenarios(tutorial, 12, 8)
    chosen = futures if keep is None else futures.reduce(keep)
    folder = tmp_path / "case"
    shutil.copytree(ROOT / "inputs" / "tutorial", folder)
    with pytest.raises(vc.InputError, match="belongs to the case"):
        chosen.to_csv(folder / "scenarios.csv")
    (folder / "scenarios.csv").unlink()
    path = chosen.to_csv(folder / "scenarios.csv")
    assert futures_of(tutorial, path) == chosen.futures
    assert futures_of(vc.load_case(folder)) == chosen.futures
    assert futures_of(tutorial, chosen) == chosen.futures
    assert (
        tutorial.change(*chosen[0].changes).table("stages")["success_rate"].iloc[0]
        == (chosen.table["stages[stage=discovery].success_rate"].iloc[0])
    )


def test_selection_by_hand() -> None:
    # places 0, 1, 10 (equally likely, unit distance): the middle place is nearest to all, then 10 saves most
    points = np.array([[0.0], [1.0], [10.0]])
    probability = np.full(3, 1 / 3)
    unit = np.sqrt(probability @ (points[:, 0] - 11 / 3) ** 2)
    one, two = (reduce_points(points, probability, count) for count in (1, 2))
    assert (one.kept.tolist(), one.error * unit) == ([1], pytest.approx((1 + 9) / 3))
    assert (two.kept.tolist(), two.error * unit) == ([1, 2], pytest.approx(1 / 3))
    assert two.probability == pytest.approx([2 / 3, 1 / 3])
    assert two.nearest.tolist() == [0, 0, 1]


@given(
    points=st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), min_size=2, max_size=12),
    weights=st.lists(st.integers(1, 5), min_size=12, max_size=12),
)
def test_the_error_falls_to_nothing(points: list[tuple[int, int]], weights: list[int]) -> None:
    given_points = np.array(points, dtype=float)
    probability = np.array(weights[: len(points)], dtype=float)
    probability /= probability.sum()
    found = reduce_points(given_points, probability, len(points))
    assert (np.diff(found.errors) <= 1e-12).all()
    assert found.error == 0
    assert found.probability == pytest.approx(probability)
    some = reduce_points(given_points, probability, max(1, len(points) // 2))
    assert some.error == pytest.approx(found.errors[len(some.kept) - 1])
    assert some.probability.sum() == pytest.approx(1)


def test_fewer_futures_stand_for_all_and_say_what_is_lost(tutorial: vc.Case) -> None:
    futures = vc.sample_scenarios(tutorial, 60, 1)
    errors = [futures.reduce(count).error for count in (1, 5, 20, 60)]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] == 0
    assert futures.reduce(1).relative_error == 1
    assert futures.reduce(60).futures == futures.futures
    assert [one.probability for one in futures.reduce(1)] == [1.0]
    few = futures.reduce(5)
    assert {one.name for one in few} < {one.name for one in futures}
    assert "5 of them are kept for all" in few.notes[-1].text()
    with pytest.raises(vc.InputError, match="stand for others already"):
        few.reduce(2)


def test_chart_and_workbook_show_every_figure(tutorial: vc.Case, tmp_path: Path) -> None:
    futures = vc.sample_scenarios(tutorial, 20)
    sheets = CalamineWorkbook.from_path(futures.to_excel(tmp_path / "futures.xlsx", "ko"))
    assert sheets.sheet_names == ["시나리오", "추출한 수치 목록", "유의사항"]
    assert len(sheets.get_sheet_by_index(0).to_python()) == 21
    figure = futures.plot("ko")
    assert [bars.name for bars in figure.data] == ["성공률", "비용", "시장", "평균"]
    assert len(figure.data[-1].y) == 15


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"n": 0}, "0 futures cannot be drawn"),
        ({"correlation": 0.2, "between_fields": 0.3}, "0.2 within fields and 0.3 between"),
        ({"sample_sizes": {"phase9": 10}}, "a sample size of 10 at 'phase9'"),
        ({"sample_sizes": {"clinical": 0}}, "sizes are above 0"),
        ({"design": "grid"}, "design is 'grid'"),
    ],
)
def test_what_cannot_be_drawn_is_refused(tutorial: vc.Case, asked: dict[str, object], said: str) -> None:
    with pytest.raises(vc.InputError, match=said):
        vc.sample_scenarios(tutorial, **asked)  # type: ignore[arg-type]


def test_no_dispersion_is_refused(tutorial: vc.Case) -> None:
    with pytest.raises(vc.InputError, match="costs is -1"):
        vc.Uncertainty(costs=-1)
    with pytest.raises(vc.InputError, match="unknown_trials is 0"):
        vc.Uncertainty(unknown_trials=0)
    with pytest.raises(vc.InputError, match=r"a spread of 0\.99 leaves no law"):
        vc.sample_scenarios(tutorial, 2, uncertainty=vc.Uncertainty(spread=0.99))
    with pytest.raises(vc.InputError, match="4 of 3 futures cannot be kept"):
        vc.sample_scenarios(tutorial, 3).reduce(4)
