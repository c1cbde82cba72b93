"""What ``case.toml`` says, section by section, with the defaults of FORMULATION section 2."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from optimizer.data.cells import NonNegative, Share, SpecializeBy, Text, Whole
from optimizer.language import sentence
from optimizer.options import OverlapMethod

LONGEST_HORIZON = 200
TRANCHES_FALL = sentence("the cost multipliers must not fall from one tranche to the next")
TRANCHES_SUM = sentence("the shares of capacity must add up to 1")
YEARS_TURNED = sentence("last_year must not be before first_year")
YEARS_MANY = sentence("the horizon is longer than 200 years")


class Section(BaseModel):
    """A section of ``case.toml``; unknown keys are faults."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class CaseSection(Section):
    """Name, money and horizon."""

    name: Text = Field(description="Name of the case.")
    currency: Text = Field(description="The one currency unit of the case, for example KRW bn.")
    first_year: Whole = Field(description="First year of the horizon.")
    last_year: Whole = Field(description="Last year of the horizon, included.")
    discount_rate: NonNegative = Field(0.0, description="Yearly discount rate r; weights are (1+r)^-(t-first_year).")

    @model_validator(mode="after")
    def _check_years(self) -> Self:
        if self.last_year < self.first_year:
            raise PydanticCustomError("last_year", YEARS_TURNED)
        if self.last_year - self.first_year >= LONGEST_HORIZON:
            raise PydanticCustomError("last_year", YEARS_MANY)
        return self


class ValueSection(Section):
    """Worth of launches and of what is still in the pipeline."""

    saturation: Share = Field(0.0, description="Worth of a launch beyond yearly demand, as a share of its value.")
    terminal_weight: NonNegative = Field(1.0, description="Weight of the pipeline's worth after the last year.")


class FundingSection(Section):
    """Money between years."""

    carry_over: Share = Field(0.0, description="Share of a yearly budget that may move to the next year.")
    reinvestment: NonNegative = Field(
        0.0, description="Share of last year's launch value that returns as private money."
    )


class OverlapSection(Section):
    """Price of paying twice."""

    between_clusters: NonNegative = Field(0.0, description="Penalty per unit of overlap between clusters.")
    between_funders: NonNegative = Field(0.0, description="Penalty per unit of overlap between funders.")
    method: OverlapMethod = Field(OverlapMethod.SEQUENTIAL, description="fixed, sequential or exact.")


class SpecializationSection(Section):
    """How much of a cluster's money goes to what it is strong in."""

    by: SpecializeBy = Field("niche", description="What location quotients are taken over: niche, stage or field.")
    quotient: NonNegative = Field(1.0, description="Quotient from which a cluster counts as specialised.")
    min_share: Share = Field(0.0, description="Least share of yearly public site spend for specialised sites.")


def _check_tranches(tranches: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    costs = [cost for _, cost in tranches]
    if costs != sorted(costs):
        raise PydanticCustomError("tranches", TRANCHES_FALL)
    if abs(sum(share for share, _ in tranches) - 1) > 1e-9:
        raise PydanticCustomError("tranches", TRANCHES_SUM)
    return tranches


class ReturnsSection(Section):
    """Rising cost towards full capacity."""

    tranches: Annotated[tuple[tuple[Share, NonNegative], ...], Field(min_length=1), AfterValidator(_check_tranches)] = (
        Field(((1.0, 1.0),), description="List of [share of capacity, cost multiplier].")
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
