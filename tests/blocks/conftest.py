"""The switch that writes golden listings anew: ``pytest tests/blocks --golden-update``, then read the diff."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden-update", action="store_true", help="write the golden listings of tests/blocks anew")


@pytest.fixture
def golden_update(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be written; no where pytest was not started on this folder."""
    return bool(request.config.getoption("--golden-update", default=False))
