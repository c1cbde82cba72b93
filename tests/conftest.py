"""Fixtures shared by all tests: the reference cases, the cases that ship, and an engine that is watched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import optimizer as vc
from optimizer.solvers import base
from tests.planning import spy

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "tests" / "reference"


LONGEST = ("test_in_jupyterlab.py", "test_notebooks.py")
"""Files of tests that take longest: each of the two processes of 'make test' begins with one of them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest tests first in either half, which is what each process is given, so that both end together."""
    first, second = ([item for item in items if item.path.name == name] for name in LONGEST)
    rest = [item for item in items if item.path.name not in LONGEST]
    half = max(len(items) // 2 - len(first), 0)
    items[:] = [*first, *rest[:half], *second, *rest[half:]]


@pytest.fixture(scope="session")
def tutorial() -> vc.Case:
    """Load the tutorial case; it is frozen, so one copy serves all tests."""
    return vc.load_case(ROOT / "inputs" / "tutorial")


@pytest.fixture(scope="session")
def tutorial_plan(tutorial: vc.Case) -> vc.Plan:
    """Solve the tutorial case by its own method."""
    plan = tutorial.solve()
    assert isinstance(plan, vc.Plan)
    return plan


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[spy.Log]:
    """Offer an engine called "spy" and return what it writes down."""
    watching = replace(base.ADAPTERS["highs"], module="tests.planning.spy")
    monkeypatch.setattr(base, "ADAPTERS", {**base.ADAPTERS, "spy": watching})
    spy.LOG.limits.clear()
    spy.LOG.enough_for = 1000
    yield spy.LOG
    spy.LOG.limits.clear()
