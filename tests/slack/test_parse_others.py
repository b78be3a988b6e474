"""What else Slack says: places, people, groups, buttons; and that no shape at all is an error."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.model.facts import (
    Act,
    CredentialsRevoked,
    GroupLearnt,
    Ignored,
    PersonLearnt,
    PlaceChange,
    PlaceChanged,
    PlaceRenumbered,
    Pressed,
)
from bridge.model.ids import ConversationId, GroupRef, IncidentId, MessageId, PersonRef
from bridge.model.outcomes import RawItem
from bridge.model.state import Known, Person, PersonKind
from bridge.slack import buttons
from bridge.slack.parse import SlackParser
from tests.slack.payloads import ROOT, TS, Json, at_place, envelope, heard, human, kept, wrote
from tests.slack.stage import AKI, NOON, PLACE, WORKSPACE

# -- places, people, installation


@pytest.mark.parametrize(
    ("event", "change"),
    [
        ({"type": "channel_archive", "channel": PLACE, "user": AKI}, PlaceChange.ARCHIVED),
        ({"type": "group_archive", "channel": PLACE, "user": AKI}, PlaceChange.ARCHIVED),
        ({"type": "channel_unarchive", "channel": PLACE, "user": AKI}, PlaceChange.USABLE),
        ({"type": "group_unarchive", "channel": PLACE}, PlaceChange.USABLE),
        ({"type": "channel_deleted", "channel": PLACE}, PlaceChange.DELETED),
        ({"type": "group_deleted", "channel": PLACE}, PlaceChange.DELETED),
        ({"type": "channel_left", "channel": PLACE, "actor_id": AKI}, PlaceChange.BOT_REMOVED),
        ({"type": "group_left", "channel": PLACE, "actor_id": AKI}, PlaceChange.BOT_REMOVED),
        ({"type": "member_left_channel", "channel": PLACE, "user": "U0BRIDGE"}, PlaceChange.BOT_REMOVED),
        ({"type": "member_joined_channel", "channel": PLACE, "user": "U0BRIDGE"}, PlaceChange.USABLE),
    ],
)
def test_what_becomes_of_a_channel_is_heard(event: Json, change: PlaceChange) -> None:
    fact = heard(event)
    assert isinstance(fact, PlaceChanged)
    assert (fact.place, fact.change) == (PLACE, change)


def test_a_channel_with_another_id_is_heard_of() -> None:
    event = {"type": "channel_id_changed", "old_channel_id": "G0OLD", "new_channel_id": PLACE}
    fact = heard(event)
    assert isinstance(fact, PlaceRenumbered)
    assert (fact.old, fact.new) == ("G0OLD", PLACE)
    assert isinstance(heard(event | {"old_channel_id": PLACE}), Ignored)
    assert isinstance(heard(event | {"new_channel_id": None}), Ignored)


def test_an_uninstalled_app_and_a_revoked_token_are_dead_credentials() -> None:
    assert isinstance(heard({"type": "app_uninstalled"}), CredentialsRevoked)
    ours: Json = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["U0BRIDGE"]}}
    assert isinstance(heard(ours), CredentialsRevoked)
    others: Json = {"type": "tokens_revoked", "tokens": {"oauth": [AKI], "bot": []}}
    assert isinstance(heard(others), Ignored)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, PersonKind.MEMBER),
        ({"is_restricted": True}, PersonKind.GUEST),
        ({"is_restricted": True, "is_ultra_restricted": True}, PersonKind.GUEST),
        ({"is_stranger": True}, PersonKind.STRANGER),
        ({"team_id": "T0ELSEWHERE"}, PersonKind.STRANGER),
        ({"team_id": "E0GRID", "enterprise_user": {"teams": ["T0DEMO"]}}, PersonKind.MEMBER),
        ({"is_bot": True}, PersonKind.BOT),
        ({"deleted": True}, PersonKind.GONE),
    ],
)
def test_a_changed_person_is_heard_without_their_address(changes: Json, kind: PersonKind) -> None:
    profile = {"display_name": "", "real_name": "Aki Sato", "email": "aki@example.test", "phone": "+81"}
    user = {"id": AKI, "team_id": "T0DEMO", "name": "aki", "locale": "ja-JP", "profile": profile} | changes
    fact = heard({"type": "user_change", "user": user})
    assert isinstance(fact, PersonLearnt)
    assert fact.person == Person(ref=AKI, kind=kind, name="Aki Sato", language="ja")
    (item,) = kept(envelope({"type": "user_change", "user": user}))
    assert b"example.test" not in item.body
    assert b"+81" not in item.body


def test_a_groups_members_are_heard() -> None:
    whole = {"type": "subteam_updated", "subteam": {"id": "S0CARE", "users": [AKI, "U0KEN"], "date_delete": 0}}
    fact = heard(whole)
    assert isinstance(fact, GroupLearnt)
    assert fact.people == (AKI, "U0KEN")
    closed = heard({"type": "subteam_updated", "subteam": {"id": "S0CARE", "users": [AKI], "date_delete": 1}})
    assert isinstance(closed, GroupLearnt)
    assert (closed.people, closed.why) == ((), "gone")


@pytest.mark.parametrize("shown", [{"users": [AKI], "user_count": 501}, {"users": [AKI], "user_count": "2"}, {}])
def test_a_group_that_is_not_told_whole_is_told_as_that(shown: Json) -> None:
    """Slack names 500 at most, and with a new name nobody."""
    fact = heard({"type": "subteam_updated", "subteam": {"id": "S0CARE", "date_delete": 0} | shown})
    assert isinstance(fact, GroupLearnt)
    assert (fact.people, fact.why) == (None, "more")


def test_a_change_of_members_is_applied_to_those_we_know() -> None:
    change = {
        "type": "subteam_members_changed",
        "subteam_id": "S0CARE",
        "added_users": ["U0KEN"],
        "removed_users": [AKI],
    }
    (item,) = kept(envelope(change))
    assert SlackParser().needs(item.body).groups == ("S0CARE",)
    fact = heard(change, Known(groups={GroupRef("S0CARE"): (AKI, PersonRef("U0MIO"))}))
    assert isinstance(fact, GroupLearnt)
    assert fact.people == ("U0KEN", "U0MIO")
    assert isinstance(heard(change), Ignored)


# -- what people press


def press(**changes: object) -> Json:
    usual: Json = {
        "type": "block_actions", "user": {"id": AKI, "username": "aki", "team_id": "T0DEMO"}, "team": {"id": "T0DEMO"},
        "channel": {"id": PLACE, "name": "shop"}, "trigger_id": "1.2.a", "response_url": "https://hooks.slack.test/1",
        "container": {"type": "message", "message_ts": TS, "channel_id": PLACE, "thread_ts": ROOT, "is_ephemeral": True},
        "actions": [{"action_id": "retry", "block_id": "b", "type": "button", "value": "200", "action_ts": "1736481400.5"}],
    }  # fmt: skip
    return usual | changes


def test_a_pressed_button_says_what_who_and_on_what() -> None:
    (item,) = kept(press(message={"text": "secret", "ts": TS}))
    fact = SlackParser().read(item, Known(), WORKSPACE)
    assert isinstance(fact, Pressed)
    assert (fact.act, fact.person, fact.message, fact.root) == (Act.RETRY, AKI, 200, at_place(ROOT))
    assert fact.handle == "https://hooks.slack.test/1"
    assert item.key == f"slack:press:T0DEMO:1736481400.5:{AKI}:{TS}:retry"
    assert b"secret" not in item.body
    assert SlackParser().needs(item.body).people == (AKI,)


@pytest.mark.parametrize(
    ("value", "on"),
    [
        ("200", (200, None, None)),
        (buttons.of_message(MessageId(200)), (200, None, None)),
        (buttons.of_conversation(ConversationId(11)), (None, 11, None)),
        (buttons.of_incident(IncidentId(9)), (None, None, 9)),
        ("incident:9; drop", (None, None, None)),
        ("conversation:" + "9" * 30, (None, None, None)),
        (None, (None, None, None)),
    ],
)
def test_a_button_says_what_it_acts_on(value: str | None, on: tuple[int | None, ...]) -> None:
    """A message, or, under an alert, a conversation that stands elsewhere or the incident itself."""
    action = {"action_id": "take", "block_id": "b", "type": "button", "value": value, "action_ts": "1736481400.5"}
    (item,) = kept(press(actions=[action]))
    fact = SlackParser().read(item, Known(), WORKSPACE)
    assert isinstance(fact, Pressed)
    assert (fact.message, fact.conversation, fact.incident) == on


def test_a_button_in_a_direct_message_can_be_changed_for_as_long_as_it_stands() -> None:
    container = {"type": "message", "message_ts": TS, "channel_id": "D0AKI", "is_ephemeral": False}
    (item,) = kept(press(container=container))
    fact = SlackParser().read(item, Known(), WORKSPACE)
    assert isinstance(fact, Pressed)
    assert fact.handle == f"D0AKI:{TS}"


@pytest.mark.parametrize("action", ["open_link", "", None, 7, {"a": 1}])
def test_a_button_of_no_meaning_is_ignored(action: object) -> None:
    (item,) = kept(press(actions=[{"action_id": action, "action_ts": "1736481400.5"}]))
    assert isinstance(SlackParser().read(item, Known(), WORKSPACE), Ignored)


# -- nothing is an error

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(
    ["message", "message_changed", "message_deleted", "thread_broadcast", PLACE, AKI, TS, ROOT, "T0DEMO", "U0BRIDGE",
     "retry", "what_happened", "person", "group", "post", "absent", "user_change", "subteam_updated", "tombstone"]
)  # fmt: skip
NAMES = st.sampled_from(
    ["type", "event", "subtype", "channel", "user", "ts", "thread_ts", "message", "previous_message", "blocks", "text",
     "elements", "files", "bot_id", "edited", "team", "actions", "action_id", "value", "container", "message_ts",
     "callback_id", "learnt", "ref", "people", "group", "row", "subteam", "users", "id", "profile", "authorizations",
     "team_id", "user_id", "tokens", "bot", "metadata", "event_payload", "deleted_ts", "enterprise_user", "teams"]
)  # fmt: skip
ANYTHING = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6), max_leaves=25
)
KINDS = st.sampled_from(["event_callback", "block_actions", "message_action", "app_rate_limited"])
PAYLOADS = st.builds(
    lambda kind, rest, event: {**rest, "type": kind, "event": event},
    KINDS,
    st.dictionaries(NAMES, ANYTHING, max_size=8),
    st.dictionaries(NAMES, ANYTHING, max_size=8),
)


@given(payload=PAYLOADS)
def test_any_payload_is_kept_or_not_and_gives_facts(payload: Json) -> None:
    """No shape is an error: neither at the door nor when it is decided."""
    payload = json.loads(json.dumps(payload))
    for item in kept(payload):
        assert item.at.tzinfo is not None
        assert len(item.key) < 600
        item.key.encode()
        SlackParser().needs(item.body)
        assert SlackParser().read(item, Known(), WORKSPACE) is not None


@given(body=st.binary(max_size=200) | ANYTHING.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_give_a_fact(body: bytes) -> None:
    item = RawItem(key="k", source="slack", lane="slack:T0DEMO", at=NOON + timedelta(0), body=body)
    SlackParser().needs(body)
    assert SlackParser().read(item, Known(), WORKSPACE) is not None


def test_what_no_database_takes_is_left_out_of_the_text() -> None:
    assert wrote(human(blocks=None, text="a\x00b\ud800c")).text == "ab?c"
