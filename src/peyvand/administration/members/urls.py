"""Addresses beneath /w/<slug>/settings/ about the people who work here."""

from django.urls import path, re_path

from peyvand.administration.members.web import access, roles, teams, territories, tokens, users

urlpatterns = [
    path("users", users.users, name="settings-users"),
    path("users/invite", users.invite),
    path("users/<int:id>", users.user),
    re_path(r"^users/(?P<id>[0-9]{1,18})/(?P<way>off|on|resend|withdraw)$", users.switch),
    path("teams", teams.teams, name="settings-teams"),
    path("roles", roles.roles, name="settings-roles"),
    path("roles/new", roles.new_role),
    path("roles/<slug:key>", roles.role),
    path("roles/<slug:key>/delete", roles.delete_role),
    path("territories", territories.territories, name="settings-territories"),
    path("territories/new", territories.new_territory),
    path("territories/<int:id>", territories.territory),
    path("territories/<int:id>/delete", territories.delete_territory),
    path("access", access.access, name="settings-access"),
    path("access/lent", access.lent),
    path("access/<int:id>/look", access.look),
    path("access/<int:id>/lend", access.lend),
    path("access/<int:id>/take-back", access.take_back),
    path("preview/end", access.end_look, name="preview-end"),
    path("tokens", tokens.tokens, name="settings-tokens"),
    path("tokens/new", tokens.new_token),
    path("tokens/<int:id>/end", tokens.end_token),
    path("tokens/<int:id>/renew", tokens.renew_token),
]
