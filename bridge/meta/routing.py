"""Which of an account's apps may answer a customer: the calls, and what the events of it say. Pure.

https://developers.facebook.com/documentation/business-messaging/messenger-platform/conversation-routing
https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/messaging_handovers
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from bridge.meta.graph import Graph, GraphRequest, get, post
from bridge.meta.loose import Json, ident, obj, rows
from bridge.meta.render import node
from bridge.model.effects import Move
from bridge.model.facts import (
    AccountJudged,
    ControlMoved,
    ControlWanted,
    Fact,
    Handover,
    Ignored,
    Judgement,
    RolesChanged,
)
from bridge.model.state import INSTAGRAM_INBOX, PAGE_INBOX, Account

EDGES: Final[Mapping[Move, str]] = MappingProxyType(
    {
        Move.TAKE: "take_thread_control",
        Move.GIVE: "pass_thread_control",
        Move.RELEASE: "release_thread_control",
    }
)
HANDOVERS: Final = ("pass_thread_control", "take_thread_control", "request_thread_control")
POLICY: Final = ("policy_enforcement", "policy-enforcement")
INBOXES: Final[Mapping[str, str]] = MappingProxyType(
    # Meta's pages print the Page inbox's number in two ways.
    {"26390203743090": PAGE_INBOX, "263902037430900": PAGE_INBOX, "1217981644879628": INSTAGRAM_INBOX}
)
"""Meta's own inboxes, which are apps like any other by their ids."""
INBOX_IDS: Final[Mapping[str, str]] = MappingProxyType(
    {PAGE_INBOX: "263902037430900", INSTAGRAM_INBOX: "1217981644879628"}
)
ROLES: Final = "app_roles"
OF_ACCOUNT: Final = (*POLICY, ROLES)
"""Keys of events that are about no customer."""
FIRST: Final = "primary_receiver"
SEVERAL: Final = ("ids", "participants")
"""Keys under which a side of an event would name several people."""


def move_request(
    graph: Graph, account: Account, token: str, *, customer: str, move: Move, app: str | None
) -> GraphRequest:
    """Take a customer's conversation over, or give it away. app: who gets it."""
    body: dict[str, Any] = {"recipient": {"id": customer}}
    if move is Move.GIVE and app is not None:
        body["target_app_id"] = INBOX_IDS.get(app, app)
    where = node(account.platform, account.login, account.remote_id)
    return post(graph, account.login, f"{where}/{EDGES[move]}", token, body)


def seen_request(graph: Graph, account: Account, token: str, *, customer: str) -> GraphRequest:
    """Mark what a customer wrote as seen.

    https://developers.facebook.com/docs/messenger-platform/send-messages/sender-actions
    """
    body = {"recipient": {"id": customer}, "sender_action": "mark_seen"}
    where = node(account.platform, account.login, account.remote_id)
    return post(graph, account.login, f"{where}/messages", token, body)


def typing_request(graph: Graph, account: Account, token: str, *, customer: str, on: bool) -> GraphRequest:
    """Show a customer that somebody writes, or show it no longer.

    https://developers.facebook.com/docs/messenger-platform/send-messages/sender-actions
    """
    body = {"recipient": {"id": customer}, "sender_action": "typing_on" if on else "typing_off"}
    where = node(account.platform, account.login, account.remote_id)
    return post(graph, account.login, f"{where}/messages", token, body)


def reaction_request(
    graph: Graph, account: Account, token: str, *, customer: str, mid: str, emoji: str | None
) -> GraphRequest:
    """Put our one reaction on a customer's message, or take it away.

    https://developers.facebook.com/docs/messenger-platform/send-messages/sender-actions
    """
    payload = {"message_id": mid} | ({} if emoji is None else {"reaction": emoji})
    body = {
        "recipient": {"id": customer},
        "sender_action": "unreact" if emoji is None else "react",
        "payload": payload,
    }
    where = node(account.platform, account.login, account.remote_id)
    return post(graph, account.login, f"{where}/messages", token, body)


def spam_request(graph: Graph, account: Account, token: str, *, customer: str) -> GraphRequest:
    """Move a customer's conversation to the spam; their messages are told of all the same.

    https://developers.facebook.com/docs/graph-api/reference/page/moderate_conversations
    """
    body = {"user_ids": [{"id": customer}], "actions": ["move_to_spam"]}
    where = node(account.platform, account.login, account.remote_id)
    return post(graph, account.login, f"{where}/moderate_conversations", token, body)


def app_request(graph: Graph, account: Account, token: str, *, app: str) -> GraphRequest:
    """What another app is called.

    https://developers.facebook.com/docs/graph-api/reference/application
    """
    return get(graph, account.login, app, token, fields="name")


def app_of(value: Json) -> str | None:
    """An app's id, or the name we have for one of Meta's own."""
    app = ident(value)
    return None if app is None else INBOXES.get(app, app)


def moved(kind: str, what: Mapping[str, Json], whose: dict[str, Any]) -> Fact:
    """What an event of a conversation's moves says; what an app writes beside it is nobody's to read."""
    if kind == "request_thread_control":
        return ControlWanted(**whose, app=app_of(what.get("requested_owner_app_id")))
    how = Handover.PASSED if kind == "pass_thread_control" else Handover.TAKEN
    owner, previous = app_of(what.get("new_owner_app_id")), app_of(what.get("previous_owner_app_id"))
    return ControlMoved(**whose, how=how, owner=owner, previous=previous)


def of_account(kind: str, what: Mapping[str, Json], of: dict[str, Any]) -> Fact:
    """What an event of the account itself says."""
    return _roles(what, of) if kind == ROLES else _judged(what, of)


def _judged(what: Mapping[str, Json], of: dict[str, Any]) -> Fact:
    """https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/messaging_policy_enforcement"""
    action = what.get("action")
    if not isinstance(action, str) or action not in set(Judgement):
        return Ignored(why="policy_enforcement")
    return AccountJudged(**of, judgement=Judgement(action))


def _roles(what: Mapping[str, Json], of: dict[str, Any]) -> Fact:
    """https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/messaging_handovers"""
    first = [app_of(app) for app, given in what.items() if FIRST in rows(given)]
    return RolesChanged(**of, first=tuple(app for app in first if app is not None))


def of_several(said: Mapping[str, Json]) -> bool:
    """Whether an event is of a conversation with several people: there is no answering one of them alone.

    Meta documents none for Pages or Instagram; these are the shapes that its other events for groups have.
    """
    ends = [said.get("sender"), said.get("recipient")]
    if any(isinstance(end, list) and len(end) > 1 for end in ends):
        return True
    if any(len(rows(obj(end).get(key))) > 1 for end in ends for key in SEVERAL):
        return True
    thread = obj(said.get("thread"))
    if thread.get("is_group") or said.get("is_group") or str(thread.get("type") or "").lower() == "group":
        return True
    return any(len(rows(place.get("participants"))) > 2 for place in (said, thread))  # the account is one of them
