"""What other slices may use of contacts."""

from peyvand.operational.contacts.asking import Asking, Known, find_or_make, hold_points, named
from peyvand.operational.contacts.fields import Addresses, Points
from peyvand.operational.contacts.following import let_follow
from peyvand.operational.contacts.models import Company, ContactPoint, Person, sorted_copy
from peyvand.operational.contacts.objects import COMPANY, COMPANY_KINDS, PERSON, SOURCES
from peyvand.operational.contacts.tags import Tags, tags_of
from peyvand.operational.contacts.working import Business, works_with

__all__ = [
    "COMPANY", "COMPANY_KINDS", "PERSON", "SOURCES", "Addresses", "Asking", "Business", "Company", "ContactPoint", "Known", "Person", "Points",
    "Tags", "find_or_make", "hold_points", "let_follow", "named", "sorted_copy", "tags_of", "works_with",
]  # fmt: skip
