"""The report in a real browser: Chromium as the system brings it, the network cut, nothing on its console."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import optimizer as vc
from tests.export.test_untrusted_names import write_case

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed; 'make test' installs it")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine to open the report in")

SCREEN = {"width": 1366, "height": 768}
"""A small laptop's screen [pixels]."""
PAPER, PAPER_HEIGHT = 1000, 660
"""What fits on a sheet of A4 [pixels]."""
PATIENCE = 20_000
"""Longest a page may take [milliseconds]."""


@dataclass
class Opened:
    """A page that was opened, and what it said and asked for."""

    page: Any
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Start the system's Chromium."""
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM)
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser: Any) -> Iterator[Any]:
    """Return what opens a page without a network, and writes down what it says and asks for."""
    context = browser.new_context(viewport=SCREEN, offline=True)

    def open_page(path: Path) -> Opened:
        found = Opened(context.new_page())
        found.page.set_default_timeout(PATIENCE)
        found.page.on("console", lambda message: found.said.append(message.text))
        found.page.on("pageerror", lambda error: found.said.append(str(error)))
        found.page.on("dialog", lambda dialog: found.said.append(f"dialog: {dialog.message}"))
        found.page.on("request", lambda request: found.asked.append(request.url))
        found.page.goto(path.as_uri())
        return found

    yield open_page
    context.close()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_report_draws_itself_without_a_network(
    language: str, opened: Any, tutorial_plan: vc.Plan, tmp_path: Path
) -> None:
    path = tutorial_plan.to_html(tmp_path / "report.html", language)
    found = opened(path)
    page = found.page
    assert found.said == []
    assert found.asked == [path.as_uri()]
    charts = page.locator(".chart").count()
    assert charts >= 9
    assert page.evaluate("[...document.querySelectorAll('.chart')].every(c => c.querySelector('.main-svg'))")
    # one screen: what, why, what it costs, how sure
    assert page.evaluate("document.querySelector('#summary').getBoundingClientRect().bottom") <= SCREEN["height"]
    assert page.locator(".answer").count() == 4
    for width in (SCREEN["width"], 1024, 800):
        page.set_viewport_size({"width": width, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), width
    drawn = page.evaluate("[...document.querySelectorAll('.chart text')].map(t => t.textContent).join('\\n')")
    names = tutorial_plan.case.table("clusters")["name" if language == "en" else "name_ko"]
    assert all(name in drawn for name in names)
    assert found.said == []


def test_figures_answer_the_mouse_and_fit_on_paper(opened: Any, tutorial_plan: vc.Plan, tmp_path: Path) -> None:
    page = opened(tutorial_plan.to_html(tmp_path / "report.html")).page
    bar = page.locator("[data-figure=figure-launches] .bars .point path").first
    bar.scroll_into_view_if_needed()
    bar.hover(force=True)
    page.wait_for_selector("[data-figure=figure-launches] .hoverlayer .hovertext")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    boxes = "[...document.querySelectorAll('.chart')].map(c => c.querySelector('.main-svg').getBoundingClientRect())"
    sizes = f"{boxes}.map(box => [Math.round(box.width), Math.round(box.height)])"
    for width, height in page.evaluate(sizes):
        assert PAPER - 2 <= width <= PAPER
        assert height <= PAPER_HEIGHT
    assert page.locator("[data-figure=figure-money] .sankey-link").count() > 0
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert max(height for _, height in page.evaluate(sizes)) > PAPER_HEIGHT
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_the_policy_keeps_a_foreign_script_from_running(opened: Any, tutorial_plan: vc.Plan, tmp_path: Path) -> None:
    found = opened(tutorial_plan.to_html(tmp_path / "report.html"))
    with found.page.expect_event("requestfailed") as refused:
        found.page.evaluate(
            "() => { const script = document.createElement('script'); script.textContent = 'window.ran = 1';"
            " document.body.append(script); const image = new Image(); image.src = 'http://127.0.0.1/x.png'; }"
        )
    assert found.page.evaluate("window.ran === undefined")
    assert refused.value.failure == "csp"  # not for want of a network


def test_markup_in_names_is_shown_as_it_is_written(opened: Any, tmp_path: Path) -> None:
    name = '<b>bold</b><a href="http://x.y">z</a> {x} &lt; $q$'
    path = write_case(tmp_path / "case", name).solve().to_html(tmp_path / "report.html")
    found = opened(path)
    assert found.said == []
    assert found.page.locator(".chart a, .chart svg [style*='font-weight: bold']").count() == 0
    drawn = found.page.evaluate("[...document.querySelectorAll('.chart text')].map(t => t.textContent)")
    assert any(text.startswith('<b>bold</b><a href="http://x.y">') for text in drawn), drawn
