"""Hooks that Procrastinate calls when its Django app is ready."""

from __future__ import annotations

from procrastinate import App


def on_app_ready(app: App) -> None:
    """Load the jobs that no application of Django's carries in a module of its own."""
    app.perform_import_paths()  # type: ignore[no-untyped-call]
