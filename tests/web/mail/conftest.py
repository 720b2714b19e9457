from tests.collaborative.mail.conftest import _served, posted, server_of_mail

__all__ = ["_served", "posted", "server_of_mail"]
