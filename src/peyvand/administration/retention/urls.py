"""Addresses of retention, beneath /w/<slug>/settings/."""

from django.urls import path, re_path

from peyvand.administration.retention.web import views

urlpatterns = [
    path("retention", views.listed, name="settings-retention"),
    path("retention/new", views.new),
    path("retention/<int:id>", views.rule),
    path("retention/<int:id>/trial", views.trial),
    re_path(r"^retention/(?P<id>[0-9]{1,18})/(?P<verb>on|off|run|remove)$", views.act),
    path("retention/hold/<slug:key>/<int:id>", views.hold),
]
