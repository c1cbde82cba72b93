"""How a running solve of HiGHS is watched and stopped: through its callbacks."""

from __future__ import annotations

import time
from typing import Any

import highspy

from optimizer.solvers.result import Progress

KINDS = highspy.cb.HighsCallbackType
INTERRUPTS = (
    *(KINDS.kCallbackSimplexInterrupt, KINDS.kCallbackIpmInterrupt, KINDS.kCallbackMipInterrupt),
    KINDS.kCallbackLogging,
)
"""The callbacks in which a running solve can be stopped."""


class StoppedError(Exception):
    """Raised out of a callback that has no other way to stop the engine; never leaves the adapter."""


class Watch:
    """What the engine's callbacks leave for the waiting thread, and the other way round."""

    def __init__(self, began: float) -> None:
        self.began = began
        self.stop = False
        self.iterations = 0
        self.objective = float("nan")
        self.bound: float | None = None

    def __call__(self, kind: int, message: str, out: Any, back: Any, data: Any) -> None:
        """Note where the solve stands, and stop it if that was asked for."""
        del message, data
        if kind == KINDS.kCallbackLogging:
            if self.stop:
                raise StoppedError
            return
        if kind == KINDS.kCallbackMipInterrupt:
            self.iterations, self.objective = out.mip_node_count, out.mip_primal_bound
            self.bound = out.mip_dual_bound
        else:
            self.iterations = max(out.simplex_iteration_count, out.ipm_iteration_count, 0)
            self.objective = out.objective_function_value
        if self.stop:
            back.user_interrupt = True

    def ask_to_stop(self) -> None:
        """Let the engine stop at its next callback."""
        self.stop = True

    def progress(self) -> Progress:
        """Return where the solve stands."""
        return Progress(time.perf_counter() - self.began, self.iterations, self.objective, self.bound)
