"""An import that is killed while its sets go side by side, and then run again, leaves each row of its file there once."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from peyvand.testing.installation import eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ROWS = 22_000
THERE = "select count(*) from person where email like 'killed%'"
# People of whom an event, a line of the timeline, an entry of the search, a phone or a mail is missing or there twice.
TORN = """
select count(*) from person p where p.email like 'killed%' and not (
  (select count(*) from event t where (t.workspace_id, t.object, t.object_id) = (p.workspace_id, 'person', p.id)) = 1
  and (select count(*) from timeline_entry t where (t.workspace_id, t.object, t.object_id) = (p.workspace_id, 'person', p.id)) = 1
  and (select count(*) from search_entry t where (t.workspace_id, t.object, t.object_id) = (p.workspace_id, 'person', p.id)
       and t.title = p.name) = 1
  and (select count(*) from contact_point t where (t.workspace_id, t.object, t.object_id) = (p.workspace_id, 'person', p.id)) = 2)
"""


def test_a_killed_import_is_finished_by_running_it_again(site: Any, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    rows = (f"Killed {n},killed{n}@example.com,0912{n:07}" for n in range(ROWS))
    file.write_text("\n".join(["name,email,phone", *rows]))
    for least in (1, 5_001):
        kill_once(site, file, least)
    installed = site.installed
    written = installed.value(THERE)
    assert installed.value(TORN) == 0
    said = json.loads(installed.command("import", str(file), "--workspace", site.arman.slug, "--json"))
    totals = said["totals"]
    assert (totals["rows"], totals["updated"], totals["refused"]) == (ROWS, 0, 0)
    assert totals["created"] + totals["unchanged"] == ROWS
    assert 5_001 <= written <= totals["unchanged"] < ROWS
    assert installed.value(THERE) == ROWS
    assert installed.value(TORN) == 0


def kill_once(site: Any, file: Path, least: int) -> None:
    """Start the import, and kill it when at least so many of its people are there."""
    process = site.installed.run("import", "import", str(file), "--workspace", site.arman.slug)
    assert eventually(lambda: site.installed.value(THERE) >= least, 120, pause=0.02)
    assert process.poll() is None, "it was faster than it could be killed"
    process.kill()
    assert process.wait(60) == -signal.SIGKILL
