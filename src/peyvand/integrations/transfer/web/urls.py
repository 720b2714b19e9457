from django.urls import path

from peyvand.integrations.transfer.web import views

urlpatterns = [
    path("", views.index, name="imports"),
    path("<int:run_id>", views.show, name="import"),
    path("<int:run_id>/stop", views.stop, name="import-stop"),
    path("<int:run_id>/put-away", views.drop, name="import-put-away"),
    path("<int:run_id>/undo", views.undo, name="import-undo"),
    path("<int:run_id>/refused/<int:place>", views.refused, name="import-refused"),
]
