from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "peyvand.operational.contacts"
    label = "contacts"
