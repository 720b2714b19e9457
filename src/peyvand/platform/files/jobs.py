"""Reading what files say, in the background."""

from __future__ import annotations

from peyvand.platform.files.reading import read_file
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.jobs.scoped import job


# Reading takes seconds, so it keeps no transaction open.
@job("files.read", attempts=3, scoped=False)
def read(tenant: Tenant, file_id: int) -> None:
    """Read one file."""
    read_file(tenant, file_id)
