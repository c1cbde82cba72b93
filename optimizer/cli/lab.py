"""``optimizer lab``."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path

from optimizer.errors import InputError
from optimizer.language import say

NEEDED = ("jupyterlab", "ipykernel", "ipywidgets", "anywidget")
"""What notebooks and their panels need."""


def open_lab(notebooks: Path) -> None:
    """Become JupyterLab on a folder of notebooks.

    Raises
    ------
    InputError
        If there is no such folder, or a package is not installed.
    """
    if not notebooks.is_dir():
        raise InputError(
            say("there is no folder {folder} here; run 'optimizer lab' where the notebooks are.", folder=notebooks)
        )
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise InputError(
            say(
                "JupyterLab needs {packages}; install it by 'make lab' or \"pip install 'optimizer[lab]'\".",
                packages=", ".join(missing),
            )
        )
    os.execvp(sys.executable, [sys.executable, "-m", "jupyterlab", str(notebooks)])  # noqa: S606  # no shell is wanted
