# ruff: noqa: E501  (the sentences of the table stay whole)
"""Where every figure of the case comes from: the rows of ``sources.csv``.

published   the figure itself stands in the publication
derived     follows from published figures by the formula given; what the formula takes for granted besides is said
            after the word "assuming"
assumed     no published figure decides it; the reason is given
"""

from typing import Final, NamedTuple

import assumptions as a
import facts
import pandas as pd

DRUGS: Final = "field=small-molecule|biologics|cell-gene|vaccine"
TRIALS: Final = "stage=" + "|".join(a.CLINICAL)
CLINIC_TO_APPROVAL: Final = f"{TRIALS}|approval"
KDDF_STAGES: Final = "stage=discovery|preclinical|phase1|phase2"
LATE_STAGES: Final = "stage=phase3|approval|manufacturing"
COST_TERMS: Final = f"{a.KRW_BN_PER_USD_M:g} KRW bn per USD m and a Korean cost level of {a.COST_LEVEL:g}"
SCALE_TERMS: Final = "scaled to all government new-drug R&D (598.5 of 2023 over a tenth of the programme's 1474.7)"
PROFILES: Final = "stage and field levels 0 to 3 read from the sources by us"
FIELD_SHARES: Final = "drug field shares " + " / ".join(f"{share:g}" for share in a.FIELDS["share"].dropna())


class Row(NamedTuple):
    """One row of ``sources.csv``; ``keys`` name publications in ``facts.URLS``."""

    table: str
    where: str
    column: str
    basis: str
    source: str
    keys: tuple[str, ...] = ()


SETTINGS: Final = [
    Row(
        "case",
        "",
        "case.first_year",
        "published",
        "first year with a budget published but not yet spent",
        ("budget 2026",),
    ),
    Row("case", "", "case.last_year", "assumed", "ten years"),
    Row(
        "case",
        "",
        "case.discount_rate",
        "assumed",
        "social discount rate of Korean preliminary feasibility studies; no source at hand",
    ),
    Row("case", "", "value.saturation", "assumed", "round number"),
    Row("case", "", "value.terminal_weight", "assumed", "round number: caution about what lies after the horizon"),
    Row("case", "", "funding.carry_over", "assumed", "round number"),
    Row("case", "", "funding.reinvestment", "assumed", "round number"),
    Row(
        "case",
        "",
        "overlap.between_clusters",
        "assumed",
        "round number; published criticism of duplication gives no price of it",
    ),
    Row("case", "", "overlap.between_funders", "assumed", "round number"),
    Row("case", "", "specialization.quotient", "assumed", "usual threshold of location quotients"),
    Row("case", "", "specialization.min_share", "assumed", "moderate: half"),
    Row("case", "", "diminishing_returns.tranches", "assumed", "the last 40 % of a site's capacity cost 30 % more"),
]

CLUSTERS: Final = [
    Row("clusters", "", "latitude", "published", "city-level coordinate, general geography; not from one publication"),
    Row("clusters", "", "longitude", "published", "city-level coordinate, general geography; not from one publication"),
    Row("clusters", "", "capital", "published", "whether in Seoul, Incheon or Gyeonggi"),
    Row("clusters", "", "kind", "derived", "main designation or character; assuming one per cluster"),
    Row("clusters", "", "anchor", "derived", "leading institution named in the sources; assuming one per cluster"),
    Row(
        "clusters",
        "",
        "private_cap",
        "derived",
        f"company investment 2022 (4125.5) x {a.PRIVATE_SHARE:g} x the cluster's share of bio staff; assuming that part of "
        "the investment can join public projects and follows staff; staff figures in part of grade C",
        ("bio industry survey 2022",),
    ),
]

CHAIN: Final = [
    Row(
        "stages",
        "stage=discovery",
        "cost",
        "derived",
        f"1 + 0.8 x (2.5 + 0.75 x 10) = 9 USD m per start; assuming {COST_TERMS}",
        ("paul 2010",),
    ),
    Row(
        "stages",
        "stage=preclinical|phase1|phase2|phase3",
        "cost",
        "derived",
        f"5, 15, 40, 150 USD m; assuming {COST_TERMS}",
        ("paul 2010",),
    ),
    Row(
        "stages",
        "stage=approval|manufacturing",
        "cost",
        "derived",
        f"40 USD m from submission to launch; assuming {a.APPROVAL_SHARE_OF_LAUNCH_COST:.0%} of it for approval, the rest for "
        f"manufacturing, and {COST_TERMS}",
        ("paul 2010",),
    ),
    Row(
        "stages", "stage=discovery", "success_rate", "derived", "0.80 x 0.75 x 0.85, three steps in one", ("paul 2010",)
    ),
    Row(
        "stages",
        "stage=preclinical|phase1|phase2|phase3|approval",
        "success_rate",
        "published",
        "success per stage, figure 2; read through a public re-implementation whose totals match",
        ("paul 2010",),
    ),
    Row("stages", "stage=manufacturing", "success_rate", "assumed", "an approved product is launched"),
    Row("stages", "stage=discovery", "duration", "derived", "1.0 + 1.5 + 2.0 years", ("paul 2010",)),
    Row("stages", "stage=preclinical|phase1|phase2|phase3", "duration", "published", "cycle times", ("paul 2010",)),
    Row(
        "stages",
        "stage=approval|manufacturing",
        "duration",
        "derived",
        f"1.5 years from submission to launch; assuming {a.APPROVAL_YEARS:g} year of it is the approval",
        ("paul 2010",),
    ),
    Row("stages", "", "decay", "assumed", "the earlier the stage, the faster a waiting project is lost"),
    Row(
        "stages",
        "stage=preclinical",
        "crowd_in",
        "derived",
        "private 327.0 / national 607.4 of the programme's ecosystem research",
        ("kddf programme",),
    ),
    Row(
        "stages",
        "stage=phase1|phase2",
        "crowd_in",
        "derived",
        "private 365.8 / national 365.7 of the programme's clinical development",
        ("kddf programme",),
    ),
    Row(
        "stages",
        "stage=approval",
        "crowd_in",
        "derived",
        "private 8.3 / national 141.6 of the programme's commercialisation support",
        ("kddf programme",),
    ),
    Row(
        "stages",
        "stage=discovery|phase3|manufacturing",
        "crowd_in",
        "assumed",
        "none in discovery; firms carry most of phase 3 and half of manufacturing",
    ),
    Row("stages", "", "feedback", "assumed", "clinical lessons lead to new discovery projects"),
    Row(
        "fields",
        "",
        "value",
        "derived",
        f"370 USD m forecast peak sales (2024, without GLP-1); assuming {a.FULL_SALES_YEARS:g} years of them, a margin of "
        f"{a.PROFIT_MARGIN:g}, {a.KRW_BN_PER_USD_M:g} KRW bn per USD m and the field's factor "
        + " / ".join(f"{factor:g}" for factor in a.FIELDS["value_factor"]),
        ("deloitte 2025",),
    ),
    Row("fields", "", "demand", "assumed", "round numbers, launches a year at full value"),
    Row(
        "niches",
        f"field=small-molecule|biologics; {CLINIC_TO_APPROVAL}",
        "success_rate",
        "published",
        "by modality, figure 10b: small molecule; monoclonal antibody",
        ("bio 2021",),
    ),
    Row(
        "niches",
        f"field=vaccine; {CLINIC_TO_APPROVAL}",
        "success_rate",
        "published",
        "by modality, figure 10b: vaccine; approval 27 of 27",
        ("bio 2021",),
    ),
    Row(
        "niches",
        f"field=cell-gene; {CLINIC_TO_APPROVAL}",
        "success_rate",
        "derived",
        "CAR-T and gene therapy weighted by observations; few of them: phase 3 13, approval 6",
        ("bio 2021",),
    ),
    Row(
        "niches",
        f"field=small-molecule|biologics|vaccine; {CLINIC_TO_APPROVAL}",
        "trials",
        "published",
        "numbers of transitions by modality, figure 10b",
        ("bio 2021",),
    ),
    Row(
        "niches",
        f"field=cell-gene; {CLINIC_TO_APPROVAL}",
        "trials",
        "derived",
        "CAR-T and gene therapy together",
        ("bio 2021",),
    ),
    Row(
        "niches",
        "field=vaccine; stage=preclinical",
        "success_rate",
        "derived",
        "median of six published rates",
        ("gouglas 2018",),
    ),
    Row(
        "niches",
        f"field=vaccine|cell-gene; {TRIALS}",
        "duration",
        "derived",
        "stage's years x years of the disease area / years of all indications (BIO 2021); assuming infectious disease stands "
        "for vaccines and oncology for cell-gene",
        ("bio 2021 durations", "paul 2010"),
    ),
    Row(
        "niches",
        "field=vaccine|cell-gene; stage=approval",
        "duration",
        "derived",
        "as for the trials; assuming the stage's 1.0 year",
        ("bio 2021 durations", "paul 2010"),
    ),
    Row(
        "niches",
        "field=device; stage=preclinical",
        "cost",
        "derived",
        f"20.0 USD m nonclinical; assuming {COST_TERMS}",
        ("aspe devices", "sertkaya 2022"),
    ),
    Row(
        "niches",
        "field=device; stage=phase1|phase3",
        "cost",
        "derived",
        f"32.1 USD m for both clinical studies; assuming {a.FEASIBILITY_SHARE:.0%} for the feasibility study, and {COST_TERMS}",
        ("aspe devices", "sertkaya 2022"),
    ),
    Row(
        "niches",
        "field=device; stage=discovery|phase2|approval|manufacturing",
        "cost",
        "assumed",
        "concept 2, pass-through 0.2, approval 0.5, manufacturing 8 USD m",
    ),
    Row(
        "niches",
        "field=device; stage=preclinical|phase1|phase3|approval",
        "success_rate",
        "published",
        "transitions of complex therapeutic devices in the US",
        ("sertkaya 2022",),
    ),
    Row(
        "niches",
        "field=device; stage=discovery|phase2|manufacturing",
        "success_rate",
        "assumed",
        "1: the published chain begins after the concept, has no second trial, and ends at approval",
    ),
    Row("niches", "field=device", "duration", "assumed", "no published duration at hand"),
]

SITES: Final = [
    Row(
        "sites",
        f"{KDDF_STAGES}; {DRUGS}",
        "capacity",
        "derived",
        f"projects selected 2024 {SCALE_TERMS}; assuming {FIELD_SHARES} and, over sites, {PROFILES} and the root of bio staff",
        ("kddf 2024", "new drug 2023", "kddf programme"),
    ),
    Row(
        "sites",
        f"{LATE_STAGES}; {DRUGS}",
        "capacity",
        "assumed",
        f"6 drug starts a year nationwide; {FIELD_SHARES}; {PROFILES}",
    ),
    Row("sites", "field=device", "capacity", "assumed", f"30, 16, 10, 6, 6, 6 starts a year nationwide; {PROFILES}"),
    Row(
        "sites",
        f"{KDDF_STAGES}; {DRUGS}",
        "backlog",
        "derived",
        f"applications 2024 (242, 67, 43, 17); assuming {a.FUNDABLE_SHARE:g} of them fundable, {FIELD_SHARES}, {PROFILES}",
        ("kddf 2024",),
    ),
    Row(
        "sites",
        f"{LATE_STAGES}; {DRUGS}",
        "backlog",
        "assumed",
        f"3, 2, 2 drug projects nationwide; {FIELD_SHARES}; {PROFILES}",
    ),
    Row("sites", "field=device", "backlog", "assumed", f"30, 10, 5, 3, 2, 2 projects nationwide; {PROFILES}"),
    Row(
        "sites",
        "",
        "inflow",
        "assumed",
        f"backlog x {a.INFLOW_SHARE:g} a year up to phase 3: private and earlier projects coming up",
    ),
    Row("sites", "", "cost_factor", "assumed", "1.05 in the capital region, else 0.95, less 3 % per level of strength"),
    Row(
        "sites",
        "",
        "success_factor",
        "assumed",
        "4 % per level at the stage, 3 % per level in the field, 3 % for trials at hospital clusters",
    ),
    Row("sites", "", "expansion_cost", "assumed", f"{a.EXPANSION_PER_COST:g} x cost of a project at the site"),
    Row("sites", "", "expansion_limit", "assumed", "capacity may double"),
]

LINKS_AND_RULES: Final = [
    Row(
        "links",
        "",
        "retention",
        "assumed",
        "inside 0.95, less where the chain is thin; between 0.95 - 0.0006 per km of great circle",
    ),
    Row("links", "", "capacity", "assumed", "no published programme figures at hand"),
    Row("links", "", "transfer_cost", "assumed", "0.5 + 0.002 per km"),
    Row("links", "", "expansion_cost", "assumed", "round number"),
    Row("links", "", "expansion_limit", "assumed", "twice the capacity may be added"),
    Row("mandates", "", "stage", "assumed", "a reading of what the ministries do, not of their statutes"),
    Row(
        "similarity",
        "",
        "similarity",
        "derived",
        f"cosine of activity over niches, below {a.MIN_SIMILARITY:g} left out; assuming {PROFILES}; staff figures in part of grade C",
    ),
    Row("rules", "", "value", "assumed", "examples of planning rules, not existing ones"),
    Row("rules", "", "price", "assumed", "half a won per won short"),
    Row(
        "scenarios", "", "", "assumed", "stories of what may come true, to try plans on; no forecast, no published odds"
    ),
]

MONEY: Final = [
    Row(
        "budget",
        "funder=mss",
        "amount",
        "assumed",
        "PLACEHOLDER: the bio budget of the Ministry of SMEs and Startups was NOT FOUND",
    ),
    Row(
        "baseline",
        "",
        "amount",
        "derived",
        "funders by budget; stages by government new-drug R&D 2021 (160.5, 76.4, 80.4; infrastructure 150.1 and other 43.4 removed), approval and manufacturing by the national programme's commercialisation support (141.6 of 1474.7); sites by activity x project cost; assuming the same every year, the mandates and the levels",
        ("new drug 2021", "kddf programme"),
    ),
]


def designations() -> list[Row]:
    """One row per cluster with a designation year."""
    known = facts.CLUSTERS.dropna(subset=["designated"])
    return [
        Row(
            "clusters",
            f"cluster={row.cluster}",
            "designated",
            "published",
            f"year of the designation as {kind}",
            (row.source,),
        )
        for row, kind in zip(known.itertuples(), a.PROFILES.loc[known["cluster"], "kind"], strict=True)
    ]


def activities() -> list[Row]:
    """One row per cluster: its published size, grade and the way to bio staff."""
    formulas = {
        "employees": "as staff",
        "output": "KRW bn, / national output per employee 2022 (23465.7 / 61152)",
        "firms": "firms x median staff per firm of seven clusters",
        "half_firms": "firms, half of them, x median staff per firm of seven clusters",
        "all_employees": "staff x 14.4 %, the share of BT firms in Pangyo",
    }
    rows = []
    for size in facts.SIZES.itertuples():
        where = f"cluster={size.cluster}"
        if size.measure == "not_found":
            text = f"NOT FOUND; {a.SIHEUNG_EMPLOYEES:g} staff as a placeholder, spread by {PROFILES}"
            rows.append(Row("sites", where, "activity", "assumed", text))
            continue
        text = (
            f"{size.figure} ({size.year}, {size.scope}, grade {size.grade}), {formulas[size.measure]}, over niches by level "
            f"products; assuming {PROFILES}"
        )
        rows.append(Row("sites", where, "activity", "derived", text, (size.source,)))
    return rows


def budgets(years: range) -> list[Row]:
    """Rows per funder: the published budgets before and in the first year, and the years carried forward."""
    part = "x 598.5 / 1469.0 (new-drug R&D over the five ministries' health R&D, 2023); assuming that part is value-chain money"
    rows = []
    for funder, amounts in facts.HEALTH_RND.iterrows():
        for year in (years[0] - 1, years[0]):
            where, keys = f"funder={funder}; year={year}", (f"budget {year}", "health rnd 2023", "new drug 2023")
            rows.append(Row("budget", where, "amount", "derived", f"published {amounts[f'y{year}']} {part}", keys))
        later = "|".join(str(year) for year in years[1:])
        rows.append(
            Row("budget", f"funder={funder}; year={later}", "amount", "assumed", "2026 carried forward unchanged")
        )
    return rows


def sources(years: range) -> pd.DataFrame:
    """Return the table for a horizon, with years and addresses of the publications."""
    rows = [
        *SETTINGS,
        *CLUSTERS,
        *designations(),
        *CHAIN,
        *SITES,
        *activities(),
        *LINKS_AND_RULES,
        *budgets(years),
        *MONEY,
    ]
    table = pd.DataFrame(rows)
    for column, place in (("year", 0), ("url", 1)):
        table[column] = [" ; ".join(facts.URLS[key][place] for key in keys).strip(" ;") for keys in table["keys"]]
    return table.drop(columns="keys")
