"""What other slices may use of contacts."""

from peyvand.operational.contacts.fields import Addresses, Points
from peyvand.operational.contacts.models import Company, Person, sorted_copy
from peyvand.operational.contacts.objects import COMPANY, PERSON, SOURCES
from peyvand.operational.contacts.tags import Tags

__all__ = ["COMPANY", "PERSON", "SOURCES", "Addresses", "Company", "Person", "Points", "Tags", "sorted_copy"]
