"""Where tickets go and when, as it is typed; and what a ticket system's answer says."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from yarl import URL

from bridge import tickets
from bridge.model.outcomes import Later, Scope
from bridge.sinks.tickets import link_of, number_of, refused, taken

SINK = "https://tickets.example.com/in"


@pytest.mark.parametrize(
    ("text", "minutes"), [("off", 0), ("", 0), ("on", 60), ("60m", 60), ("1h", 60), ("90m", 90), ("24h", 1440)]
)
def test_the_timer_is_set_from_an_hour_to_a_day(text: str, minutes: int) -> None:
    """ZI-27: 24 h ok, 25 h refused; 59 minutes are too few."""
    assert tickets.READERS["ticket_timer"](text) == minutes


@pytest.mark.parametrize("text", ["59m", "0h", "25h", "1441m", "60", "2d", "-60m", "１h"])
def test_no_other_length_is_taken(text: str) -> None:
    """ZI-27"""
    with pytest.raises(ValueError, match="60m to 24h"):
        tickets.READERS["ticket_timer"](text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("https://tickets.example.com/in?team=1", "https://tickets.example.com/in?team=1"),
        ("http://127.0.0.1:8099/in", "http://127.0.0.1:8099/in"),
        ("slack:c0123abcd", "slack:C0123ABCD"),
        ("mailto:help@example.com, desk@example.com", "mailto:help@example.com,desk@example.com"),
        ("off", ""),
    ],
)
def test_where_tickets_go_is_read_whole(text: str, kept: str) -> None:
    """ZI-04"""
    assert tickets.READERS["ticket_sink"](text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "http://tickets.example.com/", "https://10.0.0.7/", "https://[fd00::1]/", "https://169.254.169.254/", "https://a:b@tickets.example.com/",
        "https://tickets.example.com/#whsec_", "ftp://tickets.example.com/", "https://", "tickets.example.com", "slack:#help", "mailto:help",
        "mailto:a@b.example?cc=c@d.example", "https://tickets.example.com/ x", "https://tickets.example.com:99999/",
    ],
)  # fmt: skip
def test_what_may_not_be_reached_is_refused_when_it_is_set(text: str) -> None:
    """Private networks, plain HTTP, credentials in an address: as with media."""
    with pytest.raises(ValueError, match=r"\w"):
        tickets.READERS["ticket_sink"](text)


def test_a_signing_secret_is_read_and_never_shown() -> None:
    """Standard Webhooks: 24 to 64 bytes; several while it is rotated."""
    good = [f"whsec_{base64.b64encode(bytes([count]) * count).decode()}" for count in (24, 64)]
    assert [len(key) for key in tickets.keys_of(",".join(good))] == [24, 64]
    for bad in (
        "",
        "whsec_",
        f"whsec_{base64.b64encode(b'x' * 23).decode()}",
        good[0].removeprefix("whsec_"),
        "whsec_äö",
    ):
        with pytest.raises(ValueError, match="no signing secret") as caught:
            tickets.keys_of(bad)
        assert len(bad) < 8 or bad not in str(caught.value)


# ── what an answer says ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("answer", "location", "number", "link"),
    [
        (b'{"id": 17, "url": "https://t.example/17"}', None, "17", "https://t.example/17"),
        (b"", "/tickets/17", None, "https://tickets.example.com/tickets/17"),
        (b"<html>", None, None, None),
        (b'{"id": true, "url": "javascript:alert(1)"}', None, None, None),
        (b'{"id": " HELP\\n17 ", "url": "https://a:b@t.example/"}', None, "HELP 17", None),
        (b'["url"]', "ftp://t.example/17", None, None),
    ],
)
def test_any_yes_makes_a_ticket_whatever_stands_in_it(
    answer: bytes, location: str | None, number: str | None, link: str | None
) -> None:
    """ZI-04: an address that is none leads nobody anywhere."""
    told = taken(URL(SINK), answer, location)
    assert (told.sink, told.number, told.link) == (SINK, number, link)


@pytest.mark.parametrize(
    ("status", "scope", "cause"),
    [
        (302, Scope.TARGET, "redirect"), (401, Scope.TARGET, "refused"), (404, Scope.TARGET, "refused"),
        (429, Scope.TARGET, "server"), (503, Scope.TARGET, "server"), (422, Scope.ROW, ""), (400, Scope.ROW, ""),
    ],
)  # fmt: skip
def test_what_is_refused_waits_and_only_its_own_fault_is_counted(status: int, scope: Scope, cause: str) -> None:
    """ZI-04: a failing sink delays; what no try can mend is given up at last."""
    outcome = refused(status, None)
    assert isinstance(outcome, Later)
    assert (outcome.scope, outcome.cause) == (scope, cause)
    asked = refused(503, "120")
    assert isinstance(asked, Later)
    assert asked.after == timedelta(seconds=120)


def test_numbers_and_addresses_from_outside_are_short_and_plain() -> None:
    """They are told in the thread: nothing of them is read as mark-up, or is without an end."""
    assert number_of("x" * 500) == "x" * 60
    assert number_of(1.5) is None
    assert link_of("https://t.example/" + "x" * 3_000) is None
    assert link_of("https://t.example/a b") is None
