"""Addresses of a record's page, its forms, verbs and files."""

from django.urls import path

from peyvand.web.objects.pages import (
    composer,
    entries,
    fields,
    files,
    forms,
    history,
    options,
    origin,
    page,
    sharing,
    verbs,
)

urlpatterns = [
    path("options", options.any_options, name="any-options"),
    path("<plural:plural>/options", options.object_options, name="object-options"),
    path("<plural:plural>/new", forms.object_new, name="object-new"),
    path("<plural:plural>/<int:id>/", page.object_page, name="object-page"),
    path("<plural:plural>/<int:id>/edit", forms.object_edit, name="object-edit"),
    path("<plural:plural>/<int:id>/delete", verbs.object_delete, name="object-delete"),
    path("<plural:plural>/<int:id>/restore", verbs.object_restore, name="object-restore"),
    path("<plural:plural>/<int:id>/undo/<int:event>", verbs.object_undo, name="object-undo"),
    path("<plural:plural>/<int:id>/do/<slug:verb>", verbs.object_action, name="object-action"),
    path("<plural:plural>/<int:id>/share", sharing.object_share, name="object-share"),
    path("<plural:plural>/<int:id>/share/<int:share>/end", sharing.object_unshare, name="object-unshare"),
    path("<plural:plural>/<int:id>/history", history.object_history, name="object-history"),
    path(
        "<plural:plural>/<int:id>/history/<int:event>/restore",
        history.object_history_restore,
        name="object-history-restore",
    ),
    path("<plural:plural>/<int:id>/origin/<slug:key>", origin.object_origin, name="object-origin"),
    path("<plural:plural>/<int:id>/timeline", entries.object_timeline, name="object-timeline"),
    path("<plural:plural>/<int:id>/compose/<plural:kind>", composer.compose, name="object-compose"),
    path("<plural:plural>/<int:id>/field/<slug:key>", fields.object_field, name="object-field"),
    path("<plural:plural>/<int:id>/files", files.file_list, name="file-list"),
    path("<plural:plural>/<int:id>/files/new", files.file_upload, name="file-upload"),
    path("<plural:plural>/<int:id>/files/<int:file>", files.file_download, name="file-download"),
    path("<plural:plural>/<int:id>/files/<int:file>/remove", files.file_remove, name="file-remove"),
    path("<plural:plural>/<int:id>/files/<int:file>/restore", files.file_restore, name="file-restore"),
]
