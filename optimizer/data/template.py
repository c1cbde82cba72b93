"""The tutorial case that ships with the package, for newcomers to edit."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from optimizer.data.whole import write_new_folder


def tutorial_files() -> dict[str, str]:
    """Return the files of the tutorial case: name -> text."""
    home = resources.files("optimizer.data").joinpath("tutorial")
    return {file.name: file.read_text(encoding="utf-8") for file in sorted(home.iterdir(), key=lambda file: file.name)}


def write_tutorial(folder: Path) -> None:
    """Write the tutorial case into a new folder; raises InputError where something is in its place."""
    write_new_folder(folder, tutorial_files())
