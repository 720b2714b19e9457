"""Addresses of the shell within a workspace."""

from django.urls import path

from peyvand.web.shell import views
from peyvand.web.shell.first_day import first_day
from peyvand.web.shell.palette import palette
from peyvand.web.shell.reports import reports
from peyvand.web.shell.search import forget_searches, search_page
from peyvand.web.shell.verbs import do

urlpatterns = [
    path("", views.today, name="today"),
    path("today/<slug:key>", views.today_part, name="today-part"),
    path("first-day", first_day, name="first-day"),
    path("palette", palette, name="palette"),
    path("reports/", reports, name="reports"),
    path("search", search_page, name="search"),
    path("search/forget", forget_searches, name="forget-searches"),
    path("do/<slug:object_key>/<int:id>/<slug:verb>", do, name="do"),
]
