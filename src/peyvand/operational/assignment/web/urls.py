"""Addresses of assignment, beneath /w/<slug>/."""

from django.urls import path

from peyvand.operational.assignment.web import fairness, handing, settings

urlpatterns = [
    path("settings/assignment", settings.rules, name="assignment-rules"),
    path("settings/assignment/fairness", fairness.fairness, name="assignment-fairness"),
    path("settings/assignment/fairness/<int:rule>/<int:user>", fairness.given, name="assignment-given"),
    path("settings/assignment/hand-over", handing.page, name="assignment-hand-over"),
    path("settings/assignment/move/<int:id>", handing.move, name="assignment-move"),
]
