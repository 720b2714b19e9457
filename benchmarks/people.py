"""Many people at once: fifty members in ten teams work on one pipeline, each at their own pace, as their browsers would.

What a person does next is drawn from ``MIX``; then they read, two to eight seconds. Each has a page open that follows what
others change, and has fetched again what the page shows of it, as the product's own scripts do. A worker runs beside.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import signal
import time
import zlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

from benchmarks.client import Taken, answer, request
from benchmarks.generate import SLUG
from benchmarks.installed import Measured
from benchmarks.report import Report

PEOPLE, AIM = 50, 300.0
THINK = (2.0, 8.0)
# Seconds in which everybody arrives and the caches fill; what is asked in them is not counted.
WARM = 10.0
# How long a page waits for more before it fetches what changed (frontend/src/islands).
DEBOUNCE = 0.25
# How long a part that was fetched is left alone, but for lists and boards, which fetch what changed alone (live.ts).
REST = 5.0
WEB = f"/w/{SLUG}"
# Thirty-two letters, as Django makes them.
_CSRF = "manypeopleworkonthispipelineweek"
_FILTER = (
    '{"and":[{"field":"status","op":"is","value":"open"},{"field":"amount","op":"gte","value":5000000000}]}'
)
_NAMES = ("رستم", "نادرزاد", "کریم‌نیا", "كيانپور", "علی صادق", "جعفرز", "درزاده")
_TEXTS = ("علیرضا رستمی", "قرارداد", "نادرزاده", "پیش‌فاکتور انبار")

# Sessions of so many of the workspace's users, who get accounts where they have none.
_SESSIONS = """
import json
from peyvand.kernel import clock
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Account, Membership, User
from peyvand.platform.identity.sessions import ACCOUNT, SessionStore
from peyvand.platform.workspaces.scope import workspace_scope
keys = {{}}
with workspace_scope({workspace}):
    for user in User.objects.filter(id__in={users}).order_by("id"):
        account, new = Account.objects.get_or_create(email=f"person{{user.id}}@bench.example", defaults={{"name": user.name}})
        if new:
            Membership.objects.create(account=account, workspace_id={workspace}, user_id=user.id, settled_at=clock.now())
            User.objects.filter(id=user.id).update(account=account)
        session = SessionStore()
        session[ACCOUNT] = account.id
        session.create()
        keys[user.id] = session.session_key
    access_changed({workspace})
print(json.dumps(keys))
"""


@dataclass
class Place:
    """A part of the page at hand that follows changes: of which records, and where it is fetched from."""

    name: str
    follows: frozenset[str]
    url: str
    # Rows of a list, of which only those that changed are fetched; a board asks for any.
    ids: frozenset[str] | None = None
    by_id: bool = False


@dataclass
class Person:
    """Somebody at work: their session, what is theirs, and the page they look at."""

    cookie: str
    port: int
    dice: Random
    deals: dict[int, int]
    stages: list[int]
    seen: dict[str, list[int]]
    # Shared by all, set when they begin; what is asked before ``counts_from`` is not counted.
    taken: dict[str, Taken] = field(default_factory=dict)
    wrong: dict[str, int] = field(default_factory=dict)
    counts_from: float = 0.0
    places: list[Place] = field(default_factory=list)

    def headers(self, *, writes: bool = False) -> dict[str, str]:
        found = {
            "Cookie": f"{self.cookie}; peyvand_csrf={_CSRF}",
            "Accept-Encoding": "gzip",
            "Accept-Language": "fa",
        }
        if writes:
            found |= {
                "X-CSRFToken": _CSRF,
                "HX-Request": "true",
                "Content-Type": "application/x-www-form-urlencoded",
            }
        return found

    async def ask(self, line: Line, name: str, path: str, form: dict[str, Any] | None = None) -> str:
        """One request, counted under this name; what came, as text."""
        body = urlencode(form).encode() if form is not None else b""
        sent = request(
            "POST" if form is not None else "GET", path, self.headers(writes=form is not None), body
        )
        begun = time.perf_counter()
        try:
            status, head, came = await line.ask(sent)
        except (OSError, asyncio.IncompleteReadError):
            status, head, came = 0, b"", b""
        if begun >= self.counts_from:
            taken = self.taken[name]
            taken.seconds.append(time.perf_counter() - begun)
            taken.bytes += len(came)
            if not 200 <= status < 300:
                taken.failed += 1
                self.wrong[f"{name}: {status}"] += 1
        if b"content-encoding: gzip" in head:
            came = zlib.decompress(came, 31)
        return came.decode(errors="replace")

    async def look(self, line: Line, name: str, path: str) -> None:
        """Open a page: from now on its parts are what follows changes."""
        self.places = _places(name, await self.ask(line, name, path))


class Line:
    """A connection that is kept, and opened again where the server closed it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, sent: bytes) -> tuple[int, bytes, bytes]:
        """What is answered. A line that lay idle may have been closed: what only reads is asked again, as browsers do."""
        is_kept = self._ends is not None and sent.startswith(b"GET ")
        try:
            return await self._asked(sent)
        except (OSError, asyncio.IncompleteReadError):
            if not is_kept:
                raise
            return await self._asked(sent)

    async def _asked(self, sent: bytes) -> tuple[int, bytes, bytes]:
        if self._ends is None:
            self._ends = await asyncio.open_connection("127.0.0.1", self._port, limit=2**20)
        reader, writer = self._ends
        try:
            writer.write(sent)
            return await answer(reader)
        except (OSError, asyncio.IncompleteReadError):
            self.close()
            raise

    def close(self) -> None:
        if self._ends is not None:
            self._ends[1].close()
        self._ends = None


Step = Callable[[Person, Line], Any]


def _page(name: str, path: Callable[[Person], str]) -> Step:
    return lambda person, line: person.look(line, name, path(person))


def _record(name: str, plural: str) -> Step:
    return _page(name, lambda person: f"{WEB}/{plural}/{person.dice.choice(person.seen[plural])}/")


async def _type(person: Person, line: Line) -> None:
    await person.ask(line, "palette", f"{WEB}/palette?q={quote(person.dice.choice(_NAMES))}")


async def _move(person: Person, line: Line) -> None:
    deal, stage = person.dice.choice(list(person.deals.items()))
    to = person.dice.choice([each for each in person.stages if each != stage])
    await person.ask(
        line, "move a deal", f"{WEB}/deals/board/move", {"card": deal, "stage": to, "from": stage}
    )
    person.deals[deal] = to


def _enter(name: str, kind: str, field: str, text: str) -> Step:
    async def enter(person: Person, line: Line) -> None:
        deal = person.dice.choice(list(person.deals))
        await person.ask(line, name, f"{WEB}/deals/{deal}/compose/{kind}", {field: text})

    return enter


async def _edit(person: Person, line: Line) -> None:
    deal = person.dice.choice(list(person.deals))
    amount = person.dice.randrange(1, 900) * 1_000_000
    await person.ask(line, "inline edit", f"{WEB}/deals/{deal}/cell/amount", {"amount": amount})


# What fifty people do in a day, out of a hundred steps.
MIX: dict[str, tuple[int, Step]] = {
    "board": (12, _page("board", lambda _: f"{WEB}/deals/board")),
    "list": (10, _page("list", lambda _: f"{WEB}/deals/?view=all")),
    "list filtered": (8, _page("list filtered", lambda _: f"{WEB}/deals/?filter={quote(_FILTER)}")),
    "record page of a deal": (15, _record("record page of a deal", "deals")),
    "record page of a person": (6, _record("record page of a person", "people")),
    "record page of a company": (4, _record("record page of a company", "companies")),
    "today page": (8, _page("today page", lambda _: f"{WEB}/")),
    "palette": (12, _type),
    "search page": (4, _page("search page", lambda p: f"{WEB}/search?q={quote(p.dice.choice(_TEXTS))}")),
    "move a deal": (6, _move),
    "log a call": (5, _enter("log a call", "calls", "notes", "پیش‌فاکتور را دیده‌اند؛ فردا دوباره تماس می‌گیرم.")),
    "add a note": (4, _enter("add a note", "notes", "text", "تصمیم با هیئت‌مدیره است و جلسه‌شان آخر ماه است.")),
    "inline edit": (6, _edit),
}  # fmt: skip

_LIVE = re.compile(r'data-live="([^"]+)" data-live-url="([^"]+)"')
_BOARD = re.compile(r'data-object="(\w+)"[^>]* data-changes-url="([^"]+)"')
_LIST = re.compile(r'data-object="(\w+)" data-rows-url="([^"]+)"')
_ROW = re.compile(r'<tr[^>]* data-id="(\d+)"')


def _places(page: str, html: str) -> list[Place]:
    """What of a page follows changes, read from its marks as its scripts read them."""
    found = [
        Place(f"{page}: a part changed", frozenset(follows.split()), url.replace("&amp;", "&"))
        for follows, url in _LIVE.findall(html)
    ]
    if board := _BOARD.search(html):
        found.append(
            Place("board: cards changed", frozenset([board[1]]), board[2].replace("&amp;", "&"), by_id=True)
        )
    if rows := _LIST.search(html):
        ids = frozenset(_ROW.findall(html))
        found.append(
            Place("list: rows changed", frozenset([rows[1]]), rows[2].replace("&amp;", "&"), ids, by_id=True)
        )
    return found


async def _work(person: Person, until: float) -> None:
    """Steps and pauses, until the time is over."""
    line = Line(person.port)
    steps, weights = [step for _, step in MIX.values()], [weight for weight, _ in MIX.values()]
    await asyncio.sleep(person.dice.uniform(0, WARM / 2))
    while time.perf_counter() < until:
        [step] = person.dice.choices(steps, weights)
        await step(person, line)
        await asyncio.sleep(person.dice.uniform(*THINK))
    line.close()


async def _follow(person: Person, until: float) -> None:
    """The open page's stream: what changed is fetched again a moment later, once for many changes."""
    stream, line = await asyncio.open_connection("127.0.0.1", person.port, limit=2**20), Line(person.port)
    stream[1].write(request("GET", f"{WEB}/live", person.headers()))
    status = await stream[0].readuntil(b"\r\n\r\n")
    if not status.startswith(b"HTTP/1.1 200"):
        person.wrong[f"live: {status[9:12].decode()}"] += 1
    waiting: dict[str, tuple[Place, set[str]]] = {}
    rests: dict[str, float] = {}
    due = float("inf")
    reading = asyncio.create_task(stream[0].readline())
    while (now := time.perf_counter()) < until:
        done, _ = await asyncio.wait([reading], timeout=max(0.0, min(due, until) - now))
        if done:
            text = reading.result()
            if not text:
                person.wrong["live: ended"] += 1
                break
            if text.startswith(b"data: "):
                heard = json.loads(text[6:])
                for change in heard if isinstance(heard, list) else [heard]:
                    _mark(person, change, waiting)
                due = time.perf_counter() + DEBOUNCE if waiting else due
            reading = asyncio.create_task(stream[0].readline())
        elif due <= time.perf_counter():
            now_due, waiting = waiting, {}
            for url, (place, ids) in now_due.items():
                # Who went to another page meanwhile fetches nothing for the old one.
                if place not in person.places:
                    continue
                if rests.get(url, 0.0) > time.perf_counter():
                    waiting[url] = (place, ids)
                else:
                    if not place.by_id:
                        rests[url] = time.perf_counter() + REST
                    path = (
                        f"{place.url}{'&' if '?' in place.url else '?'}ids={','.join(sorted(ids))}"
                        if place.by_id
                        else place.url
                    )
                    await person.ask(line, place.name, path)
            due = min((rests[url] for url in waiting), default=float("inf"))
    reading.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await reading
    stream[1].close()
    line.close()


def _mark(person: Person, change: dict[str, Any], waiting: dict[str, tuple[Place, set[str]]]) -> None:
    object, ids = change["object"], {str(id) for id in change["ids"] or ()}
    for place in person.places:
        named = {mark.partition(":")[2] for mark in place.follows if mark.partition(":")[0] == object}
        if not named or ("" not in named and not named & ids):
            continue
        wanted = ids if place.ids is None else ids & place.ids
        if wanted or not place.by_id:
            waiting.setdefault(place.url, (place, set()))[1].update(wanted)


def run(
    measured: Measured,
    report: Report,
    seconds: float,
    said: str = "",
    meanwhile: Callable[[], None] | None = None,
) -> None:
    """Let them work for thirty times ``seconds``, and report every screen, its name behind ``said``; ``meanwhile`` puts the
    worker to work when everything runs."""
    users = measured.made["users"][:PEOPLE]
    keys = measured.script(_SESSIONS.format(workspace=measured.made["workspace"], users=users))
    measured.serve(workers=2)
    measured.work()
    lasts = 30 * seconds
    try:
        if meanwhile is not None:
            meanwhile()
        people = _people(measured, {user: keys[str(user)] for user in users})
        spent = _spent(measured)
        taken, wrong = asyncio.run(_all(people, lasts))
        spent = {name: used - spent[name] for name, used in _spent(measured).items()}
        peak = measured.peak("worker")
    finally:
        # A job that goes on for minutes is not waited for: the next worker takes it up.
        measured.stop("worker", signal.SIGKILL)
        measured.stop("server")
    steps = sum(len(t.seconds) for name, t in taken.items() if name in MIX)
    every = sum(len(t.seconds) for t in taken.values())
    report.figures[f"{said}people at once"] = {
        "people": PEOPLE, "deals": report.size.deals, "seconds": lasts, "pauses, seconds": THINK,
        "steps a second": round(steps / lasts, 1), "requests a second": round(every / lasts, 1), "wrong": wrong,
        "processors busy": {name: round(took / (lasts + WARM), 2) for name, took in spent.items()}, "worker, MB at most": peak,
    }  # fmt: skip
    for name in (*MIX, *sorted(taken.keys() - MIX.keys())):
        if name in taken:
            report.screen(said + name, f"{MIX[name][0]} %" if name in MIX else "", taken[name], AIM)


async def _all(people: list[Person], lasts: float) -> tuple[dict[str, Taken], dict[str, int]]:
    """What they were answered, by screen, and what went wrong how often."""
    taken: dict[str, Taken] = defaultdict(Taken)
    wrong: dict[str, int] = defaultdict(int)
    begun = time.perf_counter() + WARM
    for person in people:
        person.taken, person.wrong, person.counts_from = taken, wrong, begun
    until = begun + lasts
    await asyncio.gather(*(_work(p, until) for p in people), *(_follow(p, until) for p in people))
    return taken, dict(wrong)


def _spent(measured: Measured) -> dict[str, float]:
    """Seconds of processor time so far, by who used them."""
    postmaster = int((measured.database.cluster / "postmaster.pid").read_text().splitlines()[0])
    return {
        "server": measured.spent("server"), "worker": measured.spent("worker"),
        "PostgreSQL": measured.spent_by(postmaster), "these people": time.process_time(),
    }  # fmt: skip


def _people(measured: Measured, keys: dict[int, str]) -> list[Person]:
    """Everybody with open deals of their own, and records of their team to look at."""
    people, seen = [], {}
    own = "select id, stage_id from deal where owner_id = %s and status = 'open' and deleted_at is null limit 40"
    theirs = "select id from {} where owner_id = any(select id from app_user where team_id = %s) and deleted_at is null limit 300"
    with measured.rows() as connection:
        teams = dict(
            connection.execute("select id, team_id from app_user where id = any(%s)", [list(keys)]).fetchall()
        )
        for team in set(teams.values()):
            seen[team] = {
                plural: [row[0] for row in connection.execute(theirs.format(table), [team])]
                for plural, table in (("deals", "deal"), ("people", "person"), ("companies", "company"))
            }
        for user, key in keys.items():
            deals = dict(connection.execute(own, [user]).fetchall())
            stages = measured.made["stages"][:8]
            people.append(
                Person(
                    f"peyvand_session={key}", measured.port, Random(user), deals, stages, seen[teams[user]]
                )
            )
    return people
