"""Damaged cases: whatever somebody's program, editor or mail does to a case, it is read, or refused by a named error.

Files of the tutorial and the reference cases are spoiled at random: bytes, cells, lines and columns of text files, and
the parts of workbooks. What still can be read is solved and written too, for a figure may be sound and absurd.
``LAW_THOROUGHNESS`` draws more.
"""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import optimizer as vc
from tests.conftest import REFERENCE, ROOT
from tests.strategies import law

CASES = [ROOT / "inputs" / "tutorial", *sorted(path for path in REFERENCE.iterdir() if path.is_dir())]
SMALL = 3_000
"""Bytes of a case's largest file up to which what still can be read is solved too."""
OPTIONS = vc.SolveOptions(time_limit=2.0)

CELLS = [
    *(
        "",
        " ",
        "-",
        "0",
        "-0",
        "1",
        "-1",
        "0.5",
        "1e15",
        "1e16",
        "1e-300",
        "1e999",
        "nan",
        "inf",
        "-inf",
        "NULL",
        "#N/A",
    ),
    *("1,5", "1,000", "60%", "true", "2026", "2026.0", "1900", "99999999999999999999", "0x10", "1_000", "１２", "٣"),
    *("=1+1", "@SUM(A1)", "<b>", "{x}", "%s", "../../etc/passwd", "link", "total", "all", "national", "a|b", "a=b;c"),
    *("한국", "a\nb", 'a"b', "a\tb", "\u202e", "\ud7ff", "x" * 40_000, "[[0.5, 1], [0.5, 2]]"),
]
BYTES = [
    b"\x00",
    b"\xff",
    b"\xfe\xff",
    b"\xef\xbb\xbf",
    b"\r",
    b"\n",
    b'"',
    b",",
    b";",
    b"\t",
    b"\xb0\xa1",
    b"<!",
    b"]]>",
    b"=",
    b"[",
]


def some_position(draw: st.DrawFn, size: int) -> int:
    return draw(st.integers(0, max(size - 1, 0)))


@st.composite
def spoiled_bytes(draw: st.DrawFn, content: bytes) -> bytes:
    """Draw a file with some of its bytes replaced, added, left out or repeated."""
    for _ in range(draw(st.integers(1, 4))):
        at = some_position(draw, len(content))
        length = draw(st.integers(0, 20))
        kind = draw(st.sampled_from(["put", "cut", "end", "twice"]))
        if kind == "put":
            added = draw(st.sampled_from(BYTES) | st.binary(min_size=1, max_size=4))
            content = content[:at] + added + content[at + length :]
        elif kind == "cut":
            content = content[:at] + content[at + length :]
        elif kind == "end":
            content = content[:at]
        else:
            content = content[: at + length] + content[at:]
    return content


@st.composite
def spoiled_table(draw: st.DrawFn, content: bytes) -> bytes:
    """Draw a table with some cells, lines and columns changed, saved in some encoding."""
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    for _ in range(draw(st.integers(1, 4))):
        if not rows:
            break
        line = some_position(draw, len(rows))
        place = some_position(draw, len(rows[line]))
        kind = draw(
            st.sampled_from(["cell", "cell", "cell", "cell", "line", "no line", "no column", "column", "title"])
        )
        if kind == "cell" and rows[line]:
            rows[line][place] = draw(st.sampled_from(CELLS) | st.text(max_size=5))
        elif kind == "line":
            rows.insert(line, list(rows[line]))
        elif kind == "no line":
            del rows[line]
        elif kind == "no column":
            rows = [row[:place] + row[place + 1 :] for row in rows]
        elif kind == "column":
            rows = [[*row, *row[place : place + 1]] for row in rows]
        elif rows[0]:
            rows[0][some_position(draw, len(rows[0]))] = draw(st.sampled_from(CELLS))
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator=draw(st.sampled_from(["\n", "\r\n"]))).writerows(rows)
    encoding = draw(st.sampled_from(["utf-8"] * 8 + ["utf-8-sig", "cp949", "utf-16", "utf-16-le", "latin-1"]))
    return stream.getvalue().encode(encoding, errors="replace")


@st.composite
def spoiled_folder(draw: st.DrawFn) -> dict[str, bytes]:
    """Draw the files of a case, one or two of them spoiled, missing or some other case's."""
    files = {path.name: path.read_bytes() for path in draw(st.sampled_from(CASES)).iterdir() if path.is_file()}
    for _ in range(draw(st.integers(1, 2))):
        name = draw(st.sampled_from(sorted(files)))
        kind = draw(st.sampled_from(["bytes", "table", "table", "missing", "foreign"]))
        if kind == "table" and name.endswith(".csv"):
            try:
                files[name] = draw(spoiled_table(files[name]))
            except (UnicodeDecodeError, csv.Error):  # spoiled before
                files[name] = draw(spoiled_bytes(files[name]))
        elif kind == "missing":
            files.pop(name)
        elif kind == "foreign":
            other = draw(st.sampled_from(CASES)) / name
            files[name] = other.read_bytes() if other.is_file() else b""
        else:
            files[name] = draw(spoiled_bytes(files[name]))
    return files


@st.composite
def spoiled_workbook(draw: st.DrawFn) -> bytes:
    """Draw a case's workbook with one of its parts, or the file itself, spoiled."""
    sound = sound_workbooks()
    content = draw(st.sampled_from(sound))
    if draw(st.integers(0, 9)) == 0:
        return draw(spoiled_bytes(content))
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        chosen = draw(st.sampled_from([name for name in source.namelist() if "xl/" in name]))
        for name in source.namelist():
            part = source.read(name)
            copy.writestr(name, draw(spoiled_bytes(part)) if name == chosen else part)
    return target.getvalue()


def sound_workbooks(cache: list[bytes] = []) -> list[bytes]:  # noqa: B006  # filled once
    """Return the workbooks of the sound cases."""
    if not cache:
        with tempfile.TemporaryDirectory() as folder:
            for number, path in enumerate(CASES):
                try:
                    cache.append(vc.load_case(path).save(Path(folder) / f"{number}.xlsx").read_bytes())
                except vc.CaseError:
                    continue
    return cache


def read_solve_write(case: Path, place: Path, *, small: bool) -> None:
    """Do with a case what a planner does; errors on purpose are fine, all others are not."""
    try:
        loaded = vc.load_case(case)
        loaded.save(place / "copy")
        if small:
            loaded.solve(OPTIONS).save(place / "run")
    except vc.OptimizerError as error:
        assert error.text("en").strip()  # noqa: PT017
        assert error.text("ko").strip()  # noqa: PT017


def fuzz(examples: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return settings(law(examples), suppress_health_check=list(HealthCheck))


@fuzz(40)
@given(files=spoiled_folder())
def test_a_spoiled_folder_is_a_case_or_a_named_error(files: dict[str, bytes]) -> None:
    place = Path(tempfile.mkdtemp())
    try:
        (place / "case").mkdir()
        for name, content in files.items():
            (place / "case" / name).write_bytes(content)
        small = max(map(len, files.values()), default=0) <= SMALL
        read_solve_write(place / "case", place, small=small)
    finally:
        shutil.rmtree(place)


@fuzz(60)
@given(content=spoiled_workbook())
def test_a_spoiled_workbook_is_a_case_or_a_named_error(content: bytes) -> None:
    place = Path(tempfile.mkdtemp())
    try:
        (place / "case.xlsx").write_bytes(content)
        read_solve_write(place / "case.xlsx", place, small=False)
    finally:
        shutil.rmtree(place)


@fuzz(40)
@given(data=st.data())
def test_a_spoiled_allocation_is_valued_or_a_named_error(data: st.DataObject, tutorial: vc.Case) -> None:
    content = data.draw(spoiled_table(sound_allocation(tutorial)) | spoiled_bytes(sound_allocation(tutorial)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hand.csv"
        path.write_bytes(content)
        try:
            evaluation = tutorial.evaluate(path, options=OPTIONS, measure=False)
        except vc.OptimizerError as error:
            assert error.text("ko").strip()  # noqa: PT017
        else:
            lines = evaluation.table
            assert (lines["used"] <= lines["given"]).all()
            assert evaluation._repr_html_()
            evaluation.save(Path(folder) / "run")


def sound_allocation(case: vc.Case, cache: list[bytes] = []) -> bytes:  # noqa: B006  # filled once
    """Return what the plan of a case spends, as a table."""
    if not cache:
        cache.append(case.solve(method="fixed").allocation.to_csv(index=False).encode())
    return cache[0]


@pytest.fixture(scope="module")
def sound_run(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Write a run and return its files by their path inside."""
    run = tmp_path_factory.mktemp("sound") / "run"
    vc.load_case(REFERENCE / "single-stage").solve().save(run)
    return {path.relative_to(run).as_posix(): path.read_bytes() for path in run.rglob("*") if path.is_file()}


@fuzz(12)
@given(data=st.data())
def test_a_spoiled_run_is_found_out_or_a_named_error(data: st.DataObject, sound_run: dict[str, bytes]) -> None:
    name = data.draw(st.sampled_from(sorted(sound_run)))
    content = data.draw(spoiled_bytes(sound_run[name]).filter(lambda spoiled: spoiled != sound_run[name]))
    with tempfile.TemporaryDirectory() as folder:
        for path, written in {**sound_run, name: content}.items():
            (Path(folder) / path).parent.mkdir(exist_ok=True)
            (Path(folder) / path).write_bytes(written)
        try:
            assert not vc.verify(folder).same
        except vc.OptimizerError as error:
            assert error.text("ko").strip()  # noqa: PT017
