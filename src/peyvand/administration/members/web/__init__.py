"""The settings' pages about the people who work here; importing this registers them."""

from django.utils.translation import gettext_lazy as _

from peyvand.web.shell.settings_pages import SettingsPage, register_page

GROUP = _("People who work here")
USERS = register_page(SettingsPage("users", _("Users"), "users", "users", "user.update", GROUP, order=20))
TEAMS = register_page(SettingsPage("teams", _("Teams"), "group", "teams", "team.update", GROUP, order=21))
ROLES = register_page(SettingsPage("roles", _("Roles"), "shield", "roles", "role.update", GROUP, order=22))
TERRITORIES = register_page(
    SettingsPage("territories", _("Territories"), "pin", "territories", "territory.update", GROUP, order=23)
)
ACCESS = register_page(SettingsPage("access", _("Access"), "eye", "access", "user.view_as", GROUP, order=24))
TOKENS = register_page(
    SettingsPage("tokens", _("API tokens"), "key", "tokens", "token.create", _("For programs"), order=80)
)
