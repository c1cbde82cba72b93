"""Overlap by hand: what is paid twice, how clusters and funders are ranked, and what the sequence gains."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from optimizer.blocks import overlap
from optimizer.blocks.sets import gather
from tests.strategies import Draft, draft, near, priced

TWO_FUNDERS = "funder,year,amount\nmsit,2026,10\nmohw,2026,10"


def rates(case: Draft) -> dict[tuple[str, str], float]:
    """Return what a unit of money costs by funder and cluster, in the first year of the fixed ranking."""
    sets = gather(case.load())
    coefficients = overlap.penalty_coefficients(sets, overlap.rank_by_activity(sets))
    site, funder = sets.site_pairs
    keys = zip(sets.funders[funder], sets.clusters[sets.sites.cluster[site]], strict=True)
    return {key: -value for key, value in zip(keys, coefficients[:, 0], strict=True)}


def test_two_clusters_by_hand() -> None:
    # Both clusters can do 3 launches at 2, worth 10. b has more activity, so money at a costs 0.5 a unit: 5 launches:
    # 3 at b, 2 at a, for 10 of money. Linear penalty 0.5 * 4 = 2; true overlap min(6, 4) = 4, penalty the same.
    # A unit of money is worth half a launch less its penalty: 5 - 0.5.
    case = draft(
        priced(0.5),
        clusters="cluster\na\nb",
        stages="stage,cost,success_rate\nlaunch,2,1",
        fields="field,value\nall,10",
        sites="cluster,stage,capacity,backlog,activity\na,launch,3,9,1\nb,launch,3,9,2",
        budget="year,amount\n2026,10",
    )
    summary = case.solve().summary()
    assert (summary["worth"], summary["overlap_clusters"]) == (near(50), near(4))
    assert (summary["lp_objective"], summary["objective"]) == (near(48), near(48))
    prices = case.solve().sensitivity.constraints.set_index("family")["shadow_price"]
    assert prices["budget"] == near(4.5)


def test_the_bound_is_that_of_the_convex_envelope() -> None:
    # Either site takes at most 3 * 2 = 6 a year, so min(u, v) >= max(0, u + v - 6). All 10 of money are spent:
    # 50 - 0.5 * (10 - 6) = 48, which the plan attains: nothing is left to be gained. Without a penalty it is 50.
    summary = (
        draft(
            priced(0.5),
            clusters="cluster\na\nb",
            stages="stage,cost,success_rate\nlaunch,2,1",
            fields="field,value\nall,10",
            sites="cluster,stage,capacity,backlog,activity\na,launch,3,9,1\nb,launch,3,9,2",
            budget="year,amount\n2026,10",
        )
        .solve("sequential")
        .summary()
    )
    assert summary["bound"] == near(48)
    assert summary["gap"] == near(0)
    assert summary["bound_by"] == "envelope"


@pytest.mark.parametrize(
    ("similarity", "price"),
    [
        (None, 2.0),  # without the table every pair is alike
        ("cluster_a,cluster_b,similarity", 0.0),  # with it, an unlisted pair is not
        ("cluster_a,cluster_b,similarity\na,b,0.25", 0.5),
        ("cluster_a,cluster_b,similarity\nb,a,0.25", 0.5),
        ("cluster_a,cluster_b,similarity\na,c,0.25", 0.0),
    ],
)
def test_similarity_absent_empty_and_partial(similarity: str | None, price: float) -> None:
    tables = {} if similarity is None else {"similarity": similarity}
    case = draft(
        priced(2),
        clusters="cluster\na\nb\nc",
        sites="cluster,stage,activity\na,launch,1\nb,launch,2",
        **tables,
    )
    assert rates(case) == near({("national", "a"): price, ("national", "b"): 0.0})


def test_ties_of_activity_go_to_the_cluster_named_first() -> None:
    case = draft(
        priced(1), clusters="cluster\nb\na\nc", sites="cluster,stage,activity\na,launch,5\nc,launch,5\nb,launch,5"
    )
    assert rates(case) == near({("national", "b"): 0.0, ("national", "a"): 1.0, ("national", "c"): 2.0})


def test_a_cluster_that_nobody_may_fund_is_not_ranked() -> None:
    case = draft(
        priced(1),
        clusters="cluster\na\nb\nc",
        sites="cluster,stage,activity\na,launch,9\nb,launch,5\nc,launch,1",
        mandates="funder,cluster,stage,field\nnational,b,,\nnational,c,,",
    )
    assert rates(case) == near({("national", "b"): 0.0, ("national", "c"): 1.0})


def test_funders_rank_by_first_appearance_among_those_admitted() -> None:
    case = draft(
        priced(0, 3),
        clusters="cluster\na\nb",
        budget="funder,year,amount\nmotie,2031,1\nmsit,2026,1\nmohw,2026,1\nmotie,2026,1",
        sites="cluster,stage\na,launch\nb,launch",
        mandates="funder,cluster,stage,field\nmsit,a,,",
    )
    assert rates(case) == near(
        {("motie", "a"): 0.0, ("msit", "a"): 3.0, ("mohw", "a"): 6.0, ("motie", "b"): 0.0, ("mohw", "b"): 3.0}
    )


def test_niches_overlap_only_with_themselves() -> None:
    case = draft(
        priced(1),
        clusters="cluster\na\nb",
        stages="stage,cost,success_rate\nresearch,1,1\nlaunch,1,1",
        sites="cluster,stage,activity\na,research,1\nb,launch,1",
    )
    assert set(rates(case).values()) == {0.0}


def test_funders_at_one_site_by_hand() -> None:
    # 10 launches at 2 for 20 of money, 10 from each funder: overlap 10, and the second funder costs 0.3 a unit
    summary = draft(
        priced(0, 0.3),
        stages="stage,cost,success_rate\nlaunch,2,1",
        fields="field,value\nall,10",
        sites="cluster,stage,backlog\na,launch,50",
        budget=TWO_FUNDERS,
    ).solve().summary()  # fmt: skip
    assert summary["overlap_funders"] == near(10)
    assert summary["overlap_clusters"] == 0
    assert summary["objective"] == near(100 - 3)


def test_penalties_are_discounted_and_overlaps_are_not() -> None:
    plan = draft(
        {**priced(0, 0.5), "case": {"discount_rate": 1}},
        years=2,
        fields="field,value\nall,10",
        sites="cluster,stage,inflow\na,launch,50",
        budget="funder,year,amount\nmsit,2026,4\nmsit,2027,4\nmohw,2026,4\nmohw,2027,4",
    ).solve()
    assert plan.summary()["overlap_funders"] == near(8)
    assert plan.summary()["overlap_penalty"] == near(0.5 * (4 + 4 / 2))
    ledger = plan.overlap_ledger
    assert ledger[["funder_a", "funder_b", "cluster_b"]].to_numpy().tolist() == [["msit", "mohw", ""]] * 2
    assert ledger["penalty"].tolist() == near([2, 1])


# b ranks first by activity but a launch there is worth nothing much: all money goes to a, and pays for an overlap with
# nobody. Re-ranked by that plan, a stands first and its money costs nothing.
MISRANKED = draft(
    priced(2),
    clusters="cluster\na\nb",
    fields="field,value\nall,10",
    sites="cluster,stage,capacity,backlog,activity,success_factor\na,launch,5,5,1,1\nb,launch,5,5,2,0.15",
    budget="year,amount\n2026,8",
)


def test_the_sequence_forgets_a_ranking_that_the_plan_belies() -> None:
    # fixed: a costs 2 a unit: 5 * (10 - 2) = 40, and b's 3 units earn 1.5 each: lp 44.5, true penalty 2 * 3 = 6.
    # sequence: a stands first, then b's unit costs 2 and earns 1.5: it is left, and a's 5 launches earn 50.
    fixed, sequential = MISRANKED.solve("fixed").summary(), MISRANKED.solve("sequential").summary()
    assert (fixed["lp_objective"], fixed["objective"]) == (near(44.5), near(50 + 4.5 - 6))
    assert sequential["objective"] == near(50)
    assert sequential["bound"] >= 50 - 1e-6


def test_prices_of_the_sequence_are_those_of_its_last_ranking() -> None:
    # with a first, the next unit of money would go to b, at a loss: budgets are worth nothing, a place at a 10
    plan = MISRANKED.solve("sequential")
    assert plan.summary()["lp_objective"] == near(50)
    table = plan.sensitivity.constraints
    assert table.query("family == 'budget'")["shadow_price"].tolist() == near([0])


def test_prices_of_a_sequence_that_begins_at_its_end_count_the_overlap() -> None:
    # One cluster of two funders: without a price the plan is the same as with one, so the sequence gains nothing by
    # ranking. Its prices are those of the ranked program all the same: a unit of mohw earns 5 and overlaps for 0.3.
    plan = draft(
        priced(0, 0.3),
        stages="stage,cost,success_rate\nlaunch,2,1",
        fields="field,value\nall,10",
        sites="cluster,stage,backlog\na,launch,50",
        budget=TWO_FUNDERS,
    ).solve("sequential")
    assert plan.summary()["lp_objective"] == near(97)
    assert plan.objective == near(97)
    prices = plan.sensitivity.constraints.query("family == 'budget'").set_index("funder")["shadow_price"]
    assert sorted(prices) == near([4.7, 5.0])


def test_ties_of_a_plan_go_to_activity_then_to_order() -> None:
    # nobody spends anything: the ranking by plan is the fixed one. Where a spends most in 2027, it stands first there.
    case = draft(
        priced(1, 1),
        years=2,
        clusters="cluster\na\nb\nc",
        sites="cluster,stage,activity\na,launch,1\nb,launch,3\nc,launch,3",
        budget="funder,year,amount\nmsit,2026,1\nmsit,2027,1\nmohw,2026,1\nmohw,2027,1",
    )
    sets = gather(case.load())
    public = np.zeros((len(sets.site_pairs[0]), 2))
    tied, fixed = overlap.rank_by_plan(sets, public), overlap.rank_by_activity(sets)
    assert tied.similar_above.tolist() == [[2, 2], [0, 0], [1, 1]]
    assert (tied.similar_above == fixed.similar_above).all()
    assert (tied.funders_above == fixed.funders_above).all()
    public[1, 1] = 5  # mohw at a
    moved = overlap.rank_by_plan(sets, public)
    assert moved.similar_above.tolist() == [[2, 0], [0, 1], [1, 2]]
    assert moved.funders_above.tolist() == [[0, 1], [1, 0], [0, 0], [1, 1], [0, 0], [1, 1]]


def test_rankings_are_supergradients_of_the_overlap() -> None:
    # for any two plans: the linear penalty of the ranking by one is never below the true penalty of the other,
    # and equal to the true one at its own plan
    case = draft(
        {"case": {"discount_rate": 0.1}, **priced(2, 3)},
        years=2,
        clusters="cluster\na\nb\nc",
        fields="field,value\ndrug,1\ndevice,1",
        similarity="cluster_a,cluster_b,similarity\na,b,0.5\nb,c,0.7",
        budget="funder,year,amount\nmsit,2026,1\nmsit,2027,1\nmohw,2026,1\nmohw,2027,1",
        mandates="funder,cluster,stage,field\nmohw,,,drug\nmohw,a,,",
    )
    sets = gather(case.load())
    random = np.random.default_rng(7)
    plans = [random.integers(0, 4, (len(sets.site_pairs[0]), 2)).astype(float) for _ in range(12)]
    for one, other in product(plans, repeat=2):
        linear = -(overlap.penalty_coefficients(sets, overlap.rank_by_plan(sets, one)) * other).sum()
        true = overlap.true_penalty(sets, other)[2]
        assert linear >= true - 1e-9
        if one is other:
            assert linear == near(true)
    fixed = overlap.penalty_coefficients(sets, overlap.rank_by_activity(sets))
    for plan in plans:
        assert -(fixed * plan).sum() >= overlap.true_penalty(sets, plan)[2] - 1e-9
