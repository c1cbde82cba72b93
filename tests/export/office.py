"""LibreOffice for tests: what it makes of our files, computed anew."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
needs_office = pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not installed")
SECONDS = 180


def converted(path: Path, kind: str, folder: Path) -> Path:
    """Return a file as LibreOffice saves it in another form, with a profile of its own."""
    profile = (folder / "profile").as_uri()
    command = [str(SOFFICE), f"-env:UserInstallation={profile}", "--headless", "--convert-to", kind]
    subprocess.run(
        [*command, "--outdir", str(folder / "out"), str(path)], check=True, capture_output=True, timeout=SECONDS
    )
    return folder / "out" / f"{path.stem}.{kind}"


def without_results(path: Path, target: Path) -> Path:
    """Copy a workbook with every stored result of a formula taken out, so that whoever shows one must compute it."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            content = source.read(name)
            if name.startswith("xl/worksheets/sheet"):
                content = re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", content)
            archive.writestr(name, content)
    return target
