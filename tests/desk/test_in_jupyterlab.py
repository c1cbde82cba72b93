"""JupyterLab as planners use it: opened by ``optimizer lab``, notebooks run top to bottom, dials turned with keys.

One JupyterLab serves all tests, on a free port and with a token of its own, in a copy of the tree; nothing it writes,
remembers or configures leaves that copy. Notebooks 01 and 02 run here at the same time, and therefore not once more
without a browser (see ``tests/notebooks``).
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest

import optimizer as vc
from tests.browser import CHROMIUM, NO_CHROMIUM
from tests.conftest import ROOT

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed; 'make test' installs it")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # of the browser's driver, when it ends
]

SCREEN = {"width": 1366, "height": 1400}
START, PATIENCE, NOTEBOOK = 60, 60_000, 240_000
"""Longest JupyterLab may take to start [s], a page or a plan to appear, and a notebook to run [ms]."""
HANGUL = re.compile("[가-힣]")


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab.

    Attributes
    ----------
    address, token
        Where it is, and what lets one in.
    tree
        The copy of the tree it was started in.
    """

    address: str
    token: str
    tree: Path

    @property
    def notebooks(self) -> Path:
        """The folder it shows."""
        return self.tree / "notebooks"

    def url(self, path: str) -> str:
        """Return the address of a page."""
        return f"{self.address}/{path}?token={self.token}"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Start JupyterLab by ``optimizer lab``."""
    tree = tmp_path_factory.mktemp("lab")
    for folder in ("inputs", "notebooks"):
        shutil.copytree(ROOT / folder, tree / folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found = Lab(f"http://127.0.0.1:{port}", secrets.token_hex(16), tree)
    kept = tree / "jupyter"
    kept.mkdir()
    settings = {
        "ServerApp": {
            **{"ip": "127.0.0.1", "port": port, "port_retries": 0, "open_browser": False, "allow_root": True},
            **{"allow_remote_access": False, "terminals_enabled": False},
        },
        "IdentityProvider": {"token": found.token},
        "LabApp": {"expose_app_in_browser": True, "news_url": None},
    }
    (kept / "jupyter_server_config.json").write_text(json.dumps(settings), encoding="utf-8")
    (kept / "jupyter_lab_config.json").write_text(json.dumps(settings), encoding="utf-8")
    places = (
        "JUPYTER_DATA_DIR",
        "JUPYTER_RUNTIME_DIR",
        "JUPYTERLAB_SETTINGS_DIR",
        "JUPYTERLAB_WORKSPACES_DIR",
        "IPYTHONDIR",
    )
    surroundings = {
        **os.environ,
        **{place: str(kept / place.lower()) for place in places},
        "JUPYTER_CONFIG_DIR": str(kept),
        "PYTHONPATH": str(ROOT),
    }
    with (kept / "log.txt").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-c", "from optimizer.cli.main import run; run(['lab'])"],
            cwd=tree,
            env=surroundings,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        end = time.monotonic() + START
        while not _answers(found):
            assert server.poll() is None, (kept / "log.txt").read_text()
            assert time.monotonic() < end, (kept / "log.txt").read_text()
            time.sleep(0.2)
        yield found
    finally:
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _answers(lab: Lab) -> bool:
    try:
        with urllib.request.urlopen(lab.url("api/status"), timeout=5):  # noqa: S310  # our own address
            return True
    except OSError:
        return False


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Start the system's Chromium."""
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM)
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Any) -> Iterator[Any]:
    """Return a browser that remembers nothing."""
    context = browser.new_context(viewport=SCREEN)
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


def open_notebook(context: Any, lab: Lab, name: str) -> Any:
    """Open a notebook in a page of its own and wait for its kernel."""
    page = context.new_page()
    page.goto(lab.url(f"doc/tree/{name}"))
    page.wait_for_function(
        "window.jupyterapp?.shell.currentWidget?.context?.sessionContext?.session?.kernel?.status === 'idle'"
    )
    return page


def run_all(*pages: Any) -> None:
    """Run all cells of notebooks at the same time, wait for the end of all, and save them."""
    for page in pages:
        page.evaluate("() => { window.ran = window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
    for page in pages:
        page.set_default_timeout(NOTEBOOK)
        page.evaluate("async () => { await window.ran; await window.jupyterapp.commands.execute('docmanager:save'); }")
        page.set_default_timeout(PATIENCE)


def errors(path: Path) -> list[str]:
    """Return what went wrong in a saved notebook: errors, and what was written to the error stream."""
    return [
        str(output.get("ename") or output.get("text"))
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "error" or output.get("name") == "stderr"
    ]


def write_notebook(path: Path, *sources: str) -> None:
    """Write a notebook with some cells of code."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)


def test_notebooks_run_top_to_bottom(context: Any, lab: Lab) -> None:
    names = ("01-first-plan", "02-overlap-and-specialization")
    pages = [open_notebook(context, lab, f"{name}.ipynb") for name in names]
    run_all(*pages)
    for name in names:
        path = lab.notebooks / f"{name}.ipynb"
        assert errors(path) == []
        cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
        assert all(cell.execution_count for cell in cells)
    first, second = pages
    first.locator(".vc-explore").scroll_into_view_if_needed()
    first.locator('.vc-numbers tr[data-name="objective"] td').first.wait_for()
    assert "Error displaying widget" not in first.content()
    second.locator(".js-plotly-plot .main-svg").first.wait_for(state="attached")
    assert (lab.tree / "results" / "first-plan" / "report.html").is_file()
    assert (lab.tree / "results" / "overlap-curve.xlsx").is_file()


def numbers(page: Any) -> dict[str, str]:
    """Return the figures the panel shows, by name."""
    return dict(
        page.evaluate(
            "[...document.querySelectorAll('.vc-numbers tbody tr')].map(r => [r.dataset.name, r.cells[1].textContent])"
        )
    )


def settle(page: Any) -> None:
    """Wait until the panel shows the plan of where its dials stand."""
    page.locator(".vc-explore:not(.vc-stale) [data-do=pin]:enabled").wait_for()


def test_a_slider_moves_by_key_and_the_numbers_follow(context: Any, lab: Lab, tutorial: vc.Case) -> None:
    write_notebook(
        lab.notebooks / "explore.ipynb",
        'import optimizer as vc\ncase = vc.load_case("../inputs/tutorial")\npanel = vc.explore(case)\npanel',
    )
    page = open_notebook(context, lab, "explore.ipynb")
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    run_all(page)
    settle(page)
    before = numbers(page)
    assert before["objective"] == f"{tutorial.solve().objective:,.1f} KRW bn"
    slider = page.get_by_role("slider", name="Total budget")
    slider.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    assert slider.input_value() == "104"
    settle(page)
    more = tutorial.change(vc.Change("budget", column="amount", operation="multiply", value=1.04)).solve().summary()
    after = numbers(page)
    assert after["objective"] == f"{more['objective']:,.1f} KRW bn" != before["objective"]
    assert after["launches"] == f"{more['launches']:,.2f}"
    assert after["spend"] == f"{more['spend']:,.1f} KRW bn"
    # a switch by the space bar, and the difference in the picture
    page.get_by_role("switch", name="no cluster above 90 a year").focus()
    page.keyboard.press("Space")
    settle(page)
    free = tutorial.change(
        vc.Change("budget", column="amount", operation="multiply", value=1.04),
        vc.Change("rules", column="enabled", operation="set", value="false", where="rule=no cluster above 90 a year"),
    ).solve()
    assert numbers(page)["objective"] == f"{free.objective:,.1f} KRW bn"
    for name, title in (("Money flow", "Where the public money goes"), ("Difference to the pinned plan", "What moves")):
        page.get_by_text(name, exact=True).last.click()
        page.locator(".vc-picture .gtitle", has_text=title).wait_for()
    page.get_by_role("button", name="Save workbook").click()
    page.locator(".vc-said", has_text="Written: ").wait_for()
    (written,) = (lab.notebooks / "exploration").glob("plan-*.xlsx")
    assert written.name in page.locator(".vc-said").inner_text()
    page.get_by_role("button", name="Reset", exact=True).click()
    sync_api.expect(slider).to_have_value("100")  # Python turns the dials back, and then plans
    settle(page)
    assert numbers(page) == before
    assert said == []
    assert errors(lab.notebooks / "explore.ipynb") == []


def test_numbers_of_other_settings_are_marked_at_once(context: Any, lab: Lab) -> None:
    write_notebook(
        lab.notebooks / "korean.ipynb",
        'import optimizer as vc\nvc.explore(vc.load_case("../inputs/tutorial"), language="ko")',
    )
    page = open_notebook(context, lab, "korean.ipynb")
    run_all(page)
    settle(page)
    for words in page.locator(".vc-explore :is(label, legend, button, summary, caption, th, .vc-status)").all():
        text = words.inner_text()
        inside_rules = words.evaluate("e => Boolean(e.closest('.vc-rule'))")  # a case's own rules have one name
        assert not text or inside_rules or HANGUL.search(text), text
    # within the very event, so that no frame shows old numbers beside new settings
    stale = page.evaluate(
        """() => {
            const slider = document.querySelector('.vc-explore input[name=discount_rate]');
            slider.value = 6;
            slider.dispatchEvent(new Event('input', {bubbles: true}));
            const panel = slider.closest('.vc-explore');
            const mark = panel.querySelector('.vc-stale-mark');
            return [panel.classList.contains('vc-stale'), mark.hidden, panel.querySelector('[data-do=pin]').disabled];
        }"""
    )
    assert stale == [True, False, True]
    settle(page)
    assert page.locator(".vc-stale-mark").is_hidden()
