from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from peyvand.platform.workspaces.modules import Module


class TextsConfig(AppConfig):
    name = "peyvand.analytical.texts"
    label = "texts"
    manifest = Module(
        "texts",
        _("What customers say"),
        _(
            "The mood and the topic of what customers write and say: e-mails, text messages, notes, calls, inquiries."
        ),
        "smile",
        requires=("analyses",),
    )
