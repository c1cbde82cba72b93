"""Fixtures shared by all tests: the reference cases and the cases that ship."""

from __future__ import annotations

from pathlib import Path

import pytest

import optimizer as vc

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "tests" / "reference"


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
