"""Whatever strangers write is read: every charset and none, broken MIME, HTML that means harm. No database is asked."""

from __future__ import annotations

import re
from email import policy
from email.header import Header
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyvand.collaborative.mail import parsing
from peyvand.collaborative.mail.balancing import DEEPEST, MOST_MARKED, MOST_SIGNS, balanced
from peyvand.collaborative.mail.cleaning import harmless, html_of, loads_pictures, reads_from_right, text_of
from peyvand.collaborative.mail.fields import read_addresses, written
from peyvand.collaborative.mail.parsing import decoded, key_of, read_letter
from peyvand.collaborative.mail.reasons import CUT, TANGLED
from peyvand.kernel.errors import Invalid

PERSIAN = "سلام، پیش‌فاکتور شمارهٔ ۱۲ پیوست است. گچ‌پژ"


def raw(headers: str, body: bytes) -> bytes:
    return headers.encode().replace(b"\n", b"\r\n") + b"\r\n\r\n" + body


@pytest.mark.parametrize("claimed", ["windows-1256", "iso-8859-1", "us-ascii", "utf-8", "x-unknown", ""])
def test_windows_1256_is_read_whatever_it_claims_to_be(claimed: str) -> None:
    text = "سلام آقاي كريمي، لطفا پيش فاكتور را بفرستيد"
    charset = f"; charset={claimed}" if claimed else ""
    mail = raw(f"Content-Type: text/plain{charset}\nContent-Transfer-Encoding: 8bit", text.encode("cp1256"))
    assert read_letter(mail).text == text


@pytest.mark.parametrize("codec", ["utf-8", "cp1256", "iso-8859-6", "utf-16"])
def test_a_charset_that_is_said_rightly_is_believed(codec: str) -> None:
    text = "سلام خوبي"
    assert decoded(text.encode(codec), codec) == text


def test_latin_accents_stay_latin() -> None:
    assert decoded("Grüße aus Köln, déjà vu".encode("iso-8859-1"), "iso-8859-1") == "Grüße aus Köln, déjà vu"
    assert decoded(PERSIAN.encode(), "iso-8859-1") == PERSIAN


def test_headers_are_decoded_also_where_a_letter_is_cut_in_two() -> None:
    import base64

    half = PERSIAN.encode()
    words = " ".join(
        f"=?utf-8?B?{base64.b64encode(half[i : i + 7]).decode()}?=" for i in range(0, len(half), 7)
    )
    assert read_letter(raw(f"Subject: {words}", b"x")).subject == " ".join(PERSIAN.split())
    named = Header("نگار کریمی", "utf-8").encode()
    assert read_letter(raw(f"From: {named} <Negar@Toloo.Test>", b"x")).sender == (
        "نگار کریمی",
        "Negar@toloo.test",
    )
    assert read_letter("Subject: سلام\r\n\r\nx".encode()).subject == "سلام"


def test_conversation_and_machines() -> None:
    mail = read_letter(
        raw(
            "Message-ID: <a@b>\nIn-Reply-To: <c@d>\nReferences: <e@f>\n <c@d>\nAuto-Submitted: auto-replied",
            b"x",
        )
    )
    assert (mail.message_id, mail.in_reply_to, mail.references, mail.is_automatic) == (
        "a@b",
        "c@d",
        ("e@f", "c@d"),
        True,
    )
    assert not read_letter(raw("Auto-Submitted: no", b"x")).is_automatic
    assert read_letter(raw("Precedence: bulk", b"x")).is_automatic
    nameless = raw("Subject: x", b"y")
    assert read_letter(nameless).message_id == read_letter(nameless).message_id != ""


@given(st.binary(max_size=3000))
def test_any_bytes_are_a_letter(content: bytes) -> None:
    letter = read_letter(content)
    for text in (letter.subject, letter.text, letter.html, letter.message_id, *letter.sender):
        assert "\x00" not in text
        text.encode()
    assert len(key_of(letter.message_id)) == 64


_PIECES = st.sampled_from(
    [
        b"Content-Type: multipart/mixed; boundary=b\r\n", b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n",
        b"Content-Type: text/html; charset=utf-7\r\n", b"Content-Type: text/plain; charset=\"\"\r\n", b"Content-Type: message/rfc822\r\n",
        b"Content-Type: message/delivery-status\r\n", b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: x-uuencode\r\n",
        b"Content-Disposition: attachment; filename*=utf-8''%ff%00\r\n", b"Content-Disposition: attachment; filename*0*=x''a; filename*2=b\r\n",
        b"Subject: =?utf-8?B?!!!?= =?x?q?=ff?=\r\n", b"From: \"a@b\" <c@d.ir>, <<>>\r\n", b"To: group: a@b.ir, c@d.ir;\r\n",
        b"Date: Fri, 99 Foo 99999 99:99\r\n", b"Message-ID: <>\r\n", b"References: <a<b>> <c@d>\r\n", b"--b\r\n", b"--b--\r\n", b"\r\n",
        b"\r\n\r\n", b"aGk=\r\n", b"begin 644 x\r\n", "سلام\r\n".encode(), b"\xff\xfe\x00\r\n", b"Action: failed\r\n", b" folded\r\n",
    ]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=40))
def test_any_pieces_of_mime_are_a_letter(pieces: list[bytes]) -> None:
    letter = read_letter(b"".join(pieces))
    assert len(letter.subject) <= 500
    assert all(file.name and file.content for file in letter.files)
    for text in (letter.subject, letter.text, letter.html):
        text.encode()


def test_a_mail_within_a_mail_is_a_file() -> None:
    inner = EmailMessage()
    inner["Subject"] = "inner"
    inner.set_content("hidden text")
    outer = EmailMessage(policy=policy.SMTP)
    outer.set_content("outer text")
    outer.add_attachment(inner)
    letter = read_letter(outer.as_bytes())
    assert letter.text.strip() == "outer text"
    assert [file.name.endswith(".eml") for file in letter.files] == [True]


HOSTILE = [
    "<script>bad()</script>", "<img src=x onerror=bad()>", "<svg onload=bad()><script>bad()</script></svg>",
    "<iframe srcdoc='<script>bad()</script>'>",
    "<a href='javascript:bad()'>x</a>",
    "<a href=' java\nscript:bad()'>x</a>", "<form action='https://evil.test'><input name=p></form>",
    "<meta http-equiv=refresh content='0;url=https://evil.test'>", "<base href='https://evil.test'>",
    "<link rel=stylesheet href='https://evil.test'>",
    "<style>body{background:url(https://evil.test)}</style>", "<div style=\"background:url('https://evil.test')\">x</div>",
    "<div style='background-image:u\\72l(https://evil.test)'>x</div>", "<object data='https://evil.test'></object>",
    "<embed src='https://evil.test'>",
    "<math><mtext><script>bad()</script></mtext></math>", "<video src='https://evil.test' autoplay>", "<body background='https://evil.test'>",
    "<img srcset='https://evil.test 2x'>", "<img src='data:image/svg+xml,<svg onload=bad()>'>",
    "<noscript><p title='</noscript><img src=x onerror=bad()>'>",
    "<template><script>bad()</script></template>", "<div style='position:fixed;top:0'>x</div>", "<table background='https://evil.test'><tr><td>x</table>",
]  # fmt: skip


@pytest.mark.parametrize("html", HOSTILE)
def test_nothing_that_acts_is_left_of_hostile_html(html: str) -> None:
    clean = harmless(html).lower()
    for sign in ("<script", "onerror=", "onload", "javascript", "<form", "<meta", "<base", "<link", "<style", "url(", "<iframe", "<object",
                 "srcset", "position", "background=", "evil.test", "<svg", "data:"):  # fmt: skip
        assert sign not in clean


@given(st.text(max_size=300))
def test_cleaning_twice_changes_nothing_more(html: str) -> None:
    once = harmless(html)
    assert harmless(once) == once


def test_plain_text_and_html_of_each_other() -> None:
    html = html_of("سلام <b>\n\nببین https://a.test/x?y=1. www.b.test!")
    assert 'dir="rtl"' in html
    assert "&lt;b&gt;" in html
    assert 'href="https://a.test/x?y=1"' in html
    assert 'href="https://www.b.test"' in html
    assert text_of(
        "<p>یک</p><p>دو<br>سه</p><style>x{}</style><table><tr><td>a</td><td>b</td></tr></table>"
    ).split() == ["یک", "دو", "سه", "a", "b"]
    assert reads_from_right("سلام hi")
    assert not reads_from_right("hello سلام there")
    assert reads_from_right("ببینید: https://arman.test/a-very-long-address")
    assert loads_pictures(harmless('<img src="https://a.test/x.png">'))
    assert not loads_pictures(harmless('<img src="cid:x">'))


def test_addresses_are_read_as_people_write_them() -> None:
    found = read_addresses(
        'نگار کریمی <negar@Toloo.test>؛ ali@toloo.test، "Doe, Jane" <jane@x.test>, ALI@toloo.test'
    )
    assert [address for _, address in found] == ["negar@toloo.test", "ali@toloo.test", "jane@x.test"]
    assert found[2][0] == "Doe, Jane"
    assert written("Doe, Jane", "jane@x.test") == '"Doe, Jane" <jane@x.test>'
    with pytest.raises(Invalid):
        read_addresses("negar@toloo.test, nonsense")


@given(st.text(max_size=60))
def test_no_name_breaks_a_header(name: str) -> None:
    text = written(name, "a@b.test")
    assert "\n" not in text
    assert "\r" not in text
    assert [address for _, address in read_addresses(text)] == ["a@b.test"]


def test_headers_of_endless_length_cost_no_more_than_short_ones() -> None:
    words = b"=?utf-8?q?a?= " * 25_000
    letter = read_letter(b"From: v@x.test\r\nX-Any: " + words + b"\r\nSubject: " + words + b"\r\n\r\nx")
    assert (letter.sender[1], letter.text, set(letter.subject)) == ("v@x.test", "x", {"a"})
    part = b"Content-Type: text/plain; " + b"a*0=b;" * 20_000 + b"\r\n\r\nx"
    assert read_letter(b"From: v@x.test\r\n" + part).text == "x"


def _nested(depth: int, lines: int = 0) -> bytes:
    parts = (f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(depth))
    return "".join(parts).encode() + b"\r\nx\r\n" + b"\r\n" * lines


@pytest.mark.parametrize(
    "body",
    [b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n\r\n" * 30_000, _nested(3000), _nested(300, 50_000),
     b"Content-Type: message/rfc822\r\n\r\n" * 900, b"\r\n" * 10_000_001],
    ids=["pieces", "parts within parts", "many lines within some parts", "mails within mails", "lines"],
)  # fmt: skip
def test_of_an_endless_letter_only_the_headers_are_read(body: bytes, monkeypatch: Any) -> None:
    read: list[int] = []
    real = parsing.message_from_bytes

    def counting(raw: bytes, **how: Any) -> Any:
        read.append(len(raw))
        return real(raw, **how)

    monkeypatch.setattr(parsing, "message_from_bytes", counting)
    letter = read_letter(b"From: v@x.test\r\nSubject: Hello\r\n" + body)
    assert (letter.sender[1], letter.subject, letter.text, letter.problem) == (
        "v@x.test",
        "Hello",
        "",
        TANGLED,
    )
    # Whatever has more work in it than a letter is not even begun; mails within mails end by their own depth.
    assert sum(read) < 100_000


def test_signs_without_end_are_cut_off_and_the_letter_says_so() -> None:
    for flood in ("&" * 500_000, "&amp;" * 90_000, "&lt;" * 90_000, "<" * 500_000, "<p>&</p>" * 60_000):
        tidy, is_cut = balanced(flood, {"p"}, set())
        assert is_cut
        assert tidy.count("&") <= MOST_SIGNS
    # What can be written as itself is.
    assert balanced("&nbsp;&eacute;&#1583;&amp;lt;&lt;b&gt;", set(), set()) == (
        "\u00a0éد&amp;lt;&lt;b>",
        False,
    )
    head = b"From: v@x.test\r\nContent-Type: text/html\r\n\r\n"
    assert read_letter(head + b"<p>Hello" + b"&" * 30_000).problem == CUT
    assert read_letter(head + b"<p>Hello &amp; goodbye").problem == ""


def test_an_address_in_endless_text_is_passed_over() -> None:
    assert read_addresses(f"{'<' * 5000}a@b.ir, c@d.ir") == [("", "c@d.ir")]


def test_a_letter_of_endless_headers_is_none() -> None:
    with pytest.raises(ValueError, match="headers"):
        read_letter(b"A: b\r\n" * 200_000 + b"\r\nx")


_SOUP = st.lists(
    st.sampled_from(
        ["<div>", "</div>", "<p>", "</p>", "<b title=1>", "</b>", "<i title='>", "<table><tr><td>", "</table>", "<br>", "<!-- </div>", "-->", "<x>",
         "<script></div>", "</script>", "<a href=\"https://a.test/?b=1&c='2'\">", "</A >", "<", ">", '"', "'", "text", "&lt;", "<![if !mso]>", "</"]
    ),
    max_size=60,
)  # fmt: skip


def _depths(html: str) -> tuple[int, int]:
    """How deep the tags stand in each other, all and those that mark text; each closes the one that was opened last."""
    opened: list[str] = []
    deepest = marked = 0
    for closes, name in re.findall(r"<(/?)([a-z]+)[^<>]*>", html):
        if closes:
            assert opened.pop() == name
        elif name != "br":
            opened.append(name)
        deepest, marked = max(deepest, len(opened)), max(marked, sum(n in ("a", "b", "i") for n in opened))
    assert not opened
    return deepest, marked


@given(_SOUP)
def test_tags_close_in_order_whatever_was_written(pieces: list[str]) -> None:
    tags = {"div", "p", "b", "i", "a", "table", "tr", "td", "br"}
    clean, _ = balanced("".join(pieces), tags, {"script"})
    assert "script" not in clean
    assert _depths(clean)[1] <= MOST_MARKED


def test_tags_within_tags_cost_no_more_than_beside_each_other() -> None:
    assert _depths(balanced("<div>" * 50_000 + "x" + "<b>" * 50_000, {"div", "b"}, set())[0]) == (DEEPEST, 0)
    marks = "".join(f"<b title={n}>" for n in range(300))
    bomb = f"<p>{marks}</p>" + "<p>x" * 300
    assert len(harmless(bomb)) < 10 * len(bomb)
