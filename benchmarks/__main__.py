"""One entry for all benchmarks: ``python -m benchmarks [NAME] [options]``; without a name, the usual ones in turn.

    programs    the package beside the same program in raw numpy, PuLP, OR-Tools' model builder and linopy
    engines     the package beside bare engines on its own matrix
    changes     a change of figures beside building anew
    start       what the command line imports and how long it takes to start
    sweep       1,000 changed copies of the tutorial beside rebuilding and solving each in PuLP
    sequence    engines on the programs of an overlap sequence
    stochastic  plans under uncertainty by number of futures
    scale       time and memory against size, up to a million columns

Every one of them explains its options with ``--help``.
"""

import subprocess
import sys
from importlib import import_module

NAMES = {
    "programs": "benchmarks.compare:programs",
    "engines": "benchmarks.compare:engines",
    "changes": "benchmarks.changes:main",
    "start": "benchmarks.start:main",
    "sweep": "benchmarks.sweep:main",
    "sequence": "benchmarks.sequence:main",
    "stochastic": "benchmarks.stochastic:main",
    "scale": "benchmarks.scale:main",
}
USUAL = ("start", "changes", "programs", "engines", "sweep")
"""About a quarter of an hour on two cores that have nothing else to do."""


def main() -> None:
    """Run the benchmark that is named, or the usual ones."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name in NAMES:
        module, function = NAMES[name].split(":")
        sys.argv = [f"benchmarks {name}", *sys.argv[2:]]
        getattr(import_module(module), function)()
    elif name:
        print(__doc__)
        raise SystemExit(0 if name in {"-h", "--help"} else 1)
    else:
        for usual in USUAL:
            print(f"== {usual}", flush=True)
            subprocess.run([sys.executable, "-m", "benchmarks", usual], check=True)


if __name__ == "__main__":
    main()
