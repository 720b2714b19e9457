from django.apps import AppConfig


class OffersConfig(AppConfig):
    name = "peyvand.analytical.offers"
    label = "offers"
