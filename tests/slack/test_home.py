"""What stands on somebody's page: within Slack's limits however much there is, in both languages, and when it counts as changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from bridge.demo.slack.blocks import check_view
from bridge.model.change import replace
from bridge.model.ids import AccountId, ConversationId, IncidentId, PersonRef, PlaceRef, WorkspaceId
from bridge.model.listed import Found, Listed
from bridge.model.sheet import Managed, Removed, Sheet, Trouble
from bridge.model.state import Health, Incident, Person, PersonKind, Wish
from bridge.slack.home import Page, drawn, fingerprint
from bridge.slack.homes.pieces import MOST_BLOCKS
from bridge.slack.setup.table import WINDOWS
from tests.slack.stage import AKI, NOON, PLACE, TEAM, WORKSPACE, account, scene

LONG = "とても長い名前の" * 90


class Leads:
    """Links, each of which is another."""

    def __init__(self) -> None:
        self.made = 0

    def reconnect(self, workspace: WorkspaceId, account: AccountId) -> str | None:
        self.made += 1
        return f"https://bridge.test/meta/connect?link=r{account}-{self.made}"

    def connect(self, workspace: WorkspaceId, person: PersonRef, place: PlaceRef) -> str | None:
        self.made += 1
        return f"https://bridge.test/meta/connect?link=c{self.made}{place}"


def person(**changes: Any) -> Person:
    return replace(Person(ref=AKI, kind=PersonKind.MEMBER, name="Aki", language="en", admin=True), **changes)


def talks(count: int, *, owner: PersonRef | None = None, more: bool = False) -> Listed:
    found = [scene(owner=owner) for _ in range(count)]
    named = [
        replace(
            each,
            customer=replace(each.customer, name=LONG),
            conversation=replace(each.conversation, id=ConversationId(number)),
        )
        for number, each in enumerate(found, 1)
    ]
    return Listed(found=tuple(Found(scene=each) for each in named), more=more)


def managed(number: int, *, broken: bool = True, wish: Wish = Wish.ON) -> Managed:
    health, cause = (Health.NEEDS_REAUTHENTICATION, "password_changed") if broken else (Health.READY, None)
    own = account(id=AccountId(number), name=f"{number} {LONG}", health=health, cause=cause, wish=wish)
    open_ones = (trouble(number, own.id),) if broken else ()
    figures = dict.fromkeys(("messages", "conversations", "answers", "elsewhere", "first", "first_most", "time"), 3600)
    return Managed(account=own, troubles=open_ones, ends_at=NOON, figures={**figures, "time_most": 90_000, "lapsed": 2})


def trouble(number: int, of: AccountId | None) -> Trouble:
    incident = Incident(
        id=IncidentId(number),
        workspace=TEAM,
        key=f"reauth:{number}",
        kind="reauth",
        place=PLACE,
        account=of,
        values={"cause": "password_changed"},
        opened_at=NOON,
    )
    return Trouble(incident=incident, waiting=4)


def sheet(**changes: Any) -> Sheet:
    return replace(Sheet(workspace=WORKSPACE, person=person(), connected=True), **changes)


def blocks(of: Sheet, links: Leads | None = None) -> list[dict[str, Any]]:
    made = drawn(of, Leads() if links is None else links, NOON, frozenset(WINDOWS))
    check_view({"type": "home", "blocks": made}, "home")  # block by block, with Slack's limits
    return made


def words(of: Sequence[dict[str, Any]]) -> str:
    return str(list(of))


@pytest.mark.parametrize("language", ["en", "ja"])
def test_however_much_there_is_a_page_is_one_that_slack_takes(language: str) -> None:
    """docs.slack.dev, views.publish: at most 100 blocks, of 3,000 characters each; the last line stays."""
    much = sheet(
        person=person(language=language),
        mine=talks(10, owner=AKI, more=True),
        waiting=talks(10, more=True),
        closing=talks(10, more=True),
        managed=tuple(managed(number) for number in range(1, 11)),
        more=3,
        others=tuple(trouble(number, None) for number in range(50, 60)),
    )
    made = blocks(much)
    assert 90 < len(made) <= MOST_BLOCKS
    assert "/bridge help" in words(made[-1:])
    assert words(made).count("setup:connect") == 1


@pytest.mark.parametrize("language", ["en", "ja"])
def test_an_empty_page_says_what_there_could_be(language: str) -> None:
    made = blocks(sheet(person=person(language=language, admin=False)))
    assert [block["type"] for block in made] == ["header", "section"] * 3 + ["context"]
    assert not [block for block in made if "…" in words([block])]


def test_only_what_nobody_looks_after_can_be_taken() -> None:
    """I-03: the button acts on the conversation, wherever it stands."""
    made = blocks(sheet(mine=talks(1, owner=AKI), waiting=talks(2)))
    taken = [block["accessory"] for block in made if "accessory" in block]
    assert [(each["action_id"], each["value"]) for each in taken] == [
        ("take", "conversation:1"),
        ("take", "conversation:2"),
    ]


def test_a_page_is_the_same_though_its_links_are_others_until_they_grow_old() -> None:
    """Links are good for an hour at least when a page is opened; nobody's page is published for their sake alone."""
    links, of = Leads(), sheet(managed=(managed(1),))
    first, second = blocks(of, links), blocks(of, links)
    assert words(first) != words(second)
    assert fingerprint(first) == fingerprint(second)
    assert fingerprint(blocks(sheet(managed=(managed(1, broken=False),)))) != fingerprint(first)
    page = Page(view={}, look="same:7", before="same:6")
    assert page.stands(opened=False)
    assert not page.stands(opened=True)
    assert not replace(page, before=None).stands(opened=False)
    assert not replace(page, before="other:7").stands(opened=False)


@pytest.mark.parametrize("connected", [True, False])
def test_what_was_removed_lately_stands_at_the_end_with_the_way_back(connected: bool) -> None:
    """ZI-24: also where nothing else is connected any more."""
    gone = [Removed(account=account(id=AccountId(each), wish=Wish.REMOVED), until=NOON) for each in range(1, 9)]
    made = blocks(sheet(connected=connected, removed=tuple(gone)))
    back = [block["accessory"] for block in made if "can be taken back until" in words([block])]
    assert [(each["action_id"], each["value"]) for each in back] == [("setup:restore", str(n)) for n in range(1, 6)]


def test_a_paused_account_says_so_beside_what_is_wrong_with_it() -> None:
    said = words(blocks(sheet(managed=(managed(1, wish=Wish.PAUSED),))))
    assert "is paused" in said
    assert "needs re-authentication" in said


@pytest.mark.parametrize(
    ("who", "says"),
    [
        ({"admin": True}, "Log in at Meta"),
        ({"admin": False}, "An admin of this workspace connects the first account"),
        ({"admin": None}, "Log in at Meta"),
        ({"admin": True, "kind": PersonKind.GUEST}, "An admin of this workspace connects the first account"),
    ],
)
def test_who_may_begin_has_the_button_and_others_read_who_may(who: dict[str, Any], says: str) -> None:
    """ZI-10, ZM-03: only administrators set up."""
    made = blocks(sheet(connected=False, person=person(**who)))
    assert says in words(made)
    assert ("url" in words(made)) is (says == "Log in at Meta")
    nowhere = drawn(sheet(connected=False), None, NOON + timedelta(days=1))
    assert "BRIDGE_PUBLIC_URL" in words(nowhere)


def test_an_accounts_buttons_are_those_that_its_own_answer_has() -> None:
    """ZI-24: the icon's as well, and the one that removes it in the colour of danger."""
    made = drawn(
        Sheet(workspace=WORKSPACE, person=person(), connected=True, managed=(managed(1),)),
        Leads(),
        NOON,
        frozenset(WINDOWS),
    )
    buttons = {
        each["action_id"]: each.get("style")
        for block in made
        for each in block.get("elements", ())
        if "action_id" in each
    }
    assert {"setup:edit", "setup:pause", "setup:icon", "setup:remove"} <= buttons.keys()
    assert buttons["setup:remove"] == "danger"


def test_nobody_else_waits_only_beside_somebody_who_does() -> None:
    """I-03"""
    alone = str(drawn(Sheet(workspace=WORKSPACE, person=person(), connected=True), Leads(), NOON))
    beside = str(drawn(Sheet(workspace=WORKSPACE, person=person(), connected=True, mine=talks(1)), Leads(), NOON))
    assert "Nobody else waits" not in alone
    assert "Nobody else waits" in beside
