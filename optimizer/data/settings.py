"""What ``case.toml`` says, section by section, with the defaults of FORMULATION section 2."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from optimizer.data.cells import (
    NEGATIVE,
    OUTSIDE_UNIT,
    Named,
    NonNegative,
    Share,
    SpecializeBy,
    Text,
    Whole,
    number,
)
from optimizer.language import sentence
from optimizer.options import OverlapMethod

LONGEST_HORIZON = 200
LASTING = frozenset({"name", "name_ko", "currency", "first_year", "last_year", "tranches"})
"""Keys that are no figures, or that other tables depend on: no change may touch them."""
NOT_TRANCHES = sentence("must be a list of pairs [share of capacity, cost multiplier] such as [[0.6, 1], [0.4, 1.3]]")
TRANCHES_FALL = sentence("the cost multipliers must not fall from one tranche to the next")
TRANCHES_SUM = sentence("the shares of capacity must add up to 1")
YEARS_TURNED = sentence("last_year must not be before first_year")
YEARS_MANY = sentence("the horizon is longer than 200 years")


def key(text: str, default: Any = ...) -> Any:
    """Describe one key: its sentence and its default (none: required)."""
    return Field(default, description=text)


class Section(BaseModel):
    """A section of ``case.toml``; unknown keys are faults."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class CaseSection(Section):
    """Name, money and horizon."""

    name: Named = key("Name of the case.")
    name_ko: Text = key("Name of the case in Korean, for reports.", "")
    currency: Named = key("The one currency unit of the case, for example KRW bn.")
    first_year: Whole = key("First year of the horizon.")
    last_year: Whole = key("Last year of the horizon, included.")
    discount_rate: NonNegative = key("Yearly discount rate r; weights are (1+r)^-(t-first_year).", 0.0)

    @model_validator(mode="after")
    def _check_years(self) -> Self:
        if self.last_year < self.first_year:
            raise PydanticCustomError("last_year", YEARS_TURNED)
        if self.last_year - self.first_year >= LONGEST_HORIZON:
            raise PydanticCustomError("last_year", YEARS_MANY)
        return self


class ValueSection(Section):
    """Worth of launches and of what is still in the pipeline."""

    saturation: Share = key("Worth of a launch beyond yearly demand, as a share of its value.", 0.0)
    terminal_weight: NonNegative = key("Weight of the pipeline's worth after the last year.", 1.0)


class FundingSection(Section):
    """Money between years."""

    carry_over: Share = key("Share of a yearly budget that may move to the next year.", 0.0)
    reinvestment: NonNegative = key("Share of last year's launch value that returns as private money.", 0.0)


class OverlapSection(Section):
    """Price of paying twice."""

    between_clusters: NonNegative = key("Penalty per unit of overlap between clusters.", 0.0)
    between_funders: NonNegative = key("Penalty per unit of overlap between funders.", 0.0)
    method: OverlapMethod = key("fixed, sequential or exact.", OverlapMethod.SEQUENTIAL)


class SpecializationSection(Section):
    """How much of a cluster's money goes to what it is strong in."""

    by: SpecializeBy = key("What location quotients are taken over: niche, stage or field.", "niche")
    quotient: NonNegative = key("Quotient from which a cluster counts as specialised.", 1.0)
    min_share: Share = key("Least share of yearly public site spend for specialised sites.", 0.0)


def _tranches(value: object) -> tuple[tuple[float, float], ...]:
    """Return a list of [share, multiplier] as pairs of numbers; raises a cell fault for anything else."""
    pairs = value if isinstance(value, list | tuple) else ()
    if not pairs or not all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in pairs):
        raise PydanticCustomError("tranches", NOT_TRANCHES)
    shares, costs = [number(share) for share, _ in pairs], [number(cost) for _, cost in pairs]
    if not all(0 <= share <= 1 for share in shares):
        raise PydanticCustomError("tranches", OUTSIDE_UNIT)
    if min(costs) < 0:
        raise PydanticCustomError("tranches", NEGATIVE)
    if costs != sorted(costs):
        raise PydanticCustomError("tranches", TRANCHES_FALL)
    if abs(sum(shares) - 1) > 1e-9:
        raise PydanticCustomError("tranches", TRANCHES_SUM)
    return tuple(zip(shares, costs, strict=True))


class ReturnsSection(Section):
    """Rising cost towards full capacity."""

    tranches: Annotated[tuple[tuple[float, float], ...], BeforeValidator(_tranches)] = key(
        "List of [share of capacity, cost multiplier].", ((1.0, 1.0),)
    )


class Settings(Section):
    """All of ``case.toml``."""

    case: CaseSection
    value: ValueSection = ValueSection()
    funding: FundingSection = FundingSection()
    overlap: OverlapSection = OverlapSection()
    specialization: SpecializationSection = SpecializationSection()
    diminishing_returns: ReturnsSection = ReturnsSection()

    @property
    def years(self) -> range:
        """The years of the horizon."""
        return range(self.case.first_year, self.case.last_year + 1)


def changeable_keys(*, numbers: bool = False) -> tuple[str, ...]:
    """Return the dotted keys that changes may touch; with ``numbers``, only those that hold a number."""
    sections: dict[str, Any] = {name: part.annotation for name, part in Settings.model_fields.items()}
    return tuple(
        f"{name}.{key}"
        for name, section in sections.items()
        for key, field in section.model_fields.items()
        if key not in LASTING and (field.annotation is float or not numbers)
    )
