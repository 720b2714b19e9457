"""The browser of the tests that use one, kept from file to file: to start it costs as much as to use it for a test."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest

# Milliseconds within which a page does what it is asked for, on a machine that has other work as well.
PATIENCE = 60_000
# With every window Chromium opens pages of its own for its address bar: two processes more, and more than half of what a
# window costs. Ours is its only list of what to leave out, so what Playwright leaves out stands here too.
LEFT_OUT = (
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup",
    "AimEnabled", "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades", "MediaRouter", "NetworkTimeServiceQuerying", "OptimizationHints", "PaintHolding", "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)  # fmt: skip


class Kept:
    """The machine's Chromium. Playwright keeps an event loop running in this thread while it is open: tests of other
    files may want one of their own, so it is closed before they begin."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._browser: Any = None

    def browser(self) -> Any:
        if self._browser is None or not self._browser.is_connected():
            self.close()
            self._browser = self._start()
        return self._browser

    def close(self) -> None:
        self._browser = None
        self._open.close()

    def _start(self) -> Any:
        from playwright.sync_api import expect, sync_playwright
        from tests.web.acting import act_when_there
        from tools.browser import chromium as found

        path = found()
        if path is None:
            pytest.fail("No Chromium was found; install one, or name it by PEYVAND_CHROMIUM.")
        playwright = self._open.enter_context(sync_playwright())
        arguments = ["--no-sandbox", f"--disable-features={','.join(LEFT_OUT)}"]
        browser = playwright.chromium.launch(executable_path=path, args=arguments, timeout=PATIENCE)
        self._open.callback(browser.close)
        expect.set_options(timeout=PATIENCE)
        act_when_there(self._open.enter_context(pytest.MonkeyPatch.context()))
        return browser


KEPT = Kept()


def faults(page: Any) -> list[str]:
    """What axe finds, in a line each; it need not describe what is right."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{v['id']}: {node['html'][:120]}" for v in found for node in v["nodes"]]


def overflows(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
