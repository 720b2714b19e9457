"""The way into the demonstration."""

SLUG = "firouzeh"
LOGIN = "sara@firouzeh.example"
# No secret: it opens invented data on the machine of whoever asked for them.
PASSWORD = "firouzeh-kashan"  # noqa: S105 not a password
SENTENCE = f"""Demo login: {LOGIN}   password: {PASSWORD}
  It opens two workspaces: firouzeh (Persian) and turquoise (English)."""
