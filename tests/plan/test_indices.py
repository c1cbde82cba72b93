"""Specialisation: known answers of EconGeo, relatedness by hand and by brute force, laws, and the tables of a plan."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import optimizer as vc
from optimizer.language import Language
from optimizer.plan.indices import SpecializationIndices
from tests.strategies import Draft, cases, draft, law, near

ECONGEO = pd.DataFrame(
    [[100, 0, 0, 0, 0], [0, 15, 5, 70, 10], [0, 20, 10, 20, 50], [0, 25, 30, 5, 40], [0, 40, 55, 5, 0]],
    index=list("ABCDE"),
    columns=list("vwxyz"),
)
"""The example of the documentation of the R package EconGeo."""
NAN = math.nan


def same(found: pd.DataFrame | pd.Series, expected: object) -> None:
    np.testing.assert_allclose(found.to_numpy(float), np.array(expected, dtype=float), rtol=1e-9, atol=1e-12)


def texts(indices: SpecializationIndices) -> list[str]:
    return [str(note) for note in indices.notes]


# --- known answers -----------------------------------------------------------------------------------------------


def test_indices_are_those_of_econgeo() -> None:
    found = vc.specialization_indices(ECONGEO)
    quotients = [[5, 0, 0, 0, 0], [0, 0.75, 0.25, 3.5, 0.5], [0, 1, 0.5, 1, 2.5], [0, 1.25, 1.5, 0.25, 2]]
    same(found.location_quotient, [*quotients, [0, 2, 2.75, 0.25, 0]])
    same(found.krugman, [1.6, 1.0, 0.6, 0.7, 1.1])
    same(found.herfindahl, [1, 0.525, 0.34, 0.315, 0.465])
    same(found.hachman.round(6), [0.2, 0.380952, 0.588235, 0.634921, 0.430108])


def test_density_is_undefined_for_a_niche_related_to_nothing() -> None:
    found = vc.specialization_indices(ECONGEO)
    assert found.density["v"].isna().all()
    rows = [[0.2, 0, 0, 0.3], [0.6, 1, 1, 0.7], [0.8, 1, 1, 0.7], [0.4, 4 / 7, 0.4, 0.7]]
    same(found.density.loc["B":"E", "w":"z"], rows)  # type: ignore[misc]  # labels may be sliced
    assert texts(found) == ["not defined, for nothing else is related to it: density of v"]


def test_density_may_count_the_niche_itself() -> None:
    found = vc.specialization_indices(ECONGEO, include_itself=True)
    same(found.density.loc["B", "w":"z"], [0.125, 0, 6 / 11, 0.1875])  # type: ignore[misc]
    assert found.notes == ()


def test_relatedness_by_hand() -> None:
    # Quotients of 1 or more: a in drug and device, b in drug and food, c in device. Two are in drug, of which one is in
    # device, and two in device: 1/2. One is in food, and in drug; of the two in drug one is in food: min(1, 1/2).
    # Nobody is in both device and food.
    strong = pd.DataFrame([[1, 1, 0], [1, 0, 1], [0, 1, 0]], index=list("abc"), columns=["drug", "device", "food"])
    found = vc.specialization_indices(strong, specialized=strong.astype(bool))
    same(found.relatedness, [[1, 0.5, 0.5], [0.5, 1, 0], [0.5, 0, 1]])
    # to drug: device and food with 1/2 each; to device and to food: drug alone
    same(found.density, [[0.5, 1, 1], [0.5, 1, 1], [0.5, 0, 0]])
    suggested = found.suggestions()
    # c is specialised in device, so drug is half way, and food, related to drug only, is not
    assert suggested.to_dict("records") == [
        {
            "cluster": "a", "niche": "food", "density": near(1), "location_quotient": 0.0,
            "related_niche": "drug", "relatedness": near(0.5),
        },
        {
            "cluster": "b", "niche": "device", "density": near(1), "location_quotient": 0.0,
            "related_niche": "drug", "relatedness": near(0.5),
        },
        {
            "cluster": "c", "niche": "drug", "density": near(0.5), "location_quotient": 0.0,
            "related_niche": "device", "relatedness": near(0.5),
        },
    ]  # fmt: skip


# --- brute force and laws ------------------------------------------------------------------------------------------


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    rows, columns = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    cell = st.sampled_from([0, 0, 1, 2, 3, 7, 0.5, 40])
    cells = draw(st.lists(cell, min_size=rows * columns, max_size=rows * columns))
    values = np.array(cells, dtype=float).reshape(rows, columns)
    return pd.DataFrame(
        values, index=[f"c{row}" for row in range(rows)], columns=[f"n{column}" for column in range(columns)]
    )


def ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else NAN


@law(80)
@given(table=tables(), quotient=st.sampled_from([1.0, 0.7, 1.5, 0.0]))
def test_quotients_relatedness_and_density_by_brute_force(table: pd.DataFrame, quotient: float) -> None:
    found = vc.specialization_indices(table, quotient=quotient)
    whole = float(table.to_numpy().sum())
    clusters, niches = list(table.index), list(table.columns)
    strong: dict[str, set[str]] = {niche: set() for niche in niches}
    for cluster, niche in product(clusters, niches):
        share = ratio(table.loc[cluster, niche], table.loc[cluster].sum())
        value = ratio(share, ratio(table[niche].sum(), whole))
        assert found.location_quotient.loc[cluster, niche] == pytest.approx(value, nan_ok=True)
        if value >= quotient - 1e-9:
            strong[niche].add(cluster)
        assert bool(found.specialized.loc[cluster, niche]) == (cluster in strong[niche])
    phi = {}
    for k, l in product(niches, niches):  # noqa: E741  # the letters of the formula
        chances = [ratio(len(strong[k] & strong[l]), len(strong[other])) for other in (k, l)]
        phi[k, l] = NAN if NAN in chances or any(map(math.isnan, chances)) else min(chances)
        assert found.relatedness.loc[k, l] == pytest.approx(phi[k, l], nan_ok=True)
    for cluster, k in product(clusters, niches):
        others = {l: phi[k, l] for l in niches if l != k and not math.isnan(phi[k, l])}  # noqa: E741
        near_by = sum(value for niche, value in others.items() if cluster in strong[niche])
        expected = ratio(near_by, sum(others.values()))
        if table.loc[cluster].sum() == 0:
            expected = NAN
        assert found.density.loc[cluster, k] == pytest.approx(expected, nan_ok=True)


@law(80)
@given(table=tables())
def test_indices_keep_their_ranges_and_sums(table: pd.DataFrame) -> None:
    found = vc.specialization_indices(table)
    active = table.sum(axis=1) > 0
    national = table.sum() / max(table.to_numpy().sum(), 1e-300)
    # quotients weighted by the shares of the whole are shares of the cluster, which add up to 1
    assert (found.location_quotient[active] * national).sum(axis=1).to_numpy() == pytest.approx(1)
    for name, low, high in (("krugman", 0, 2), ("hachman", 0, 1), ("herfindahl", 1 / table.shape[1], 1)):
        values = getattr(found, name)
        assert values[~active].isna().all()
        assert ((values[active] >= low - 1e-9) & (values[active] <= high + 1e-9)).all(), name
    assert (found.krugman[active] < 2).all()
    for frame in (found.relatedness, found.density):
        known = frame.to_numpy()[~frame.isna().to_numpy()]
        assert ((known >= 0) & (known <= 1)).all()
    pd.testing.assert_frame_equal(found.relatedness, found.relatedness.T)
    assert (len(found.notes) == 0) == bool(found.density.notna().all(axis=None) and active.all())


@law(40)
@given(table=tables(), factor=st.sampled_from([1e-9, 0.5, 3.0, 1e12, 1e300]))
def test_scaling_changes_nothing(table: pd.DataFrame, factor: float) -> None:
    found, scaled = vc.specialization_indices(table), vc.specialization_indices(table * factor)
    for name in ("location_quotient", "relatedness", "density"):
        pd.testing.assert_frame_equal(getattr(found, name), getattr(scaled, name))
    for name in ("krugman", "hachman", "herfindahl"):
        pd.testing.assert_series_equal(getattr(found, name), getattr(scaled, name))


@law(40)
@given(table=tables(), data=st.data())
def test_permuting_labels_permutes_results(table: pd.DataFrame, data: st.DataObject) -> None:
    clusters, niches = data.draw(st.permutations(list(table.index))), data.draw(st.permutations(list(table.columns)))
    found = vc.specialization_indices(table)
    other = vc.specialization_indices(table.loc[clusters, niches])
    for name in ("location_quotient", "specialized", "density"):
        pd.testing.assert_frame_equal(getattr(found, name).loc[clusters, niches], getattr(other, name))
    pd.testing.assert_frame_equal(found.relatedness.loc[niches, niches], other.relatedness)
    pd.testing.assert_series_equal(found.krugman[clusters], other.krugman)


@law(60)
@given(table=tables(), most=st.integers(1, 3))
def test_suggestions_are_the_closest_of_what_a_cluster_does_not_do(table: pd.DataFrame, most: int) -> None:
    found = vc.specialization_indices(table)
    lines = found.suggestions(most)
    for cluster in table.index:
        own = found.specialized.loc[cluster]
        open_to = found.density.loc[cluster][~own].dropna()
        best = sorted(open_to[open_to > 0], reverse=True)[:most]
        mine = lines[lines["cluster"] == cluster]
        assert mine["density"].tolist() == pytest.approx(best)
        for line in mine.itertuples():
            assert not own[line.niche]
            assert own[line.related_niche]
            assert line.relatedness == pytest.approx(found.relatedness.loc[line.niche, own].max())


# --- what is not defined, and what is refused -----------------------------------------------------------------------


def test_what_is_not_defined_is_missing_and_said() -> None:
    table = pd.DataFrame([[4, 0, 0], [0, 0, 0]], index=["osong", "jeju"], columns=["drug", "device", "food"])
    found = vc.specialization_indices(table)
    assert math.isnan(found.krugman["jeju"])
    assert found.location_quotient["device"].isna().all()
    assert texts(found) == [
        "not defined, for want of any activity: all figures of jeju",
        "not defined, for nobody is active there: location quotients of device, food",
        "not defined, for nobody is specialised there: relatedness and density of device, food",
        "not defined, for nothing else is related to it: density of drug",
    ]
    assert found.notes[0].text(Language.KO) == "활동이 없어 정의되지 않음: jeju의 모든 수치"
    assert found.suggestions().empty
    assert repr(found) == "SpecializationIndices(2 clusters, 3 niches, 4 notes)"


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pd.DataFrame(), "activity table is empty"),
        (pd.DataFrame({"drug": ["a"]}), "holds texts"),
        (pd.DataFrame({"drug": [True]}), "holds texts"),
        (pd.DataFrame({"drug": [1.0, -2.0]}, index=["a", "b"]), r"activity of b in drug is -2.0 \(1 such cells\)"),
        (pd.DataFrame({"drug": [math.inf]}), "is inf"),
        (pd.DataFrame({"drug": [math.nan]}), "is nan"),
        (pd.DataFrame({"drug": [1, 2]}, index=["a", "a"]), "names a more than once"),
        (pd.DataFrame({"drug": [1]}, index=pd.Index(["a"], name="density")), "density, niche"),
    ],
)
def test_tables_that_are_refused(table: pd.DataFrame, message: str) -> None:
    with pytest.raises(vc.InputError, match=message):
        vc.specialization_indices(table)


def test_options_that_are_refused() -> None:
    with pytest.raises(vc.InputError, match="the quotient is -1"):
        vc.specialization_indices(ECONGEO, quotient=-1)
    with pytest.raises(vc.InputError, match="true and false"):
        vc.specialization_indices(ECONGEO, specialized=ECONGEO)
    with pytest.raises(vc.InputError, match="true and false"):
        vc.specialization_indices(ECONGEO, specialized=(ECONGEO > 0).iloc[:2])
    for most in (0, True, 1.5):
        with pytest.raises(vc.InputError, match=f"most is {most}"):
            vc.specialization_indices(ECONGEO).suggestions(most)  # type: ignore[arg-type]


# --- of a plan -------------------------------------------------------------------------------------------------------

SITES = "\n".join(
    f"{cluster},launch,{field},{amount},{amount}"
    for cluster, row in zip(ECONGEO.index, ECONGEO.to_numpy(), strict=True)
    for field, amount in zip(ECONGEO.columns, row, strict=True)
)
AS_TODAY = draft(
    {"value": {"terminal_weight": 0}},
    clusters="cluster\n" + "\n".join(ECONGEO.index),
    fields="field,value\n" + "\n".join(f"{field},5" for field in ECONGEO.columns),
    sites=f"cluster,stage,field,activity,backlog\n{SITES}",
    budget="year,amount\n2026,900",
)
"""Every unit of activity is a project that waits, and all of them are paid: the plan spends as is done today."""


def test_a_plan_that_spends_as_is_done_today_is_specialised_as_today() -> None:
    plan = AS_TODAY.solve()
    concentration = plan.statistics.concentration()
    for when in ("today", "of_plan"):
        same(concentration[f"krugman_{when}"], [1.6, 1.0, 0.6, 0.7, 1.1])
        same(concentration[f"herfindahl_{when}"], [1, 0.525, 0.34, 0.315, 0.465])
        same(concentration[f"hachman_{when}"].round(6), [0.2, 0.380952, 0.588235, 0.634921, 0.430108])
    sites = plan.specialization
    same(sites["location_quotient_of_plan"], sites["location_quotient"])
    same(sites[sites["cluster"] == "B"]["density"], [NAN, 0.2, 0, 0, 0.3])
    assert sites.columns.tolist()[:7] == [
        "cluster", "stage", "field", "activity", "location_quotient", "specialized", "spend",
    ]  # fmt: skip
    assert sites.attrs["unit"] == "KRW bn"
    same(plan.statistics.indices("spend").relatedness, vc.specialization_indices(ECONGEO).relatedness)


def test_suggestions_of_a_plan_say_whether_the_case_has_the_site() -> None:
    lines = [line for line in SITES.splitlines() if not line.startswith(("C,launch,x", "C,launch,w"))]
    case = AS_TODAY.with_rows("sites", [row for row in AS_TODAY.tables["sites"].rows if _text(row) in lines])
    found = case.solve().suggestions(most=5)
    assert list(found.columns) == [
        *("cluster", "stage", "field", "density", "location_quotient"),
        *("related_stage", "related_field", "relatedness", "has_site"),
    ]
    has = found.set_index(["cluster", "field"])["has_site"]
    assert bool(has["D", "y"])
    assert ("C", "w") in has.index or ("C", "x") in has.index
    assert not has[[key for key in has.index if key in {("C", "w"), ("C", "x")}]].any()


def _text(row: object) -> str:
    assert isinstance(row, dict)
    return ",".join(row.values())


@law(20)
@given(case=cases(always=("sites",)))
def test_indices_of_a_plan_are_those_of_its_tables(case: Draft) -> None:
    plan = case.solve()
    sites = plan.specialization
    for of, column in (("activity", "activity"), ("spend", "spend")):
        table = sites.pivot_table(
            index="cluster", columns=["stage", "field"], values=column, aggfunc="sum", fill_value=0.0, sort=False
        )
        alone = vc.specialization_indices(table.astype(float))
        found = plan.statistics.indices(of, "niche")
        for name in ("krugman", "herfindahl", "hachman"):
            values, expected = getattr(found, name), getattr(alone, name)
            same(values[expected.index], expected)
            assert values.drop(expected.index).isna().all()  # clusters without a site
    assert plan.allocation.query("stage != 'link'")["amount"].sum() == near(sites["spend"].sum())


def test_words_that_no_index_knows_are_refused(tutorial_plan: vc.Plan) -> None:
    with pytest.raises(vc.InputError, match="budget"):
        tutorial_plan.statistics.indices("budget")
    with pytest.raises(vc.InputError, match="region"):
        tutorial_plan.statistics.concentration("region")
    with pytest.raises(vc.InputError, match="most is 0"):
        tutorial_plan.suggestions(0)
