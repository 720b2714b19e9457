"""Measurements of a whole installation on a workspace of a chosen size; see README.md."""
