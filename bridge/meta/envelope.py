"""From a delivery's bytes to raw items. Pure and total: any JSON gives some.

    one POST | entries | messaging[], standby[], changes[], or field and value on the entry itself | one raw item each

What cannot be recognised is kept whole, and never costs its neighbours anything.
https://developers.facebook.com/docs/messenger-platform/reference/webhook-events
https://developers.facebook.com/docs/instagram-platform/webhooks
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bridge.meta import comments, routing
from bridge.meta.loose import Json, digest, dumps, ident, instant, loads, obj, rows, whole
from bridge.model.outcomes import RawItem
from bridge.model.state import Platform

SOURCE: Final = "meta"

PLATFORMS: Final[Mapping[str, Platform]] = {"page": Platform.MESSENGER, "instagram": Platform.INSTAGRAM}
OBJECTS: Final[Mapping[Platform, str]] = {platform: name for name, platform in PLATFORMS.items()}

LISTS: Final = ("messaging", "standby", "changes")
FLAT, ENTRY, WHOLE, LOOKED_UP, PROFILE = "flat", "entry", "whole", "looked_up", "profile"
STANDBY, APP, FOUND = "standby", "app", "found"

DASHBOARD: Final = "0"
"""The entry's id in what the *Test* button of Meta's dashboard sends."""

HEARD: Final = (
    "message", "message_edit", "reaction", "postback", "referral", "optin", "response_feedback", "messaging_feedback",
)  # fmt: skip
"""Keys of an item that say something in a conversation; the first that is there names it."""

READ: Final = "read"
"""The key of an item that tells how far a customer has read."""

PASSED_OVER: Final = ("delivery", "optout", "account_linking")
"""Keys of an item that ask nothing of us."""

KINDS: Final = (*HEARD, READ, *routing.HANDOVERS, *routing.OF_ACCOUNT, *PASSED_OVER)


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """One item with what its delivery says about it. item: what a webhook's item holds.

    said: the event itself, what stands in a list or in a change's value. kind: the key that names it; None: one that is
    new to us. echo: whether the business said it. customer: the side that is not the account, for the entry's id is
    always the account's. mid: the message it is, or is about; of a comment the comment itself.
    """

    object: str
    entry: str
    container: str
    item: Json
    said: Mapping[str, Json] = field(init=False)
    kind: str | None = field(init=False)
    echo: bool = field(init=False)
    customer: str | None = field(init=False)
    mid: str | None = field(init=False)
    comment: comments.Said | None = field(init=False)

    def __post_init__(self) -> None:
        item = obj(self.item)
        said = obj(item.get("value")) if self.container in ("changes", FLAT) else item
        kind = _kind(said)
        echo = bool(obj(said.get("message")).get("is_echo"))
        sender, recipient = ident(obj(said.get("sender")).get("id")), ident(obj(said.get("recipient")).get("id"))
        customer = sender
        if echo or sender == self.entry:
            customer = recipient if recipient != self.entry else None
        mid = ident(obj(said.get(kind)).get("mid")) if kind is not None and kind in HEARD else None
        comment = comments.said(item.get("field"), said) if self.container in ("changes", FLAT) else None
        if comment is not None:
            customer, mid = comment.author, comment.id
        # Looked at for every item several times, so worked out once.
        self.__dict__.update(said=said, kind=kind, echo=echo, customer=customer, mid=mid, comment=comment)

    def written(self) -> bytes:
        """The body of its raw item."""
        entry = {"id": self.entry}
        return dumps({"object": self.object, "entry": entry, "container": self.container, "item": self.item})

    @staticmethod
    def read(body: bytes) -> Envelope | None:
        """Read what `written` wrote; None for anything else."""
        try:
            given = obj(loads(body))
        except ValueError:
            return None
        name, container = given.get("object"), given.get("container")
        if not isinstance(name, str) or not isinstance(container, str):
            return None
        entry = ident(obj(given.get("entry")).get("id")) or ""
        return Envelope(object=name, entry=entry, container=container, item=given.get("item"))


def _kind(said: Mapping[str, Json]) -> str | None:
    for key in KINDS:
        if key in said:
            return key
    return None


def split(body: bytes, heard: datetime) -> list[RawItem]:
    """The items of one delivery; ValueError when it is no JSON at all.

    heard: stands in for a time where the delivery tells none.
    """
    delivery = loads(body)
    name = obj(delivery).get("object")
    entries = rows(obj(delivery).get("entry"))
    if not isinstance(name, str) or name not in PLATFORMS or not any(isinstance(entry, dict) for entry in entries):
        whole_body = Envelope(object=name if isinstance(name, str) else "", entry="", container=WHOLE, item=delivery)
        return [raw_item(whole_body, heard)]
    return [item for entry in entries for item in _of_entry(name, entry, heard)]


def _of_entry(name: str, entry: Json, heard: datetime) -> Iterator[RawItem]:
    holder = obj(entry)
    account = ident(holder.get("id")) or ""
    found = [(container, item) for container in LISTS for item in rows(holder.get(container))]
    if "field" in holder and "value" in holder:
        found.append((FLAT, {"field": holder["field"], "value": holder["value"]}))
    for container, item in found or [(ENTRY, entry)]:
        envelope = Envelope(object=name, entry=_account(account, item), container=container, item=item)
        yield raw_item(envelope, instant(envelope.said.get("timestamp")) or instant(holder.get("time")) or heard)


def _account(entry: str, item: Json) -> str:
    """The account's id: of an entry its own, but that a documented button has the customer's there.

    https://developers.facebook.com/docs/messenger-platform/instagram/features/webhook
    """
    if "postback" not in obj(item):
        return entry
    sender, recipient = (ident(obj(obj(item).get(side)).get("id")) for side in ("sender", "recipient"))
    return recipient if sender == entry and recipient is not None else entry


def raw_item(envelope: Envelope, at: datetime) -> RawItem:
    """An item as the inbox keeps it."""
    mid = envelope.mid
    lane = ":".join(filter(None, (SOURCE, envelope.object, envelope.entry, envelope.customer)))
    # What was found comes whole and in order: there an answer stands between the customer's messages.
    apart = envelope.echo and envelope.container != FOUND
    return RawItem(
        key=f"{SOURCE}:{envelope.object}:{envelope.entry}:{_once(envelope, mid)}",
        source=SOURCE,
        lane=f"echo:{lane}" if apart else lane,
        at=at,
        body=envelope.written(),
        about=None if mid is None else f"mid:{mid}",
    )


def lanes_of(platform: Platform, account: str, customer: str) -> tuple[str, ...]:
    """The inbox lanes in which everything heard of one customer stands: for an erasure."""
    lane = f"{SOURCE}:{OBJECTS[platform]}:{account}:{customer}"
    return (lane, f"echo:{lane}", f"profile:{lane}")


def _once(envelope: Envelope, mid: str | None) -> str:
    """What makes an item one and the same when it is delivered again, also as *standby* or found in a conversation's record.

    What a look for a lost answer sees stands apart: it may be forgotten while its echo is still on the way.
    """
    said, kind = envelope.said, envelope.kind
    what = obj(said.get(kind)) if kind is not None else {}
    if envelope.comment is not None:
        return envelope.comment.once or f"comment:{mid}:{digest(envelope.item)}"
    if mid is None or envelope.customer is None:
        return f"{envelope.container}:{kind or 'item'}:{digest(envelope.item)}"
    match kind:
        case "message" if what.get("is_deleted"):
            return f"{mid}:unsend"
        case "message":
            if envelope.container == LOOKED_UP:
                return f"{mid}:looked_up"
            return f"{mid}:echo" if envelope.echo else f"{mid}:message"
        case "message_edit" if (number := whole(what.get("num_edit"))) is not None:
            return f"{mid}:edit:{number}"
        case "reaction" if (at := whole(said.get("timestamp"))) is not None:
            return f"{mid}:reaction:{envelope.customer}:{ident(what.get('action'))}:{at}"
        case "postback":
            return f"{mid}:postback"
        case _:
            return f"{mid}:{kind}:{digest(said)}"
