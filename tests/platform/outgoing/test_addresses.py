"""Where messages may go, and that nothing leads them elsewhere."""

from __future__ import annotations

import socket
import time
from typing import Any

import pytest

from peyvand.platform.outgoing import posting
from peyvand.platform.outgoing.judging import Forbidden, NotReached, judged
from peyvand.platform.outgoing.posting import post


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "0x7f.1", "2130706433", "0", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "ff02::1", "localhost",
    ],
)  # fmt: skip
def test_no_private_address_is_reached(host: str, settings: Any) -> None:
    settings.OUTGOING_NETWORKS = []
    with pytest.raises(Forbidden):
        judged(host, 443, is_secure=True)


def test_public_addresses_are_reached_only_over_tls(settings: Any) -> None:
    settings.OUTGOING_NETWORKS = []
    assert judged("93.184.216.34", 443, is_secure=True) == "93.184.216.34"
    with pytest.raises(Forbidden):
        judged("93.184.216.34", 80, is_secure=False)


def test_a_network_of_our_own_is_reached_when_allowed(settings: Any) -> None:
    settings.OUTGOING_NETWORKS = ["10.1.0.0/16", "::1/128"]
    assert judged("10.1.2.3", 80, is_secure=False) == "10.1.2.3"
    with pytest.raises(Forbidden):
        judged("10.2.0.1", 80, is_secure=False)


def test_a_name_with_one_private_address_is_refused(monkeypatch: Any) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [_entry("93.184.216.34"), _entry("10.0.0.1")])
    with pytest.raises(Forbidden):
        judged("two.example", 443, is_secure=True)


def test_a_name_that_changes_its_mind_changes_nothing(monkeypatch: Any, receiver: Any, settings: Any) -> None:
    """DNS rebinding: public when it is judged, this machine when it is connected to."""
    settings.OUTGOING_NETWORKS = []
    asked: list[str] = []
    connected: list[Any] = []

    def resolve(host: str, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        return [_entry("93.184.216.34" if len(asked) == 1 else "127.0.0.1")]

    def connect(address: Any, *_: Any, **__: Any) -> Any:
        connected.append(address)
        raise ConnectionRefusedError("refused")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(posting.socket, "create_connection", connect)
    port = int(receiver.url.split(":")[2].split("/")[0])
    with pytest.raises(NotReached):
        post(f"https://rebind.example:{port}/", {}, b"{}")
    assert asked == ["rebind.example"]
    assert connected == [("93.184.216.34", port)]
    assert receiver.requests == []


@pytest.mark.parametrize(
    ("address", "headers"), [("/", {"x-key": "a\r\nx-more: b"}), ("/", {"x-key": "کلید"}), (":99999/", {})]
)
def test_what_cannot_be_written_down_is_not_reached(
    receiver: Any, near: None, address: str, headers: dict[str, str]
) -> None:
    url = receiver.url.replace("/hook", "/") if address == "/" else f"http://127.0.0.1{address}"
    with pytest.raises(NotReached):
        post(url, headers, b"{}")
    assert receiver.requests == []


def test_whoever_drips_bytes_is_cut_off(receiver: Any, near: None) -> None:
    receiver.behave("drip")
    begun = time.monotonic()
    with pytest.raises(NotReached, match="no answer within"):
        post(receiver.url, {}, b"{}", seconds=1)
    assert time.monotonic() - begun < 12, "it would drip for twenty seconds"


def _entry(address: str) -> Any:
    return (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))
