"""What the browser tests of single screens use too: the served site, and pages in which somebody is signed in."""

from tests.web.conftest import chromium, signed_in, site

__all__ = ["chromium", "signed_in", "site"]
