"""The installation that is measured: as people run it, with a disk that is waited for, and processes of its own."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.generate import EMAIL, PASSWORD, WORKSPACE, Size, fill
from peyvand.platform.database.embedded import start
from peyvand.testing.installation import Installation


class Measured(Installation):
    """An installation in a folder that is kept, so that a filled database can be measured again."""

    def __init__(self, data: Path) -> None:
        super().__init__(data, {})
        self._facts = data / "bench.json"
        self.made: dict[str, Any] = {}

    @property
    def environ(self) -> dict[str, str]:
        # Where people run it, Python keeps what it compiled; machines for tests often forbid it, and each start takes a second more.
        return {k: v for k, v in super().environ.items() if k != "PYTHONDONTWRITEBYTECODE"}

    def open(self) -> None:
        self._database = start(self.data)
        self.command("migrate")

    def fill(self, size: Size, say: Callable[[str], None]) -> None:
        """Make the workspace, or take the one of the same size that an earlier run left in the folder."""
        if self._facts.exists():
            kept = json.loads(self._facts.read_text())
            if kept.pop("size") != vars(size):
                raise SystemExit(f"{self.data} holds a workspace of another size; name another folder.")
            self.made = kept
            say("the workspace of an earlier run is used again")
            return
        made = self.script(WORKSPACE)
        fill(self.database.superuser_url, made, size, say)
        self.made = made
        self._facts.write_text(json.dumps({**made, "size": vars(size)}))

    def cookie(self) -> str:
        """The session of the ordinary user whose eyes everything is seen with."""
        return self.sign_in(EMAIL, PASSWORD.replace(" ", "+").replace(",", "%2C"))

    def visible(self, table: str) -> list[int]:
        """Ids of some records of the user's team, from everywhere in the table."""
        with self.rows() as connection:
            found = connection.execute(
                f"select t.id from {table} t join app_user u on u.id = t.owner_id and u.workspace_id = t.workspace_id "
                "where u.team_id = (select team_id from app_user where id = %s) and mod(t.id, 7) = 3 limit 500",
                [self.made["user"]],
            )
            return [row[0] for row in found]

    def deep(self) -> str:
        """The cursor of a place 50,000 rows down the API's list, or as deep as it goes, reached as a program would."""
        headers = {"Authorization": f"Bearer {self.made['token']}"}
        cursor = ""
        for _ in range(250):
            after = f"&after={cursor}" if cursor else ""
            page = self.ask("GET", f"/api/v1/people?limit=200&fields=name{after}", headers=headers).json
            if not page["next"]:
                break
            cursor = page["next"]
        return str(cursor)

    def memory(self, name: str) -> float:
        """Megabytes of a process and all its children, shared pages counted in proportion."""
        rollups = (Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in _tree(self.pid(name)))
        return round(sum(int(text.split("\nPss:")[1].split()[0]) for text in rollups) / 1024, 1)

    def peak(self, name: str) -> float:
        """The most megabytes that a process and its children have held so far, each by itself."""
        said = (Path(f"/proc/{pid}/status").read_text() for pid in _tree(self.pid(name)))
        return round(sum(int(text.split("VmHWM:")[1].split()[0]) for text in said) / 1024)

    def spent(self, name: str) -> float:
        """Seconds of processor time that a process and its children have used."""
        return self.spent_by(self.pid(name))

    def spent_by(self, pid: int) -> float:
        """The same of any process; children that have ended are in it."""
        # The name in the second field may hold blanks; what follows its bracket does not.
        stats = (Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split() for one in _tree(pid))
        return sum(sum(map(int, fields[11:15])) for fields in stats) / os.sysconf("SC_CLK_TCK")


def _tree(pid: int) -> list[int]:
    """A process and all its children."""
    todo, found = [pid], list[int]()
    while todo:
        one = todo.pop()
        found.append(one)
        for task in Path(f"/proc/{one}/task").iterdir():
            todo += map(int, (task / "children").read_text().split())
    return found
