"""The ``verify`` command: whether a stored run is as it was written, and comes out the same again."""

from __future__ import annotations

from pathlib import Path

from optimizer.cli import show
from optimizer.export.verify import verify_run
from optimizer.language import Language


def verify(run: Path, tolerance: float, language: Language, *, as_json: bool, quiet: bool) -> bool:
    """Verify a run, print what was found, and return whether it is the same."""
    try:
        done = verify_run(run, tolerance, None if quiet or as_json else show.progress_line(language))
    finally:
        show.end_progress()
    if as_json:
        show.print_json(
            {
                "same": done.same,
                "tolerance": done.tolerance,
                "files": done.files,
                "cells": done.cells,
                "findings": [finding.as_dict(language) for finding in done.findings],
                "notes": [note.text(language) for note in done.notes],
            }
        )
    elif not (quiet and done.same):
        print(done.text(language))
    return done.same
