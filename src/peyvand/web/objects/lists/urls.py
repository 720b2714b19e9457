from django.urls import path

from peyvand.web.objects.lists import arranged, bulk, cell, condition, page, peek, place, saved, tools, totals

urlpatterns = [
    path("condition", condition.condition_builder, name="condition-builder"),
    path("<plural:plural>/", page.object_list, name="object-list"),
    path("<plural:plural>/count", totals.object_count, name="object-count"),
    path("<plural:plural>/filter", page.object_filter, name="object-filter"),
    path("<plural:plural>/menu/<slug:name>", page.object_menu, name="object-menu"),
    path("<plural:plural>/columns", saved.object_columns, name="object-columns"),
    path("<plural:plural>/sorting", saved.object_sorting, name="object-sorting"),
    path("<plural:plural>/views/used", arranged.view_used, name="view-used"),
    path("<plural:plural>/views/arrange", arranged.view_arranging, name="view-arranging"),
    path("<plural:plural>/views/order", arranged.view_order, name="view-order"),
    path("<plural:plural>/views/<slug:mark>/copy", arranged.view_copy, name="view-copy"),
    path("<plural:plural>/views/<slug:mark>/begin", arranged.view_begin, name="view-begin"),
    path("<plural:plural>/views/save", saved.view_save, name="view-save"),
    path("<plural:plural>/views/<int:id>/delete", saved.view_delete, name="view-delete"),
    path("<plural:plural>/bulk-field", bulk.object_bulk_field, name="object-bulk-field"),
    path("<plural:plural>/bulk-run/<int:id>", bulk.object_bulk_run, name="object-bulk-run"),
    path(
        "<plural:plural>/bulk-run/<int:id>/refused.csv", bulk.object_bulk_refused, name="object-bulk-refused"
    ),
    path("<plural:plural>/bulk-run/<int:id>/stop", bulk.object_bulk_stop, name="object-bulk-stop"),
    path("<plural:plural>/bulk-run/<int:id>/undo", bulk.object_bulk_undo, name="object-bulk-undo"),
    path("<plural:plural>/chosen/<slug:key>", tools.object_chosen, name="object-chosen"),
    path("<plural:plural>/bulk/<slug:verb>", bulk.object_bulk, name="object-bulk"),
    path("<plural:plural>/<int:id>/cell/<slug:field>", cell.object_cell, name="object-cell"),
    path("<plural:plural>/<int:id>/place", place.object_place, name="object-place"),
    path("<plural:plural>/<int:id>/peek", peek.object_peek, name="object-peek"),
]
