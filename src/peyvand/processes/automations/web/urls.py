"""Addresses of automations beyond those that the toolkit derives."""

from django.urls import path

from peyvand.processes.automations.web import plan

urlpatterns = [
    path("automations/ready", plan.ready, name="automation-ready"),
    path("automations/<int:id>/plan", plan.plan, name="automation-plan"),
    path("automations/<int:id>/switch", plan.switch, name="automation-switch"),
    path("automations/<int:id>/steps/<int:step>/<str:way>", plan.change, name="automation-step-change"),
]
