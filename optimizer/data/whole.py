"""Files and folders that appear whole or not at all: written beside their place, then renamed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

from optimizer.data.raw import SETTINGS
from optimizer.data.rows import TABLES
from optimizer.errors import InputError
from optimizer.language import say


def check_new(folder: Path) -> None:
    """Raise InputError where something is in a new folder's place already."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            say(
                "{folder} exists and is not empty; nothing was overwritten. Name another place or move it away.",
                folder=folder,
            )
        )


def write_new_folder(folder: Path, files: Mapping[str, str]) -> None:
    """Write a new folder of UTF-8 text files; raises InputError where something is in its place already."""
    check_new(folder)

    def write(beside: Path) -> None:
        for name, text in files.items():
            (beside / name).write_text(text, encoding="utf-8", newline="")

    swap_in_folder(folder, write)


def swap_in_folder(folder: Path, write: Callable[[Path], None]) -> None:
    """Let ``write`` fill a folder beside its place, then put it there in one move; an older one stays until then.

    Whatever fails before the move (a full disk, a kill) leaves the older folder as it was. Should the machine stop
    between the two renames of the move, the older folder is whole under the name ``.NAME.previous``. Of several
    programs that fill one folder at a time, each puts its own there whole, one after the other.
    """
    folder = folder.resolve() if folder.is_symlink() else Path(os.path.abspath(folder))  # noqa: PTH100  # keeps links above
    check_parent(folder)
    with _told_of(folder):
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        write(beside)
        beside.chmod(0o755)
        with _alone_in(folder.parent):
            if folder.exists() and not any(folder.iterdir()):
                # an empty folder stays the same one, for somebody may stand in it
                for path in sorted(beside.iterdir()):
                    path.rename(folder / path.name)
                beside.rmdir()
            else:
                _move_in(beside, folder)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise


@contextmanager
def _told_of(place: Path) -> Iterator[None]:
    """Let what the system refuses be told of a place, and not of what is written beside it under a passing name."""
    try:
        yield
    except OSError as problem:
        problem.filename = str(place)
        raise


@contextmanager
def _alone_in(parent: Path) -> Iterator[None]:
    """Keep other programs of this kind from moving folders in ``parent`` meanwhile; a kill gives the lock back.

    The folder itself is locked, so that no lock file is left behind. Where the system cannot do that, moves of two
    programs at the same moment may fail, but do not mix.
    """
    if find_spec("fcntl") is None:
        yield
        return
    import fcntl

    handle = os.open(parent, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network drives know no locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _move_in(beside: Path, folder: Path) -> None:
    previous = folder.with_name(f".{folder.name}.previous")
    if not folder.exists():
        beside.rename(folder)
        return
    shutil.rmtree(previous, ignore_errors=True)
    folder.rename(previous)
    try:
        beside.rename(folder)
    except BaseException:
        previous.replace(folder)
        raise
    shutil.rmtree(previous, ignore_errors=True)


def write_whole_file(path: Path, write: Callable[[Path], None]) -> None:
    """Let ``write`` make a file beside its place, then rename it there; an older file stays until then.

    Tables and settings of a case's folder are never replaced.
    """
    check_parent(path)
    check_no_input(path)
    if path.is_dir():
        raise InputError(
            say("{path} is a folder, and one file is to be written; name a file in it.", path=path.resolve())
        )
    with _told_of(path):
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}.", suffix=path.suffix, dir=path.parent)
        os.close(handle)
        beside = Path(name)
        try:
            write(beside)
            beside.chmod(0o644)
            beside.replace(path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise


def check_no_input(path: Path) -> None:
    """Raise InputError where a file would replace a table or the settings of a case's folder."""
    settings = f"{SETTINGS}.toml"
    inputs = {settings, *(f"{table}.csv" for table in TABLES)}
    if path.name in inputs and path.is_file() and (path.parent / settings).is_file():
        raise InputError(
            say(
                "{path} belongs to the case in {folder}; nothing was overwritten. Name another place.",
                path=path,
                folder=path.parent,
            )
        )


def check_not_source(source: Path, path: Path) -> None:
    """Raise InputError where a file would replace the workbook that a case was read from."""
    if path.is_file() and source.is_file() and path.samefile(source):
        raise InputError(say("{path} is the case itself; nothing was overwritten. Name another place.", path=path))


def check_parent(path: Path) -> None:
    """Raise InputError where the folder above a path is none, or may not be written."""
    if not path.parent.is_dir():
        raise InputError(
            say(
                "{parent} is not a folder; make it first, then write {name} into it.",
                parent=path.parent,
                name=path.name,
            )
        )
