"""The address of what customers say."""

from django.urls import path

from peyvand.analytical.texts.web import page

urlpatterns = [path("insights/texts", page.texts, name="texts")]
