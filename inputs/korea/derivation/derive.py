"""Write the tables of the Korea case: ``python inputs/korea/derivation/derive.py``, from anywhere.

``facts.py`` holds what was published, ``assumptions.py`` what is assumed, ``provenance.py`` says for every figure which
of the two it is; this file holds the formulas. The same inputs always give the same files. The case is the written CSV
files: edit them directly for a what-if, or change a base figure and run this again (it overwrites them).
"""

import tomllib
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Any, Final

import assumptions as a
import facts
import pandas as pd
import provenance

FOLDER: Final = Path(__file__).parent.parent
CASE: Final = tomllib.loads((FOLDER / "case.toml").read_text(encoding="utf-8"))["case"]
YEARS: Final = range(CASE["first_year"], CASE["last_year"] + 1)
STAGES: Final = tuple(a.STAGES["stage"])
FIELDS: Final = tuple(a.FIELDS["field"])
DRUGS: Final = tuple(field for field in FIELDS if field != "device")
SITE: Final = ["cluster", "stage", "field"]
PASS_THROUGH: Final = ("phase2", "device")
EARTH_RADIUS_KM: Final = 6371.0


def krw_bn(usd_m: float) -> float:
    """Cost in Korea: published USD m x won per dollar x Korean cost level."""
    return usd_m * a.KRW_BN_PER_USD_M * a.COST_LEVEL


def national_scale() -> float:
    """Return yearly government new-drug R&D over the national programme's: what one selected project stands for."""
    return facts.NEW_DRUG_RND_2023 / (facts.KDDF_NATIONAL_2021_2030 / 10)


def bio_staff() -> pd.Series:
    """Bio staff of each cluster, from the one published size it has.

    employees            as published
    output, sales        figure / national output per employee 2022
    firms                figure x median staff per firm of the seven clusters with both figures
    half_firms           the same for half of a province's firms (Jeongeup and Iksan share Jeonbuk)
    all_employees        figure x share of BT firms in Pangyo
    not_found            assumed
    """
    per_firm = float((facts.STAFF_AND_FIRMS["employees"] / facts.STAFF_AND_FIRMS["firms"]).median())
    factor = {
        "employees": 1.0,
        "output": facts.NATIONAL_EMPLOYEES_2022 / facts.NATIONAL_OUTPUT_2022,
        "firms": per_firm,
        "half_firms": per_firm / 2,
        "all_employees": facts.PANGYO_BT_SHARE_2021,
        "not_found": 1.0,
    }
    figures = facts.SIZES.set_index("cluster")["figure"].astype(float).fillna(a.SIHEUNG_EMPLOYEES)
    return figures * facts.SIZES.set_index("cluster")["measure"].map(factor).astype(float)


def clusters() -> pd.DataFrame:
    """``private_cap``: company investment 2022 x assumed part x the cluster's share of bio staff."""
    staff = bio_staff()
    cap = (facts.COMPANY_INVESTMENT_2022 * a.PRIVATE_SHARE * staff / staff.sum()).round(1)
    table = facts.CLUSTERS.join(a.PROFILES[["kind", "anchor"]], on="cluster")
    table["private_cap"] = table["cluster"].map(cap)
    korean = {"region": facts.REGIONS_KO, "province": facts.PROVINCES_KO, "kind": a.KINDS_KO, "anchor": a.ANCHORS_KO}
    for column, names in korean.items():
        table[f"{column}_ko"] = table[column].map(names)
    columns = ["cluster", "name", "name_ko", "region", "region_ko", "province", "province_ko", "latitude", "longitude"]
    return table[[*columns, "private_cap", "capital", "kind", "kind_ko", "anchor", "anchor_ko", "designated"]]


def stages() -> pd.DataFrame:
    """Paul 2010; three steps are one discovery stage, the launch step is split into approval and manufacturing.

    discovery  success = product of the three; cost = cost per start, later steps weighted by reaching them
    crowd_in   private per national money in the national new-drug programme, where not assumed
    """
    steps = facts.PAUL_2010
    rates, costs, years = steps["success_rate"], steps["cost_usd_m"], steps["years"]
    hit, lead, candidate = ("target_to_hit", "hit_to_lead", "lead_optimisation")
    table = a.STAGES.set_index("stage").astype({"crowd_in": float})
    direct = ["preclinical", *a.CLINICAL]
    launch_cost, split = costs["launch"], a.APPROVAL_SHARE_OF_LAUNCH_COST
    usd_m = {
        "discovery": costs[hit] + rates[hit] * (costs[lead] + rates[lead] * costs[candidate]),
        **costs[direct].to_dict(),
        "approval": launch_cost * split,
        "manufacturing": launch_cost * (1 - split),
    }
    table["cost"] = pd.Series({stage: round(krw_bn(cost), 3) for stage, cost in usd_m.items()})
    table["success_rate"] = pd.Series(
        {
            "discovery": round(rates[hit] * rates[lead] * rates[candidate], 4),
            **rates[direct].to_dict(),
            "approval": rates["launch"],
            "manufacturing": 1.0,
        }
    )
    table["duration"] = pd.Series(
        {
            "discovery": years[[hit, lead, candidate]].sum(),
            **years[direct].to_dict(),
            "approval": a.APPROVAL_YEARS,
            "manufacturing": years["launch"] - a.APPROVAL_YEARS,
        }
    )
    match = {stage: facts.KDDF_MATCH["clinical" if stage in a.CLINICAL else stage] for stage in [*direct, "approval"]}
    table["crowd_in"] = table["crowd_in"].fillna(pd.Series(match)).round(2)
    columns = ["stage", "name", "name_ko", "cost", "success_rate", "duration", "decay", "crowd_in", "feedback"]
    return table.reset_index()[columns]


def fields() -> pd.DataFrame:
    """``value``: forecast peak sales x years of them x margin x won per dollar x the field's factor."""
    base = facts.PEAK_SALES_2024_USD_M * a.FULL_SALES_YEARS * a.PROFIT_MARGIN * a.KRW_BN_PER_USD_M
    table = a.FIELDS.assign(value=(base * a.FIELDS["value_factor"]).round(0))
    return table[["field", "name", "name_ko", "value", "demand"]]


def niches() -> pd.DataFrame:
    """List what differs from the stage: success by modality, durations of vaccines and cell-gene, all of devices."""
    bio, stage_years = facts.BIO_2021, stages().set_index("stage")["duration"]
    steps = [*a.CLINICAL, "approval"]
    counts = dict(zip(steps, ("n1", "n2", "n3", "n4"), strict=True))
    advanced = bio.loc[["CAR-T", "gene therapy"]]
    observed = {
        "small-molecule": bio.loc["small molecule"],
        "biologics": bio.loc["monoclonal antibody"],
        "cell-gene": advanced.sum(),
        "vaccine": bio.loc["vaccine"],
    }
    rates = {
        "small-molecule": bio.loc["small molecule", steps],
        "biologics": bio.loc["monoclonal antibody", steps],
        "cell-gene": pd.Series({s: (advanced[s] * advanced[n]).sum() / advanced[n].sum() for s, n in counts.items()}),
        "vaccine": bio.loc["vaccine", steps],
    }
    years = facts.BIO_2021_YEARS
    areas = {"cell-gene": "oncology", "vaccine": "infectious disease"}
    rows: list[dict[str, Any]] = []
    for field, by_stage in rates.items():
        for stage in steps:
            row = {"stage": stage, "field": field, "success_rate": round(float(by_stage[stage]), 3)}
            row["trials"] = int(observed[field][counts[stage]])
            if field in areas:
                relative = years.loc[areas[field], stage] / years.loc["all indications", stage]
                row["duration"] = round(float(stage_years[stage] * relative), 2)
            rows.append(row)
    median = float(pd.Series(facts.VACCINE_PRECLINICAL).median())
    rows.append({"stage": "preclinical", "field": "vaccine", "success_rate": median})
    clinical = facts.SERTKAYA_CLINICAL_USD_M
    published_cost = {
        "preclinical": facts.SERTKAYA_NONCLINICAL_USD_M,
        "phase1": clinical * a.FEASIBILITY_SHARE,
        "phase3": clinical * (1 - a.FEASIBILITY_SHARE),
    }
    device = a.DEVICE.astype(float)
    device["cost"] = device["cost_usd_m"].fillna(pd.Series(published_cost)).map(krw_bn).round(3)
    device["success_rate"] = device["success_rate"].fillna(pd.Series(facts.SERTKAYA_2022))
    device = device.rename(columns={"years": "duration"}).assign(field="device").reset_index()
    table = pd.concat([pd.DataFrame(rows), device])
    order = table["field"].map(FIELDS.index) * len(STAGES) + table["stage"].map(STAGES.index)
    table = table.assign(order=order, trials=table["trials"].astype("Int64")).sort_values("order")
    return table[["stage", "field", "cost", "success_rate", "trials", "duration"]]


def national(kind: str) -> dict[tuple[str, str], float]:
    """Return starts a year (``capacity``) or projects at the beginning (``waiting``) of each niche, nationwide.

    drugs, discovery to phase 2   capacity = selected projects 2024 x national scale; waiting = applications 2024 x
                                  fundable share; both spread over the four drug fields by assumed shares
    everything else               assumed
    """
    drug = a.NATIONAL[f"drug_{kind}"].astype(float)
    if kind == "capacity":
        drug = drug.fillna(pd.Series(facts.KDDF_SELECTED_2024) * national_scale())
    else:
        drug = drug.fillna(pd.Series(facts.KDDF_APPLICATIONS_2024) * a.FUNDABLE_SHARE)
    shares = a.FIELDS.set_index("field")["share"]
    figures = {(stage, field): float(drug[stage] * shares[field]) for stage in STAGES for field in DRUGS}
    device = a.NATIONAL[f"device_{kind}"].dropna()
    return figures | {(str(stage), "device"): float(figure) for stage, figure in device.items()}


def sites() -> pd.DataFrame:
    """Every (stage, field) in which a cluster's profile has both levels above 0.

    activity         bio staff of the cluster, spread by stage level x field level
    capacity,        national figure of the niche, spread over its sites by stage level x field level x square root of
    backlog          bio staff: a small dense zone counts for more than its headcount
    inflow           backlog x inflow share, up to phase 3
    cost_factor      (1.05 in the capital region, else 0.95) x (1 - 0.03 per stage level above 1)
    success_factor   1 + 0.04 (stage level - 2) + 0.03 (field level - 2) + 0.03 at the trials of hospital clusters
    expansion        from stage level 2 on: a start a year more costs 2 projects; capacity may double
    """
    staff, niche_cost = bio_staff(), costs_by_niche()
    rows: list[dict[str, Any]] = []
    for (cluster, profile), capital in zip(a.PROFILES.iterrows(), facts.CLUSTERS["capital"], strict=True):
        for stage in STAGES:
            for field in FIELDS:
                strength, focus = int(profile[stage]), int(profile[field])
                if not strength * focus:
                    continue
                row: dict[str, Any] = {"cluster": cluster, "stage": stage, "field": field}
                if (stage, field) != PASS_THROUGH:
                    trials = profile["anchor"] == "university-hospital" and stage in a.CLINICAL
                    row["weight"] = strength * focus
                    row["strength"] = strength
                    row["cost_factor"] = (1.05 if capital == "yes" else 0.95) * (1 - 0.03 * (strength - 1))
                    row["success_factor"] = 1 + 0.04 * (strength - 2) + 0.03 * (focus - 2) + 0.03 * trials
                rows.append(row)
    table = pd.DataFrame(rows)
    size, profile_sum = table["cluster"].map(staff), table.groupby("cluster")["weight"].transform("sum")
    table["activity"] = (table["weight"] / profile_sum * size).round(1)
    pull = table["weight"] * size.pow(0.5)
    part = pull / pull.groupby([table["stage"], table["field"]]).transform("sum")
    niche = pd.Series(list(zip(table["stage"], table["field"], strict=True)))
    table["capacity"] = part * niche.map(national("capacity"))
    table["backlog"] = part * niche.map(national("waiting"))
    table["inflow"] = table["backlog"] * a.INFLOW_SHARE * ~table["stage"].isin(["approval", "manufacturing"])
    expands = table["strength"] > 1
    table["expansion_cost"] = (niche.map(niche_cost) * table["cost_factor"] * a.EXPANSION_PER_COST).where(expands)
    table["expansion_limit"] = table["capacity"].where(expands)
    columns = ["capacity", "cost_factor", "success_factor", "backlog", "inflow", "activity"]
    return table[[*SITE, *columns, "expansion_cost", "expansion_limit"]].round(3)


def costs_by_niche() -> dict[tuple[str, str], float]:
    """Cost of a project in each niche: the niche's, else the stage's."""
    by_stage = stages().set_index("stage")["cost"]
    own = niches().set_index(["stage", "field"])["cost"].dropna().to_dict()
    return {(stage, field): own.get((stage, field), by_stage[stage]) for stage in STAGES for field in FIELDS}


def distance_km(origin: pd.Series, destination: pd.Series) -> float:
    """Great-circle distance (haversine) between two clusters."""
    north, south = radians(origin["latitude"]), radians(destination["latitude"])
    east = radians(destination["longitude"] - origin["longitude"])
    half = sin((south - north) / 2) ** 2 + cos(north) * cos(south) * sin(east / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(half))


def links() -> pd.DataFrame:
    """Links inside clusters, then linkage programmes.

    retention       inside: assumed; between: 0.95 - 0.0006 per km
    transfer_cost   0.5 + 0.002 per km
    """
    places = facts.CLUSTERS.set_index("cluster")[["latitude", "longitude"]].astype(float)
    inside = pd.DataFrame({"origin": places.index, "destination": places.index, "stage": ""})
    inside["retention"] = [a.WEAK_CHAINS.get(cluster, a.STRONG_CHAIN) for cluster in places.index]
    between = a.PROGRAMMES.copy()
    ends = between[["origin", "destination"]].to_numpy()
    km = pd.Series([distance_km(places.loc[origin], places.loc[destination]) for origin, destination in ends])
    between["retention"] = (a.RETENTION_NEAR - a.RETENTION_LOST_PER_KM * km).round(3)
    between["transfer_cost"] = (a.TRANSFER_COST_BASE + a.TRANSFER_COST_PER_KM * km).round(3)
    between["expansion_cost"] = a.LINK_EXPANSION_COST
    between["expansion_limit"] = 2 * between["capacity"]
    columns = ["retention", "capacity", "transfer_cost", "expansion_cost", "expansion_limit"]
    return pd.concat([inside, between])[["origin", "destination", "stage", *columns]]


def budget() -> pd.DataFrame:
    """Carry 2026 forward: published health R&D budget x the part that is value-chain money; MSS assumed.

    The part is government new-drug R&D over the five ministries' health R&D, both 2023.
    """
    part = facts.NEW_DRUG_RND_2023 / facts.HEALTH_RND_TOTAL_2023
    rows: list[tuple[str, int, float]] = []
    for funder, published in facts.HEALTH_RND.iterrows():
        rows.append((str(funder), CASE["first_year"] - 1, round(float(published["y2025"]) * part, 1)))
        rows += [(str(funder), year, round(float(published["y2026"]) * part, 1)) for year in YEARS]
    rows += [("mss", year, a.MSS_BUDGET) for year in YEARS]
    return pd.DataFrame(rows, columns=["funder", "year", "amount"])


def similarity(site_table: pd.DataFrame) -> pd.DataFrame:
    """Cosine of two clusters' activity over all niches; below the threshold 0 and left out."""
    names = list(a.PROFILES.index)
    profile = site_table.pivot_table(index="cluster", columns=["stage", "field"], values="activity", fill_value=0.0)
    levels = profile.loc[names].to_numpy()
    unit = levels / ((levels**2).sum(axis=1, keepdims=True)) ** 0.5
    cosine = (unit @ unit.T).round(2)
    pairs = [(one, other, cosine[i, j]) for i, one in enumerate(names) for j, other in enumerate(names) if i < j]
    table = pd.DataFrame(pairs, columns=["cluster_a", "cluster_b", "similarity"])
    return table[table["similarity"] >= a.MIN_SIMILARITY]


def rules(budget_table: pd.DataFrame) -> pd.DataFrame:
    """Rules as assumed; the cluster cap is an amount, since a share of a cluster's own money would be no cap."""
    columns = ["rule", "name_ko", "enabled", "where", "measure", "sense", "kind", "value", "of", "per", "price"]
    columns += ["note", "note_ko"]
    table = pd.DataFrame([{"enabled": "true", "measure": "spend"} | rule for rule in a.RULES], columns=columns)
    yearly = budget_table.loc[budget_table["year"].eq(CASE["first_year"]), "amount"].sum()
    table["value"] = table["value"].fillna(round(a.CLUSTER_CAP_SHARE * yearly))
    return table


def admitted(site_table: pd.DataFrame) -> pd.DataFrame:
    """Every (funder, site) that some row of the mandates admits."""
    matches = site_table.merge(a.MANDATES, how="cross", suffixes=("", "_mandate"))
    fits = pd.Series(data=True, index=matches.index)
    for column in SITE:
        wanted = matches[f"{column}_mandate"]
        fits &= (wanted.isna() | (wanted == matches[column])).astype(bool)
    return matches.loc[fits, ["funder", *SITE, "activity"]].drop_duplicates(["funder", *SITE])


def stage_split() -> pd.Series:
    """Today's split over groups of stages: government new-drug R&D 2021 without infrastructure and other.

    It says nothing of approval and manufacturing; they get commercialisation support's part of the national programme.
    """
    split = pd.Series(facts.NEW_DRUG_RND_2021)
    launch = facts.KDDF_NATIONAL_COMMERCIALISATION / facts.KDDF_NATIONAL_2021_2030
    return pd.concat([split / split.sum() * (1 - launch), pd.Series({"launch": launch})])


def baseline(site_table: pd.DataFrame, budget_table: pd.DataFrame) -> pd.DataFrame:
    """Carry today forward: funders by budget, stages by today's split, sites by activity x project cost.

    Begins with activity x project cost at the admitted sites and is scaled in turn to the split and to the budgets
    (iterative proportional fitting) until it rests; budgets are scaled last, so they hold exactly and the split as
    nearly as the mandates allow.
    """
    group = dict.fromkeys(a.CLINICAL, "clinical") | {"approval": "launch", "manufacturing": "launch"}
    year, cost = CASE["first_year"], costs_by_niche()
    budgets = budget_table[budget_table["year"].eq(year)].set_index("funder")["amount"]
    cells = admitted(site_table).query("activity > 0").copy()
    cells["group"] = cells["stage"].replace(group)
    cells["amount"] = cells["activity"] * [cost[niche] for niche in zip(cells["stage"], cells["field"], strict=True)]
    for _ in range(500):
        for column, target in (("group", stage_split() * budgets.sum()), ("funder", budgets)):
            cells["amount"] *= cells[column].map(target) / cells.groupby(column)["amount"].transform("sum")
    cells["amount"] = cells["amount"].round(3)
    gap = cells["funder"].map(budgets) - cells.groupby("funder")["amount"].transform("sum")
    largest = cells.groupby("funder")["amount"].idxmax()
    cells.loc[largest, "amount"] = (cells["amount"] + gap).loc[largest].round(3)
    every_year = cells[cells["amount"] > 0].sort_index().merge(pd.DataFrame({"year": list(YEARS)}), how="cross")
    return every_year[["funder", *SITE, "year", "amount"]].sort_values(["funder", "year"], kind="stable")


def benchmarks() -> pd.DataFrame:
    """Set the Korean of each text beside it; a blank where it is the same."""
    table, texts = facts.BENCHMARKS, ("cluster", "metric", "unit", "source")
    for column in texts:
        table = table.assign(**{f"{column}_ko": table[column].map(facts.BENCHMARKS_KO)})
    return table[
        [one for column in facts.BENCHMARKS for one in ((column, f"{column}_ko") if column in texts else (column,))]
    ]


def main() -> None:
    """Write every table beside this file."""
    site_table, budget_table = sites(), budget()
    tables = {
        "clusters": clusters(),
        "stages": stages(),
        "fields": fields(),
        "niches": niches(),
        "sites": site_table,
        "links": links(),
        "budget": budget_table,
        "funders": facts.FUNDERS,
        "mandates": a.MANDATES,
        "similarity": similarity(site_table),
        "rules": rules(budget_table),
        "baseline": baseline(site_table, budget_table),
        "scenarios": a.SCENARIOS,
        "benchmarks": benchmarks(),
    }
    tables["sources"] = provenance.sources(YEARS)
    for name, table in tables.items():
        table.to_csv(FOLDER / f"{name}.csv", index=False, encoding="utf-8", lineterminator="\n")


if __name__ == "__main__":
    main()
