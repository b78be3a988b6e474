"""Events about who answers, about the account itself, and about groups; and the calls that move a conversation."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.meta import routing
from bridge.meta.envelope import split
from bridge.meta.graph import Graph
from bridge.meta.loose import dumps
from bridge.meta.parse import MetaParser
from bridge.model.change import replace
from bridge.model.effects import Move
from bridge.model.facts import (
    AccountJudged,
    ControlMoved,
    ControlWanted,
    CustomerWrote,
    EchoHeard,
    Fact,
    Handover,
    Ignored,
    Judgement,
    RolesChanged,
)
from bridge.model.state import INSTAGRAM_INBOX, PAGE_INBOX, Known, Login, Platform
from tests.core.factories import account

HEARD = datetime(2026, 2, 27, tzinfo=UTC)
PAGE, WHO = "104857600000001", "7200000000000011"
ENDS = {"sender": {"id": WHO}, "recipient": {"id": PAGE}, "timestamp": 1772150400100}


def read(item: dict[str, Any], *, form: str = "messaging", kind: str = "page") -> Fact:
    """The fact of one item."""
    entry = {"id": PAGE, "time": 1772150400512, form: [item]}
    (raw,) = split(dumps({"object": kind, "entry": [entry]}), HEARD)
    return MetaParser().read(raw, Known(), None)


@pytest.mark.parametrize("form", ["messaging", "standby"])
@pytest.mark.parametrize("kind", ["page", "instagram"])
def test_a_move_says_who_has_it_and_who_had_it(form: str, kind: str) -> None:
    """M-19, F7: numbers or texts; null for nobody; Meta's inboxes by our names; what the other app adds is left out."""
    what = {"previous_owner_app_id": 263902037430900, "new_owner_app_id": "222", "metadata": "<b>to human</b>"}
    passed = read(ENDS | {"pass_thread_control": what}, form=form, kind=kind)
    assert isinstance(passed, ControlMoved)
    assert (passed.how, passed.owner, passed.previous) == (Handover.PASSED, "222", PAGE_INBOX)
    assert (passed.customer, passed.standby) == (WHO, form == "standby")
    idle = {"previous_owner_app_id": None, "new_owner_app_id": "1217981644879628"}
    taken = read(ENDS | {"take_thread_control": idle}, form=form, kind=kind)
    assert isinstance(taken, ControlMoved)
    assert (taken.how, taken.owner, taken.previous) == (Handover.TAKEN, INSTAGRAM_INBOX, None)
    assert "human" not in repr(passed)


def test_a_request_says_who_asks() -> None:
    """M-19: also in the older shape, in which the recipient is the customer."""
    wanted = read(ENDS | {"request_thread_control": {"requested_owner_app_id": 222, "metadata": "x"}})
    assert isinstance(wanted, ControlWanted)
    assert (wanted.app, wanted.customer) == ("222", WHO)
    swapped = {"sender": {"id": PAGE}, "recipient": {"id": WHO}}
    older = read(ENDS | swapped | {"request_thread_control": {"requested_owner_app_id": "222"}})
    assert isinstance(older, ControlWanted)
    assert older.customer == WHO


def test_standby_items_are_like_others_and_say_that_they_are_standby() -> None:
    """M-19: a customer's words, and those of the app that has the conversation."""
    said = read(ENDS | {"message": {"mid": "m_1", "text": "hello"}}, form="standby")
    assert isinstance(said, CustomerWrote)
    assert (said.text, said.standby) == ("hello", True)
    ends = {"sender": {"id": PAGE}, "recipient": {"id": WHO}}
    echoed = read(
        ENDS | ends | {"message": {"mid": "m_2", "text": "bot", "is_echo": True, "app_id": 222}}, form="standby"
    )
    assert isinstance(echoed, EchoHeard)
    assert (echoed.app, echoed.standby) == ("222", True)


@pytest.mark.parametrize("key", ["policy_enforcement", "policy-enforcement"])
@pytest.mark.parametrize("action", ["warning", "block", "unblock"])
def test_a_policy_event_is_about_the_account(key: str, action: str) -> None:
    """M-19: both spellings, no sender, and none of Meta's prose."""
    item = {"recipient": {"id": PAGE}, "timestamp": 1772150400000, key: {"action": action, "reason": "the words"}}
    fact = read(item)
    assert isinstance(fact, AccountJudged)
    assert (fact.judgement, fact.account) == (Judgement(action), PAGE)
    assert "words" not in repr(fact)
    assert read(item | {key: {"action": "sing"}}) == Ignored(why="policy_enforcement")


def test_roles_say_who_answers_first() -> None:
    """M-19: as many as there are."""
    item = {"recipient": {"id": PAGE}, "app_roles": {"222": ["primary_receiver"], "333": ["secondary_receiver"]}}
    fact = read(item)
    assert isinstance(fact, RolesChanged)
    assert fact.first == ("222",)


@pytest.mark.parametrize(
    "group",
    [
        {"sender": [{"id": "1"}, {"id": "2"}]},
        {"recipient": {"ids": [PAGE, "2"]}},
        {"thread": {"id": "t_1", "is_group": True}},
        {"thread": {"type": "GROUP"}},
        {"is_group": True},
        {"participants": [{"id": "1"}, {"id": "2"}, {"id": PAGE}]},
    ],
)
def test_an_event_of_several_people_is_none_of_ours(group: dict[str, Any]) -> None:
    """M-25: counted under a name of its own."""
    assert read(ENDS | {"message": {"mid": "m", "text": "all"}} | group) == Ignored(why="group")


@pytest.mark.parametrize(
    "more", [{"thread": {"id": "t_1"}}, {"participants": [{"id": WHO}, {"id": PAGE}]}, {"thread": None}]
)
def test_an_event_of_two_is_a_conversation(more: dict[str, Any]) -> None:
    """M-25: a thread's id, or the customer and the account as participants, make no group."""
    assert isinstance(read(ENDS | {"message": {"mid": "m", "text": "me"}} | more), CustomerWrote)


@pytest.mark.parametrize(
    ("login", "platform", "where"),
    [
        (Login.FACEBOOK, Platform.MESSENGER, "https://graph.facebook.com/v25.0/1784/"),
        (Login.FACEBOOK, Platform.INSTAGRAM, "https://graph.facebook.com/v25.0/me/"),
        (Login.INSTAGRAM, Platform.INSTAGRAM, "https://graph.instagram.com/v25.0/1784/"),
    ],
)
def test_a_conversation_is_moved_on_its_accounts_node(login: Login, platform: Platform, where: str) -> None:
    """F7: with the customer as the recipient, and the target where there is one."""

    on = replace(account(platform=platform), login=login)

    def moves(move: Move, app: str | None) -> tuple[str, Any]:
        asked = routing.move_request(Graph(), on, "token", customer="99", move=move, app=app)
        return asked.url, asked.body

    to = {"recipient": {"id": "99"}}
    assert moves(Move.TAKE, None) == (f"{where}take_thread_control", to)
    assert moves(Move.RELEASE, None) == (f"{where}release_thread_control", to)
    assert moves(Move.GIVE, "222") == (f"{where}pass_thread_control", to | {"target_app_id": "222"})
    assert moves(Move.GIVE, PAGE_INBOX)[1] == to | {"target_app_id": "263902037430900"}
    seen = routing.seen_request(Graph(), on, "token", customer="99")
    assert (seen.url, seen.body) == (f"{where}messages", to | {"sender_action": "mark_seen"})
