from django.apps import AppConfig


class ForecastsConfig(AppConfig):
    name = "peyvand.analytical.forecasts"
    label = "forecasts"
