"""Addresses beneath /w/<slug>/settings/ about the people who work here."""

from django.urls import path, re_path

from peyvand.administration.members.web import roles, teams, tokens, users

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
    path("tokens", tokens.tokens, name="settings-tokens"),
    path("tokens/new", tokens.new_token),
    path("tokens/<int:id>/end", tokens.end_token),
]
