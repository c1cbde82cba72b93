"""Parameters of a sensitivity study: named figures of a case that move together between two bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NamedTuple

import pandas as pd

from optimizer.analysis.points import target_text
from optimizer.arguments import checked, checked_methods
from optimizer.data.case import CaseTables
from optimizer.data.changes import Change, Operation, changed_case, read_lines
from optimizer.errors import InputError
from optimizer.language import say, sentence


class Target(NamedTuple):
    """What a parameter moves: lines of a table, one of its columns, and how.

    Attributes
    ----------
    table, column, where, operation
        As in :class:`optimizer.Change`.
    """

    table: str
    column: str
    where: str = ""
    operation: str = "multiply"


@checked_methods
@dataclass(frozen=True)
class Parameter:
    """A named quantity of a case and the range it is tried over.

    Attributes
    ----------
    name
        Its name in tables and charts.
    targets
        What takes its value: a :class:`Target`, or a tuple ``(table, column, where, operation)``, or several.
    low, high
        Bounds of the value: factors where targets multiply, amounts where they add or set.

    Raises
    ------
    InputError
        If there is no target, or ``low`` is not below ``high``.

    Examples
    --------
    >>> import optimizer as vc
    >>> vc.Parameter("success of launches", ("stages", "success_rate", "stage=launch"), 0.8, 1.1).changes(0.9)
    (Change(table='stages', column='success_rate', operation=<Operation.MULTIPLY: 'multiply'>, value=0.9, where='stage=launch'),)
    """  # noqa: E501  # what Python prints is one line

    name: str
    targets: Annotated[tuple[Target, ...], "checked below, for it takes plain tuples too"]
    low: float
    high: float

    def __post_init__(self) -> None:
        """Take one target for several, and plain tuples for targets."""
        given = self.targets
        try:
            single = isinstance(given, Target) or (bool(given) and isinstance(given[0], str))
            targets = tuple(Target(*target) for target in ((given,) if single else given))
        except (TypeError, KeyError):
            targets = ()
        wrong = [tuple(one) for one in targets if not all(isinstance(part, str) for part in one)]
        if wrong or (not targets and given):
            raise InputError(
                say(
                    "parameter {name}: {target} is no target; give a vc.Target or (table, column, where, operation), "
                    "or several in a list.",
                    name=repr(self.name),
                    target=repr(wrong[0] if wrong else given),
                )
            )
        object.__setattr__(self, "targets", targets)
        if not self.targets or not self.low < self.high:
            raise InputError(
                say(
                    "parameter {name} needs a target and a low value below its high one, not {low} and {high}.",
                    name=repr(self.name),
                    low=self.low,
                    high=self.high,
                )
            )

    def changes(self, value: float) -> tuple[Change, ...]:
        """Return the changes that give the parameter a value."""
        return tuple(
            Change(target.table, target.column, target.operation, float(value), target.where)  # type: ignore[arg-type]
            for target in self.targets
        )


USUAL: Mapping[str, tuple[Target, ...]] = {
    sentence("Budgets"): (Target("budget", "amount"),),
    sentence("Costs"): (Target("stages", "cost"), Target("niches", "cost")),
    sentence("Success rates"): (Target("stages", "success_rate"), Target("niches", "success_rate")),
    sentence("Durations"): (Target("stages", "duration"), Target("niches", "duration")),
    sentence("Loss of waiting projects"): (Target("stages", "decay"),),
    sentence("Private money per public money"): (Target("stages", "crowd_in"),),
    sentence("New projects per success"): (Target("stages", "feedback"),),
    sentence("Worth of a launch"): (Target("fields", "value"),),
    sentence("Yearly demand"): (Target("fields", "demand"),),
    sentence("Capacities of sites"): (Target("sites", "capacity"),),
    sentence("Projects waiting at the start"): (Target("sites", "backlog"),),
    sentence("New projects from outside"): (Target("sites", "inflow"),),
    sentence("Costs of more capacity"): (Target("sites", "expansion_cost"), Target("links", "expansion_cost")),
    sentence("Capacities of links"): (Target("links", "capacity"),),
    sentence("Projects kept on a link"): (Target("links", "retention"),),
    sentence("Costs of passing on"): (Target("links", "transfer_cost"),),
    sentence("Similarity of clusters"): (Target("similarity", "similarity"),),
    sentence("Discount rate"): (Target("case", "case.discount_rate"),),
    sentence("Worth beyond the demand"): (Target("case", "value.saturation"),),
    sentence("Weight of the pipeline"): (Target("case", "value.terminal_weight"),),
    sentence("Money carried over"): (Target("case", "funding.carry_over"),),
    sentence("Money coming back from launches"): (Target("case", "funding.reinvestment"),),
    sentence("Price of overlap between clusters"): (Target("case", "overlap.between_clusters"),),
    sentence("Price of overlap between funders"): (Target("case", "overlap.between_funders"),),
    sentence("Share for specialised sites"): (Target("case", "specialization.min_share"),),
}
"""Parameters that a tornado takes by default, by their names, as far as a case has such figures."""


@checked
def usual_parameters(case: CaseTables, share: float = 0.1) -> tuple[Parameter, ...]:
    """Return the usual parameters of a case, each from ``share`` below its figures to ``share`` above them.

    Where a figure may not be that high, as a probability above 1, its parameter ends where the figure does. Figures
    that are missing, unlimited, 0, or cannot rise at all and fall at all, are left out.

    Parameters
    ----------
    case
        The case.
    share
        How far to go, as a share of each figure, above 0 and below 1.

    Raises
    ------
    InputError
        If the share is out of its range.
    """
    if not 0 < share < 1:
        raise InputError(say("a share of {share} moves nothing or everything; give one between 0 and 1.", share=share))
    found = []
    for name, targets in USUAL.items():
        moved = tuple(target for target in targets if _moves(case, target))
        if moved:
            high = min((_highest(case, target, 1 + share) for target in moved), default=1 + share)
            found.append(Parameter(name, moved, 1 - share, high))
    return tuple(found)


def _moves(case: CaseTables, target: Target) -> bool:
    """Return whether multiplying a target changes the case at all."""
    try:
        changed = changed_case(case, [_multiplied(target, 0.5)])
    except InputError:  # the case has no such figures
        return False
    if changed.settings != case.settings:
        return True
    before, after = case.stored.get(target.table), changed.stored.get(target.table)
    return before is not None and after is not None and not before.equals(after)


def _multiplied(target: Target, factor: float) -> Change:
    return Change(target.table, target.column, Operation.MULTIPLY, factor, target.where)


def _highest(case: CaseTables, target: Target, wanted: float) -> float:
    """Return the factor nearest to the one wanted that leaves every figure within its range."""
    for factor in (wanted, _room(case, target)):
        try:
            changed_case(case, [_multiplied(target, factor)])
        except InputError:
            continue
        return factor
    return 1.0


def _room(case: CaseTables, target: Target) -> float:
    """Return the factor that lifts the largest figure of a share or probability to 1."""
    if target.table == "case":
        section, _, key = target.column.partition(".")
        largest = float(getattr(getattr(case.settings, section), key))
    else:
        largest = float(pd.to_numeric(case.stored[target.table][target.column]).max())
    return 1 / largest


def check_parameters(parameters: Sequence[Parameter]) -> tuple[Parameter, ...]:
    """Return parameters, of which there must be some, each with a name of its own.

    Raises
    ------
    InputError
        If there is none, or two bear one name.
    """
    names = [parameter.name for parameter in parameters]
    if not names or len(set(names)) < len(names):
        raise InputError(
            say("a study needs parameters of different names, not {names}.", names=", ".join(map(repr, names)) or "–")
        )
    return tuple(parameters)


def read_parameters(path: str | Path) -> tuple[Parameter, ...]:
    """Read parameters from a CSV file with the columns ``parameter, table, where, column, operation, low, high``.

    Lines of one parameter name its targets; its bounds stand in each of them.

    Raises
    ------
    InputError
        If there is no such file, a column is missing, or a line is no parameter.
    """
    table = read_lines(Path(path))
    needed = ("parameter", "table", "column", "operation", "low", "high")
    missing = [name for name in needed if name not in table]
    if missing:
        raise InputError(say("{path}: the column {missing} is missing.", path=path, missing=", ".join(missing)))
    found = []
    for name, lines in table.groupby("parameter", sort=False):
        bounds = [pd.to_numeric(lines[end], errors="coerce").unique() for end in ("low", "high")]
        if any(len(values) != 1 or pd.isna(values[0]) for values in bounds):
            raise InputError(
                say("{path}: parameter {name} needs one low and one high value.", path=path, name=repr(name))
            )
        where = lines["where"] if "where" in lines else [""] * len(lines)
        targets = zip(lines["table"], lines["column"], where, lines["operation"], strict=True)
        found.append(Parameter(str(name), tuple(Target(*target) for target in targets), *(float(v[0]) for v in bounds)))
    return check_parameters(found)


def targets_text(parameter: Parameter) -> str:
    """Return what a parameter moves, in the words of a table."""
    return "; ".join(target_text(change) for change in parameter.changes(parameter.low))
