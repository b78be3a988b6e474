"""A link says what it is for, to nobody but the bridge, and for a time."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from bridge.connect.links import ANNOUNCED, PRINTED, BadLink, Links, Ticket
from bridge.model.ids import AccountId, PersonRef, PlaceRef, WorkspaceId
from bridge.model.state import Login
from bridge.secrets import Sealer, keygen
from tests.clock import MovableClock

HOME = WorkspaceId("T0HOME")


def made(clock: MovableClock, key: str, url: str | None = "https://bridge.example.com") -> Links:
    return Links(sealer=Sealer([key]), public_url=url, now=clock.now)


def read(links: Links, url: str | None) -> Ticket:
    assert url is not None
    return links.read(parse_qs(urlsplit(url).query)["link"][0])


def test_a_link_keeps_what_it_was_made_for_and_shows_none_of_it() -> None:
    """CT-35: the link under an alert leads to that account."""
    links = made(MovableClock(), keygen())
    url = links.make(
        HOME,
        account=AccountId(7),
        person=PersonRef("U0AKI"),
        channel=PlaceRef("C0SHOP"),
        alerts_channel=PlaceRef("C0ALERTS"),
        login=Login.INSTAGRAM,
    )
    assert url is not None
    assert url.startswith("https://bridge.example.com/meta/connect?link=")
    assert "T0HOME" not in url
    assert "U0AKI" not in url
    ticket = read(links, url)
    assert (ticket.workspace, ticket.account, ticket.person) == (HOME, 7, "U0AKI")
    assert (ticket.channel, ticket.alerts_channel, ticket.login) == ("C0SHOP", "C0ALERTS", Login.INSTAGRAM)


@pytest.mark.parametrize(("within", "announced"), [(PRINTED, False), (ANNOUNCED, True)])
def test_a_link_ends_in_its_time(within: timedelta, *, announced: bool) -> None:
    clock = MovableClock()
    links = made(clock, keygen())
    ticket = read(links, links.reconnect(HOME, AccountId(7)) if announced else links.make(HOME))
    clock.move(within - timedelta(seconds=2))
    assert not links.expired(ticket)
    clock.move(timedelta(seconds=3))
    assert links.expired(ticket)


def test_each_link_is_one_of_its_own() -> None:
    links = made(MovableClock(), keygen())
    assert read(links, links.make(HOME)).nonce != read(links, links.make(HOME)).nonce


def test_what_was_not_sealed_here_is_no_link() -> None:
    links, others = made(MovableClock(), keygen()), made(MovableClock(), keygen())
    foreign = others.sealed(read(others, others.make(HOME)))
    for text in ("", "x", "é" * 20, foreign, foreign[:-4]):
        with pytest.raises(BadLink):
            links.read(text)


def test_a_sealed_access_token_is_no_link() -> None:
    key = keygen()
    for secret in ("EAAG-token", '{"n": "x"}', "[]", "7"):
        with pytest.raises(BadLink):
            made(MovableClock(), key).read(Sealer([key]).seal(secret))


def test_without_a_public_address_there_is_no_link() -> None:
    assert made(MovableClock(), keygen(), None).reconnect(HOME, AccountId(7)) is None
