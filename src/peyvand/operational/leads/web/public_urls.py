"""The address of forms, for people who are not signed in."""

from django.urls import path

from peyvand.operational.leads.web.public import public_form

urlpatterns = [path("f/<str:token>", public_form, name="public-form")]
