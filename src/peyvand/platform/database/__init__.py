"""The PostgreSQL that Peyvand works on: the embedded one, and the one `DATABASE_URL` names."""


class DatabaseUnusable(Exception):
    """The database cannot be used as it is; the message is one sentence for the operator."""
