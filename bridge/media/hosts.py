"""Where files may be fetched from: which addresses, on which machines. Pure.

Rule 1: only hosts of the operator's list, and what is below them, by HTTPS on its usual port.
Rule 2: an entry with a port means just that host and port; it alone may be a private machine, and plain HTTP.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from bridge.model.word import Word

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""Addresses that stand for an IPv4 address in their last four bytes (RFC 6052)."""
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*")


class Forbidden(Exception):
    """Nothing may be fetched from there."""


class Hosts(Word, kw_only=True):
    """The operator's list. names: hosts with all below them; named: hosts with their ports."""

    names: frozenset[str]
    named: frozenset[tuple[str, int]]

    @classmethod
    def of(cls, entries: Iterable[str]) -> Hosts:
        """Read entries such as ``fbcdn.net`` and ``127.0.0.1:8080``; ValueError for what is neither."""
        names, named = set[str](), set[tuple[str, int]]()
        for entry in entries:
            host, port = _entry(entry)
            if port is None:
                names.add(host)
            else:
                named.add((host, port))
        return cls(names=frozenset(names), named=frozenset(named))

    def check(self, scheme: str, host: str, port: int) -> None:
        """Raise Forbidden unless something may be fetched from that host, as far as its name tells."""
        host = host.lower().rstrip(".")
        if self.is_named(host, port) and scheme in {"http", "https"}:
            return
        if scheme != "https" or port != 443:
            raise Forbidden("neither HTTPS nor named with its port")
        if not any(host == name or host.endswith(f".{name}") for name in self.names):
            raise Forbidden("not on the list")
        if _literal(host) is not None and not is_public(host):
            raise Forbidden("a private address")

    def is_named(self, host: str, port: int) -> bool:
        """Whether an entry names this host with this port, so that it may be private."""
        return (host.lower().rstrip("."), port) in self.named


def is_public(address: str) -> bool:
    """Whether an address leads out into the public network, whatever other address it wraps."""
    found = _literal(address)
    if found is None:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and found in NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if found.is_site_local:
            return False
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _entry(entry: str) -> tuple[str, int | None]:
    if (bare := _literal(entry)) is not None:
        return str(bare), None
    try:
        parts = urlsplit(f"//{entry.lower().removeprefix('*.')}")
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise _unreadable(entry) from None
    found = _literal(host)
    shown = f"[{host}]" if isinstance(found, ipaddress.IPv6Address) else host
    # Whatever is more than a host and a port, such as a path or a name and a password, is no entry.
    if parts.netloc not in {shown, f"{shown}.", f"{shown}:{port}", f"{shown}.:{port}"} or parts.path or parts.query:
        raise _unreadable(entry)
    if found is None and not _NAME.fullmatch(host):
        raise _unreadable(entry)
    return (host if found is None else str(found)), port


def _unreadable(entry: str) -> ValueError:
    return ValueError(f"{entry[:60]!r} is neither a host nor HOST:PORT")
