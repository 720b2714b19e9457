from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "peyvand.analytical.campaigns"
    label = "campaigns"
