"""Addresses of text messages beyond those that the toolkit derives."""

from django.urls import path

from peyvand.collaborative.sms.web import settings

urlpatterns = [path("settings/sms", settings.lines, name="sms-lines")]
