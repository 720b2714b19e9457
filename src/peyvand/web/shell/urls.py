"""Addresses of the shell within a workspace."""

from django.urls import path

from peyvand.web.shell import views
from peyvand.web.shell.palette import palette
from peyvand.web.shell.verbs import do

urlpatterns = [
    path("", views.today, name="today"),
    path("today/<slug:key>", views.today_part, name="today-part"),
    path("palette", palette, name="palette"),
    path("do/<slug:object_key>/<int:id>/<slug:verb>", do, name="do"),
]
