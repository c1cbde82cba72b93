"""The same program in OR-Tools' model builder: the text of the PuLP peer with other words.

Expressions are lists of variables and coefficients that become a weighted sum at once when a row is added, which is how
the model builder is fastest; its operators make an object of every sum.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any, TypeAlias

from ortools.linear_solver.python import model_builder

from benchmarks.peers.case import PeerCase, read_case
from benchmarks.peers.pulp_model import PeerModel, Words, budget_name
from benchmarks.peers.pulp_model import build as write

__all__ = ["budget_name", "build", "read_case"]

Row: TypeAlias = tuple["Expression", float, float]
"""What lies between two numbers."""


class Expression:
    """A sum of variables with coefficients; comparing it with a number makes a row."""

    __hash__ = None  # type: ignore[assignment]  # comparing makes rows, as in PuLP

    def __init__(self, pairs: Iterable[tuple[Any, float]] | Mapping[Any, float] = ()) -> None:
        listed = list(pairs.items() if isinstance(pairs, Mapping) else pairs)  # rules give mappings
        self.variables = [variable for variable, _ in listed]
        self.coefficients = [factor for _, factor in listed]

    def addterm(self, variable: Any, factor: float) -> None:
        """Add a variable times a number."""
        self.variables.append(variable)
        self.coefficients.append(factor)

    def items(self) -> Iterable[tuple[Any, float]]:
        """Return the pairs, as PuLP's expressions do."""
        return zip(self.variables, self.coefficients, strict=True)

    def add(self, other: "Expression", factor: float = 1.0) -> "Expression":
        """Add a sum times a number in place."""
        self.variables += other.variables
        self.coefficients += [factor * coefficient for coefficient in other.coefficients]
        return self

    def __iadd__(self, other: "Expression") -> "Expression":
        return self.add(other)

    def __isub__(self, other: "Expression") -> "Expression":
        return self.add(other, -1.0)

    def __sub__(self, other: "Expression") -> "Expression":
        return Expression().add(self).add(other, -1.0)

    def __rmul__(self, factor: float) -> "Expression":
        return Expression().add(self, factor)

    def __le__(self, bound: float) -> Row:
        return self, -inf, bound

    def __ge__(self, bound: float) -> Row:
        return self, bound, inf

    def __eq__(self, bound: object) -> Row:  # type: ignore[override]
        return self, float(bound), float(bound)  # type: ignore[arg-type]

    def summed(self) -> Any:
        """Return the weighted sum."""
        return model_builder.LinearExpr.weighted_sum(self.variables, self.coefficients)


@dataclass
class Problem:
    """A model that is added to the way PuLP's problems are."""

    model: Any = field(default_factory=model_builder.Model)
    rows: dict[str, Any] = field(default_factory=dict)

    def add_variable_dicts(self, name: str, labels: list[Any], lowBound: float) -> dict[Any, Any]:  # noqa: N803
        """Create variables without names, which cost time and say nothing that the keys do not."""
        create = self.model.new_num_var
        return {label: create(lowBound, inf, None) for label in labels}

    def __iadd__(self, row: tuple[Row, str]) -> "Problem":
        (expression, lower, upper), name = row
        self.rows[name] = self.model.add_linear_constraint(expression.summed(), lower, upper)
        return self

    def setObjective(self, expression: Expression) -> None:  # noqa: N802
        """Maximise an expression."""
        self.model.maximize(expression.summed())


def _total(parts: Iterable[Any]) -> Expression:
    whole = Expression()
    for part in parts:
        if isinstance(part, Expression):
            whole.add(part)
        else:
            whole.addterm(part, 1.0)
    return whole


def _limit(variable: Any, bound: float) -> None:
    variable.upper_bound = bound


WORDS = Words(
    problem=Problem,
    expression=Expression,
    total=_total,
    variable=lambda problem, _: problem.model.new_num_var(0, inf, None),
    limit=_limit,
)


def build(case: PeerCase) -> PeerModel:
    """Write the whole linear program; its `problem` holds OR-Tools' model and its rows by name."""
    return write(case, WORDS)
