"""What other slices use to add pages to the settings."""

from peyvand.administration.settings.pages import SettingsPage, register_page, render_settings

__all__ = ["SettingsPage", "register_page", "render_settings"]
