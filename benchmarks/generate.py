"""Draw case folders of any size, with every mechanism of the formulation, from a seed.

The same arguments always write the same bytes. Every table draws from its own stream of random numbers and
is drawn whole before columns are left out, so that leaving a mechanism out changes nothing else.

A drawn case is feasible whatever its size: spending nothing breaks no hard rule, since floors on amounts are priced and
only shares and ceilings are hard.
"""

import argparse
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from enum import StrEnum, auto
from pathlib import Path

import numpy as np
import pandas as pd

FIRST_YEAR = 2026
REGIONS = ("capital", "north", "east", "south", "west")
LINKS_PER_CLUSTER = 4
BUDGET_SHARE = 0.12
"""Yearly budget as a share of what all sites cost at full capacity: scarce, so that there is something to decide."""


class Mechanism(StrEnum):
    """A part of the formulation that a case may leave out."""

    CARRY_OVER = auto()
    CROWD_IN = auto()
    DECAY = auto()
    DEMAND = auto()
    DURATIONS = auto()
    EXPANSIONS = auto()
    FEEDBACK = auto()
    LINKS = auto()
    MANDATES = auto()
    NICHES = auto()
    OVERLAP = auto()
    PRIVATE_CAPS = auto()
    RULES = auto()
    SIMILARITY = auto()
    SPECIALIZATION = auto()
    TRANCHES = auto()


ALL = frozenset(Mechanism)


@dataclass(frozen=True)
class Size:
    """How many of each; every cluster hosts every stage of every field."""

    clusters: int
    stages: int
    fields: int
    years: int
    funders: int


SIZES = {
    "S": Size(clusters=4, stages=4, fields=2, years=6, funders=2),
    "M": Size(clusters=16, stages=6, fields=6, years=10, funders=3),
    "L": Size(clusters=36, stages=8, fields=12, years=15, funders=4),
    "XL": Size(clusters=44, stages=8, fields=12, years=17, funders=4),
}
"""About 2,200, 74,000, 720,000 and a million columns."""
LADDER = {
    "2k": SIZES["S"],
    "10k": Size(clusters=8, stages=5, fields=4, years=6, funders=3),
    "30k": Size(clusters=12, stages=6, fields=4, years=8, funders=3),
    "74k": SIZES["M"],
    "240k": Size(clusters=24, stages=8, fields=8, years=11, funders=4),
    "720k": SIZES["L"],
    "1m": SIZES["XL"],
}
"""Sizes by their columns, roughly."""


class Draw:
    """What a table is drawn from: the names, and a stream of random numbers of its own."""

    def __init__(self, size: Size, random: np.random.Generator) -> None:
        self.size = size
        self.random = random
        self.clusters = _names("c", size.clusters)
        self.stages = _names("s", size.stages)
        self.fields = _names("f", size.fields)
        self.funders = _names("m", size.funders)
        self.years = np.arange(FIRST_YEAR, FIRST_YEAR + size.years)

    def between(self, low: float, high: float, count: int, digits: int = 2) -> np.ndarray:
        """Draw rounded numbers, as a person would write them."""
        return self.random.uniform(low, high, count).round(digits)

    def blanked(self, values: np.ndarray, share: float) -> np.ndarray:
        """Leave a share of the cells blank, so that their defaults hold."""
        return np.where(self.random.random(len(values)) < share, np.nan, values)


def _names(prefix: str, count: int) -> np.ndarray:
    """Names that sort in their order, such as `c00`."""
    return np.array([f"{prefix}{number:0{len(str(count - 1))}d}" for number in range(count)])


def write_case(  # noqa: PLR0913 - the five counts are what a caller varies one at a time
    folder: str | Path,
    *,
    seed: int,
    clusters: int,
    stages: int,
    fields: int,
    years: int,
    funders: int,
    mechanisms: Collection[Mechanism | str] = ALL,
) -> Path:
    """Write a case folder and return its path."""
    size = Size(clusters, stages, fields, years, funders)
    chosen = frozenset(map(Mechanism, mechanisms))
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    streams = np.random.SeedSequence(seed).spawn(len(_TABLES))
    for (name, (table, needed)), stream in zip(_TABLES.items(), streams, strict=True):
        path = folder / f"{name}.csv"
        path.unlink(missing_ok=True)  # a table of an earlier case would become part of this one
        if needed is None or needed in chosen:
            frame = table(Draw(size, np.random.default_rng(stream)))
            unwanted = [column for column in frame if _COLUMNS.get(str(column)) not in {None, *chosen}]
            frame.drop(columns=unwanted).to_csv(path, index=False, lineterminator="\n")
    settings = _settings(f"generated-{seed}", size, chosen)
    (folder / "case.toml").write_text(settings, encoding="utf-8", newline="\n")
    return folder


def _settings(name: str, size: Size, chosen: frozenset[Mechanism]) -> str:
    def either(mechanism: Mechanism, value: object, without: object = 0) -> object:
        return value if mechanism in chosen else without

    return f"""\
[case]
name = "{name}"
currency = "KRW bn"
first_year = {FIRST_YEAR}
last_year = {FIRST_YEAR + size.years - 1}
discount_rate = 0.045

[value]
saturation = 0.3
terminal_weight = 0.8

[funding]
carry_over = {either(Mechanism.CARRY_OVER, 0.1)}
reinvestment = {either(Mechanism.PRIVATE_CAPS, 0.05)}

[overlap]
between_clusters = {either(Mechanism.OVERLAP, 0.1)}
between_funders = {either(Mechanism.OVERLAP, 0.05)}
method = "fixed"

[specialization]
by = "field"
quotient = 1.1
min_share = {either(Mechanism.SPECIALIZATION, 0.5)}

[diminishing_returns]
tranches = {either(Mechanism.TRANCHES, "[[0.5, 1.0], [0.3, 1.25], [0.2, 1.6]]", "[[1.0, 1.0]]")}
"""


def _clusters(draw: Draw) -> pd.DataFrame:
    count = draw.size.clusters
    frame = pd.DataFrame({"cluster": draw.clusters, "region": np.resize(REGIONS, count)})
    frame["grade"] = draw.random.choice(["a", "b", ""], count)
    frame["private_cap"] = draw.blanked(draw.between(10, 60, count, 0) * draw.size.fields, 0.4)
    return frame


def _stages(draw: Draw) -> pd.DataFrame:
    count = draw.size.stages
    frame = pd.DataFrame({"stage": draw.stages, "cost": _typical_costs(count)})
    frame["success_rate"] = draw.between(0.55, 0.9, count)
    frame["duration"] = draw.random.choice([0.0, 0.5, 1.0, 1.5, 2.0, 2.25], count)
    frame["decay"] = draw.random.choice([0.0, 0.1, 0.2, 0.35], count)
    frame["crowd_in"] = np.linspace(0.2, 1.0, count).round(2)
    frame["feedback"] = draw.random.choice([0.0, 0.05, 0.2], count)
    frame["track"] = np.where(np.arange(count) < count // 2, "early", "late")
    return frame


def _typical_costs(count: int) -> np.ndarray:
    """Each step of the chain costs about twice the one before, from 3 to 75."""
    return np.geomspace(3, 75, count).round(1)


def _fields(draw: Draw) -> pd.DataFrame:
    count = draw.size.fields
    frame = pd.DataFrame({"field": draw.fields, "value": draw.between(500, 1500, count, 0)})
    frame["demand"] = draw.blanked(draw.between(0.05, 0.35, count) * draw.size.clusters, 0.3).round(2)
    frame["kind"] = draw.random.choice(["drug", "device"], count)
    return frame


def _niches(draw: Draw) -> pd.DataFrame:
    frame = pd.MultiIndex.from_product([draw.stages, draw.fields], names=["stage", "field"]).to_frame(index=False)
    count = len(frame)
    cost = np.repeat(_typical_costs(draw.size.stages), draw.size.fields) * draw.random.uniform(0.7, 1.4, count)
    frame["cost"] = draw.blanked(cost.round(1), 0.2)
    frame["success_rate"] = draw.blanked(draw.between(0.5, 0.95, count), 0.2)
    frame["duration"] = draw.blanked(draw.random.choice([0.5, 1.0, 1.5, 2.5], count), 0.7)
    return frame[draw.random.random(count) < 0.4]


def _sites(draw: Draw) -> pd.DataFrame:
    keys = pd.MultiIndex.from_product([draw.clusters, draw.stages, draw.fields], names=["cluster", "stage", "field"])
    frame, count = keys.to_frame(index=False), len(keys)
    first = (frame["stage"] == draw.stages[0]).to_numpy()
    frame["capacity"] = draw.blanked(draw.between(0.5, 6, count), 0.05)
    frame["cost_factor"] = draw.between(0.8, 1.3, count, 3)
    frame["success_factor"] = draw.between(0.7, 1.25, count, 3)
    frame["backlog"] = draw.between(0, 5, count)
    frame["inflow"] = np.where(first, draw.between(0.5, 4, count), draw.blanked(draw.between(0.1, 1, count), 0.7))
    frame["activity"] = draw.random.gamma(0.8, 12, count).round(0)
    frame["specialized"] = draw.random.choice(["", "true", "false"], count, p=[0.85, 0.08, 0.07])
    frame["expansion_cost"] = draw.blanked(draw.between(4, 40, count), 0.6)
    frame["expansion_limit"] = draw.blanked(draw.between(0.5, 3, count), 0.5)
    return frame


def _links(draw: Draw) -> pd.DataFrame:
    """Ways between clusters, a few for one stage only and beside another; inside clusters the defaults hold."""
    count = draw.size.clusters
    first, second = np.nonzero(~np.eye(count, dtype=bool))
    chosen = draw.random.choice(max(1, len(first)), min(LINKS_PER_CLUSTER * count, len(first)), replace=False)
    chosen.sort()
    every = pd.DataFrame(
        {"origin": draw.clusters[first[chosen]], "destination": draw.clusters[second[chosen]], "stage": ""}
    )
    passable = draw.stages[: max(1, draw.size.stages - 1)]
    single = every.sample(frac=0.1, random_state=draw.random).assign(
        stage=lambda rows: draw.random.choice(passable, len(rows))
    )
    frame = pd.concat([every, single], ignore_index=True)
    rows = len(frame)
    frame["retention"] = draw.between(0.6, 1, rows)
    frame["capacity"] = draw.blanked(draw.between(0.2, 3, rows), 0.1)
    frame["transfer_cost"] = draw.between(0.1, 2.5, rows)
    frame["expansion_cost"] = draw.blanked(draw.between(2, 10, rows), 0.6)
    frame["expansion_limit"] = draw.blanked(draw.between(0.5, 3, rows), 0.5)
    return frame


def _budget(draw: Draw) -> pd.DataFrame:
    keys = pd.MultiIndex.from_product([draw.funders, draw.years], names=["funder", "year"])
    frame = keys.to_frame(index=False)
    usual = _usual_budget(draw.size) / draw.size.funders
    frame["amount"] = (usual * draw.random.uniform(0.7, 1.3, len(frame))).round(1)
    return frame


def _usual_budget(size: Size) -> float:
    """All funders' money of one year."""
    typical_capacity = 3.25
    return float(BUDGET_SHARE * typical_capacity * _typical_costs(size.stages).sum() * size.clusters * size.fields)


def _mandates(draw: Draw) -> pd.DataFrame:
    """Mostly open: the last funder alone is bound, to links and to all stages but the first."""
    admitted = [*draw.stages[1:], "link"]
    return pd.DataFrame({"funder": draw.funders[-1], "cluster": "", "stage": admitted, "field": ""})


def _similarity(draw: Draw) -> pd.DataFrame:
    first, second = np.triu_indices(draw.size.clusters, k=1)
    alike = draw.between(0.1, 1, len(first))
    frame = pd.DataFrame({"cluster_a": draw.clusters[first], "cluster_b": draw.clusters[second], "similarity": alike})
    return frame[draw.random.random(len(frame)) < 0.6]


def _rules(draw: Draw) -> pd.DataFrame:
    """Hard shares and ceilings, which a plan that spends nothing keeps, and priced floors."""
    niches, usual = draw.size.clusters * draw.size.fields, _usual_budget(draw.size)
    outside, first = "region=" + "|".join(REGIONS[1:]), f"funder={draw.funders[0]}"
    ceiling, floor = round(1.5 * usual / draw.size.clusters), round(0.5 * usual)
    launches = 0.25 * draw.size.clusters * draw.size.years
    columns = ["rule", "where", "measure", "sense", "kind", "value", "of", "per", "price"]
    rows = [
        ("outside the capital", outside, "spend", "at_least", "share", 0.85, "", "year", None),
        ("early stages", "track=early", "spend", "at_least", "share", 0.25, "", "year", None),
        ("first funder", first, "spend", "at_most", "share", 0.35, "", "field", None),
        ("cluster ceiling", "", "spend", "at_most", "amount", ceiling, "", "cluster|year", None),
        ("start ceiling", "track=late", "starts", "at_most", "amount", 0.8 * niches, "", "year", None),
        ("grade floor", "grade=a", "spend", "at_least", "amount", floor, "", "year", 1.5),
        ("launch floor", "", "launches", "at_least", "amount", launches, "", "field", 20),
        ("drugs", "kind=drug", "spend", "at_least", "share", 0.5, "kind=drug|device", "cluster", 0.5),
    ]
    return pd.DataFrame(rows, columns=columns)


_COLUMNS = {
    "private_cap": Mechanism.PRIVATE_CAPS,
    "duration": Mechanism.DURATIONS,
    "decay": Mechanism.DECAY,
    "crowd_in": Mechanism.CROWD_IN,
    "feedback": Mechanism.FEEDBACK,
    "demand": Mechanism.DEMAND,
    "specialized": Mechanism.SPECIALIZATION,
    "expansion_cost": Mechanism.EXPANSIONS,
    "expansion_limit": Mechanism.EXPANSIONS,
}
"""Columns that belong to a mechanism; the others are always written."""

_TABLES: dict[str, tuple[Callable[[Draw], pd.DataFrame], Mechanism | None]] = {
    "clusters": (_clusters, None),
    "stages": (_stages, None),
    "fields": (_fields, None),
    "niches": (_niches, Mechanism.NICHES),
    "sites": (_sites, None),
    "links": (_links, Mechanism.LINKS),
    "budget": (_budget, None),
    "mandates": (_mandates, Mechanism.MANDATES),
    "similarity": (_similarity, Mechanism.SIMILARITY),
    "rules": (_rules, Mechanism.RULES),
}
"""How each table is drawn, and the mechanism it belongs to; the order fixes the streams of random numbers."""


def main() -> None:
    """Write one case of a named size."""
    parser = argparse.ArgumentParser(description="Draw a case folder of a named size from a seed.")
    parser.add_argument("folder")
    parser.add_argument("--size", choices=SIZES, default="M")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    print(write_case(arguments.folder, seed=arguments.seed, **asdict(SIZES[arguments.size])))


if __name__ == "__main__":
    main()
