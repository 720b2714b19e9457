"""Peyvand (پیوند): an open-source, Persian-first customer-relationship platform."""

__version__ = "0.1.0"
