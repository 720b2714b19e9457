"""A form as a browser without scripts would send it."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any


class _Form(HTMLParser):
    """The controls of the form with ``data-guard``: the last value of each name, or all where there are several."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self.inside = self.hidden = 0
        self.select = ""
        self.option: str | None = None
        self.area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        self.inside += tag == "form" and "data-guard" in given
        self.hidden += tag == "template"
        if not self.inside or self.hidden:
            return
        if tag == "select":
            self.select, self.option = name, None
        elif tag == "option" and self.select and (self.option is None or "selected" in given):
            self.option = value
        elif tag == "textarea":
            self.area, self.sent[name] = name, [""]
        elif (
            tag == "input" and name and (given.get("type") not in ("checkbox", "radio") or "checked" in given)
        ):
            self.sent.setdefault(name, []).append(value)

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag == "template"
        if tag == "form":
            self.inside = 0
        elif tag == "select" and self.select:
            self.sent[self.select], self.select = [self.option or ""], ""
        elif tag == "textarea":
            self.area = ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.sent[self.area] = [(self.sent[self.area][0] + data).removeprefix("\n").replace("\n", "\r\n")]


def form_of(answer: Any) -> dict[str, Any]:
    """What the form on a page sends when nothing is changed in it."""
    form = _Form()
    form.feed(answer.content.decode())
    assert form.sent, "there is a form on the page"
    return {name: values[0] if len(values) == 1 else values for name, values in form.sent.items()}
