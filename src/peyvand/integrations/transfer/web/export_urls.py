from django.urls import path

from peyvand.integrations.transfer.web import exports

urlpatterns = [
    path("run/<int:run_id>", exports.exported, name="exported"),
    path("run/<int:run_id>/stop", exports.stop, name="export-stop"),
    path("run/<int:run_id>/file", exports.file, name="export-file"),
    path("<slug:plural>", exports.export, name="export"),
]
