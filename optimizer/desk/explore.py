"""``vc.explore(case)``: the panel with which a planner turns the dials of a case while the plan follows."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from optimizer.analysis.dials import as_code, changed, changes_to
from optimizer.analysis.exploring import Explorer, Look, State
from optimizer.api.cases import Case, Plan, as_case
from optimizer.arguments import checked, checked_methods
from optimizer.data.changes import Change, changed_case
from optimizer.desk.payload import VIEWS, controls, positions, settings_at, shown_state
from optimizer.desk.pictures import picture, redraw
from optimizer.errors import InputError, OptimizerError
from optimizer.language import Language, Message, say, sentence, translate
from optimizer.options import OverlapMethod, SolveOptions, one_of, spoken

WRITING = sentence("Writing …")
PINNED = sentence("Pinned: differences are to this plan from now on.")


@checked_methods
class Exploration:
    """A case whose dials can be turned; shown as a panel in JupyterLab, and as good without one. See :func:`explore`.

    Parameters
    ----------
    given
        The case, or a plan of it.
    language
        Language of the panel and of what it writes.
    folder
        Where the buttons write.
    options, method
        How to solve; those of the case, or of the plan, where left out.

    Attributes
    ----------
    case
        The case as it is.
    widget
        What JupyterLab shows.
    """

    def __init__(
        self,
        given: Case | Plan,
        language: Language,
        folder: Path,
        options: SolveOptions | None,
        method: OverlapMethod | None,
    ) -> None:
        from ipywidgets import VBox
        from plotly.graph_objects import FigureWidget

        from optimizer.desk.panel import Panel  # needs a package that only the desk needs

        self.case: Case = given if isinstance(given, Case) else as_case(given.case)
        self.folder = folder
        self._language = language
        self._drawing = threading.Lock()
        self._serial = -1
        self._drawn: tuple[Look | None, Look | None, str] = (None, None, "")
        self._explorer = Explorer(given, options, method, self._follow)
        self._figure = FigureWidget()
        self._figure._config = {**self._figure._config, "responsive": True, "displaylogo": False}
        self._frame = VBox([self._figure]).add_class("vc-picture")
        self._panel = Panel(
            controls=controls(self.case, language), values=positions(self.case, self._explorer.start), state={}
        )
        self.widget = VBox([self._panel, self._frame])
        self._follow(self._explorer.state)
        self._panel.observe(self._turned, "values")
        self._panel.observe(lambda _: self._draw(self._explorer.state), "view")
        self._panel.on_msg(self._pressed)

    @property
    def state(self) -> State:
        """Where the exploration stands: what is asked, shown and pinned; a snapshot."""
        return self._explorer.state

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changes that lead from the case to where the dials stand."""
        return changes_to(self.case, self._explorer.state.asked)

    @property
    def code(self) -> str:
        """Python code that makes the changes."""
        return as_code(self.changes)

    @property
    def plan(self) -> Plan:
        """The plan where the dials stand; raises :class:`InputError` where it is not there (yet)."""
        return Plan(self._explorer.settled().plan.solution)

    @property
    def pinned(self) -> Plan | None:
        """The plan that others are compared with; ``None`` before the first one is there."""
        look = self._explorer.state.pinned
        return None if look is None else Plan(look.plan.solution)

    def changed_case(self) -> Case:
        """Return the case with the dials where they stand."""
        return as_case(changed_case(self.case, self.changes))

    def turn(self, **dials: float | bool) -> None:
        """Turn dials as if by hand.

        Parameters
        ----------
        **dials
            ``budget`` (a factor), ``between_clusters``, ``between_funders``, ``min_share``, ``discount_rate`` (shares);
            rules by name: ``turn(**{"cluster cap": False})``.

        Raises
        ------
        InputError
            If there is no such dial or rule, or a figure is none.
        """
        settings = changed(self._explorer.state.asked, self.case, **dials)
        self._explorer.request(settings)
        self._panel.values = positions(self.case, settings)

    def reset(self) -> None:
        """Turn all dials to where the case has them."""
        self._explorer.request(self._explorer.start)
        self._panel.values = positions(self.case, self._explorer.start)

    def pin(self) -> None:
        """Compare with the plan shown from now on; raises :class:`InputError` where it is not there (yet)."""
        self._explorer.pin()

    def show(self, view: str) -> None:
        """Show another picture: ``allocation``, ``difference``, ``flow`` or ``overlap``.

        Raises
        ------
        InputError
            If it is another word.
        """
        if view not in VIEWS:
            raise InputError(say("there is no picture '{view}'; there are {known}.", view=view, known=", ".join(VIEWS)))
        self._panel.view = view

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nothing is planned any more; returns whether that came in time [s]."""
        return self._explorer.wait(timeout)

    def close(self) -> None:
        """End what is being planned and take the panel away."""
        self._explorer.close()
        self.widget.close()

    def save_workbook(self) -> Path:
        """Write the plan as a workbook into :attr:`folder`, under a new name; raises as :attr:`plan` does."""
        plan = self.plan
        self.folder.mkdir(parents=True, exist_ok=True)
        return plan.to_excel(self._new("plan", ".xlsx"), self._language)

    def save_run(self) -> Path:
        """Write the plan as a run folder into :attr:`folder`, under a new name; raises as :attr:`plan` does."""
        plan = self.plan
        self.folder.mkdir(parents=True, exist_ok=True)
        target = self._new("run")
        plan.save(target, self._language)
        return target

    def save_case(self) -> Path:
        """Write the case with the dials where they stand into :attr:`folder`, as a case folder under a new name."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.changed_case().save(self._new("case"))

    def _new(self, kind: str, ending: str = "") -> Path:
        """Return a path that nothing stands at."""
        stamp, number = f"{kind}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}", 1
        target = self.folder / f"{stamp}{ending}"
        while target.exists():
            number += 1
            target = self.folder / f"{stamp}-{number}{ending}"
        return target

    def _turned(self, change: Any) -> None:
        """Ask for the plan where somebody turned the dials to."""
        self._explorer.request(settings_at(self.case, change["new"]))

    def _pressed(self, _: Any, message: Any, __: Any) -> None:
        """Do what a button says."""
        asked = message.get("do") if isinstance(message, dict) else None
        writers: dict[str, Callable[[], Path]] = {
            "workbook": self.save_workbook,
            "run": self.save_run,
            "case": self.save_case,
        }
        if asked in writers:
            # apart, for a run folder of a large case takes seconds
            threading.Thread(target=self._write, args=(writers[asked],), daemon=True).start()
        elif asked == "reset":
            self.reset()
        elif asked == "pin":
            self._tell(self._pin)

    def _pin(self) -> Message:
        self.pin()
        return say(PINNED)

    def _write(self, writer: Callable[[], Path]) -> None:
        self._panel.said = translate(WRITING, self._language)
        self._tell(lambda: say("Written: {path}", path=writer()))

    def _tell(self, act: Callable[[], Message]) -> None:
        """Do something and say what came of it."""
        try:
            self._panel.said = act().text(self._language)
        except OptimizerError as problem:
            self._panel.said = problem.text(self._language)
        except OSError as problem:  # the disk is full, or the folder may not be written to
            self._panel.said = translate(
                "{file}: {problem}. Earlier results are untouched.",
                self._language,
                file=problem.filename or "–",
                problem=problem.strerror or problem,
            )

    def _follow(self, state: State) -> None:
        """Show a new state; states can come late, from several threads."""
        if not hasattr(self, "widget"):
            return  # the first one is shown when the panel is there
        with self._drawing:
            if state.serial <= self._serial:
                return
            self._serial = state.serial
            self._panel.state = shown_state(self.case, state, self._language)
        self._draw(state)

    def _draw(self, state: State) -> None:
        with self._drawing:
            if state.serial < self._serial or state.look is None:
                return
            (self._frame.remove_class if state.is_current else self._frame.add_class)("vc-old")
            view = self._panel.view
            pinned = state.pinned or state.look
            wanted = (state.look, pinned if view == "difference" else None, view)
            if wanted != self._drawn:
                redraw(self._figure, picture(view, state.look.plan, pinned.plan, self._language))
                self._drawn = wanted

    def _repr_mimebundle_(self, **_: Any) -> Any:
        return self.widget._repr_mimebundle_()

    def __repr__(self) -> str:
        return f"Exploration({self.case.name!r}: {self.code})"


@checked
def explore(
    case: Case | Plan,
    *,
    language: Language | str | None = None,
    folder: str | Path = "exploration",
    options: SolveOptions | None = None,
    method: OverlapMethod | str | None = None,
) -> Exploration:
    """Return a panel for JupyterLab with which a planner turns figures and rules of a case while the plan follows.

    Sliders for the total budget, both overlap penalties, the specialisation share and the discount rate, and a switch
    for each rule. The plan at the newest settings is made in the background, and is the one that
    ``case.change(...).solve()`` finds; on large cases a first look (overlap method ``fixed``) comes before it. Numbers
    are marked where they belong to other settings than those shown. Differences are to the pinned plan, at first that
    of the case as it is.

    Parameters
    ----------
    case
        The case; or a plan of it, which saves planning it again.
    language
        ``en`` or ``ko``.
    folder
        Where the buttons write workbooks, run folders and changed cases; made when it is needed.
    options
        How to solve.
    method
        Overlap method in place of the case's own.

    Returns
    -------
    Exploration
        Shown as the panel. ``.plan``, ``.changes``, ``.code``, ``.turn(budget=0.9)``, ``.wait()`` and more do in Python
        what hands do in the panel.

    Raises
    ------
    InputError
        If the packages of JupyterLab's panels are not installed, or it is neither a case nor a plan.

    Examples
    --------
    >>> import optimizer as vc
    >>> panel = vc.explore(vc.load_case("inputs/tutorial"))
    >>> panel.turn(budget=0.9)
    >>> panel.wait()
    True
    >>> panel.plan.objective < panel.pinned.objective
    True
    >>> print(panel.code)
    case.change(
        vc.Change("budget", column="amount", operation="multiply", value=0.9),
    )
    """
    chosen = None if method is None else one_of(OverlapMethod, method, "method")
    try:
        return Exploration(case, spoken(language), Path(folder), options, chosen)
    except ImportError as missing:
        message = say(
            "panels need the package {package}; install it by 'make lab' or \"pip install 'optimizer[lab]'\".",
            package=missing.name or "anywidget",
        )
        raise InputError(message) from None
