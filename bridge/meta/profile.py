"""What customers see of an account before they write: greeting, questions to tap, menu. Pure.

    Messenger                        me/messenger_profile                        greeting, ice breakers, menu
    Instagram with Facebook Login    me/messenger_profile?platform=instagram     ice breakers, menu
    Instagram with Instagram Login   {account's id}/messenger_profile            ice breakers, menu

https://developers.facebook.com/docs/messenger-platform/reference/messenger-profile-api
https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/messaging-api/ice-breakers
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bridge.meta.graph import Graph, GraphRequest, delete, get, post
from bridge.meta.loose import Json, obj, rows, words
from bridge.meta.render import node
from bridge.model.state import Account, Platform
from bridge.model.word import Word

MOST_GREETING, MOST_QUESTION, MOST_TITLE, MOST_PAYLOAD = 160, 80, 30, 1000
"""Characters. Of a question Meta tells no figure; longer ones are cut off on phones."""
MOST_QUESTIONS, MOST_ITEMS = 4, 20
START: Final = "GET_STARTED"
"""The payload of Messenger's first button, without which it shows no menu."""
FIELDS: Final[Mapping[Platform, tuple[str, ...]]] = {
    Platform.MESSENGER: ("greeting", "ice_breakers", "persistent_menu"),
    Platform.INSTAGRAM: ("ice_breakers", "persistent_menu"),
}


class Entry(Word, kw_only=True):
    """Something to tap. payload: what comes back with the tap; url: it opens this instead."""

    title: str
    payload: str | None = None
    url: str | None = None


class Profile(Word, kw_only=True):
    """What there is, or is wanted; None: it is left as it is, nothing in it: it is taken away."""

    greeting: str | None = None
    questions: tuple[Entry, ...] | None = None
    menu: tuple[Entry, ...] | None = None


class ProfileError(Exception):
    """Meta would not take it, or this network has no such thing: a sentence."""


def entry(text: str, *, most: int, may_open: bool) -> Entry:
    """Read ``Title``, ``Title=PAYLOAD`` or ``Title=https://…``; ProfileError: it cannot be."""
    title, _, rest = (part.strip() for part in text.partition("="))
    if not title or len(title) > most:
        raise ProfileError(f"“{title[:40]}” has {len(title)} characters: 1 to {most} can be shown")
    if rest.startswith(("https://", "http://")):
        if not may_open or not rest.startswith("https://"):
            raise ProfileError(f"“{title}” cannot open {rest[:60]}: {'use https' if may_open else 'a menu can'}")
        return Entry(title=title, url=rest)
    payload = rest or title
    if len(payload) > MOST_PAYLOAD:
        raise ProfileError(f"what comes back with “{title}” has more than {MOST_PAYLOAD} characters")
    return Entry(title=title, payload=payload)


def check(platform: Platform, wanted: Profile) -> None:
    """ProfileError unless the network can show it."""
    if platform is Platform.INSTAGRAM and wanted.greeting is not None:
        raise ProfileError("Instagram shows no greeting: questions to tap stand in its place")
    if len(wanted.greeting or "") > MOST_GREETING:
        raise ProfileError(f"the greeting has {len(wanted.greeting or '')} characters: {MOST_GREETING} are the most")
    if len(wanted.questions or ()) > MOST_QUESTIONS:
        raise ProfileError(f"{MOST_QUESTIONS} questions are the most")
    if len(wanted.menu or ()) > MOST_ITEMS:
        raise ProfileError(f"a menu has {MOST_ITEMS} items at most")


def requests(graph: Graph, account: Account, token: str, wanted: Profile) -> list[GraphRequest]:
    """The calls that make it so: one that sets, one that takes away; what is None is in neither."""
    path = f"{node(account.platform, account.login, account.remote_id)}/messenger_profile"
    whose = {"platform": "instagram"} if account.platform is Platform.INSTAGRAM else {}
    to_set = _set(account.platform, wanted)
    gone = [name for name, value in _named(wanted).items() if value is not None and not value]
    calls = []
    if to_set:
        calls.append(post(graph, account.login, path, token, whose | to_set))
    if gone:
        calls.append(delete(graph, account.login, path, token, whose | {"fields": gone}))
    return calls


def look(graph: Graph, account: Account, token: str) -> GraphRequest:
    """What there is now."""
    path = f"{node(account.platform, account.login, account.remote_id)}/messenger_profile"
    whose = {"platform": "instagram"} if account.platform is Platform.INSTAGRAM else {}
    return get(graph, account.login, path, token, fields=",".join(FIELDS[account.platform]), **whose)


def read(said: Mapping[str, Json]) -> Profile:
    """What Meta tells, in each of its two forms: under the names of the fields, or a field's own rows alone."""
    greeting = ""
    questions: list[Mapping[str, Json]] = []
    menu: list[Mapping[str, Json]] = []
    for row in map(obj, rows(said.get("data"))):
        for each in map(obj, rows(row.get("greeting"))):
            greeting = words(each.get("text")) or greeting
        loose = [row] if "call_to_actions" in row else []
        for each in (*map(obj, rows(row.get("ice_breakers"))), *map(obj, rows(row.get("persistent_menu"))), *loose):
            for item in map(obj, rows(each.get("call_to_actions"))):
                (questions if "question" in item else menu).append(item)
    return Profile(greeting=greeting, questions=_entries(questions), menu=_entries(menu))


def _entries(items: Sequence[Mapping[str, Json]]) -> tuple[Entry, ...]:
    found = [
        Entry(
            title=words(item.get("question")) or words(item.get("title")) or "",
            payload=words(item.get("payload")),
            url=words(item.get("url")),
        )
        for item in items
    ]
    return tuple(dict.fromkeys(found))


def _named(wanted: Profile) -> dict[str, Any]:
    return {"greeting": wanted.greeting, "ice_breakers": wanted.questions, "persistent_menu": wanted.menu}


def _set(platform: Platform, wanted: Profile) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if wanted.greeting:
        body["greeting"] = [{"locale": "default", "text": wanted.greeting}]
    if wanted.questions:
        asked = [{"question": each.title, "payload": each.payload} for each in wanted.questions]
        body["ice_breakers"] = [{"locale": "default", "call_to_actions": asked}]
    if wanted.menu:
        body["persistent_menu"] = [{"locale": "default", "call_to_actions": [_item(each) for each in wanted.menu]}]
        if platform is Platform.MESSENGER:
            body["get_started"] = {"payload": START}
    return body


def _item(of: Entry) -> dict[str, Any]:
    if of.url is not None:
        return {"type": "web_url", "title": of.title, "url": of.url}
    return {"type": "postback", "title": of.title, "payload": of.payload}
