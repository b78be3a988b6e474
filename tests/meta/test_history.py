"""Meta's record of conversations, read as if its webhooks had told it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bridge.meta import history
from bridge.meta.envelope import split
from bridge.meta.parse import MetaParser
from bridge.model.facts import CustomerReacted, CustomerWrote, EchoHeard, Fact
from bridge.model.ids import MessageId, RemoteId
from bridge.model.outcomes import Page
from bridge.model.state import Author, Known, Message, Platform
from tests.core.factories import account, conversation

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SHOP = account(platform=Platform.INSTAGRAM)
CUSTOMER = "9001"


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S+0000")


def row(mid: str, *, by: str = CUSTOMER, after: int = 0, **more: Any) -> dict[str, Any]:
    """A message as it stands in the record, so many seconds after noon."""
    told = {"id": mid, "created_time": stamp(NOON + timedelta(seconds=after)), "from": {"id": by, "username": "x"}}
    return told | more


def talk(*rows: dict[str, Any], people: tuple[str, ...] = (SHOP.remote_id, CUSTOMER), updated: datetime = NOON) -> Any:
    """A conversation, its messages newest first."""
    shown = {"data": [{"id": each, "username": each} for each in people]}
    return {"id": "t", "updated_time": stamp(updated), "participants": shown, "messages": {"data": [*rows]}}


def page(*talks: Any, following: bool = False) -> Page:
    paging = {"cursors": {"after": "c2"}} | ({"next": "https://graph.facebook.com/…"} if following else {})
    return history.page_of(SHOP, {"data": [*talks], "paging": paging}, NOON)


def facts(*rows: dict[str, Any]) -> list[Fact]:
    return [MetaParser().read(item, Known(), None) for item in page(talk(*rows)).learnt]


def said(fact: Fact) -> list[tuple[str, str | None]]:
    assert isinstance(fact, CustomerWrote | EchoHeard)
    return [(each.kind, each.address) for each in fact.attachments]


PICTURE = "https://scontent.cdninstagram.com/p.jpg"


@pytest.mark.parametrize(
    ("more", "kind", "attached"),
    [
        ({"attachments": {"data": [{"id": "1", "image_data": {"url": PICTURE}}]}}, "image", [("image", PICTURE)]),
        ({"attachments": {"data": [{"id": "1", "video_data": {"url": PICTURE}}]}}, "video", [("video", PICTURE)]),
        (
            {"attachments": {"data": [{"id": "1", "image_data": {"url": PICTURE, "render_as_sticker": True}}]}},
            "sticker",
            [("sticker", PICTURE)],
        ),
        ({"attachments": {"data": [{"name": "audioclip-1.mp4", "file_url": PICTURE}]}}, "audio", [("audio", PICTURE)]),
        ({"attachments": {"data": [{"name": "a.pdf", "file_url": PICTURE}]}}, "file", [("file", PICTURE)]),
        ({"attachments": {"data": [{"id": "1"}]}}, "media", [("media", None)]),
        ({"shares": {"data": [{"link": PICTURE, "name": "A post"}]}}, "share", [("share", PICTURE)]),
        ({"story": {"mention": {"link": PICTURE, "id": "17"}}}, "story_mention", [("story_mention", PICTURE)]),
        ({"is_unsupported": True}, "unsupported", []),
        ({}, "unsupported", []),
    ],
)
def test_what_came_with_a_message_is_read_as_a_webhook_would_tell_it(
    more: dict[str, Any], kind: str, attached: list[tuple[str, str | None]]
) -> None:
    """M-26, M-04"""
    (fact,) = facts(row("m1", **more))
    assert isinstance(fact, CustomerWrote)
    assert (fact.kind, said(fact), fact.found_later, fact.at) == (kind, attached, True, NOON)


def test_quotes_stories_and_reactions_are_read() -> None:
    """M-26"""
    sign = {"data": [{"reaction": "❤️", "users": [{"id": CUSTOMER}]}]}
    first, second, echo, reaction = facts(
        row("m3", by=SHOP.remote_id, after=2, message="ours", reactions=sign),
        row("m2", after=1, message="so nice", story={"reply_to": {"link": PICTURE, "id": "17"}}),
        row("m1", message="that one", reply_to={"mid": "m0", "is_self_reply": False}),
    )
    assert isinstance(first, CustomerWrote)
    assert (first.about, first.answered) == ("m0", ("m3",))
    assert isinstance(second, CustomerWrote)
    assert (second.attachments[0].kind, second.answered) == ("story_reply", ("m3",))
    assert isinstance(echo, EchoHeard)
    assert (echo.found_later, echo.looked_up, echo.text) == (True, False, "ours")
    assert isinstance(reaction, CustomerReacted)
    assert (reaction.about, reaction.emoji) == ("m3", "❤️")


def test_what_is_found_has_the_keys_of_what_is_delivered() -> None:
    """M-26, M-25: each message counts once, whichever way it came."""
    ends = [{"sender": {"id": CUSTOMER}, "recipient": {"id": SHOP.remote_id}}]
    ends += [{"sender": {"id": SHOP.remote_id}, "recipient": {"id": CUSTOMER}}]
    told = [
        ends[0] | {"timestamp": 1, "message": {"mid": "m1", "text": "hello"}},
        ends[1] | {"timestamp": 2, "message": {"mid": "m2", "text": "hi", "is_echo": True}},
    ]
    body = {"object": "instagram", "entry": [{"id": SHOP.remote_id, "time": 3, "messaging": told}]}
    delivered = split(str(body).replace("'", '"').replace("True", "true").encode(), NOON)
    found = page(talk(row("m2", by=SHOP.remote_id, after=1, message="hi"), row("m1", message="hello"))).learnt
    assert [(each.key, each.about) for each in found] == [(each.key, each.about) for each in delivered]


def test_reading_goes_on_while_a_page_has_a_young_conversation() -> None:
    """M-26: no order is promised on Instagram."""
    old, young = talk(updated=NOON - timedelta(hours=1)), talk(updated=NOON + timedelta(hours=1))
    assert page(old, young, following=True).following == "c2"
    assert page(old, old, following=True).following is None
    assert page(young).following is None


def test_what_is_older_or_has_no_details_is_left_out_and_groups_are_counted() -> None:
    """M-25, M-26"""
    bare = {"id": "m5", "created_time": stamp(NOON)}
    found = page(talk(bare, row("m1", after=-60)), talk(row("m2"), people=(SHOP.remote_id, CUSTOMER, "9002")))
    assert (found.learnt, found.several, found.count) == ((), 1, 2)
    full = [row(f"m{number}", after=20 - number) for number in range(20)]
    assert page(talk(*full)).cut == 1
    assert page(talk(*full[:19])).cut == 0


@pytest.mark.parametrize(
    ("rows", "there"),
    [
        ([row("m1")], True),
        ([{"id": "m1", "created_time": stamp(NOON)}], False),
        ([row("m2", after=5)], False),
        ([row(f"x{number}", after=-number) for number in range(20)], False),
        ([row(f"x{number}", after=60 - number) for number in range(20)], None),
        ([row(f"x{number}", after=19 - number) for number in range(20)], None),
        ([], None),
    ],
)
def test_a_message_is_gone_only_where_the_list_would_hold_it(rows: list[dict[str, Any]], there: bool | None) -> None:
    """F10"""
    message = Message(
        id=MessageId(1), conversation=conversation().id, author=Author.CUSTOMER, at=NOON, text="hello",
        remote_id=RemoteId("m1"),
    )  # fmt: skip
    judged = history.existence(SHOP, CUSTOMER, message, {"data": [talk(*rows)]}, NOON)
    assert (judged.there, len(judged.learnt)) == (there, 1 if there is False else 0)
    assert history.existence(SHOP, CUSTOMER, message, {"data": []}, NOON).there is None


@pytest.mark.parametrize(("after", "there"), [(5, None), (0, None), (-1, False)])
def test_a_short_page_is_the_whole_conversation_only_without_a_next_one(after: int, there: bool | None) -> None:
    """F10: Graph may tell fewer than were asked for; of what is older than the page's oldest it then says nothing."""
    message = Message(
        id=MessageId(1), conversation=conversation().id, author=Author.CUSTOMER, at=NOON, text="hello",
        remote_id=RemoteId("m1"),
    )  # fmt: skip
    listed = talk(row("m2", after=after))
    listed["messages"]["paging"] = {"cursors": {"after": "c"}, "next": "https://graph.facebook.com/…"}
    assert history.existence(SHOP, CUSTOMER, message, {"data": [listed]}, NOON).there is there


def test_what_is_found_of_a_conversation_is_decided_in_its_order() -> None:
    """ZI-03: an answer that was found stands between the customer's messages, so all of them share a lane."""
    found = page(talk(row("m3", after=3), row("m2", by=SHOP.remote_id, after=2), row("m1", after=1))).learnt
    assert [item.at.second for item in sorted(found, key=lambda item: item.at)] == [1, 2, 3]
    assert len({item.lane for item in found}) == 1
