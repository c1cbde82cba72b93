"""How long the command line takes to start, beside imports of what it needs; processor seconds of whole processes.

Every start finds all modules compiled, as after the first one of an installed program, also where the environment
keeps Python from writing what it compiles.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.cells import clocked
from benchmarks.machine import described, save

TUTORIAL = Path(__file__).parent.parent / "inputs" / "tutorial"
PROGRAM = "from optimizer.cli.main import status_of; status_of({})"
STARTS = {
    "python": "pass",
    "import typer": "import typer",
    "--help": PROGRAM.format(["--help"]),
    "solve --help": PROGRAM.format(["solve", "--help"]),
    "import numpy, pandas, highspy": "import numpy, pandas, highspy",
    "check tutorial": PROGRAM.format(["check", str(TUTORIAL)]),
    "solve tutorial, fixed": PROGRAM.format(["solve", str(TUTORIAL), "--method", "fixed"]),
    "solve tutorial": PROGRAM.format(["solve", str(TUTORIAL)]),
}
BASES = {"--help": "import typer", "solve --help": "import typer"}
"""What a start is compared with; the imports of numpy, pandas and highspy unless named here."""


def _run(environment: Mapping[str, str], code: str) -> None:
    subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=True, env=environment)


def _measured(repeats: int, compiled: str) -> dict[str, list[float]]:
    """Return the seconds of every start; ``compiled`` is the folder for what Python compiles."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    run = partial(_run, kept | {"PYTHONPYCACHEPREFIX": compiled})
    for code in STARTS.values():
        run(code)
    taken: dict[str, list[float]] = {name: [] for name in STARTS}
    for _ in range(repeats):  # in turn, so that a machine that gets busier slows all of them
        for name, code in STARTS.items():
            taken[name].append(clocked(run, code)[2])
    return taken


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks start", description=__doc__)
    parser.add_argument("--repeats", type=int, default=7)
    given = parser.parse_args()
    print(described())
    with TemporaryDirectory() as compiled:
        taken = _measured(given.repeats, compiled)
    seconds = {name: median(values) for name, values in taken.items()}
    for name, value in seconds.items():
        base = BASES.get(name, "import numpy, pandas, highspy")
        print(f"{name:<32}{value:>8.3f} s   {value / seconds[base]:>5.2f} times '{base}'")
    print(f"written to {save('start', {'processor seconds': seconds})}")


if __name__ == "__main__":
    main()
