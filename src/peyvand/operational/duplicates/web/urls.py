"""Addresses of the queue."""

from django.urls import path

from peyvand.operational.duplicates.web import views

urlpatterns = [
    path("", views.index, name="duplicates"),
    path("<plural:plural>/", views.queue, name="duplicates-queue"),
    path("<plural:plural>/search", views.search, name="duplicates-search"),
    path("<plural:plural>/progress", views.progress, name="duplicates-progress"),
    path("<plural:plural>/sure", views.sure, name="duplicates-sure"),
    path("<plural:plural>/<int:id>", views.pair, name="duplicates-pair"),
    path("<plural:plural>/<int:id>/<slug:state>", views.decide, name="duplicates-decide"),
]
