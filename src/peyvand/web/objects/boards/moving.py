"""A card let go somewhere: carried out, or answered by what it still needs, or put back with the reason."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from peyvand.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, PeyvandError, RuleViolation
from peyvand.web.components.inputs import labelled, read_inputs
from peyvand.web.components.tags import say
from peyvand.web.objects.boards.drawn import DrawnBoard
from peyvand.web.objects.boards.kinds import asked_for
from peyvand.web.objects.boards.layout import Ask, Move, Moved
from peyvand.web.objects.boards.page import drawn_board
from peyvand.web.objects.pages.drawn import with_titles


@require_POST
def object_move(request: HttpRequest, workspace: str, plural: str) -> HttpResponse:
    """POST ``card``, ``stage``, ``from`` (the lane it was taken from), ``before`` and ``after`` (its new
    neighbours).

    200 with the changed heads and the card; 422 with a dialog that asks for what is missing; 409 where a
    colleague was
    faster; otherwise a refusal whose reason comes as a toast.
    """
    drawn = drawn_board(request, plural)
    given = request.POST if "card" in request.POST else request.GET
    move = read_move(given)
    try:
        # A move that fails takes only itself back: the answer still reads what there is.
        with transaction.atomic():
            moved = drawn.board.move(drawn.ctx, move, drawn.layout)
    except Ask as ask:
        return _dialog(request, drawn, move, ask)
    except (Invalid, RuleViolation) as error:
        fields = asked_for(drawn.board.spec, error)
        if not fields:
            return refused(drawn, move, error)
        problems = error.problems if isinstance(error, Invalid) and move.form is not None else ()
        values = with_titles(drawn.ctx, fields, read_inputs(fields, given, drawn.ctx.reader))
        title = gettext("What is still missing")
        return _dialog(
            request,
            drawn,
            move,
            Ask(title, fields, lead=say(error_lead(error)), values=values, problems=problems),
        )
    except (Conflict, NotAllowed, NotFound) as error:
        return refused(drawn, move, error)
    return done(drawn, move, moved)


def error_lead(error: Invalid | RuleViolation) -> Any:
    """The sentence that tells why a move asks for more."""
    return error.problems[0].message if isinstance(error, Invalid) else error.message


def read_move(given: QueryDict) -> Move:
    """The move that a request describes.

    Raises:
        NotFound: it names no card.
    """

    def whole(name: str) -> int | None:
        text = given.get(name, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None

    card = whole("card")
    if card is None:
        raise NotFound
    form = given if "asked" in given else None
    return Move(card, given.get("stage", ""), given.get("from", ""), whole("before"), whole("after"), form)


def done(drawn: DrawnBoard, move: Move, moved: Moved) -> HttpResponse:
    """The heads as they are now, and the card where it is now. After a dialog the page asks for those
    itself.
    """
    asked = move.form is not None
    response = HttpResponse("" if asked else drawn.heads() + drawn.placed([move.card]))
    events: dict[str, Any] = {"closeDialog": True} if asked else {}
    if moved.said:
        undo = f"{drawn.base}/move?{urlencode(moved.undo)}&{drawn.query_string}" if moved.undo else None
        events["toast"] = {"text": moved.said, "kind": "good", **({"undo": undo} if undo else {})}
    if events:
        response["HX-Trigger"] = json.dumps(events)
    return response


def refused(drawn: DrawnBoard, move: Move, error: PeyvandError) -> HttpResponse:
    """Why a move was refused; the page puts the card back and asks where it really is."""
    if isinstance(error, Invalid):
        sentence = " ".join(say(problem.message) for problem in error.problems)
    else:
        sentence = say(error.message)
    response = HttpResponse(status=error.status)
    changed = {"object": drawn.board.spec.key, "ids": [move.card]}
    response["HX-Trigger"] = json.dumps({"toast": {"text": sentence, "kind": "bad"}, "changed": changed})
    return response


def _dialog(request: HttpRequest, drawn: DrawnBoard, move: Move, ask: Ask) -> HttpResponse:
    reader = drawn.ctx.reader
    inputs = [
        labelled(field, ask.values.get(field.key), ask.problems, reader, autofocus=n == 0)
        for n, field in enumerate(ask.fields)
    ]
    keys = {field.key for field in ask.fields}
    context = {
        "ask": ask,
        "move": move,
        "inputs": inputs,
        "loose": [say(p.message) for p in ask.problems if (p.field or "").partition(".")[0] not in keys],
        "url": f"{drawn.base}/move?{drawn.query_string}",
    }
    return render(request, "objects/boards/_ask.html", context, status=422)
