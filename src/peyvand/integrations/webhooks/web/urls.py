"""Addresses beneath /w/<slug>/settings/."""

from django.urls import path

from peyvand.integrations.webhooks.web import views

urlpatterns = [
    path("webhooks", views.webhooks, name="settings-webhooks"),
    path("webhooks/<int:id>", views.webhook, name="settings-webhook"),
    path("webhooks/<int:id>/test", views.test),
    path("webhooks/<int:id>/replay-failed", views.again_all),
    path("webhooks/<int:id>/secret", views.secret),
    path("webhooks/<int:id>/secret/new", views.fresh_secret),
    path("webhooks/<int:id>/deliveries/<int:delivery>", views.delivery),
    path("webhooks/<int:id>/deliveries/<int:delivery>/again", views.again),
]
