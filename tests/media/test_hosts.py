"""Which addresses a file may come from, by their names and numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.media.hosts import Forbidden, Hosts, is_public

META = Hosts.of(["fbcdn.net", "cdninstagram.com", "fbsbx.com"])
NAMED = Hosts.of(["127.0.0.1:8080", "cdn.test:9000", "[::1]:8443"])


@pytest.mark.parametrize(
    "host",
    ["fbcdn.net", "scontent-nrt1-1.xx.fbcdn.net", "lookaside.fbsbx.com", "SCONTENT.CDNINSTAGRAM.COM", "fbcdn.net."],
)
def test_what_lies_on_the_list_or_below_it_may_be_fetched_by_https(host: str) -> None:
    META.check("https", host, 443)


@pytest.mark.parametrize(
    ("scheme", "host", "port"),
    [
        ("http", "scontent.fbcdn.net", 80),
        ("http", "scontent.fbcdn.net", 443),
        ("https", "scontent.fbcdn.net", 8443),
        ("https", "evilfbcdn.net", 443),
        ("https", "fbcdn.net.evil.example", 443),
        ("https", "example.com", 443),
        ("https", "127.0.0.1", 443),
        ("https", "169.254.169.254", 443),
        ("https", "", 443),
        ("ftp", "fbcdn.net", 443),
        ("file", "fbcdn.net", 0),
    ],
)
def test_nothing_else_may(scheme: str, host: str, port: int) -> None:
    with pytest.raises(Forbidden):
        META.check(scheme, host, port)


@pytest.mark.parametrize(
    ("scheme", "host", "port"), [("http", "127.0.0.1", 8080), ("https", "CDN.test", 9000), ("http", "::1", 8443)]
)
def test_a_host_that_is_named_with_its_port_may_be_private_and_plain(scheme: str, host: str, port: int) -> None:
    NAMED.check(scheme, host, port)


@pytest.mark.parametrize(
    ("host", "port"), [("127.0.0.1", 8081), ("cdn.test", 443), ("a.cdn.test", 9000), ("127.0.0.2", 8080)]
)
def test_a_named_port_opens_no_other(host: str, port: int) -> None:
    with pytest.raises(Forbidden):
        NAMED.check("http", host, port)


def test_a_private_address_without_a_port_opens_nothing() -> None:
    with pytest.raises(Forbidden):
        Hosts.of(["10.0.0.7"]).check("https", "10.0.0.7", 443)
    Hosts.of(["8.8.8.8"]).check("https", "8.8.8.8", 443)


@pytest.mark.parametrize(
    "entry",
    ["", " ", "https://fbcdn.net", "fbcdn.net/path", "user@fbcdn.net", "fbcdn.net:port", "fbcdn.net:99999", "a b", "-x.net",
     "fbcdn..net", "[::1", "fbcdn.net?x"],
)  # fmt: skip
def test_what_is_neither_a_host_nor_a_host_with_a_port_is_no_entry(entry: str) -> None:
    with pytest.raises(ValueError, match="neither a host nor HOST:PORT"):
        Hosts.of([entry])


def test_a_star_before_a_host_means_the_same_as_none() -> None:
    assert Hosts.of(["*.fbcdn.net"]) == Hosts.of(["fbcdn.net"]) == Hosts.of(["FBCDN.net."])


PRIVATE = """127.0.0.1 127.1.2.3 0.0.0.0 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1
    192.0.0.1 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 240.0.0.1 255.255.255.255 :: ::1 fe80::1 fe80::1%eth0
    fc00::1 fd12::1 fec0::1 ff02::1 2001:db8::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 64:ff9b::7f00:1
    64:ff9b::a9fe:a9fe 2002:7f00:1:: 2002:a00:1:: 2001:0:7f00:1:: 100::1 localhost 127.1 0x7f000001 2130706433""".split()
PUBLIC = "8.8.8.8 157.240.1.1 2a03:2880:f003::1 ::ffff:157.240.1.1 64:ff9b::9df0:101".split()


@pytest.mark.parametrize("address", PRIVATE)
def test_no_private_address_is_public_however_it_is_written(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_the_public_network_is_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_wrapping_an_address_changes_nothing(address: object) -> None:
    number = int(address)  # type: ignore[call-overload]
    assert (
        is_public(f"::ffff:{address}")
        == is_public(str(address))
        == is_public(f"64:ff9b::{number >> 16:x}:{number & 0xFFFF:x}")
    )
