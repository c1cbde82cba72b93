"""Futures as users touch them: drawn at random, reduced to a few, and plans compared by their regret."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

import pandas as pd

from optimizer.analysis.sampling import Design, Draw, SampleSizes, ScenariosTables, Uncertainty, draw_futures
from optimizer.data.case import CaseTables
from optimizer.data.futures import Future, futures_frame
from optimizer.data.whole import write_whole_file
from optimizer.export.futures import ranges_chart
from optimizer.language import Language, Message
from optimizer.options import one_of


@dataclass(frozen=True, eq=False, repr=False)
class Scenarios(Sequence[Future]):
    """Futures of a case, drawn at random; a sequence of them. Made by :func:`sample_scenarios`.

    Attributes
    ----------
    found
        What was drawn.
    """

    found: ScenariosTables

    @property
    def futures(self) -> tuple[Future, ...]:
        """The futures: names, probabilities and changes of the case."""
        return self.found.futures

    @property
    def table(self) -> pd.DataFrame:
        """One line a future: ``scenario``, ``probability``, then every figure drawn: rates, and factors of all else."""
        return self.found.table

    @property
    def summary(self) -> pd.DataFrame:
        """What was drawn, one line each: the case's figure, the law around it, and what the futures came out to be.

        ``trials`` is what a success rate was counted from; ``mean`` and ``deviation`` are those of the law, of
        ``drawn_...`` those of the futures, with the range from 5 % to 95 %; rates as they are, all else as factors.
        """
        return self.found.summary

    @property
    def error(self) -> float:
        """Kantorovich distance to the futures these stand for [standard deviations]; 0 where none was left out."""
        return self.found.error

    @property
    def relative_error(self) -> float:
        """The error as a share of that of the best single future."""
        return self.found.relative_error

    @property
    def notes(self) -> tuple[Message, ...]:
        """What to know before relying on the futures."""
        return self.found.notes

    def reduce(self, count: int) -> Scenarios:
        """Return the futures that stand best for all, with the probabilities of those they stand for.

        Fast forward selection by the Kantorovich distance of the figures drawn, each in units of its standard
        deviation; ``.error`` states what is lost, and falls with ``count``.

        Raises
        ------
        InputError
            If ``count`` is below 1 or above the number of futures, or these are reduced already.
        """
        return Scenarios(self.found.reduced(count))

    def to_csv(self, path: str | Path) -> Path:
        """Write the futures in the form of ``scenarios.csv``; in a case folder it is the case's own."""
        target, frame = Path(path), futures_frame(self.futures)
        write_whole_file(target, lambda beside: frame.to_csv(beside, index=False, lineterminator="\n"))
        return target

    def plot(self, language: Language | str = Language.EN) -> Any:
        """Return how far the futures lie around the figures of the case, as a plotly figure.

        Raises
        ------
        InputError
            If plotly is not installed.
        """
        return ranges_chart(self.found, one_of(Language, language, "language"))

    @overload
    def __getitem__(self, place: int) -> Future: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[Future, ...]: ...

    def __getitem__(self, place: int | slice) -> Future | tuple[Future, ...]:
        return self.futures[place]

    def __iter__(self) -> Iterator[Future]:
        return iter(self.futures)

    def __len__(self) -> int:
        return len(self.futures)

    def __repr__(self) -> str:
        return repr(self.found)


def sample_scenarios(  # noqa: PLR0913  # how many, how they hang together, how far they go
    case: CaseTables,
    n: int = 100,
    seed: int = 0,
    correlation: float = 0.5,
    *,
    between_fields: float = 0.0,
    uncertainty: Uncertainty | None = None,
    sample_sizes: SampleSizes | None = None,
    design: Design | str = Design.LATIN_HYPERCUBE,
) -> Scenarios:
    """Draw equally likely futures of a case: success rates, costs, values of launches and demands.

    Success rates are Beta-distributed around the case's rates, as narrow as the number of observations behind each
    (column ``trials`` of ``stages.csv`` and ``niches.csv``) makes them; costs, values and demands are multiplied by
    lognormal factors of mean 1. Figures of one field move together: its success rates, its costs, and its value with
    its demand. A rate of 1 stays 1. The sampling error of a published mean is not the variation between programmes:
    with thousands of observations rates hardly move; ``Uncertainty(spread=...)`` adds what lies between portfolios.

    Parameters
    ----------
    case
        The case.
    n
        Number of futures.
    seed
        By which they are drawn; equal seeds give equal futures.
    correlation
        Correlation of the normal scores of one kind of figures within a field, 0 to 1.
    between_fields
        The same across fields; not above ``correlation``.
    uncertainty
        How far figures may be off; by default costs and demand vary by 20 %, values by 30 %.
    sample_sizes
        Stage, or ``(stage, field)``, -> number of observations, in place of ``trials``.
    design
        ``latin_hypercube``; ``sobol``, best with a power of 2 as ``n``; or ``random``: independent futures, for
        confidence intervals.

    Raises
    ------
    InputError
        If a parameter is out of its range, a sample size is of no success rate, or nothing is uncertain.

    Examples
    --------
    >>> import optimizer as vc
    >>> case = vc.load_case("inputs/tutorial")
    >>> futures = vc.sample_scenarios(case, n=40, seed=1, sample_sizes={"clinical": 200})
    >>> futures
    Scenarios('tutorial': 40 futures, 15 figures)
    >>> few = futures.reduce(8)
    >>> len(few), round(sum(future.probability for future in few), 9), 0 < few.relative_error < 1
    (8, 1.0, True)
    """
    draw = Draw(
        count=n,
        seed=seed,
        correlation=correlation,
        between_fields=between_fields,
        design=one_of(Design, design, "design"),
    )
    return Scenarios(draw_futures(case, draw, uncertainty or Uncertainty(), sample_sizes))
