"""Addresses of merging records, and of the warning that a record like this is there already."""

from django.urls import path

from peyvand.web.objects.merging import page, similar

urlpatterns = [
    path("<plural:plural>/merge", page.object_merge, name="object-merge"),
    path("<plural:plural>/similar", similar.object_similar, name="object-similar"),
    path("<plural:plural>/<int:id>/merge", page.object_merge_with, name="object-merge-with"),
    path("<plural:plural>/<int:id>/unmerge", page.object_unmerge, name="object-unmerge"),
]
