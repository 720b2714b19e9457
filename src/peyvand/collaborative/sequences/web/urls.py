"""Addresses of sequences beyond those that the toolkit derives."""

from django.urls import path

from peyvand.collaborative.sequences.web import plan

urlpatterns = [
    path("sequences/<int:id>/plan", plan.plan, name="sequence-plan"),
    path("sequences/<int:id>/switch", plan.switch, name="sequence-switch"),
    path("sequences/<int:id>/steps/<int:step>/<str:way>", plan.change, name="sequence-step-change"),
]
