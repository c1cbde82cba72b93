"""How long the command line takes to start, beside imports of what it needs; processor seconds of whole processes."""

import argparse
import subprocess
import sys
from pathlib import Path
from statistics import median

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


def _run(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks start", description=__doc__)
    parser.add_argument("--repeats", type=int, default=7)
    given = parser.parse_args()
    print(described())
    taken: dict[str, list[float]] = {name: [] for name in STARTS}
    for _ in range(given.repeats):  # in turn, so that a machine that gets busier slows all of them
        for name, code in STARTS.items():
            taken[name].append(clocked(_run, code)[2])
    seconds = {name: median(values) for name, values in taken.items()}
    for name, value in seconds.items():
        base = BASES.get(name, "import numpy, pandas, highspy")
        print(f"{name:<32}{value:>8.3f} s   {value / seconds[base]:>5.2f} times '{base}'")
    print(f"written to {save('start', {'processor seconds': seconds})}")


if __name__ == "__main__":
    main()
