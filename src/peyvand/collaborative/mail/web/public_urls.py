"""Addresses for people who are not signed in."""

from django.urls import path

from peyvand.collaborative.mail.web.unsubscribe import unsubscribe

urlpatterns = [path("unsubscribe/<str:token>", unsubscribe, name="mail-unsubscribe")]
