from django.apps import AppConfig


class SignInConfig(AppConfig):
    name = "peyvand.administration.sign_in"
    label = "sign_in"
