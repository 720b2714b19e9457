"""The analytical side: what customers did becomes figures that are checked, explained and sent back into the work."""
