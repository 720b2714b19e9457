"""Addresses beneath /w/<slug>/settings/."""

from django.urls import path, re_path

from peyvand.administration.settings.web import index, listed, modules, pipelines, workspace

urlpatterns = [
    path("", index.index, name="settings"),
    path("workspace", workspace.workspace_page, name="settings-workspace"),
    path("timezones", workspace.timezones, name="settings-timezones"),
    path("modules", modules.modules, name="settings-modules"),
    re_path(r"^modules/(?P<key>[a-z_]{1,40})/(?P<way>on|off)$", modules.switch),
    path("pipelines", pipelines.pipelines, name="settings-pipelines"),
    path("pipelines/order", pipelines.order_pipelines),
    path("pipelines/<int:id>/order", pipelines.order_stages),
    path("pipelines/<int:id>/remove", pipelines.remove_pipeline),
    path("stages/<int:id>/remove", pipelines.remove_stage),
    *(
        route
        for which in listed.LISTED
        for route in (
            path(which, listed.listed, {"which": which}, name=f"settings-{which}"),
            path(f"{which}/order", listed.order, {"which": which}),
        )
    ),
]
