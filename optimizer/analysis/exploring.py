"""Planning while somebody turns the dials: the newest settings are planned, in a thread of their own.

Of settings asked for one after the other only the newest are planned; what runs for older ones is ended. Where a plan
takes its time, there is a first look before it: the plan of overlap method ``fixed`` at the same settings, solved from
the basis of the case. The plan that follows is the one ``case.change(...).solve()`` finds. Whoever shows a plan learns
from :class:`State` which settings it belongs to.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

from optimizer.analysis.dials import Settings, changes_to, settings_of
from optimizer.data.case import CaseTables
from optimizer.data.changes import changed_case
from optimizer.errors import InputError, OptimizerError
from optimizer.language import say
from optimizer.options import OverlapMethod, SolveOptions
from optimizer.plan.explain import ExplanationTables
from optimizer.plan.plan import FailedPlanTables, PlanTables, read_outcome
from optimizer.planning.resolve import Resolver
from optimizer.planning.strategy import is_penalised
from optimizer.solvers.result import Progress

KEPT = 8
"""Plans kept, so that a way back takes no time."""


@dataclass(frozen=True, eq=False)
class Look:
    """A plan and the settings it belongs to.

    Attributes
    ----------
    settings
        Where the dials stood.
    plan
        The plan.
    first
        Whether it is a first look only, of overlap method ``fixed``, and without a bound.
    """

    settings: Settings
    plan: PlanTables
    first: bool


@dataclass(frozen=True, eq=False)
class Failure:
    """Why there is no plan at some settings.

    Attributes
    ----------
    settings
        Where the dials stand.
    problem
        What is wrong and what to do, in any language.
    explanation
        Which limits are in conflict, once that is known; ``None`` until then and where nothing can be said.
    """

    settings: Settings
    problem: OptimizerError
    explanation: ExplanationTables | None = None


@dataclass(frozen=True, eq=False)
class State:
    """Where an exploration stands; a snapshot.

    Attributes
    ----------
    serial
        Number of the snapshot, rising.
    asked
        Where the dials stand now.
    look
        The last good plan; it need not belong to ``asked``, see :attr:`is_current`.
    pinned
        The plan that others are compared with.
    failure
        Why there is no plan at ``asked``.
    busy
        Whether something is being planned.
    progress
        Where a long solve stands.
    expected
        Seconds the planning took last time; ``None`` before it is known.
    """

    serial: int
    asked: Settings
    look: Look | None = None
    pinned: Look | None = None
    failure: Failure | None = None
    busy: bool = False
    progress: Progress | None = None
    expected: float | None = None

    @property
    def is_current(self) -> bool:
        """Whether the plan shown belongs to where the dials stand, be it a first look."""
        return self.look is not None and self.look.settings == self.asked

    @property
    def is_settled(self) -> bool:
        """Whether the plan at the dials' place is there, and not a first look."""
        return self.look is not None and self.is_current and not self.look.first


OF_NOBODY = -1
"""The ticket of what nobody asked for."""


class SupersededError(Exception):
    """Ends the planning of settings nobody asks for any more; never leaves this module."""


class Explorer:
    """Plans a case at the settings asked for last, in the background; safe to be used from several threads.

    Parameters
    ----------
    given
        The case; or a plan of it, which saves planning it again.
    options
        How to solve.
    method
        Overlap method in place of the case's own.
    listener
        Told every new state, from whichever thread makes it.

    Attributes
    ----------
    case
        The case as it is, which the settings are changes of.
    start
        Where the dials stand in it.
    """

    def __init__(
        self,
        given: CaseTables | PlanTables,
        options: SolveOptions | None = None,
        method: OverlapMethod | None = None,
        listener: Callable[[State], None] | None = None,
    ) -> None:
        plan = given if isinstance(given, PlanTables) else None
        self.case: CaseTables = plan.case if plan else given  # type: ignore[assignment]  # else it is a case
        self.start = settings_of(self.case)
        options = options or (plan.outcome.options if plan else SolveOptions())
        same_engine = plan is not None and plan.outcome.options.engine == options.engine
        self._near = plan.outcome.result.basis if plan and same_engine and plan.outcome.result.has_basis else None
        self._method = method or (plan.outcome.method if plan else None)
        self._full = Resolver(self.case, options, self._method, goes_on=True)
        self._first = Resolver(self.case, replace(options, prove=False), OverlapMethod.FIXED, goes_on=True)
        self._listener = listener
        self._changed = threading.Condition()
        self._known: OrderedDict[Settings, Look] = OrderedDict()
        self._ticket = 0
        self._told = 0
        self._start_due = plan is None
        self._wanted: Settings | None = None
        self._thread: threading.Thread | None = None
        self._state = State(0, self.start)
        if plan is None:
            self.request(self.start)
        else:
            look = Look(self.start, plan, first=False)
            self._known[self.start] = look
            self._state = State(0, self.start, look, look)

    @property
    def state(self) -> State:
        """Where the exploration stands."""
        return self._state

    def request(self, settings: Settings) -> None:
        """Ask for the plan at some settings; what is being planned for others is ended."""
        with self._changed:
            state = self._state
            if settings == state.asked and (state.busy or state.is_settled):
                return
            self._ticket += 1
            known = self._known.get(settings)
            self._wanted = None if known else settings
            self._update(asked=settings, look=known or state.look, failure=None, busy=known is None, progress=None)
            if known is None and self._thread is None:
                self._thread = threading.Thread(target=self._work, name="explorer", daemon=True)
                self._thread.start()
        self._tell()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nothing is planned any more and the listener knows; returns whether that came in time [s]."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._state.busy and self._told >= self._state.serial, timeout)

    def pin(self) -> None:
        """Compare with the plan shown from now on.

        Raises
        ------
        InputError
            If the plan at the dials' place is not there yet.
        """
        with self._changed:
            self._update(pinned=self.settled())
        self._tell()

    def settled(self) -> Look:
        """Return the plan at the dials' place.

        Raises
        ------
        InputError
            If it is not there yet, or there is none.
        """
        state = self._state
        if state.failure is not None:
            raise InputError(
                say(
                    "There is no plan of these settings, and waiting brings none: {reason} Turn the dials back "
                    "(.reset() turns all of them).",
                    reason=state.failure.problem.message,
                )
            )
        if state.look is None or not state.is_settled:
            raise InputError(say("The plan of these settings is not there yet; wait for it, or turn the dials back."))
        return state.look

    def close(self) -> None:
        """End what is being planned, and plan nothing more until something is asked for."""
        with self._changed:
            self._ticket += 1
            self._wanted = None
            self._update(busy=False)
        self._tell()

    def _work(self) -> None:
        """Plan what is wanted until nothing is."""
        while True:
            with self._changed:
                settings, ticket = self._wanted, self._ticket
                if settings is None:
                    self._thread = None
                    return
                if self._start_due and settings != self.start:
                    # what others are compared with comes first; nobody is told but by the pin
                    settings, ticket = self.start, OF_NOBODY
            try:
                self._plan(settings, ticket)
            except SupersededError:
                continue
            except OptimizerError as problem:
                self._publish(ticket, failure=Failure(settings, problem), busy=False)
            except Exception as problem:  # of ours or of a library: whoever waits has to learn of it
                told = OptimizerError(f"{type(problem).__name__}: {problem}")
                told.__cause__ = problem
                self._publish(ticket, failure=Failure(settings, told), busy=False)
            finally:
                with self._changed:
                    self._start_due = self._start_due and settings != self.start
                    if self._ticket == ticket:
                        self._wanted = None

    def _plan(self, settings: Settings, ticket: int) -> None:
        began = time.perf_counter()
        changes = changes_to(self.case, settings)
        case = changed_case(self.case, changes) if changes else self.case

        # what others are compared with is planned to its end, unless the exploration is closed
        lasting = settings == self.start and self._state.pinned is None

        def check() -> None:
            if self._ticket != ticket and not (lasting and self._wanted is not None):
                raise SupersededError

        def report(progress: Progress) -> None:
            check()
            self._publish(ticket, progress=replace(progress, seconds=time.perf_counter() - began))

        if self._wants_first_look(case):
            # not to be ended half-way: whatever is asked for next needs it too
            self._first.prepare(self._near)
            check()
            found = read_outcome(self._first.plan(case, report, check))
            if isinstance(found, FailedPlanTables):
                self._fail(settings, ticket, found)
                return
            self._publish(ticket, look=Look(settings, found, first=True))
        found = read_outcome(self._full.plan(case, report, check))
        if isinstance(found, FailedPlanTables):
            self._fail(settings, ticket, found)
            return
        look = Look(settings, found, first=False)
        with self._changed:
            self._known[settings] = look
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
            self._update(pinned=self._state.pinned or look, expected=time.perf_counter() - began)
        self._publish(ticket, look=look, failure=None, busy=False, progress=None)

    def _wants_first_look(self, case: CaseTables) -> bool:
        method = self._method or case.settings.overlap.method
        return method is not OverlapMethod.FIXED and is_penalised(case) and not self._first.is_quick

    def _fail(self, settings: Settings, ticket: int, failed: FailedPlanTables) -> None:
        failure = Failure(settings, InputError(failed.reason))
        self._publish(ticket, failure=failure, busy=False, progress=None)
        if failed.is_explained:
            # apart, as it can take longer than a plan, and a new request must not wait for it
            explain = threading.Thread(target=self._explain, args=(ticket, failure, failed), daemon=True)
            explain.start()

    def _explain(self, ticket: int, failure: Failure, failed: FailedPlanTables) -> None:
        try:
            explanation = failed.explanation
        except OptimizerError:
            return  # the reason is said; why it cannot be said better helps nobody here
        self._publish(ticket, failure=replace(failure, explanation=explanation))

    def _publish(self, ticket: int, **news: object) -> None:
        """Let others see what was found, unless something else was asked for meanwhile."""
        with self._changed:
            if self._ticket != ticket:
                return
            self._update(**news)
        self._tell()

    def _update(self, **news: object) -> None:
        """Take over news; the lock is held."""
        self._state = replace(self._state, serial=self._state.serial + 1, **news)  # type: ignore[arg-type]  # by name

    def _tell(self) -> None:
        """Tell the listener; the lock is not held, so that it may ask for something."""
        state = self._state
        try:
            if self._listener is not None:
                self._listener(state)
        finally:
            with self._changed:
                self._told = max(self._told, state.serial)
                self._changed.notify_all()
