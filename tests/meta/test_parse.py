"""Deliveries become raw items, and raw items facts: every shape that Meta is known to send, and any other."""

import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.meta.envelope import split
from bridge.meta.parse import found_echo, found_profile
from bridge.model.facts import CustomerWrote, EchoHeard, Fact, Ignored, ProfileLearnt
from bridge.model.ids import RemoteId
from bridge.model.outcomes import RawItem
from bridge.model.state import Opener, Platform
from tests.meta.hearing import (
    EVENT_TIME,
    HEARD,
    IGID,
    IGSID,
    MILLISECONDS,
    PAGE,
    PERSON,
    delivery,
    echo,
    item,
    only,
    read,
)

# ── one item each ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_message_becomes_one_item_with_its_own_key_lane_and_time() -> None:
    """CT-06, ZI-08: keys make a repeated delivery count once; the event's own time is kept."""
    raw = only(delivery(item({"message": {"mid": "m_9xQ2", "text": "在庫ありますか？"}})))
    assert raw.key == f"meta:page:{PAGE}:m_9xQ2:message"
    assert raw.lane == f"meta:page:{PAGE}:{PERSON}"
    assert (raw.source, raw.about, raw.at, raw.applied) == ("meta", "mid:m_9xQ2", EVENT_TIME, False)
    assert read(raw) == CustomerWrote(
        platform=Platform.MESSENGER,
        account=PAGE,
        customer=PERSON,
        at=EVENT_TIME,
        remote_id=RemoteId("m_9xQ2"),
        text="在庫ありますか？",
        opener=Opener.MESSAGE,
    )


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ({"read": {}}, "read"),
        ({"delivery": {"mids": ["m"], "watermark": 1}}, "delivery"),
        ({"message": {"mid": "m", "text": "hi"}, "sender": {"user_ref": "x"}}, "no_customer"),
    ],
)
def test_what_asks_nothing_of_us_is_passed_over_with_a_reason(what: dict[str, Any], why: str) -> None:
    """M-13: counted, never an error."""
    assert read(only(delivery(item({}) | what))) == Ignored(why=why)


# ── echoes ────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_echo_has_a_lane_of_its_own_and_says_what_settles_a_send() -> None:
    """An echo never waits in the conversation's lane, nor holds it up."""
    sent = {"mid": "m_out1", "text": "在庫ございます", "app_id": 1517000000000001, "metadata": "tb:42"}
    raw = only(delivery(echo(sent)))
    assert (raw.lane, raw.key) == (f"echo:meta:page:{PAGE}:{PERSON}", f"meta:page:{PAGE}:m_out1:echo")
    assert read(raw) == EchoHeard(
        platform=Platform.MESSENGER,
        account=PAGE,
        customer=PERSON,
        at=EVENT_TIME,
        remote_id=RemoteId("m_out1"),
        text="在庫ございます",
        marker="tb:42",
        app="1517000000000001",
    )


def test_an_account_that_writes_to_itself_starts_no_thread() -> None:
    assert read(only(delivery(echo({"mid": "m", "text": "test", "is_self": True})))) == Ignored(why="to_itself")


def test_a_message_found_by_looking_stands_beside_its_echo_in_one_lane() -> None:
    """It may be forgotten while its echo is still on the way; the message's id tells that they are one."""
    looked = found_echo(Platform.MESSENGER, PAGE, PERSON, "m_out1", {"text": "在庫ございます"}, EVENT_TIME)
    heard = only(delivery(echo({"mid": "m_out1", "text": "在庫ございます"})))
    assert (looked.lane, looked.at, looked.about) == (heard.lane, heard.at, heard.about)
    assert looked.key != heard.key
    fact = read(looked)
    assert isinstance(fact, EchoHeard)
    assert (fact.looked_up, fact.text, fact.remote_id) == (True, "在庫ございます", "m_out1")


def test_a_profile_that_was_looked_up_becomes_a_fact() -> None:
    """CT-02, CT-04, F14: names in two pieces on Messenger; an empty answer means that nobody may know."""
    profile = {"first_name": "Hanako", "last_name": "Sato", "profile_pic": "https://cdn/x.jpg", "username": "hanako"}
    fact = read(found_profile(Platform.MESSENGER, PAGE, PERSON, profile, HEARD))
    assert isinstance(fact, ProfileLearnt)
    assert (fact.readable, fact.name, fact.username, fact.picture) == (
        True, "Hanako Sato", "hanako", "https://cdn/x.jpg",
    )  # fmt: skip
    nobody = read(found_profile(Platform.INSTAGRAM, IGID, IGSID, {}, HEARD))
    assert isinstance(nobody, ProfileLearnt)
    assert (nobody.readable, nobody.name) == (False, None)


# ── containers, batches, repetitions ──────────────────────────────────────────────────────────────────────


def test_a_batch_gives_each_item_its_own_and_an_unknown_one_costs_no_other() -> None:
    """Lessons: one unknown attachment or event must not take a whole batch along."""
    body = {
        "object": "instagram",
        "entry": [
            {"id": IGID, "time": MILLISECONDS, "messaging": [item({"message": {"mid": "a", "text": "1"}}, instagram=True), 7]},
            "what is this",
            {"id": IGID, "time": MILLISECONDS, "novelty": {"x": 1}},
            {"id": IGID, "standby": [item({"message": {"mid": "b", "text": "2"}}, instagram=True)]},
            {"id": IGID, "time": MILLISECONDS // 1000, "changes": [{"field": "comments", "value": {"id": "18"}}]},
            {"id": IGID, "time": MILLISECONDS // 1000, "field": "messages",
             "value": item({"message": {"mid": "c", "text": "3"}}, instagram=True)},
        ],
    }  # fmt: skip
    facts = [read(raw) for raw in split(json.dumps(body).encode(), HEARD)]
    assert [fact.text if isinstance(fact, CustomerWrote) else fact for fact in facts] == [
        "1",
        Ignored(why="no_customer"),
        Ignored(why="unknown_shape"),
        Ignored(why="unknown_shape"),
        "2",
        Ignored(why="comment_without_author"),
        "3",
    ]


def test_a_delivery_that_comes_again_has_the_same_keys_also_as_standby() -> None:
    message = item({"message": {"mid": "m", "text": "hi"}})
    first, again = only(delivery(message)), only(delivery(message, container="standby"))
    assert first.key == again.key


def test_two_acts_on_one_message_have_two_keys() -> None:
    """Reactions come and go, edits are counted: none of them hides another, nor the message."""
    acts: list[dict[str, Any]] = [
        item({"message": {"mid": "m", "text": "hi"}}),
        item({"message": {"mid": "m", "is_deleted": True}}),
        item({"message_edit": {"mid": "m", "text": "ho", "num_edit": 1}}),
        item({"message_edit": {"mid": "m", "text": "hu", "num_edit": "2"}}),
        item({"message_edit": {"mid": "m", "text": "he"}}),
        item({"reaction": {"mid": "m", "action": "react", "emoji": "👍"}}),
        item({"reaction": {"mid": "m", "action": "unreact"}}, timestamp=MILLISECONDS + 1),
        item({"reaction": {"mid": "m", "action": "react", "emoji": "👍"}}, timestamp=MILLISECONDS + 2),
        item({"postback": {"mid": "m", "title": "GS"}}),
        item({"read": {"mid": "m"}}),
    ]
    items = split(delivery(*acts), HEARD)
    assert len({raw.key for raw in items}) == len(acts)


@pytest.mark.parametrize(
    ("timestamp", "time", "at"),
    [
        (MILLISECONDS, None, EVENT_TIME),
        (str(MILLISECONDS), None, EVENT_TIME),
        (float(MILLISECONDS), None, EVENT_TIME),
        (MILLISECONDS // 1000, None, EVENT_TIME.replace(microsecond=0)),
        (None, MILLISECONDS, EVENT_TIME),
        ("soon", MILLISECONDS // 1000, EVENT_TIME.replace(microsecond=0)),
        (10**40, MILLISECONDS, EVENT_TIME),
        (True, None, HEARD),
        (None, None, HEARD),
    ],
)
def test_times_are_read_however_they_are_written(timestamp: Any, time: Any, at: datetime) -> None:
    """Milliseconds read as seconds move windows by centuries; a missing time is the entry's, then the arrival's."""
    entry = {"id": PAGE, "time": time, "messaging": [item({"message": {"mid": "m", "text": "x"}}, timestamp=timestamp)]}
    assert only(json.dumps({"object": "page", "entry": [entry]}).encode()).at == at


def test_ids_written_as_numbers_are_the_same_ids() -> None:
    entry = {"id": int(PAGE), "messaging": [{"sender": {"id": int(PERSON)}, "recipient": {"id": int(PAGE)},
                                             "timestamp": MILLISECONDS, "message": {"mid": "m", "text": "x"}}]}  # fmt: skip
    raw = only(json.dumps({"object": "page", "entry": [entry]}).encode())
    assert raw.lane == f"meta:page:{PAGE}:{PERSON}"


def test_the_dashboards_test_is_accepted_and_means_nothing() -> None:
    value = {"sender": {"id": "12334"}, "recipient": {"id": "23245"}, "timestamp": "1527459824",
             "message": {"mid": "random_mid", "text": "random_text"}}  # fmt: skip
    body = {
        "object": "instagram",
        "entry": [{"id": "0", "time": 1, "changes": [{"field": "messages", "value": value}]}],
    }
    assert read(only(json.dumps(body).encode())) == Ignored(why="dashboard_test")


@pytest.mark.parametrize(
    "body", [b"[]", b"7", b'"x"', b"null", b"{}", b'{"object":"page"}', b'{"object":"user","entry":[{}]}']
)
def test_a_body_without_a_recognisable_entry_is_kept_whole_and_counted(body: bytes) -> None:
    raw = only(body)
    assert read(raw) == Ignored(why="unknown_shape")
    assert json.loads(raw.body)["item"] == json.loads(body)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"object":"page","entry":['])
def test_what_is_no_json_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        split(body, HEARD)


def test_no_text_or_id_holds_what_a_database_refuses() -> None:
    """NUL and halves of surrogate pairs reach neither a key nor a text; the words around them do."""
    raw = only(delivery(item({"message": {"mid": "m\x00\ud800", "text": "a\x00b\ud83dc"}})))
    fact = read(raw)
    assert isinstance(fact, CustomerWrote)
    assert fact.text == "ab\ufffdc"
    for text in (raw.key, raw.lane, raw.about or "", fact.remote_id or ""):
        assert text.isascii()
        assert text.isprintable()


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from([PAGE, PERSON, "m"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
names = ["message", "message_edit", "reaction", "postback", "referral", "read", "sender", "recipient", "timestamp", "field",
         "value", "policy_enforcement"]  # fmt: skip
inner_names = ["mid", "text", "id", "attachments", "type", "payload", "is_echo", "is_deleted", "reply_to", "story",
               "sticker_id", "action", "num_edit", "referral", "source", "quick_reply", "url", "title"]  # fmt: skip
nearly_objects = st.dictionaries(st.sampled_from(inner_names), json_values, max_size=5)
nearly_items = st.dictionaries(st.sampled_from(names), nearly_objects | json_values, max_size=5) | json_values


@given(strange=st.lists(nearly_items, max_size=3), container=st.sampled_from(["messaging", "standby", "changes"]))
def test_nothing_strange_raises_or_costs_a_neighbour(strange: list[Any], container: str) -> None:
    """Any JSON gives raw items and facts, and the message beside it arrives as if it were alone."""
    good = item({"message": {"mid": "m_good", "text": "still here"}})
    body = {
        "object": "page",
        "entry": [{"id": PAGE, "time": MILLISECONDS, container: strange, "messaging": [*strange, good]}],
    }
    items = split(json.dumps(body).encode(), HEARD)
    facts = [read(raw) for raw in items]
    assert all(raw.at.tzinfo is not None and raw.key.isascii() and raw.lane.isascii() for raw in items)
    assert read(only(delivery(good))) in facts


@given(body=json_values | st.dictionaries(st.sampled_from(["object", "entry"]), json_values))
def test_any_json_gives_items_and_facts(body: Any) -> None:
    for raw in split(json.dumps(body).encode(), HEARD):
        assert isinstance(read(raw), Fact)


@given(body=st.binary(max_size=60) | json_values.map(lambda value: json.dumps(value).encode()))
def test_any_kept_body_can_be_read(body: bytes) -> None:
    raw = RawItem(key="k", source="meta", lane="l", at=HEARD, body=body)
    assert isinstance(read(raw), Fact)
