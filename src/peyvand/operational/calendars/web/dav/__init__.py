"""CalDAV (RFC 4791, 6578): what phones and mail programs speak to keep step with somebody's tasks and meetings."""
