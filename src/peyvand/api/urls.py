"""Addresses of the API, version 1. Those of records follow from the objects that are registered."""

from django.urls import path, re_path

from peyvand.api import actions, merging, openapi, records
from peyvand.api.batch import batch
from peyvand.api.external import by_external
from peyvand.api.insights import insights, outside
from peyvand.api.me import me
from peyvand.api.missing import missing
from peyvand.api.notifications import marking, notifications
from peyvand.api.papers import paper
from peyvand.api.search import searching
from peyvand.api.timeline import timeline

urlpatterns = [
    path("me", me),
    path("search", searching),
    path("notifications", notifications),
    path("notifications/read", marking),
    path("openapi.json", openapi.document),
    path("<slug:plural>", records.collection),
    path("<slug:plural>/batch", batch),
    path("<slug:plural>/insights", outside),
    path("<slug:plural>/external/<path:external_id>", by_external),
    path("<slug:plural>/<int:id>", records.record),
    path("<slug:plural>/<int:id>/restore", records.restoring),
    path("<slug:plural>/<int:id>/timeline", timeline),
    path("<slug:plural>/<int:id>/insights", insights),
    path("<slug:plural>/<int:id>/pdf", paper),
    path("<slug:plural>/<int:id>/merge", merging.merging),
    path("<slug:plural>/<int:id>/unmerge", merging.unmerging),
    path("<slug:plural>/similar", merging.asking),
    path("<slug:plural>/<int:id>/<slug:verb>", actions.action_on_one),
    path("<slug:plural>/<slug:verb>", actions.action_on_several),
    re_path("", missing),
]
