"""A link says what it is for, to nobody but the bridge, and for a time."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from bridge.connect.choosing import unfit_name
from bridge.connect.links import ANNOUNCED, PRINTED, BadLink, Links, Ticket
from bridge.model.ids import AccountId, PersonRef, PlaceRef, WorkspaceId
from bridge.model.state import Login
from bridge.rules.desk.incidents import LINK_LASTS
from bridge.secrets import Sealer, keygen
from bridge.wording import LANGUAGES
from bridge.wording.pages import PageWording
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


def test_the_link_of_an_alert_is_made_anew_well_before_its_end() -> None:
    """CT-35: even after a week in which nobody could."""
    assert 2 * LINK_LASTS <= ANNOUNCED


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


def test_a_login_begun_in_time_may_end_after_the_link() -> None:
    """CT-35: opened at minute 59, back from Meta at minute 61; only half an hour, and only for who comes back."""
    clock = MovableClock()
    links = made(clock, keygen())
    ticket = read(links, links.make(HOME))
    clock.move(PRINTED + timedelta(minutes=2))
    assert links.expired(ticket)
    assert not links.expired(ticket, returning=True)
    clock.move(timedelta(minutes=30))
    assert links.expired(ticket, returning=True)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("lack", ["link_expired", "link_used", "link_broken", "account_gone"])
def test_whoever_has_neither_alert_nor_server_reads_where_a_new_link_comes_from(language: str, lack: str) -> None:
    """CT-35: each member gets one by the command."""
    assert "`/bridge connect`" in PageWording(language).say(f"mend.{lack}")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "pick.no_name"),
        ("Shop\u202e", "pick.hidden_name"),
        ("x" * 81, "pick.long_name"),
        ("x" * 80, None),
        ("花子", None),
    ],
)
def test_a_name_that_does_not_fit_is_told_why(name: str, why: str | None) -> None:
    assert unfit_name(name) == why
    for language in LANGUAGES:
        if why is not None:
            assert PageWording(language).say(why, account="Hanako Flowers", count=len(name))
