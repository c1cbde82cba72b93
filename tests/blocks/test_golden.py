"""Every family as a listing that was read line by line once; a change shows as a diff (see conftest)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from optimizer import blocks
from optimizer.compiler import compile_case
from tests.blocks.listing import listing
from tests.strategies import Draft, draft

GOLDEN = Path(__file__).parent / "golden"
TWO_STAGES = """
    stage,    cost, success_rate, duration, decay, crowd_in, feedback
    research, 2,    0.5,          1.5,      0.1,   0,        0
    launch,   4,    0.8,          0,        0,     0.5,      0.25
"""
TWO_SITES = """
    cluster, stage,    capacity, backlog, inflow, expansion_cost, expansion_limit
    a,       research, 3,        5,       1,      6,              2
    a,       launch,   ,         ,        ,       ,
"""


@dataclass(frozen=True)
class Listing:
    """What a family adds to a program, and a small case in which all of it occurs."""

    families: tuple[str, ...]
    parts: tuple[str, ...]
    case: Draft


LISTINGS = {
    "pipeline": Listing(
        ("starts", "expansion", "capacity", "expansion_limit", "backlog"),
        ("worth_pipeline",),
        draft(
            {"case": {"discount_rate": 0.25}, "diminishing_returns": {"tranches": [[0.75, 1], [0.25, 2]]}},
            years=2,
            stages=TWO_STAGES,
            sites=TWO_SITES,
            fields="field,value\nall,100",
        ),
    ),
    "links": Listing(
        ("passed", "link_expansion", "handoff", "link_capacity", "link_expansion_limit"),
        (),
        draft(
            years=2,
            clusters="cluster\na\nb",
            stages=TWO_STAGES,
            links="""
                origin, destination, stage,    retention, capacity, transfer_cost, expansion_cost, expansion_limit
                a,      b,           ,         0.5,       3,        1,             2,              4
                a,      b,           research, 0.9,       1,        ,              ,
                b,      b,           research, 0.7,       ,         ,              5,
            """,
        ),
    ),
    "market": Listing(
        ("full", "beyond", "market", "demand"),
        ("worth_launches",),
        draft(
            {"case": {"discount_rate": 0.25}, "value": {"saturation": 0.5}},
            years=2,
            clusters="cluster\na\nb",
            stages="stage,cost,success_rate,duration\nlaunch,1,0.5,0.5",
            fields="field,value,demand\ndrug,100,2\ndevice,30,",
        ),
    ),
    "funding": Listing(
        (
            "public",
            "link_public",
            "private",
            "carry",
            "money",
            "crowd_in",
            "private_cap",
            "link_money",
            "budget",
            "carry_over",
        ),
        (),
        draft(
            {"funding": {"carry_over": 0.25, "reinvestment": 0.1}},
            years=2,
            clusters="cluster,private_cap\na,3\nb,",
            stages=TWO_STAGES,
            sites="cluster,stage,capacity,expansion_cost\na,research,2,7\na,launch,,\nb,launch,,",
            fields="field,value\nall,100",
            links="origin,destination,stage,capacity,transfer_cost,expansion_cost\na,b,,1,0.5,2",
            budget="funder,year,amount\nmsit,2026,10\nmsit,2027,20\nmohw,2026,30\nmohw,2027,40",
            mandates="funder,cluster,stage,field\nmohw,b,launch,all\nmohw,,link,",
        ),
    ),
    "overlap": Listing(
        (),
        ("overlap_penalty",),
        draft(
            {"case": {"discount_rate": 0.25}, "overlap": {"between_clusters": 2, "between_funders": 1}},
            years=2,
            clusters="cluster\na\nb\nc",
            sites="cluster,stage,activity\na,launch,1\nb,launch,5\nc,launch,1",
            similarity="cluster_a,cluster_b,similarity\na,b,0.5\nc,a,0.25",
            budget="funder,year,amount\nmsit,2026,10\nmsit,2027,20\nmohw,2026,30\nmohw,2027,40",
            mandates="funder,cluster,stage,field\nmohw,a,,\nmohw,c,,",
        ),
    ),
    "specialization": Listing(
        ("specialization",),
        (),
        draft(
            {"specialization": {"min_share": 0.75}},
            years=2,
            clusters="cluster\na\nb",
            stages=TWO_STAGES,
            sites="""
                cluster, stage,    activity, specialized
                a,       research, 3,
                a,       launch,   1,
                b,       research, 1,        true
                b,       launch,   1,        false
            """,
        ),
    ),
    "rules": Listing(
        ("rules", "violation"),
        ("rule_price",),
        draft(
            clusters="cluster,region\na,south\nb,",
            stages=TWO_STAGES,
            links="origin,destination,stage,transfer_cost\na,b,research,1",
            rules="""
                rule,   where,              measure,  sense,    kind,   value, of,        per,          price
                hard,   stage=launch|link,  ,         at_most,  ,       7,     ,          cluster,
                soft,   region=south,       starts,   at_least, ,       3,     ,          ,             2
                part,   stage=launch,       spend,    at_least, share,  0.25,  cluster=b, cluster|year, 0.5
                sold,   ,                   launches, at_most,  amount, 1,     ,          region,
                none,   region=north,       spend,    at_most,  amount, 1,     ,          cluster,
            """,
        ),
    ),
    "openings": Listing(
        ("funded", "minimum", "max_niches"),
        (),
        draft(
            {"funding": {"carry_over": 0.5}},
            years=2,
            clusters="cluster,max_niches\na,1\nb,2\nc,",
            stages="stage,cost,success_rate,duration\nresearch,2,0.5,1.5\nlaunch,4,0.8,0",
            sites="""
                cluster, stage,    capacity, minimum, expansion_cost, expansion_limit
                a,       research, 3,        ,        ,
                a,       launch,   2,        5,       1,              0.5
                b,       research, ,         7,       ,
                b,       launch,   1,        ,        ,
                c,       launch,   1,        ,        ,
            """,
            budget="funder,year,amount\nmsit,2026,10\nmsit,2027,20\nmohw,2026,30\nmohw,2027,40",
            mandates="funder,cluster,stage,field\nmohw,a,launch,",
        ),
    ),
}


@pytest.mark.parametrize("family", LISTINGS)
def test_the_family_adds_what_its_listing_says(family: str, golden_update: bool) -> None:
    chosen = LISTINGS[family]
    found = listing(compile_case(chosen.case.load()), chosen.families, chosen.parts)
    place = GOLDEN / f"{family}.txt"
    if golden_update:
        place.write_text(found, encoding="utf-8")
    assert found == place.read_text(encoding="utf-8")


def test_every_family_has_a_listing() -> None:
    assert set(LISTINGS) == set(blocks.NAMES)
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(blocks.NAMES)


def test_every_row_column_and_objective_term_stands_in_some_listing() -> None:
    listed = {name for chosen in LISTINGS.values() for name in chosen.families}
    parts = {name for chosen in LISTINGS.values() for name in chosen.parts}
    for chosen in LISTINGS.values():
        program = compile_case(chosen.case.load())
        assert {*program.rows.names, *program.columns.names, *program.limits.labels.names} <= listed
        assert set(program.parts) <= parts
