"""What other slices may use of schema: fields and objects of a workspace's own, made by code."""

from peyvand.administration.schema.actions import add_field, add_object, change_object

__all__ = ["add_field", "add_object", "change_object"]
