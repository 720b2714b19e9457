"""What leads add to the screens that are derived from their objects; importing this registers it."""

from peyvand.operational.leads.web import pages, record, reports

__all__ = ["pages", "record", "reports"]
