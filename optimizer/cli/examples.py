"""Examples below the help of each command: lines that work as they stand where ``inputs/tutorial`` is."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import typer

EXAMPLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "new": ("new my-case",),
        "check": ("check inputs/tutorial", "check --dictionary --lang ko"),
        "solve": ("solve inputs/tutorial --out my-run", "solve inputs/tutorial --method fixed --json"),
        "calibrate": ("calibrate inputs/tutorial --points 6", "calibrate inputs/tutorial --penalty 0.1,0.2,0.4"),
        "why": ("why inputs/tutorial osong clinical --field drug --year 2028",),
        "evaluate": (
            "solve inputs/tutorial --out my-run",
            "evaluate inputs/tutorial my-run/allocation.csv",
        ),
        "compare": (
            "solve inputs/tutorial --out my-run",
            "solve inputs/tutorial --method fixed --out fixed-run",
            "compare my-run fixed-run --by funder,year",
        ),
        "verify": ("solve inputs/tutorial --out my-run", "verify my-run"),
        "explain": ("explain inputs/tutorial",),
        "sweep": ("sweep inputs/tutorial inputs/tutorial/scenarios.csv --out sweep.xlsx",),
        "tornado": ("tornado inputs/tutorial --share 0.2 --method fixed", "tornado inputs/tutorial --measure launches"),
        "export": (
            "export inputs/tutorial --out plan.docx --unit 억원 --by funder,cluster,year --lang ko",
            "export inputs/tutorial --out tables --to csv",
        ),
        "morris": ("morris inputs/tutorial --trajectories 4 --method fixed",),
        "sobol": ("sobol inputs/tutorial --samples 4 --method fixed",),
        "budget-curve": (
            "budget-curve inputs/tutorial --out curve.xlsx",
            "budget-curve inputs/tutorial --funder msit --year 2028 --low 60 --high 100",
        ),
        "stochastic": (
            "stochastic inputs/tutorial --commit-until 2027 --lapse --risk cvar --alpha 0.9 --weight 0.3",
            "stochastic inputs/tutorial --commit-until 2027 --lapse --values",
        ),
        "mpi-sppy": ("mpi-sppy inputs/tutorial for-mpi --commit-until 2027 --lapse",),
        "frontier": ("frontier inputs/tutorial --measure worth,launches --points 5 --by 2030",),
        "alternatives": ("alternatives inputs/tutorial --slack 0.01 -n 2 --by funder,region",),
        "sample": ("sample inputs/tutorial -n 50 --reduce 10 --out futures.csv",),
        "regret": (
            "regret inputs/tutorial",
            "solve inputs/tutorial --out my-run",
            "regret inputs/tutorial --plan ours=my-run/allocation.csv --with-best",
        ),
        "priorities": ("priorities inputs/tutorial --budget 1200,1600 --of cluster --method forward",),
        "replacement": ("replacement inputs/tutorial --of funder --money shared",),
        "doctor": ("doctor", "doctor --json"),
        "lab": ("lab",),
    }
)
"""Command -> examples without the name of the program, to be run in their order."""


def attach(app: typer.Typer) -> None:
    """Put its examples below the help of each command of a program."""
    for command in app.registered_commands:
        name = command.name or str(getattr(command.callback, "__name__", ""))
        # the sign \b keeps lines from being joined
        command.epilog = "\n".join(["\b", "Examples:", *(f"  {app.info.name} {line}" for line in EXAMPLES[name])])
