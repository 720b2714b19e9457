"""The address of what customers say."""

from django.urls import path

from peyvand.analytical.texts.web import labelling, page

urlpatterns = [
    path("insights/texts", page.texts, name="texts"),
    path("insights/texts/<str:object_key>/<int:id>/mood", labelling.mood),
    path("insights/texts/<str:object_key>/<int:id>/topic", labelling.topic),
]
