"""Meta's own record of conversations: how it is asked for, and its messages as their webhooks would have told them. Pure.

What is found has the keys of what is delivered, so that each message counts once, whichever way it came.
https://developers.facebook.com/docs/messenger-platform/conversations
https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/conversations-api
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from bridge.meta.envelope import FOUND, OBJECTS, SOURCE, Envelope, raw_item
from bridge.meta.graph import Graph, GraphRequest, get
from bridge.meta.loose import Json, digest, ident, obj, rows, stamp, words
from bridge.meta.render import node
from bridge.model.outcomes import Existence, Page, RawItem
from bridge.model.state import Account, Message, Platform

NEWEST: Final = 20
"""Meta tells what a message says only of so many, the newest of its conversation."""
CONVERSATIONS: Final = 10
"""On one page; with each try that fails half as many, because Meta refuses answers that would be too large."""
PLAIN: Final = "id,created_time,from,to,message"
MORE: Final[Mapping[Platform, str]] = {
    Platform.INSTAGRAM: f"{PLAIN},attachments,shares,story,reactions,reply_to,is_unsupported",
    Platform.MESSENGER: f"{PLAIN},attachments,shares,sticker,reactions,reply_to",
}
SECOND: Final = timedelta(seconds=1)
"""Meta tells these times no finer."""

Row = Mapping[str, Json]


# ── asking ────────────────────────────────────────────────────────────────────────────────────────────────


def page_request(
    graph: Graph, account: Account, token: str, *, after: str | None, tries: int, plain: bool
) -> GraphRequest:
    """One page of conversations, the latest active first, each with its newest messages. tries: before this one."""
    size = max(1, CONVERSATIONS >> tries)
    cursor = {} if after is None else {"after": after}
    fields = f"id,updated_time,participants,{_messages(account, plain=plain)}"
    return _conversations(graph, account, token, fields=fields, limit=str(size), **cursor)


def history_request(graph: Graph, account: Account, token: str, *, customer: str, plain: bool) -> GraphRequest:
    """One customer's conversation with its newest messages."""
    fields = f"id,updated_time,participants,{_messages(account, plain=plain)}"
    return _conversations(graph, account, token, fields=fields, user_id=customer)


def message_request(graph: Graph, account: Account, token: str, *, mid: str) -> GraphRequest:
    """One message, if Meta shows it still."""
    return get(graph, account.login, mid, token, fields="id,created_time,from")


def listed_request(graph: Graph, account: Account, token: str, *, customer: str) -> GraphRequest:
    """Which messages are the newest of a conversation."""
    fields = f"id,messages.limit({NEWEST}){{id,created_time,from}}"
    return _conversations(graph, account, token, fields=fields, user_id=customer)


def _messages(account: Account, *, plain: bool) -> str:
    return f"messages.limit({NEWEST}){{{PLAIN if plain else MORE[account.platform]}}}"


def _conversations(graph: Graph, account: Account, token: str, **params: str) -> GraphRequest:
    edge = f"{node(account.platform, account.login, account.remote_id)}/conversations"
    return get(graph, account.login, edge, token, platform=account.platform.value, **params)


# ── a page ────────────────────────────────────────────────────────────────────────────────────────────────


def page_of(account: Account, told: Row, since: datetime) -> Page:
    """What was said since *since*, oldest first in each conversation; the next page only while conversations are so young.

    Meta does not promise an order on Instagram, so that only a page without any young one is the last.
    """
    found = [obj(each) for each in rows(told.get("data"))]
    updated = [stamp(each.get("updated_time")) for each in found]
    young = not found or any(at is None or at >= since - SECOND for at in updated)
    paging = obj(told.get("paging"))
    after = ident(obj(paging.get("cursors")).get("after")) if "next" in paging and young else None
    talks = [(each, _customer(account, each)) for each in found]
    items = [item for each, customer in talks if customer for item in _of_conversation(account, customer, each, since)]
    return Page(
        learnt=tuple(items),
        following=after,
        count=len(found),
        cut=sum(_is_cut(each, since) for each in found),
        several=sum(len(_people(each)) > 2 for each in found),
    )


def _people(talk: Row) -> tuple[str, ...]:
    """Whoever takes part, by the ids that are told."""
    found = [ident(obj(each).get("id")) for each in rows(obj(talk.get("participants")).get("data"))]
    return tuple(dict.fromkeys(each for each in found if each is not None))


def _customer(account: Account, talk: Row) -> str | None:
    """The one who is not the account; None where there are several, or nobody."""
    others = [each for each in _people(talk) if each != account.remote_id]
    return others[0] if len(others) == 1 else None


def _told(talk: Row) -> Sequence[Row]:
    """Its messages, the newest first, as Meta tells them."""
    return [obj(each) for each in rows(obj(talk.get("messages")).get("data"))]


def _is_cut(talk: Row, since: datetime) -> bool:
    """Whether there may be older messages that were missed, and that Meta does not tell."""
    told = _told(talk)
    oldest = stamp(told[-1].get("created_time")) if told else None
    return (len(told) >= NEWEST or _has_next(talk)) and oldest is not None and oldest >= since


def _has_next(talk: Row) -> bool:
    """Whether there are messages beyond those listed, for a page may hold fewer than were asked for.

    Only that no next page is told of says that it was the last.
    https://developers.facebook.com/docs/graph-api/results
    """
    return "next" in obj(obj(talk.get("messages")).get("paging"))


def _of_conversation(account: Account, customer: str, talk: Row, since: datetime) -> Iterator[RawItem]:
    told = _told(talk)
    ours = [(place, ident(each.get("id"))) for place, each in enumerate(told) if _author(each) not in (None, customer)]
    first = max((place for place, each in enumerate(told) if _author(each)), default=-1) if _is_cut(talk, since) else -1
    for place in reversed(range(len(told))):
        answered = [mid for later, mid in ours if later < place and mid is not None]
        yield from _of_message(account, customer, told[place], since, answered=answered, cut=place == first)


def _author(row: Row) -> str | None:
    """None: its details are not told, for it was taken back or is too old."""
    return ident(obj(row.get("from")).get("id"))


# ── one message ───────────────────────────────────────────────────────────────────────────────────────────


def _of_message(
    account: Account, customer: str, row: Row, since: datetime, *, answered: Sequence[str], cut: bool
) -> Iterator[RawItem]:
    """answered: what the business said after it. cut: what stands before it is not told."""
    mid, at, author = ident(row.get("id")), stamp(row.get("created_time")), _author(row)
    if mid is None or at is None or author is None or at < since - SECOND:
        return
    message = {"mid": mid} | said_of(row)
    if author == customer:
        yield _item(
            account,
            at,
            _sides(customer, account.remote_id, at) | {"message": message, "answered": [*answered], "cut": cut},
        )
    else:
        echo = message | {"is_echo": True}
        yield _item(account, at, _sides(account.remote_id, customer, at) | {"message": echo, "cut": cut})
    if (sign := _reaction(row, customer)) is not None:
        yield _reacted(account, customer, mid, sign, at)


def _sides(sender: str, recipient: str, at: datetime) -> dict[str, Json]:
    return {"sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": int(at.timestamp() * 1000)}


def _item(account: Account, at: datetime, said: Json) -> RawItem:
    kind = OBJECTS[account.platform]
    return raw_item(Envelope(object=kind, entry=account.remote_id, container=FOUND, item=said), at)


def said_of(row: Row) -> dict[str, Json]:
    """A message's words and what came with it, in the shape of webhooks."""
    text, story = words(row.get("message")), obj(row.get("story"))
    attached = [_file(obj(each)) for each in rows(obj(row.get("attachments")).get("data"))]
    attached += [_share(obj(each)) for each in rows(obj(row.get("shares")).get("data")) if obj(each).get("link")]
    if not attached and words(row.get("sticker")):
        attached.append({"type": "sticker", "payload": {"url": row.get("sticker")}})
    if mention := obj(story.get("mention")):
        attached.append({"type": "story_mention", "payload": {"url": mention.get("link")}})
    said: dict[str, Json] = {"text": text} if text else {}
    if attached:
        said["attachments"] = attached
    if answered := obj(story.get("reply_to")):
        said["reply_to"] = {"story": {"url": answered.get("link"), "id": answered.get("id")}}
    elif (about := ident(obj(row.get("reply_to")).get("mid"))) is not None:
        said["reply_to"] = {"mid": about}
    return said | ({"is_unsupported": True} if row.get("is_unsupported") is True else {})


def _file(row: Row) -> dict[str, Json]:
    """https://developers.facebook.com/docs/graph-api/reference/message/attachments"""
    picture, film = obj(row.get("image_data")), obj(row.get("video_data"))
    if picture:
        kind = "sticker" if picture.get("render_as_sticker") is True else "image"
        return {"type": kind, "payload": {"url": picture.get("url")}}
    if film:
        return {"type": "video", "payload": {"url": film.get("url")}}
    url = row.get("file_url")
    mime, name = words(row.get("mime_type")) or "", words(row.get("name")) or ""
    sound = mime.startswith("audio/") or name.casefold().startswith("audio")
    kind = "audio" if sound else "video" if mime.startswith("video/") else "file"
    return {"type": kind if url else "media", "payload": {"url": url}}


def _share(row: Row) -> dict[str, Json]:
    return {"type": "share", "payload": {"url": row.get("link"), "title": row.get("name")}}


def _reaction(row: Row, customer: str) -> str | None:
    """The customer's reaction to it, if it bears one."""
    for each in map(obj, rows(obj(row.get("reactions")).get("data"))):
        if any(ident(obj(user).get("id")) == customer for user in rows(each.get("users"))):
            return words(each.get("reaction"))
    return None


def _reacted(account: Account, customer: str, mid: str, sign: str, at: datetime) -> RawItem:
    """A reaction by its message's time, for its own is not told: what was told of it by webhook is newer, and stays."""
    kind = OBJECTS[account.platform]
    said = _sides(customer, account.remote_id, at) | {"reaction": {"mid": mid, "action": "react", "emoji": sign}}
    item = _item(account, at, said)
    key = f"{SOURCE}:{kind}:{account.remote_id}:{mid}:reaction:{customer}:found:{digest(sign)}"
    return RawItem(key=key, source=item.source, lane=item.lane, at=item.at, body=item.body, about=item.about)


# ── whether one exists ────────────────────────────────────────────────────────────────────────────────────


def existence(account: Account, customer: str, message: Message, told: Row, now: datetime) -> Existence:
    """Judge by the list of the newest: what should stand among them and does not was taken back."""
    talks = [obj(each) for each in rows(told.get("data"))]
    there = _there(message, talks[0]) if len(talks) == 1 else None
    if there is not False or message.remote_id is None:
        return Existence(there=there)
    unsent = {"mid": message.remote_id, "is_deleted": True}
    item = _item(account, now, _sides(customer, account.remote_id, now) | {"message": unsent})
    return Existence(there=False, learnt=(item,))


def _there(message: Message, talk: Row) -> bool | None:
    """None: it may be older than what is listed."""
    listed, more = _told(talk), _has_next(talk)
    for row in listed:
        if ident(row.get("id")) == message.remote_id:
            return _author(row) is not None
    oldest = stamp(listed[-1].get("created_time")) if listed else None
    if oldest is None:
        return None
    whole = not more and len(listed) < NEWEST
    return False if whole or message.at >= oldest + SECOND else None
