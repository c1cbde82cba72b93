"""What sweeping tests send to other processes: measures, and a sweep that is killed in the middle."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import optimizer as vc
from optimizer.plan.plan import PlanTables

TUTORIAL = Path(__file__).parent.parent.parent / "inputs" / "tutorial"


def spend_of_first_year(plan: PlanTables) -> float:
    """Return the public money of the first year."""
    spend = plan.statistics.spend(["year"])
    return float(spend["spend"].iloc[0])


def slowly(plan: PlanTables) -> float:
    """Take some time, so that a sweep is stopped in the middle."""
    time.sleep(0.02)
    return plan.objective


def killing_once(plan: PlanTables) -> float:
    """Kill the worker at the first plan that any worker makes of a budget cut by 30 %."""
    mark = Path(os.environ["SWEEP_MARK"])
    if any(change.endswith("multiply 0.7") for change in plan.case.raw.changes) and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return plan.objective


def killing(plan: PlanTables) -> float:
    """Kill the worker at every plan of a budget cut by 30 %."""
    if any(change.endswith("multiply 0.7") for change in plan.case.raw.changes):
        os.kill(os.getpid(), signal.SIGKILL)
    return plan.objective


def points(count: int) -> dict[str, vc.Change]:
    """Return points of falling budgets."""
    return {f"{number}": vc.Change("budget", "amount", "multiply", 1 - number / 100) for number in range(count)}


def main() -> None:
    """Sweep into a store until killed."""
    store, count = sys.argv[1:]
    vc.sweep(
        vc.load_case(TUTORIAL),
        points(int(count)),
        method="fixed",
        executor="serial",
        store=store,
        measures={"slow": slowly},
    )


if __name__ == "__main__":
    main()
