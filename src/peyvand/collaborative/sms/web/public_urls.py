"""The address that gateways call."""

from django.urls import path

from peyvand.collaborative.sms.web.public import told

urlpatterns = [path("s/<str:token>", told, name="sms-told")]
