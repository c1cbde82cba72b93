"""A short start: a command goes without what it has no use for."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager

PLUGINS = "PYDANTIC_DISABLE_PLUGINS"
"""Variable of the environment that tells pydantic which plugins not to look for."""
SELDOM = 50_000
"""New objects between two looks of Python for dead ones that point at each other. With 700, its own number, a start
looks 90 times for what it hardly has: what is imported does not die."""


@contextmanager
def lean() -> Iterator[None]:
    """Run without what a command has no use for and a start waits for."""
    plugins, before = os.environ.get(PLUGINS), gc.get_threshold()
    if plugins is None:
        os.environ[PLUGINS] = "__all__"  # sought in the metadata of every installed package
    gc.set_threshold(SELDOM, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        if plugins is None:
            del os.environ[PLUGINS]
