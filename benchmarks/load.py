"""Every screen and the API, asked of the real server by an ordinary user, beside the same SQL asked of PostgreSQL itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from benchmarks import straight
from benchmarks.client import Prepared, load, request
from benchmarks.generate import SLUG
from benchmarks.installed import Measured
from benchmarks.names import text_word
from benchmarks.report import Aim, Report

CLIENTS = 16
FILTER = '{"and":[{"field":"city","op":"is","value":"شیراز"}]}'


@dataclass(frozen=True)
class Work:
    """One kind of request. ``path`` may differ from one to the next by its number; ``body`` makes it a POST."""

    name: str
    path: Callable[[int], str]
    aim: Aim = Aim()  # noqa: RUF009 it is frozen
    body: Callable[[int], bytes] | None = None
    page: bool = False


def works(measured: Measured, deep: str) -> list[Work]:
    """What is measured. People and deals that are read are the user's team's."""
    people, deals, companies = (
        measured.visible("person"),
        measured.visible("deal"),
        measured.visible("company"),
    )
    api, web = "/api/v1", f"/w/{SLUG}"

    def turn(ids: list[int], path: str) -> Callable[[int], str]:
        return lambda n: path.format(ids[n % len(ids)])

    def same(path: str) -> Callable[[int], str]:
        return lambda n: path

    def palette(*texts: str) -> Callable[[int], str]:
        return lambda n: f"{web}/palette?q={quote(texts[n % len(texts)])}"

    def searching(*texts: str) -> Callable[[int], str]:
        return lambda n: f"{web}/search?q={quote(texts[n % len(texts)], safe='&=')}"

    # Of the words of texts, those that stand in one of some thousands.
    rare = [text_word(place) for place in range(9_000, 15_000, 60)]
    return [
        Work("API list of 50", same(f"{api}/people?limit=50"), Aim(4, 700)),
        Work("API list of 50, 50,000 rows deep", same(f"{api}/people?limit=50&after={deep}"), Aim(4, 700)),
        Work("API read", turn(people, f"{api}/people/{{}}"), Aim(3, 900)),
        Work("API create", same(f"{api}/people"), Aim(6, 400), body=_person),
        Work("list page", same(f"{web}/people/"), Aim(20, kilobytes=30), page=True),
        Work("list filtered", same(f"{web}/people/?filter={quote(FILTER)}"), Aim(20, kilobytes=30), page=True),
        Work("list sorted by name", same(f"{web}/people/?sort=name"), Aim(20, kilobytes=30), page=True),
        Work("list filtered and sorted", same(f"{web}/people/?filter={quote(FILTER)}&sort=name"), Aim(20, kilobytes=30), page=True),
        Work("list by a word", same(f"{web}/people/?q={quote('رستم')}"), Aim(20, kilobytes=30), page=True),
        Work("palette, part of a name", palette("رستم", "نادرزاد", "کریم‌نیا", "حمید صاد"), Aim(12), page=True),
        Work("palette, middle of a word", palette("ستمی", "درزاده", "لام‌رض"), Aim(12), page=True),
        Work("palette, typed with ي and ك", palette("كريميان", "كيانپور", "علي اكبر"), Aim(12), page=True),
        Work("palette, without ZWNJ", palette("علیرضا رستم", "غلامرضا", "کاظمنژاد"), Aim(12), page=True),
        Work("palette, with a typo", palette("رسنمی", "ناردزاده", "مهدی جعفرژاده"), Aim(60), page=True),
        Work("palette, nothing found", palette("قققغغغ"), Aim(60), page=True),
        Work("palette, a phone number", palette("09120000", "0912 345"), Aim(12), page=True),
        Work("search page, a frequent word", searching("فروش", "دفتر"), Aim(150), page=True),
        Work("search page, a rare word", searching(*rare), Aim(150), page=True),
        Work("search page, two words", searching("فروش انبار", "قرارداد دفتر"), Aim(150), page=True),
        Work("search page, a name", searching("علیرضا رستمی", "نادرزاده", "رستمی"), Aim(150), page=True),
        Work("search page, narrowed", searching("فروش&object=note&days=30", "دفتر&object=note&days=30"), Aim(150), page=True),
        Work("search page, with a typo", searching("قراداد انبار", "پشتیبنی", "رسنمی"), Aim(150), page=True),
        Work("API search", lambda n: f"{api}/search?q={quote(rare[n % len(rare)])}", Aim(150)),
        Work("record page of a person", turn(people, f"{web}/people/{{}}/"), Aim(20), page=True),
        Work("record page of a company", turn(companies, f"{web}/companies/{{}}/"), Aim(20), page=True),
        Work("record page of a deal", turn(deals, f"{web}/deals/{{}}/"), Aim(20), page=True),
        Work("board with 10 stages", same(f"{web}/deals/board"), Aim(40), page=True),
        Work("today page", same(f"{web}/"), Aim(20), page=True),
    ]  # fmt: skip


def _person(n: int) -> bytes:
    return json.dumps(
        {
            "given_name": "آزاده",
            "family_name": f"سنجش‌پور {n}",
            "phones": [{"value": f"0935{n % 10_000_000:07}", "label": "mobile"}],
        }
    ).encode()


def prepared(work: Work, measured: Measured, cookie: str) -> Prepared:
    """Requests of this work as bytes."""
    if work.page:
        headers = {"Cookie": cookie, "Accept": "text/html", "Accept-Language": "fa"}
    else:
        headers = {"Authorization": f"Bearer {measured.made['token']}", "Accept": "application/json"}
    headers |= {"Accept-Encoding": "gzip, deflate, br, zstd", "Connection": "keep-alive"}
    method = "GET"
    if work.body is not None:
        method = "POST"
        headers["Content-Type"] = "application/json"
    return lambda n: request(method, work.path(n), headers, work.body(n) if work.body else b"")


def run(measured: Measured, report: Report, seconds: float, only: list[str]) -> None:
    """Measure all works at one client and at sixteen, and the same SQL without the application."""
    measured.serve(workers=2)
    try:
        cookie = measured.cookie()
        todo = [w for w in works(measured, measured.deep()) if not only or any(o in w.name for o in only)]
        report.memory["two workers, started"] = measured.memory("server")
        for work in todo:
            asked = prepared(work, measured, cookie)
            one = load(measured.port, asked, clients=1, seconds=seconds)
            spent = measured.spent("server")
            many = load(measured.port, asked, clients=CLIENTS, seconds=seconds)
            # Of warming up as well, which is not counted in the rate.
            cpu = 1000 * (measured.spent("server") - spent) / many.asked
            sql = straight.measure(measured, work, cookie, min(seconds, 2.0))
            report.work(work.name, work.aim, one, many, sql, cpu)
        report.memory["two workers, after the load"] = measured.memory("server")
    finally:
        measured.stop("server")
