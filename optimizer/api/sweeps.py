"""Studies as users touch them: sweeps, tornados and global sensitivity, each with a table, a chart and a workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypedDict, Unpack

import pandas as pd

from optimizer.analysis.points import Points, points_of
from optimizer.analysis.points_parameters import Parameter, usual_parameters
from optimizer.analysis.screening import ScreeningTables, planned, screen_effects, screen_indices
from optimizer.analysis.sweep import PROCESSES, How, SweepTables, run_sweep
from optimizer.analysis.sweep_task import Measure
from optimizer.analysis.tornado import OBJECTIVE, TornadoTables, run_tornado
from optimizer.api.study import Study
from optimizer.arguments import checked, checked_methods
from optimizer.data.case import CaseTables
from optimizer.export.charts.studies import SCREENING_TITLE, TORNADO_TITLE, Picture, study_chart
from optimizer.export.study import save_study
from optimizer.export.sweeps import sweep_frame, sweep_words, tornado_frame
from optimizer.language import Language, Message, sentence
from optimizer.options import OverlapMethod, SolveOptions, one_of, spoken

SWEEP, TORNADO, SENSITIVITY, PAIRS = (
    sentence("Points"),
    sentence("Tornado"),
    sentence("Sensitivity"),
    sentence("Pairs"),
)
"""Sheets of the workbooks."""
BARS = {"S1": "S1_conf", "ST": "ST_conf"}


@checked_methods
@dataclass(frozen=True, eq=False, repr=False, init=False)
class Sweep(Study[SweepTables]):
    """The points of a sweep and what their plans are. Made by :func:`sweep`."""

    @property
    def table(self) -> pd.DataFrame:
        """The points, one a line in their order: name, changes, status, reason, the figures of the summary, seconds.

        Figures of a point without a plan are missing.
        """
        return self.found.table

    @property
    def failed(self) -> pd.DataFrame:
        """The points without a plan, each with its reason."""
        return self.found.failed

    def plot(self, y: str = OBJECTIVE, x: str | None = None, language: Language | str | None = None) -> Any:
        """Return a figure of the plans over what was changed, as a plotly figure.

        Parameters
        ----------
        y
            Column drawn upwards.
        x
            Column drawn across; by default the first one that changes, or the names of the points.
        language
            Language of the words.

        Raises
        ------
        InputError
            If there is no such column.
        """
        chosen = spoken(language)
        labels = self.found.labels
        across = x or (labels[0] if len(labels) == 1 else "point")
        table, words = self.table, sweep_words(self.found, chosen)
        if pd.api.types.is_numeric_dtype(table.get(across, pd.Series(dtype=object))):
            table = table.sort_values(across, kind="stable")
        kind = "line" if len(labels) == 1 and across == labels[0] else "scatter"
        picture = Picture(kind, words.get(across, across), (y,), figure=y)
        return study_chart(self.found.case, table.rename(columns=words), picture, chosen)

    def to_excel(self, path: str | Path, language: Language | str | None = None) -> Path:
        """Write the points as one workbook."""
        return save_study(self.found.case, {SWEEP: partial(sweep_frame, self.found)}, self.notes, path, language)

    def __len__(self) -> int:
        return len(self.found)


@checked_methods
@dataclass(frozen=True, eq=False, repr=False, init=False)
class Tornado(Study[TornadoTables]):
    """What one parameter at a time does to a figure of the plan. Made by :func:`tornado`."""

    @property
    def table(self) -> pd.DataFrame:
        """The parameters, one a line, the widest swing first.

        ``low`` and ``high`` are their values, ``at_low`` and ``at_high`` the figure there, ``change_low`` and
        ``change_high`` its changes from the case as it is, ``swing`` the distance between the extremes of the three,
        ``certain`` whether it is more than how well plans were found can make. Differences of objectives within the
        accuracy of the solves are 0. A figure without a plan is missing, and ``reason`` says why; the swing is that of
        the others.
        """
        return self.found.table

    @property
    def base(self) -> float:
        """The figure of the case as it is."""
        return self.found.base

    def plot(self, language: Language | str | None = None) -> Any:
        """Return the bars of the tornado as a plotly figure, the widest on top."""
        picture = Picture(
            "bar", "parameter", ("change_low", "change_high"), TORNADO_TITLE, self.found.measure, self.base
        )
        return study_chart(self.found.case, self.table, picture, spoken(language))

    def to_excel(self, path: str | Path, language: Language | str | None = None) -> Path:
        """Write the parameters as one workbook."""
        return save_study(self.found.case, {TORNADO: partial(tornado_frame, self.found)}, self.notes, path, language)


@checked_methods
@dataclass(frozen=True, eq=False, repr=False)
class Screening:
    """How strongly parameters move a figure of the plan over their ranges. Made by :func:`morris` and :func:`sobol`.

    Attributes
    ----------
    case
        The case that was changed.
    found
        What the study found.
    """

    case: CaseTables
    found: ScreeningTables

    @property
    def table(self) -> pd.DataFrame:
        """The parameters, one a line, the most important first.

        Columns ``mu, mu_star, sigma, mu_star_conf`` by :func:`morris`, ``S1, S1_conf, ST, ST_conf`` by :func:`sobol`.
        """
        return self.found.table.copy()

    @property
    def pairs(self) -> pd.DataFrame:
        """Sobol's ``S2`` of each pair of parameters; empty unless asked for."""
        return self.found.pairs.copy()

    @property
    def samples(self) -> pd.DataFrame:
        """The samples, one a line, with their ``outcome``; missing where there is no plan."""
        return self.found.samples.copy()

    @property
    def seed(self) -> int:
        """Seed by which the samples were drawn."""
        return self.found.seed

    @property
    def failures(self) -> float:
        """Share of the samples without a plan."""
        return self.found.failures

    @property
    def notes(self) -> tuple[Message, ...]:
        """What to know before relying on the table, above all whether samples failed."""
        return self.found.notes

    def plot(self, language: Language | str | None = None) -> Any:
        """Return the parameters as a plotly figure: Morris's over ``mu_star``, Sobol's as bars with intervals."""
        if "ST" in self.found.table:
            picture = Picture("bar", "parameter", tuple(BARS), SCREENING_TITLE, errors=BARS)
        else:
            picture = Picture("scatter", "mu_star", ("sigma",), SCREENING_TITLE, names="parameter")
        return study_chart(self.case, self.table, picture, spoken(language))

    def to_excel(self, path: str | Path, language: Language | str | None = None) -> Path:
        """Write the parameters, and the pairs where there are any, as one workbook."""
        tables = {SENSITIVITY: lambda _: self.table}
        if len(self.pairs):
            tables[PAIRS] = lambda _: self.pairs
        return save_study(self.case, tables, self.notes, path, language)

    def __repr__(self) -> str:
        return repr(self.found)


class Planning(TypedDict, total=False):
    """How studies of many plans are planned, as :func:`optimizer.sweep` describes it."""

    options: SolveOptions | None
    executor: Executor | str | None
    workers: int | None
    measures: Mapping[str, Measure] | None
    progress: bool


def _how(method: OverlapMethod | str | None, store: str | Path | None, **others: Unpack[Planning]) -> How:
    chosen = None if method is None else one_of(OverlapMethod, method, "method")
    return How(method=chosen, store=None if store is None else Path(store), **others)


@checked
def sweep(  # noqa: PLR0913  # what is planned, and how
    case: CaseTables,
    points: Points,
    *,
    method: OverlapMethod | str | None = None,
    options: SolveOptions | None = None,
    executor: Executor | str | None = PROCESSES,
    workers: int | None = None,
    store: str | Path | None = None,
    measures: Mapping[str, Measure] | None = None,
    progress: bool = True,
) -> Sweep:
    """Plan a case at many points, each a set of changes.

    Under method ``fixed`` the program is built once, and solved again from the basis of the case as it is wherever
    changes move numbers only. A point's figures are those of planning the changed case by itself, whichever executor
    planned it and however often the sweep was stopped.

    Parameters
    ----------
    case
        The case; it stays as it is.
    points
        Name -> changes; a list of changes, lists of changes or ``(name, changes)``; a :func:`optimizer.grid`; or a
        table or CSV file with columns ``point, table, where, column, operation, value``.
    method
        Overlap method in place of the cases' own.
    options
        How to solve each point; by default without the extra solve that proves a bound under method ``fixed``.
    executor
        ``"processes"``: a pool of our own, unless the work is too little to be worth its start. ``"serial"`` or
        ``None``: this process. Or any executor of ``concurrent.futures``, such as Dask's ``client.get_executor()``;
        it is left open.
    workers
        Processes of our own pool; as many as there are processors where left out.
    store
        A file that keeps every point as soon as it is planned. A sweep that was stopped, and is started again with the
        same store, goes on where it was; what is in the store is not planned again.
    measures
        Name -> function of the plan whose number is a further column. For other processes it must be defined in a
        module, and a changed function needs a new name or another store.
    progress
        Whether to show a bar with the time left, where standard error is a terminal.

    Returns
    -------
    Sweep
        ``.table``, ``.failed``, ``.plot()``, ``.to_excel(path)``.

    Raises
    ------
    InputError
        If there is no point, something is no change, or the store is no store. Changes that cannot be made, and points
        without a plan, are points with a reason.
    SolveError
        If processes cannot be started, or the executor given breaks.

    Examples
    --------
    >>> import optimizer as vc
    >>> case = vc.load_case("inputs/tutorial")
    >>> points = vc.grid({"budget": vc.levels("budget", "amount", [0.9, 1.0, 1.1], operation="multiply")})
    >>> found = vc.sweep(case, points, method="fixed", executor="serial")
    >>> found.table["objective"].is_monotonic_increasing
    True
    """
    how = _how(method, store, options=options, executor=executor, workers=workers, measures=measures, progress=progress)
    return Sweep(run_sweep(case, points_of(points), how))


@checked
def tornado(
    case: CaseTables,
    parameters: Sequence[Parameter] | None = None,
    *,
    share: float = 0.1,
    measure: str = OBJECTIVE,
    method: OverlapMethod | str | None = None,
    store: str | Path | None = None,
    **how: Unpack[Planning],
) -> Tornado:
    """Move parameters of a case one at a time, and sort them by how far a figure of the plan swings.

    Parameters
    ----------
    case
        The case; it stays as it is.
    parameters
        What is moved between which values; by default :func:`optimizer.usual_parameters`.
    share
        How far those of the default go, as a share of the case's figures.
    measure
        The figure that is looked at: one of the plan's summary, or of ``measures``.
    method, store
        As in :func:`optimizer.sweep`.
    **how
        ``options``, ``executor``, ``workers``, ``measures`` and ``progress`` as in :func:`optimizer.sweep`; but where
        no options are given, plans are proven where that tells which swings of the objective are certain.

    Returns
    -------
    Tornado
        ``.table``, ``.base``, ``.plot()``, ``.to_excel(path)``.

    Raises
    ------
    InputError
        If a parameter or the measure is wrong. Values that cannot be are points with a reason.

    Examples
    --------
    >>> import optimizer as vc
    >>> money = vc.Parameter("money", vc.Target("budget", "amount"), 0.9, 1.1)
    >>> found = vc.tornado(vc.load_case("inputs/tutorial"), [money], method="fixed", executor="serial")
    >>> found.table.columns.tolist()[:4]
    ['parameter', 'moves', 'low', 'high']
    """
    return Tornado(run_tornado(case, parameters, measure, share, _how(method, store, **how)))


@checked
def morris(  # noqa: PLR0913  # what is sampled, and how it is planned
    case: CaseTables,
    parameters: Sequence[Parameter] | None = None,
    *,
    trajectories: int = 20,
    seed: int = 0,
    measure: str = OBJECTIVE,
    method: OverlapMethod | str | None = None,
    store: str | Path | None = None,
    **how: Unpack[Planning],
) -> Screening:
    """Screen parameters by the elementary effects of Morris: which move a figure of the plan at all, and how evenly.

    Parameters
    ----------
    case
        The case; it stays as it is.
    parameters
        What is sampled between which values; by default :func:`optimizer.usual_parameters`.
    trajectories
        Ways through the ranges; each takes one plan more than there are parameters.
    seed
        By which the samples are drawn.
    measure, method, store, **how
        As in :func:`optimizer.tornado`.

    Returns
    -------
    Screening
        ``.table`` with ``mu, mu_star, sigma, mu_star_conf``, ``.failures``, ``.notes``, ``.plot()``,
        ``.to_excel(path)``.

    Raises
    ------
    InputError
        If a parameter, the measure or the number of trajectories is wrong.
    SolveError
        If samples without a plan leave fewer than 2 trajectories.
    """
    space, outcome = planned(case, _chosen(case, parameters), measure, _how(method, store, **how))
    return Screening(case, screen_effects(space, outcome, trajectories, seed))


@checked
def sobol(  # noqa: PLR0913  # what is sampled, and how it is planned
    case: CaseTables,
    parameters: Sequence[Parameter] | None = None,
    *,
    samples: int = 128,
    pairs: bool = False,
    seed: int = 0,
    measure: str = OBJECTIVE,
    method: OverlapMethod | str | None = None,
    store: str | Path | None = None,
    **how: Unpack[Planning],
) -> Screening:
    """Share the variance of a figure of the plan out among parameters, by the indices of Sobol.

    Parameters
    ----------
    case
        The case; it stays as it is.
    parameters
        What is sampled between which values; by default :func:`optimizer.usual_parameters`.
    samples
        Blocks of samples, raised to a power of 2; each takes two plans more than there are parameters.
    pairs
        Whether the indices of pairs are wanted too, at nearly twice the plans.
    seed
        By which the samples are drawn.
    measure, method, store, **how
        As in :func:`optimizer.tornado`.

    Returns
    -------
    Screening
        ``.table`` with ``S1, S1_conf, ST, ST_conf``, ``.pairs``, ``.failures``, ``.notes``, ``.plot()``,
        ``.to_excel(path)``.

    Raises
    ------
    InputError
        If a parameter, the measure or the number of samples is wrong.
    SolveError
        If samples without a plan leave fewer than 2 blocks.
    """
    space, outcome = planned(case, _chosen(case, parameters), measure, _how(method, store, **how))
    return Screening(case, screen_indices(space, outcome, samples, seed, pairs=pairs))


def _chosen(case: CaseTables, parameters: Sequence[Parameter] | None) -> Sequence[Parameter]:
    return usual_parameters(case) if parameters is None else parameters
