"""The proof beside a plan, recomputed without the engine, and what it is a proof of, in words.

A certificate is of one linear program: the one whose solution the plan is. Under ``sequential`` that is the last of the
sequence, and how far the plan is from the best of all is what the proven bound says. With whole decisions it is the
program that has them fixed as the plan takes them. The solution certified is the one reported, which may be another
optimum than that of the basis: prices of one optimal basis prove every optimal solution.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from optimizer.blocks.overlap import PART
from optimizer.errors import SolveError
from optimizer.language import Language, Message, say, sentence, translate
from optimizer.lp.certificate import (
    Certificate,
    Claim,
    Measure,
    certify_infeasible,
    certify_optimum,
    certify_unbounded,
)
from optimizer.lp.directions import elastic_program, recession_program
from optimizer.lp.program import LinearProgram
from optimizer.plan.solution import Solution
from optimizer.planning.outcome import Outcome
from optimizer.solvers.base import find_engine
from optimizer.solvers.result import SolveResult, Termination

MEASURES = {
    Measure.PRIMAL: sentence("Largest violation of a limit"),
    Measure.DUAL: sentence("Largest price of the wrong sign"),
    Measure.STATIONARITY: sentence("Largest difference between what a variable earns and its prices"),
    Measure.COMPLEMENTARITY: sentence("Largest price paid for a limit that does not bind"),
    Measure.GAP: sentence("Worth of all limits at their prices, less the optimum"),
    Measure.NEED: sentence("Asked for beyond what is possible"),
    Measure.REACH: sentence("Size an amount would need to undo the proof"),
    Measure.RAY: sentence("Largest violation of a limit along the ray"),
    Measure.GAIN: sentence("Gain along the ray"),
}
"""Measure -> its name in words."""
COLUMNS = ("measure", "value", "scaled", "limit", "ok")


@dataclass(frozen=True)
class PlanCertificate:
    """A proof of one linear program, and what it is a proof of.

    Attributes
    ----------
    certificate
        The measures.
    scope
        Which program it is about, in words.
    unproven
        Whether the measures can be no proof, for the reason that ``scope`` gives: the claim rests on a search through
        whole decisions, or nothing is claimed of an edited plan.
    """

    certificate: Certificate
    scope: Message
    unproven: bool = False

    @property
    def ok(self) -> bool:
        """Whether every scaled measure keeps its limit."""
        return self.certificate.ok

    @property
    def claim(self) -> str:
        """What is certified: ``optimal``, ``infeasible`` or ``unbounded``."""
        return self.certificate.claim.value

    @property
    def table(self) -> pd.DataFrame:
        """One line per measure: its value, the scaled value, the limit of that, and whether it keeps it."""
        lines = [(one.measure.value, one.value, one.scaled, one.limit, one.ok) for one in self.certificate.measures]
        return pd.DataFrame(lines, columns=list(COLUMNS))

    def text(self, language: Language | str | None = None) -> str:
        """Say what is proven, how well, and of which program."""
        said = (self.scope,) if self.unproven else (self._verdict(), self.scope)
        return " ".join(part.text(language) for part in said)

    def words(self, measure: str, language: Language | str | None = None) -> str:
        """Return the name of a measure in words."""
        return translate(MEASURES[Measure(measure)], language)

    def data(self) -> dict[str, object]:
        """Return the certificate as plain data for JSON; what is infinite is null."""
        found = self.certificate
        return {
            "claim": self.claim,
            "ok": self.ok,
            "objective": _finite(found.objective),
            "dual_objective": _finite(found.dual_objective),
            "measures": {
                one.measure.value: {
                    "value": _finite(one.value),
                    "scaled": _finite(one.scaled),
                    "limit": one.limit,
                    "ok": one.ok,
                }
                for one in found.measures
            },
            "of": str(self.scope),
        }

    def _verdict(self) -> Message:
        found = self.certificate
        scaled = {one.measure: one.scaled for one in found.measures}
        if not self.ok:
            broken = [one for one in found.measures if not one.ok]
            return say(
                "The proof does not hold: {measure} is {scaled}, its limit {limit}. Solve with another algorithm or "
                "engine, and write amounts in a larger unit where they run into billions.",
                measure=say(MEASURES[broken[0].measure]),
                scaled=_brief(broken[0].scaled),
                limit=_brief(broken[0].limit),
            )
        match found.claim:
            case Claim.OPTIMAL:
                return say(
                    "Proven to be optimal: all limits at their prices are worth {worth}, more than which no solution "
                    "of the linear program can earn; the plan earns the same to {gap} of it. It breaks no limit by "
                    "more than {violation} of its size. Recomputed from the coefficients in exact sums, without the "
                    "engine.",
                    worth=f"{found.dual_objective:,.6g}",
                    gap=_brief(scaled[Measure.GAP]),
                    violation=_brief(scaled[Measure.PRIMAL]),
                )
            case Claim.INFEASIBLE:
                return say(
                    "Proven to have no solution: limits weighted and added up ask for more than is possible, by "
                    "{need} of the largest amount among them. Recomputed from the coefficients in exact sums, without "
                    "the engine.",
                    need=_brief(scaled[Measure.NEED]),
                )
            case Claim.UNBOUNDED:
                return say(
                    "Proven to earn without limit: from a plan that breaks no limit, a direction that meets none "
                    "earns more at every step. Recomputed from the coefficients in exact sums, without the engine."
                )


def certify_plan(solution: Solution) -> PlanCertificate:
    """Return the proof of a plan.

    Parameters
    ----------
    solution
        The plan's solution, as it is reported.
    """
    outcome = solution.outcome
    result = outcome.result
    found = certify_optimum(solution.program, solution.x, result.row_dual, result.reduced_cost)
    if outcome.edited is not None:
        scope = say(
            "The plan came back from an edited program: it is no optimum of the case, and nothing is proven of it but "
            "by how much it breaks the limits of the case."
        )
        return PlanCertificate(found, scope, unproven=True)
    return PlanCertificate(found, _scope(solution))


def certify_failure(outcome: Outcome) -> PlanCertificate:
    """Return the proof that a case has no plan, or none that is best.

    The engine's own ray serves where it has one; else the program is solved for the least violation of its rows, whose
    prices are such a ray.

    Raises
    ------
    SolveError
        If the solve was stopped, or failed: then nothing is claimed, and nothing proven.
    """
    result = outcome.result
    if result.termination not in (
        Termination.INFEASIBLE,
        Termination.UNBOUNDED,
        Termination.INFEASIBLE_OR_UNBOUNDED,
    ):
        msg = say(
            "there is no certificate: the solve ended with '{end}' ({detail}), which proves nothing. Raise the time "
            "limit, or try another algorithm.",
            end=result.termination,
            detail=result.detail,
        )
        raise SolveError(msg)
    whole = bool(outcome.compiled.program.integer.any())
    program = replace(outcome.compiled.program, integer=np.zeros_like(outcome.compiled.program.integer))
    scope = say("It is the proof of the linear program that was solved.")
    if whole:
        scope = say("It is the proof of the program without its whole decisions, which only add limits.")
    if result.termination is Termination.INFEASIBLE and result.has_dual_ray:
        found = certify_infeasible(program, result.dual_ray)
        if found.ok:
            return PlanCertificate(found, scope)
    least = _solved(outcome, elastic_program(program))
    infeasible = certify_infeasible(program, least.row_dual)
    if result.termination is Termination.INFEASIBLE and not infeasible.ok and whole:
        found_by_branching = say(
            "Without its whole decisions the case has a plan, so that no weights of limits prove it has none; that no "
            "choice of whole decisions fits was found by branching."
        )
        return PlanCertificate(infeasible, found_by_branching, unproven=True)
    if infeasible.ok or result.termination is Termination.INFEASIBLE:
        return PlanCertificate(infeasible, scope)
    ray = result.primal_ray if result.has_primal_ray else _solved(outcome, recession_program(program)).x
    return PlanCertificate(certify_unbounded(program, least.x[: program.n_columns], ray), scope)


def _solved(outcome: Outcome, program: LinearProgram) -> SolveResult:
    return find_engine(outcome.options.engine)(program, outcome.options).solve(outcome.options.time_limit)


def _scope(solution: Solution) -> Message:
    outcome = solution.outcome
    if outcome.fixed_whole:
        return say(
            "It is the proof of the linear program with the whole decisions fixed as the plan takes them; how good "
            "those are is what the proven upper bound says."
        )
    if len(solution.program.parts[PART].columns) and np.any(solution.program.parts[PART].coefficients):
        return say(
            "It is the proof of the linear program that counts overlap by the plan's ranking; how far the plan is from "
            "the best of all rankings is what the proven upper bound says."
        )
    return say("It is the proof of the linear program that was solved.")


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _brief(value: float) -> str:
    if value == 0:
        return "0"
    return f"{value:.1g}" if 1e-3 <= abs(value) < 1e3 else f"{value:.0e}"
