"""What a page must be for who sees badly, has a small screen, a large thumb or no mouse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

PHONE_WIDTH, NARROWEST, DESK_WIDTH = 360, 320, 1280
HEIGHTS = {NARROWEST: 640, PHONE_WIDTH: 740, DESK_WIDTH: 800}
#: A browser's own size of text, and the largest that a page must bear (WCAG 1.4.4).
USUAL_TEXT, LARGEST_TEXT = 16, 32
LEAST_TARGET = 44
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

#: Everything that sticks out on the right and is not in a box that scrolls by itself.
STICKS_OUT = """width => document.documentElement.scrollWidth <= width ? [] :
  [document.documentElement.scrollWidth + " px wide", ...[...document.body.querySelectorAll("*")]
    .filter(one => one.getBoundingClientRect().right > width + 1 && !one.closest(".scroll"))
    .map(one => one.outerHTML.slice(0, 100))]"""
#: On a phone a table's rows are cards, which have nothing that scrolls.
CUT_OFF = """() => [...document.querySelectorAll(".scroll")].filter(one => one.scrollWidth > one.clientWidth)
  .map(one => one.scrollWidth + " px in " + one.clientWidth + ": " + one.innerText.slice(0, 100))"""

#: What can be pressed, but for links within a sentence, and is lower than a thumb needs. A box to tick
#: counts together with its label.
TOO_LOW = """least => {
  const inSentence = one => one.matches("a, button.linklike") && getComputedStyle(one).display === "inline" &&
    [...one.parentNode.childNodes].some(other => other !== one && other.textContent.trim().length > 1);
  const height = one => {
    const boxes = [one, ...(one.matches("[type=checkbox], [type=radio]") ? one.labels : [])];
    return Math.max(...boxes.map(box => box.getBoundingClientRect().height));
  };
  return [...document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea, summary")]
    .filter(one => one.checkVisibility({ visibilityProperty: true }) && !one.matches(".skip"))
    .filter(one => one.getBoundingClientRect().right > 0 && !inSentence(one) && height(one) < least - 0.5)
    .map(one => Math.round(height(one)) + " px: " + one.outerHTML.slice(0, 160));
}"""


def passes_axe(page: Page) -> None:
    """No page leaves out who cannot see it or has no mouse."""
    found = Axe().run(page, options={"runOnly": RULES}).response
    _nothing_of([f"{fault['id']}: {fault['nodes'][0]['html']}" for fault in found["violations"]])


def fits(page: Page) -> None:
    """Nothing makes the page scroll sideways; a phone would make its window as wide as what sticks out."""
    size = page.viewport_size
    assert size
    _nothing_of(page.evaluate(STICKS_OUT, size["width"]))
    if size["width"] <= PHONE_WIDTH:
        _nothing_of(page.evaluate(CUT_OFF))


def can_be_pressed(page: Page) -> None:
    """Whatever can be pressed is high enough for a thumb."""
    _nothing_of(page.evaluate(TOO_LOW, LEAST_TARGET))


def _nothing_of(faults: list[str]) -> None:
    assert not faults, "\n".join(faults)


@contextmanager
def large_text(page: Page) -> Iterator[None]:
    """Set the browser's text to 200 %, as in its settings."""
    tools = page.context.new_cdp_session(page)
    _set_text(tools, LARGEST_TEXT)
    try:
        yield
    finally:
        _set_text(tools, USUAL_TEXT)
        tools.detach()


def _set_text(tools: Any, size: int) -> None:
    tools.send("Page.setFontSizes", {"fontSizes": {"standard": size, "fixed": size}})


def at_width(page: Page, width: int) -> None:
    """Make the window as wide as a phone or a desk."""
    page.set_viewport_size({"width": width, "height": HEIGHTS[width]})


def look_over(page: Page, name: str) -> None:
    """Look at a page on a desk and on phones, with usual and with large text."""
    at_width(page, DESK_WIDTH)
    passes_axe(page)
    fits(page)
    with large_text(page):
        fits(page)
    at_width(page, NARROWEST)
    fits(page)
    at_width(page, PHONE_WIDTH)
    passes_axe(page)
    fits(page)
    can_be_pressed(page)
    with large_text(page):
        fits(page)
