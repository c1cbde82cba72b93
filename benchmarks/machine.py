"""What a run was taken on, and where its results are kept."""

import json
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from os import cpu_count
from pathlib import Path
from typing import Any

PACKAGES = ("numpy", "pandas", "highspy", "ortools", "pulp", "linopy")
RESULTS = Path(__file__).parent.parent / "results" / "benchmarks"


def described() -> str:
    """Return machine and versions in one line."""
    packages = ", ".join(f"{name} {of}" for name, of in versions().items())
    return f"{_processor()}, {cpu_count()} cores, {_memory():.0f} GB; Python {platform.python_version()}, {packages}"


def versions() -> dict[str, str]:
    """Return the versions of the packages that are compared."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _memory() -> float:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return float("nan")
    return float(next(line.split()[1] for line in lines if line.startswith("MemTotal"))) / 2**20


def save(name: str, found: dict[str, Any]) -> Path:
    """Write what was found as JSON, with machine, versions and time; the last run of each name is kept."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{name}.json"
    about = {"machine": described(), "versions": versions(), "at": datetime.now(UTC).isoformat(timespec="seconds")}
    path.write_text(json.dumps({**about, **found}, indent=1) + "\n", encoding="utf-8")
    return path
