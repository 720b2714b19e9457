from django.apps import AppConfig


class MergingConfig(AppConfig):
    name = "peyvand.platform.merging"
    label = "merging"

    def ready(self) -> None:
        from peyvand.platform.merging.merging import why_kept
        from peyvand.platform.objects.records import keep_in_bin

        keep_in_bin(why_kept)
