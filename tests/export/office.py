"""LibreOffice for tests: what it makes of our files, computed anew."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
needs_office = pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not installed")
SECONDS = 180


@cache
def _profile() -> TemporaryDirectory[str]:
    """Return a profile of its own for each process of the tests: its first start is slow, and two may not share one."""
    return TemporaryDirectory(prefix="office-")


def converted(paths: Sequence[Path], kind: str, folder: Path) -> list[Path]:
    """Return files as LibreOffice saves them in another form."""
    command = [str(SOFFICE), f"-env:UserInstallation={Path(_profile().name).as_uri()}", "--headless"]
    subprocess.run(
        [*command, "--convert-to", kind, "--outdir", str(folder / "out"), *map(str, paths)],
        check=True,
        capture_output=True,
        timeout=SECONDS,
    )
    return [folder / "out" / f"{path.stem}.{kind}" for path in paths]


def without_results(path: Path, target: Path) -> Path:
    """Copy a workbook with every stored result of a formula taken out, so that whoever shows one must compute it."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            content = source.read(name)
            if name.startswith("xl/worksheets/sheet"):
                content = re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", content)
            archive.writestr(name, content)
    return target
