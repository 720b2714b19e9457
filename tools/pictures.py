"""Make the pictures of the user guide again, two of which README shows too: a Chromium looks at the demonstration, in
Persian and in English, once everything was reckoned.

`.venv/bin/python tools/pictures.py` makes all of them, with names as words only those. A picture keeps the colours that
matter (an interface has few), so that it stays small.
"""

from __future__ import annotations

import base64
import struct
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from browser import chromium
from peyvand.administration.demo.login import LOGIN, PASSWORD
from peyvand.testing.installation import Installation
from peyvand.web.guide.reading import PICTURES

WORKSPACES = {"fa": "firouzeh", "en": "turquoise"}
BYTES = 120_000
# Every analysis of two workspaces.
RECKONING = 900.0
COLOURS = (255, 128, 64, 32)
DESK, TALL, PHONE = (
    {"width": 1280, "height": 800},
    {"width": 1280, "height": 1160},
    {"width": 390, "height": 844},
)

# The pixels of a PNG as numbers of its most frequent colours; any other goes to the nearest of them.
_INDEXED = """
async ([png, most]) => {
  const image = new Image();
  image.src = 'data:image/png;base64,' + png;
  await image.decode();
  const { width, height } = image, canvas = new OffscreenCanvas(width, height), pen = canvas.getContext('2d');
  pen.drawImage(image, 0, 0);
  const pixels = new Uint32Array(pen.getImageData(0, 0, width, height).data.buffer), counts = new Map();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  const colours = [...counts].sort((a, b) => b[1] - a[1]).slice(0, most).map(([pixel]) => pixel);
  const parts = (pixel) => [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255];
  const known = colours.map(parts), places = new Map(colours.map((pixel, n) => [pixel, n]));
  const nearest = (pixel) => {
    const [r, g, b] = parts(pixel);
    let best = 0, least = Infinity;
    known.forEach(([x, y, z], n) => {
      const far = (r - x) ** 2 + (g - y) ** 2 + (b - z) ** 2;
      if (far < least) [best, least] = [n, far];
    });
    places.set(pixel, best);
    return best;
  };
  const found = Uint8Array.from(pixels, (pixel) => places.get(pixel) ?? nearest(pixel));
  let text = '';
  for (let at = 0; at < found.length; at += 32768) text += String.fromCharCode(...found.subarray(at, at + 32768));
  return { width, height, colours: known.flat(), pixels: btoa(text) };
}
"""

_RECKON = """
from peyvand.platform.jobs.worker import run_worker
run_worker(until_empty=True)
print("null")
"""


@dataclass(frozen=True)
class Scene:
    """A picture: where to go in a workspace, and how to get from there to what is shown."""

    path: str
    on: Callable[[Any], None] = lambda page: None
    size: Any = field(default_factory=lambda: DESK)


def _first_row(page: Any) -> None:
    """From a list to the record in its first row."""
    _row(page, 0)


def _row(page: Any, place: int) -> None:
    id = page.locator("#rows tr[data-id]").nth(place).get_attribute("data-id")
    page.goto(page.url.partition("?")[0] + f"{id}/")


def _first_card(page: Any) -> None:
    """From a board to the record of a card in its third column, where most has happened."""
    id = page.locator("[data-stage]").nth(2).locator("[data-card]").first.get_attribute("data-card")
    page.goto(page.url.replace("board", f"{id}/"))


def _at_work(page: Any) -> None:
    """From the calendar to the hours of work, whatever the clock says."""
    line = page.locator(".hours-line").first
    line.evaluate("line => line.closest('pv-hours').scrollTo(0, line.clientHeight * 7.5 / 24)")


def _plan(page: Any) -> None:
    """From the list of sequences to the steps of the last, the first that was made."""
    _row(page, -1)
    page.goto(f"{page.url}plan")


def _insights(page: Any) -> None:
    """On a customer's page, to the card of what is concluded about them."""
    _first_row(page)
    page.locator(".ins").first.scroll_into_view_if_needed()


def _effect(page: Any) -> None:
    """From the list of automations to what the one that is at work changed."""
    _first_row(page)
    page.goto(f"{page.url}plan?tab=effect")


def _as_the_customer(page: Any) -> None:
    """From a list of quotes to the page that the customer of the first has, in a browser that is not signed in."""
    _first_row(page)
    address = page.locator("a[href^='/q/']").first.get_attribute("href")
    page.context.clear_cookies()
    page.set_viewport_size(PHONE)
    page.goto(address)


SCENES = {
    "today": Scene("/"),
    "lead": Scene("/leads/?view=hot&sort=-score", _first_row),
    "board": Scene("/deals/board"),
    "deal": Scene("/deals/board", _first_card),
    "calendar": Scene("/calendar?view=week", _at_work),
    "invoice": Scene("/invoices/?view=unpaid", _first_row),
    "sequence": Scene("/sequences/?view=all", _plan),
    "commission": Scene("/commission-statements/?view=all&sort=-amount", _first_row),
    "team": Scene("/reports/team"),
    "insights": Scene("/insights"),
    "customer": Scene("/companies/?sort=-expected_value", _insights, TALL),
    "forecast": Scene("/insights/forecast"),
    "texts": Scene("/insights/texts"),
    "effect": Scene("/automations/?sort=-held_out", _effect),
    # The last: it signs out.
    "quote": Scene("/quotes/?view=sent&sort=-valid_until", _as_the_customer),
}


def main() -> None:
    wanted = sys.argv[1:] or list(SCENES)
    PICTURES.mkdir(parents=True, exist_ok=True)
    with demonstration() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for language, slug in WORKSPACES.items():
            page = _signed_in(browser, address, slug, language)
            for name, scene in SCENES.items():
                if name not in wanted:
                    continue
                page.set_viewport_size(scene.size)
                page.goto(f"/w/{slug}{scene.path}")
                scene.on(page)
                page.wait_for_load_state("networkidle")
                page.evaluate("document.fonts.ready")
                file = PICTURES / f"{name}-{language}.png"
                file.write_bytes(_small(page, page.screenshot()))
                print(f"{file.name}: {file.stat().st_size:,} bytes")
            page.context.close()
        browser.close()


@contextmanager
def demonstration() -> Iterator[str]:
    """The address of an installation of its own with the demonstration in it."""
    with tempfile.TemporaryDirectory(prefix="peyvand-pictures-") as folder:
        installed = Installation(Path(folder) / "data", {})
        installed.open()
        try:
            installed.command("demo")
            installed.script(_RECKON, patience=RECKONING)
            installed.serve(1)
            yield f"http://127.0.0.1:{installed.port}"
        finally:
            installed.close()


def _signed_in(browser: Any, address: str, slug: str, language: str) -> Any:
    locale = {"fa": "fa-IR", "en": "en-GB"}[language]
    context = browser.new_context(base_url=address, viewport=DESK, locale=locale, reduced_motion="reduce")
    # What the page follows would keep the network from ever being idle; a page that lost it would say so.
    context.add_init_script("EventSource = class extends EventTarget { close() {} }")
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto("/sign-in")
    page.fill("[name=email]", LOGIN)
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.goto(f"/w/{slug}/")
    if page.locator("html").get_attribute("lang") != language:
        page.locator(f"form[action='/language'] button[value='{language}']").first.click()
        page.wait_for_selector(f"html[lang='{language}']")
    return page


def _small(page: Any, png: bytes) -> bytes:
    """The picture with as many colours as its size allows."""
    # A page of ours forbids pictures from elsewhere; an empty one does not.
    empty = page.context.new_page()
    try:
        for most in COLOURS:
            found = _indexed(empty.evaluate(_INDEXED, [base64.b64encode(png).decode(), most]))
            if len(found) <= BYTES:
                return found
    finally:
        empty.close()
    raise SystemExit(f"A picture stays larger than {BYTES:,} bytes.")


def _indexed(drawn: dict[str, Any]) -> bytes:
    """A PNG with a palette."""
    width, pixels = drawn["width"], base64.b64decode(drawn["pixels"])
    rows = b"".join(b"\0" + pixels[at : at + width] for at in range(0, len(pixels), width))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, drawn["height"], 8, 3, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (
            chunk(b"IHDR", head),
            chunk(b"PLTE", bytes(drawn["colours"])),
            chunk(b"IDAT", zlib.compress(rows, 9)),
            chunk(b"IEND", b""),
        )
    )


if __name__ == "__main__":
    main()
