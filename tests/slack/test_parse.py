"""What Slack's messages mean: every shape it documents for replies, edits, deletions and our own posts."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from bridge.model.change import replace
from bridge.model.facts import (
    AgentEdited,
    AgentWrote,
    Ignored,
    OwnPostSeen,
    PostDeleted,
)
from bridge.model.ids import PersonRef
from bridge.model.state import Known, Person, PersonKind
from bridge.prefixes import is_note
from bridge.slack.parse import SlackParser
from tests.slack.payloads import AT, ROOT, TS, Json, at_place, edit, envelope, heard, human, kept, rich, words, wrote
from tests.slack.stage import AKI, PLACE, WORKSPACE

# -- messages in threads


def test_a_reply_in_a_thread_is_what_an_agent_wrote() -> None:
    fact = wrote(human())
    assert fact == AgentWrote(
        workspace=WORKSPACE.id,
        at=AT,
        place=PLACE,
        root=at_place(ROOT),
        ref=at_place(TS),
        person=AKI,
        automatic=False,
        foreign=False,
        text="Hello & welcome",
    )
    (item,) = kept(envelope(human()))
    assert (item.key, item.lane, item.at) == ("slack:Ev0PV52K21", f"slack:T0DEMO:{PLACE}:{ROOT}", AT)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        # F12: none of these may vanish
        ({"subtype": "thread_broadcast", "root": {"ts": ROOT, "text": "card"}}, "Hello & welcome"),
        ({"subtype": "me_message", "blocks": None, "text": "is on it"}, "is on it"),
        ({"subtype": "file_share", "files": [{"id": "F1"}, {"id": "F2"}], "upload": True}, "Hello & welcome"),
        ({"subtype": "file_share", "files": [{"id": "F1"}], "text": "", "blocks": None}, ""),
    ],
)
def test_every_way_to_write_a_reply_is_heard(changes: Json, text: str) -> None:
    """F12: broadcasts, /me and files are replies too."""
    fact = wrote(human(**changes))
    assert fact.text == text
    assert [each.ref for each in fact.files] == [each["id"] for each in changes.get("files") or []]


@pytest.mark.parametrize(
    ("changes", "automatic"),
    [
        ({}, False),
        ({"bot_id": "B0OTHER", "app_id": "A0OTHER"}, True),
        ({"bot_id": "B0OTHER", "subtype": "bot_message", "user": None, "username": "Workflow"}, True),
        ({"user": "USLACKBOT"}, True),
        ({"user": None}, True),
    ],
)
def test_what_a_machine_wrote_is_marked(changes: Json, automatic: bool) -> None:
    assert wrote(human(**changes)).automatic is automatic


@pytest.mark.parametrize(
    ("changes", "foreign"),
    [
        ({}, False),
        ({"team": None}, False),
        ({"team": "T0ELSEWHERE"}, True),
        ({"user_team": "T0ELSEWHERE", "source_team": "T0ELSEWHERE"}, True),
        ({"source_team": "T0ELSEWHERE", "team": None}, True),
        ({"user_team": "T0DEMO", "source_team": "T0ELSEWHERE"}, False),
    ],
)
def test_people_of_another_company_are_marked(changes: Json, foreign: bool) -> None:
    assert wrote(human(**changes)).foreign is foreign


NOTES = [
    "// not for them", "//x", "note: later", "Note: Capital", "NOTE:x", "メモ：あとで", "メモ:あとで", "ﾒﾓ:はんかく",
    "／／全角", "ＮＯＴＥ：full width", "  \n// blank first", ":lock: shortcode", "🔒 character", "🔒\ufe0f with a selector",
    "> // quoted", "*note:* bold", "\u200b// hidden first",
]  # fmt: skip
REPLIES = [
    "Hello", "https://shop.test/a//b", "a // b", "Notes: three", "notice:", "/ one", "メモを取りました", "the note: see below",
    "lock: it", "",
]  # fmt: skip


@pytest.mark.parametrize("text", NOTES)
def test_a_private_note_is_known_in_any_case_and_width(text: str) -> None:
    """A single slip reaches the customer, so the sign is read generously."""
    assert is_note(text)
    assert wrote(human(text=text, blocks=rich(words(text)))).note


@pytest.mark.parametrize("text", REPLIES)
def test_a_reply_is_not_taken_for_a_note(text: str) -> None:
    assert not is_note(text)


def test_a_lock_typed_as_emoji_begins_a_note() -> None:
    blocks = rich({"type": "emoji", "name": "lock", "unicode": "1f512"}, words(" for us"))
    assert wrote(human(blocks=blocks, text=":lock: for us")).note


BRIDGE, COLLEAGUE = {"type": "user", "user_id": "U0BRIDGE"}, {"type": "user", "user_id": "U0KEN"}


@pytest.mark.parametrize(
    ("elements", "bridge", "others"),
    [
        ([words("Hello")], False, False),
        ([BRIDGE, words(" close")], True, False),
        ([words("see "), BRIDGE], False, True),
        ([BRIDGE, words(" ask "), COLLEAGUE], True, True),
        ([COLLEAGUE, words(" knows")], False, True),
        ([words("hey "), {"type": "usergroup", "usergroup_id": "S0CARE"}], False, True),
        ([words("hey "), {"type": "broadcast", "range": "here"}], False, True),
        ([words("see "), {"type": "channel", "channel_id": "C0OTHER"}], False, True),
    ],
)
def test_who_is_mentioned_is_known(elements: list[Json], bridge: bool, others: bool) -> None:
    fact = wrote(human(blocks=rich(*elements)))
    assert (fact.mentions_bridge, fact.mentions) == (bridge, others)


def test_mentions_become_names_and_never_ids() -> None:
    """Internal ids are nothing for a customer."""
    ken = Person(ref=PersonRef("U0KEN"), kind=PersonKind.MEMBER, name="Ken")
    blocks = rich(COLLEAGUE, words(" and "), {"type": "user", "user_id": "U0STRANGE"})
    text = wrote(human(blocks=blocks), Known(people={ken.ref: ken})).text
    assert text == "@Ken and @colleague"


def test_what_must_be_known_is_who_wrote_and_whom_they_mention() -> None:
    blocks = rich(BRIDGE, words(" ask "), COLLEAGUE)
    (item,) = kept(envelope(human(blocks=blocks)))
    assert SlackParser().needs(item.body).people == (AKI, "U0KEN")
    (item,) = kept(envelope(edit(human(blocks=blocks, edited={"user": AKI, "ts": "1.2"}), human())))
    assert SlackParser().needs(item.body).people == (AKI, "U0KEN")
    (item,) = kept(envelope(human(bot_id="B0OTHER")))
    assert SlackParser().needs(item.body).people == ()


@pytest.mark.parametrize(
    "event",
    [
        human(thread_ts=None),
        human(thread_ts=TS),
        human(subtype="channel_join", thread_ts=None),
        human(subtype="channel_topic"),
        human(subtype="reminder_add"),
        human(subtype="message_replied", user=None, reply_count=3),
        {"type": "reaction_added", "user": AKI, "reaction": "+1", "item": {"type": "file", "file": "F1"}},
        {"type": "file_shared", "file_id": "F1"},
        {"type": "something_new"},
    ],
)
def test_what_is_no_reply_is_not_kept(event: Json) -> None:
    assert heard(event) is None


def test_if_it_was_kept_all_the_same_it_is_ignored_with_a_reason() -> None:
    for event in (human(thread_ts=None), human(subtype="channel_topic"), {"type": "file_shared"}):
        item = replace(kept(envelope(human()))[0], body=json.dumps(envelope(event)).encode())
        assert isinstance(SlackParser().read(item, Known(), WORKSPACE), Ignored)
        assert isinstance(SlackParser().read(item, Known(), None), Ignored)


# -- edits and deletions


def test_an_edit_says_what_the_message_says_now() -> None:
    """F12: an edit is not silence."""
    now = human(text="Hello!", blocks=rich(words("Hello!")), edited={"user": AKI, "ts": "1736481301.000000"})
    fact = heard(edit(now, human()))
    assert isinstance(fact, AgentEdited)
    assert (fact.ref, fact.root, fact.text) == (at_place(TS), at_place(ROOT), "Hello!")
    assert fact.at == datetime(2025, 1, 10, 3, 55, 1, 200, tzinfo=UTC)
    (item,) = kept(envelope(edit(now, human())))
    assert b"welcome" not in item.body


EDITED = {"user": AKI, "ts": "1736481301.000000"}


@pytest.mark.parametrize(
    ("before", "was_note", "edited_before"),
    [
        (human(), False, False),
        (human(text="// inner", blocks=[]), True, False),
        (human(text="old", blocks=[], edited={"user": AKI, "ts": "1736481300.000000"}), False, True),
    ],
)
def test_of_what_was_said_before_an_edit_no_word_is_kept_but_whether_it_was_a_note(
    before: Json, was_note: bool, edited_before: bool
) -> None:
    """CT-08: where the message itself was never heard."""
    fact = heard(edit(human(text="Hello!", blocks=rich(words("Hello!")), edited=EDITED), before))
    assert isinstance(fact, AgentEdited)
    assert (fact.was_note, fact.edited_before) == (was_note, edited_before)
    assert fact.written_at is not None
    assert fact.written_at < fact.at


@pytest.mark.parametrize(
    ("now", "before"),
    [
        # a preview, a counter, a language: nobody edited
        (human(attachments=[{"from_url": "https://x.test"}]), human()),
        (human(edited=EDITED, attachments=[{"from_url": "https://x.test"}]), human(edited=EDITED)),
        (human(edited=EDITED), human()),
        (human(thread_ts=TS, reply_count=2), human(thread_ts=TS)),
        # our own card, redrawn
        (human(user=None, bot_id="B0BRIDGE", subtype="bot_message", text="b", edited=EDITED), human(text="a")),
        (human(user="U0BRIDGE", bot_id="B0BRIDGE", text="b", edited=EDITED), human(text="a")),
    ],
)
def test_a_change_that_nobody_made_is_not_kept(now: Json, before: Json) -> None:
    assert heard(edit(now, before)) is None


def test_a_deleted_reply_is_heard_without_its_words() -> None:
    """F12: a deletion is not silence."""
    event = {
        "type": "message", "subtype": "message_deleted", "previous_message": human(), "channel": PLACE, "hidden": True,
        "deleted_ts": TS, "ts": "1738194975.000100", "event_ts": "1738194975.000100", "channel_type": "channel",
    }  # fmt: skip
    fact = heard(event)
    assert isinstance(fact, PostDeleted)
    assert (fact.place, fact.ref, fact.root) == (PLACE, at_place(TS), at_place(ROOT))
    (item,) = kept(envelope(event))
    assert b"welcome" not in item.body
    assert item.lane.endswith(ROOT)


@pytest.mark.parametrize("author", [{"user": "U0BRIDGE"}, {"user": None, "bot_id": "B0BRIDGE"}])
def test_a_deleted_root_is_heard_with_replies_and_without(author: Json) -> None:
    """Slack leaves a tombstone where there were replies, and tells it as a change."""
    card = human(ts=ROOT, thread_ts=None, **author)
    plain = {
        "type": "message",
        "subtype": "message_deleted",
        "previous_message": card,
        "channel": PLACE,
        "deleted_ts": ROOT,
    }
    tombstone = {
        "type": "message", "subtype": "tombstone", "text": "This message was deleted.", "user": "USLACKBOT", "hidden": True,
        "thread_ts": ROOT, "reply_count": 2, "ts": ROOT,
    }  # fmt: skip
    for event in (plain, edit(tombstone, card)):
        fact = heard(event)
        assert isinstance(fact, PostDeleted)
        assert fact.ref == at_place(ROOT)
    assert heard(edit(tombstone, tombstone)) is None


# -- our own posts


@pytest.mark.parametrize("by", [{"blocks": [{"type": "context", "block_id": "row:41"}]},
                                {"metadata": {"event_type": "threadbridge_post", "event_payload": {"row": "41"}}}])  # fmt: skip
def test_our_own_post_is_known_by_its_mark(by: Json) -> None:
    event = human(
        user=None, bot_id="B0BRIDGE", subtype="bot_message", username="Yuki · Instagram", **({"blocks": None} | by)
    )
    fact = heard(event)
    assert isinstance(fact, OwnPostSeen)
    assert (fact.ref, fact.root, fact.keys) == (at_place(TS), at_place(ROOT), (41,))


def test_another_apps_mark_is_not_ours() -> None:
    fact = heard(human(bot_id="B0OTHER", blocks=[{"type": "context", "block_id": "row:41"}]))
    assert isinstance(fact, AgentWrote)
