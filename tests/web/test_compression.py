from __future__ import annotations

import gzip
from typing import Any

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from peyvand.config.compression import Compression

PAGE = "<p>سلام</p>" * 200


def _answer(response: Any, accepts: str = "gzip, br") -> Any:
    return Compression(lambda request: response)(RequestFactory().get("/", HTTP_ACCEPT_ENCODING=accepts))


def test_a_page_comes_compressed_and_whole() -> None:
    answer = _answer(HttpResponse(PAGE))
    assert answer["Content-Encoding"] == "gzip"
    assert int(answer["Content-Length"]) == len(answer.content) < len(PAGE) // 4
    assert gzip.decompress(answer.content).decode() == PAGE
    assert "Accept-Encoding" in answer["Vary"]


def test_its_size_does_not_tell_what_is_in_it() -> None:
    assert len({len(_answer(HttpResponse(PAGE)).content) for _ in range(40)}) > 5


@pytest.mark.parametrize(
    "response",
    [HttpResponse("short"), HttpResponse(PAGE, content_type="image/png"), StreamingHttpResponse([PAGE])],
    ids=["short", "no text", "a stream"],
)
def test_what_would_gain_nothing_goes_as_it_is(response: Any) -> None:
    assert "Content-Encoding" not in _answer(response)


def test_nobody_gets_what_they_did_not_ask_for() -> None:
    assert _answer(HttpResponse(PAGE), accepts="").content.decode() == PAGE
