"""The first visit of a browser that knows nothing of us: requests, bytes, and when something is seen."""

from __future__ import annotations

from statistics import median
from typing import Any
from urllib.parse import urlsplit

from benchmarks.generate import SLUG
from benchmarks.installed import Measured
from benchmarks.report import Report

VISITS = 5
PAINTED = (
    "performance.getEntriesByType('paint').find(e => e.name === 'first-contentful-paint')?.startTime ?? 0"
)


def run(measured: Measured, report: Report) -> None:
    """The medians of some first visits to the list of people, and of second ones."""
    from playwright.sync_api import sync_playwright

    measured.serve(workers=2)
    try:
        name, _, value = measured.cookie().partition("=")
        cookie: Any = {"name": name, "value": value, "url": f"http://127.0.0.1:{measured.port}"}
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
            seen = []
            for _ in range(VISITS):
                context = chromium.new_context(locale="fa")
                context.add_cookies([cookie])
                first = _visit(context, measured.port)
                second = _visit(context, measured.port)
                seen.append((first, second))
                context.close()
            chromium.close()
    finally:
        measured.stop("server")
    for n, title in enumerate(("first load", "second load")):
        figures = [visits[n] for visits in seen]
        report.figures[title] = {key: round(median(f[key] for f in figures), 1) for key in figures[0]}
        report.say(f"{title}: {report.figures[title]}")


def _visit(context: Any, port: int) -> dict[str, float]:
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    seen: dict[str, float] = {"requests": 0, "bytes": 0, "elsewhere": 0}

    def asked(event: Any) -> None:
        url = urlsplit(event["request"]["url"])
        if url.scheme in ("http", "https"):
            seen["requests"] += 1
            seen["elsewhere"] += url.port != port

    def came(event: Any) -> None:
        seen["bytes"] += event["encodedDataLength"]

    session.on("Network.requestWillBeSent", asked)
    session.on("Network.loadingFinished", came)
    page.goto(f"http://127.0.0.1:{port}/w/{SLUG}/people/", wait_until="load")
    # The live stream stays open, so the network is never idle.
    page.wait_for_timeout(800)
    seen["first paint ms"] = page.evaluate(PAINTED)
    seen["kB"] = seen.pop("bytes") / 1000
    page.close()
    return seen


def _chromium() -> str | None:
    """The browser that is installed with the machine, or None for Playwright's own."""
    from shutil import which

    return which("chromium") or which("chromium-browser")
