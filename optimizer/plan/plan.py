"""The plan: everything a planner reads, computed on request and never changed.

What proves, prices or explains a plan is imported where it is asked for, as in :mod:`optimizer.api.cases`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NoReturn

import pandas as pd

from optimizer.arguments import checked_methods
from optimizer.data.case import CaseTables
from optimizer.data.money import Currency
from optimizer.data.names import quoted_title, title_of
from optimizer.errors import InputError, SolveError
from optimizer.language import Message, say
from optimizer.plan import tables
from optimizer.plan.explain import ExplanationTables, Verdict, explain
from optimizer.plan.ledger import Side, overlap_ledger, overlap_matrix
from optimizer.plan.solution import Solution
from optimizer.plan.specialization import Level, plan_suggestions, site_table
from optimizer.plan.statistics import Statistics
from optimizer.plan.summary import STATUSES, failed_summary, plan_summary
from optimizer.planning.outcome import Outcome, Step
from optimizer.solvers.result import Termination

if TYPE_CHECKING:
    from optimizer.plan.certificate import PlanCertificate
    from optimizer.plan.sensitivity import Sensitivity
    from optimizer.plan.why import Why


@checked_methods
@dataclass(frozen=True, eq=False)
class PlanTables:
    """A solved case. Frames are copies; changing one changes nothing else.

    Attributes
    ----------
    solution
        The solution as arrays.
    """

    solution: Solution

    @property
    def case(self) -> CaseTables:
        """The case that was planned."""
        return self.solution.sets.case

    @property
    def outcome(self) -> Outcome:
        """How the case was planned."""
        return self.solution.outcome

    @property
    def status(self) -> str:
        """``optimal``; ``limit`` where a limit ended the sequence early; ``edited`` where the plan came from outside.

        An edited plan is no optimum of the case: it is valued by the true objective, and has no prices.
        """
        if self.outcome.edited is not None:
            return "edited"
        return "optimal" if self.outcome.complete else "limit"

    @property
    def ok(self) -> bool:
        """Whether there is a plan: true."""
        return True

    @property
    def objective(self) -> float:
        """True penalised objective [money]."""
        return self.solution.objective

    @property
    def objective_parts(self) -> pd.Series[float]:
        """Parts of the objective, costs negative; they add up to :attr:`objective` [money]."""
        return pd.Series(self.solution.parts, name="objective")

    @property
    def steps(self) -> tuple[Step, ...]:
        """The linear programs solved on the way to the plan."""
        return self.outcome.steps

    def summary(self) -> pd.Series:
        """Return status, objective and its parts, overlaps, money, launches and effort."""
        return plan_summary(self.solution)

    @cached_property
    def _allocation(self) -> pd.DataFrame:
        return tables.allocation(self.solution)

    @property
    def allocation(self) -> pd.DataFrame:
        """Public money by funder, cluster, partner, stage, field and year, beside today's allocation [money]."""
        return self._allocation.copy()

    def pivot(self, index: Sequence[str], columns: Sequence[str] = ()) -> pd.DataFrame:
        """Return public money by the labels of ``index`` down and ``columns`` across, with totals that reconcile.

        Labels are ``funder, cluster, stage, field, year`` and every column of ``clusters``, ``stages``, ``fields``.

        Raises
        ------
        InputError
            If a label is unknown, or none is named.
        """
        names = [*([index] if isinstance(index, str) else index), *([columns] if isinstance(columns, str) else columns)]
        if not names or len(set(names)) < len(names):
            msg = say(
                "pivot needs at least one label in index, and each label once, not {names}; say index=['cluster'].",
                names=names,
            )
            raise InputError(msg)
        spend = self.statistics.spend(names).fillna(dict.fromkeys(names, ""))
        if spend.empty:
            return tables.in_unit(_no_spend(names, bool(columns)), self.case.currency)
        down = names[: len(names) - len(columns) if not isinstance(columns, str) else -1]
        table = tables.crossed(spend, "spend", down, names[len(down) :], self.solution.sets)
        return tables.in_unit(table, self.case.currency)

    @cached_property
    def statistics(self) -> Statistics:
        """Totals by whatever a planner groups them by: ``spend, launches, projects, overlap, headroom`` and more."""
        return Statistics(self.solution)

    @property
    def pipeline(self) -> pd.DataFrame:
        """Starts, finished projects and backlog by cluster, stage, field and year [projects]."""
        return tables.pipeline(self.solution)

    @property
    def launches(self) -> pd.DataFrame:
        """Launches by cluster, field and year [projects]."""
        return tables.launches(self.solution)

    @property
    def specialization(self) -> pd.DataFrame:
        """Activity, spend, location quotient today and of the plan, and relatedness density of every site.

        ``density`` is the share of a niche's relatedness that falls on what its cluster is specialised in today.
        """
        return site_table(self.solution)

    def suggestions(self, most: int = 3, by: str = Level.NICHE) -> pd.DataFrame:
        """Return for each cluster the niches it is not specialised in that are closest to what it does today.

        Parameters
        ----------
        most
            Niches named per cluster.
        by
            ``niche``; or ``stage`` or ``field``, to relate those.

        Returns
        -------
        pandas.DataFrame
            ``cluster``, ``stage`` and ``field`` of the niche, its ``density``, ``location_quotient``, the cluster's own
            specialised niche that is most related to it (``related_...``), their ``relatedness``, and ``has_site``:
            whether the case has such a site. Closest first; a cluster whose work is related to no other has no line.
            Who is specialised is told by quotients over what ``by`` says.

        Raises
        ------
        InputError
            If ``most`` is less than 1, or ``by`` another word.
        """
        return plan_suggestions(self.solution, most, by)

    @property
    def overlap_ledger(self) -> pd.DataFrame:
        """Every pair of clusters or funders that pays for the same work, by year [money].

        Both amounts, their similarity, the overlap and its penalty; ``marginal_a`` and ``marginal_b``, the penalty of
        one more unit of each; ``stop``, the side that would have to stop there, and ``stop_cost``, what that costs at
        the least at the plan's prices (a first-order figure; ``vc.without_overlap`` solves again).
        """
        return overlap_ledger(self.solution)

    def overlap_matrix(self, by: str = Side.CLUSTER) -> pd.DataFrame:
        """Return the overlap over the horizon between every two clusters, or every two funders [money].

        Parameters
        ----------
        by
            ``cluster`` or ``funder``.

        Returns
        -------
        pandas.DataFrame
            Symmetric; one triangle adds up to ``overlap_clusters`` or ``overlap_funders`` of the summary.

        Raises
        ------
        InputError
            If ``by`` is another word.
        """
        return overlap_matrix(self.solution, by)

    @cached_property
    def sensitivity(self) -> Sensitivity:
        """Prices of rows (``.constraints``) and columns (``.variables``), and how far they hold."""
        from optimizer.plan.sensitivity import Sensitivity

        return Sensitivity(self.solution)

    @cached_property
    def certificate(self) -> PlanCertificate:
        """Proof of the plan, recomputed from the coefficients without the engine: ``.ok``, ``.table``, ``.text()``."""
        from optimizer.plan.certificate import certify_plan

        return certify_plan(self.solution)

    def why(self, cluster: str, stage: str, field: str | None = None, year: int | None = None) -> Why:
        """Return why the plan spends what it spends at a site: what a start there earns, less the price of each limit.

        Parameters
        ----------
        cluster, stage, field
            Keys of the case, or names of its tables; all fields where ``field`` is left out.
        year
            A year of the horizon; all years where it is left out.

        Returns
        -------
        Why
            ``.table`` and ``.total`` hold the accounts [money per public money], ``.text(language)`` tells them.

        Raises
        ------
        InputError
            If a label is unknown or the year outside of the horizon.

        Examples
        --------
        >>> import optimizer as vc
        >>> plan = vc.load_case("inputs/tutorial").solve()
        >>> plan.why("osong", "discovery").total.columns.tolist()[:7]
        ['cluster', 'stage', 'field', 'year', 'gain', 'price', 'total']
        """
        from optimizer.plan.why import why

        return why(self.solution, cluster, stage, field, year)

    def __repr__(self) -> str:
        summary = self.summary()
        told = say(
            "Plan({case}: objective {objective} {unit}, spend {spend} {unit}, {launches} launches)",
            case=quoted_title(self.case),
            objective=f"{summary['objective']:,.6g}",
            spend=f"{summary['spend']:,.6g}",
            unit=Currency(self.case.currency),
            launches=f"{summary['launches']:.4g}",
        )
        return told.text()


def _no_spend(names: Sequence[str], across: bool) -> pd.DataFrame:
    """Return the pivot of a plan that spends nothing: the total alone."""
    return pd.DataFrame({tables.TOTAL if across else "spend": [0.0]}, index=pd.Index([tables.TOTAL], name=names[0]))


@checked_methods
@dataclass(frozen=True, eq=False)
class FailedPlanTables:
    """A case without a plan, and why. It has the accessors of a plan; those that need one say why there is none.

    Attributes
    ----------
    outcome
        What planning ended with.
    """

    outcome: Outcome

    @property
    def case(self) -> CaseTables:
        """The case that was to be planned."""
        return self.outcome.compiled.sets.case

    @property
    def ok(self) -> bool:
        """Whether there is a plan: false."""
        return False

    @property
    def status(self) -> str:
        """``infeasible``, ``unbounded``, ``limit`` or ``error``."""
        termination = self.outcome.result.termination
        if termination.is_limit:
            return "limit"
        if termination is Termination.INFEASIBLE_OR_UNBOUNDED:
            return "unbounded" if self.explanation.verdict is Verdict.UNBOUNDED else "infeasible"
        return {Termination.INFEASIBLE: "infeasible", Termination.UNBOUNDED: "unbounded"}.get(termination, "error")

    @cached_property
    def explanation(self) -> ExplanationTables:
        """Which limits are in conflict and what would mend it; searched for on first use (seconds on a large case)."""
        infeasible = self.outcome.result.termination is Termination.INFEASIBLE
        return explain(self.outcome.compiled, self.outcome.options, called_infeasible=infeasible)

    @property
    def is_explained(self) -> bool:
        """Whether :attr:`explanation` can say why there is no plan: not where a limit or the engine ended the solve."""
        return self.status in ("infeasible", "unbounded")

    @property
    def reason(self) -> Message:
        """Why there is no plan, and what to do next."""
        match self.status:
            case "infeasible":
                return say(
                    "No plan fulfils every rule, share and balance of case {case}. Give rules a price, lower floors or "
                    "raise budgets, then solve again.",
                    case=title_of(self.case),
                )
            case "unbounded":
                return say(
                    "Case {case} can earn without limit: something free of cost has no limit. Give every stage a cost, "
                    "or its sites a capacity.",
                    case=title_of(self.case),
                )
            case "limit":
                return say(
                    "The solve was stopped by a limit before it had a plan ({detail}). Raise the time limit.",
                    detail=self.outcome.result.detail,
                )
            case _:
                return say(
                    "The engine ended with '{detail}'. Try another algorithm or engine; 'optimizer doctor' lists them.",
                    detail=self.outcome.result.detail,
                )

    @cached_property
    def certificate(self) -> PlanCertificate:
        """Proof that there is no plan, or none that is best; raises :class:`SolveError` where neither was found."""
        from optimizer.plan.certificate import certify_failure

        return certify_failure(self.outcome)

    def summary(self) -> pd.Series:
        """Return the status and the effort; every figure is missing."""
        return failed_summary(self.outcome, self.status)

    def raise_error(self) -> NoReturn:
        """Raise :class:`SolveError` with the reason."""
        msg = say("{status}: {reason}", status=say(STATUSES[self.status]), reason=self.reason)
        raise SolveError(msg, self.status)

    def _missing(self, what: str) -> SolveError:
        return SolveError(
            say(
                "there is no {what}: the case is {status}. {reason}",
                what=what,
                status=say(STATUSES[self.status]),
                reason=self.reason,
            )
        )

    def __getattr__(self, name: str) -> object:
        if not name.startswith("_") and hasattr(PlanTables, name):
            raise self._missing(name)
        raise AttributeError(name)

    def __repr__(self) -> str:
        told = say(
            "FailedPlan({case}: {status}. {reason})",
            case=quoted_title(self.case),
            status=say(STATUSES[self.status]),
            reason=self.reason,
        )
        return told.text()


def read_outcome(outcome: Outcome) -> PlanTables | FailedPlanTables:
    """Return the plan an outcome holds, or why there is none."""
    return FailedPlanTables(outcome) if outcome.x is None else PlanTables(Solution(outcome))
