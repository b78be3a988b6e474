"""From a delivery's bytes to raw items, and from a raw item to a fact. Pure and total: any JSON gives some of both.

    one POST | entries | messaging[], standby[], changes[], or field and value on the entry itself | one raw item each

What cannot be recognised is kept whole, and never costs its neighbours anything.
https://developers.facebook.com/docs/messenger-platform/reference/webhook-events
https://developers.facebook.com/docs/instagram-platform/webhooks
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from bridge.meta import kinds, routing
from bridge.meta.loose import Json, digest, dumps, ident, instant, loads, obj, rows, whole, words
from bridge.model.facts import (
    AppLearnt,
    CustomerEdited,
    CustomerReacted,
    CustomerUnsent,
    CustomerWrote,
    EchoHeard,
    Fact,
    Ignored,
    ProfileLearnt,
)
from bridge.model.ids import RemoteId
from bridge.model.outcomes import RawItem
from bridge.model.state import Known, Platform, Workspace
from bridge.ports import Needs

SOURCE: Final = "meta"

PLATFORMS: Final[Mapping[str, Platform]] = {"page": Platform.MESSENGER, "instagram": Platform.INSTAGRAM}
OBJECTS: Final[Mapping[Platform, str]] = {platform: name for name, platform in PLATFORMS.items()}

LISTS: Final = ("messaging", "standby", "changes")
FLAT, ENTRY, WHOLE, LOOKED_UP, PROFILE = "flat", "entry", "whole", "looked_up", "profile"
STANDBY, APP = "standby", "app"

DASHBOARD: Final = "0"
"""The entry's id in what the *Test* button of Meta's dashboard sends."""

HEARD: Final = (
    "message", "message_edit", "reaction", "postback", "referral", "optin", "response_feedback", "messaging_feedback",
)  # fmt: skip
"""Keys of an item that say something in a conversation; the first that is there names it."""

PASSED_OVER: Final = ("read", "delivery", "optout", "account_linking")
"""Keys of an item that ask nothing of us."""

KINDS: Final = (*HEARD, *routing.HANDOVERS, *routing.OF_ACCOUNT, *PASSED_OVER)

COMMENTS: Final = frozenset({"comments", "live_comments", "mentions", "mention", "feed"})


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """One item with what its delivery says about it. item: what a webhook's item holds.

    said: the event itself, what stands in a list or in a change's value. kind: the key that names it; None: one that is
    new to us. echo: whether the business said it. customer: the side that is not the account, for the entry's id is
    always the account's. mid: the message it is, or is about.
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
        # Looked at for every item several times, so worked out once.
        self.__dict__.update(said=said, kind=kind, echo=echo, customer=customer, mid=mid)

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


# ── bytes to raw items ────────────────────────────────────────────────────────────────────────────────────


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
    account, sent = ident(holder.get("id")) or "", instant(holder.get("time")) or heard
    found = [(container, item) for container in LISTS for item in rows(holder.get(container))]
    if "field" in holder and "value" in holder:
        found.append((FLAT, {"field": holder["field"], "value": holder["value"]}))
    for container, item in found or [(ENTRY, entry)]:
        envelope = Envelope(object=name, entry=_account(account, item), container=container, item=item)
        yield raw_item(envelope, instant(envelope.said.get("timestamp")) or sent)


def _account(entry: str, item: Json) -> str:
    """The account's id: of an entry its own, but that a documented button has the customer's there.

    https://developers.facebook.com/docs/messenger-platform/instagram/features/webhook
    """
    sides = [ident(obj(obj(item).get(side)).get("id")) for side in ("sender", "recipient")]
    if "postback" in obj(item) and sides[0] == entry and sides[1] is not None:
        return sides[1]
    return entry


def raw_item(envelope: Envelope, at: datetime) -> RawItem:
    """An item as the inbox keeps it."""
    mid = envelope.mid
    lane = ":".join(filter(None, (SOURCE, envelope.object, envelope.entry, envelope.customer)))
    return RawItem(
        key=f"{SOURCE}:{envelope.object}:{envelope.entry}:{_once(envelope, mid)}",
        source=SOURCE,
        lane=f"echo:{lane}" if envelope.echo else lane,
        at=at,
        body=envelope.written(),
        about=None if mid is None else f"mid:{mid}",
    )


def lanes_of(platform: Platform, account: str, customer: str) -> tuple[str, ...]:
    """The inbox lanes in which everything heard of one customer stands: for an erasure."""
    lane = f"{SOURCE}:{OBJECTS[platform]}:{account}:{customer}"
    return (lane, f"echo:{lane}", f"profile:{lane}")


def _once(envelope: Envelope, mid: str | None) -> str:
    """What makes an item one and the same when it is delivered again, also as *standby* or found by looking."""
    said, kind = envelope.said, envelope.kind
    what = obj(said.get(kind)) if kind is not None else {}
    if mid is None or envelope.customer is None:
        return f"{envelope.container}:{kind or 'item'}:{digest(envelope.item)}"
    match kind:
        case "message" if what.get("is_deleted"):
            return f"{mid}:unsend"
        case "message":
            return f"{mid}:echo" if envelope.echo else f"{mid}:message"
        case "message_edit" if (number := whole(what.get("num_edit"))) is not None:
            return f"{mid}:edit:{number}"
        case "reaction" if (at := whole(said.get("timestamp"))) is not None:
            return f"{mid}:reaction:{envelope.customer}:{ident(what.get('action'))}:{at}"
        case "postback":
            return f"{mid}:postback"
        case _:
            return f"{mid}:{kind}:{digest(said)}"


# ── raw items to facts ────────────────────────────────────────────────────────────────────────────────────


class MetaParser:
    """Reads what `split` wrote and what looking has found (`bridge.ports.Parser`)."""

    def needs(self, body: bytes) -> Needs:
        """Nobody on the desk."""
        return Needs()

    def read(self, item: RawItem, known: Known, workspace: Workspace | None) -> Fact:
        """The fact of an item; `Ignored` says why it is none."""
        envelope = Envelope.read(item.body)
        if envelope is None:
            return Ignored(why="unreadable")
        if envelope.container in (WHOLE, ENTRY) or envelope.object not in PLATFORMS:
            return Ignored(why="unknown_shape")
        if envelope.entry == DASHBOARD:
            return Ignored(why="dashboard_test")
        return _fact(envelope, item.at)


def _fact(envelope: Envelope, at: datetime) -> Fact:
    field, kind = obj(envelope.item).get("field"), envelope.kind
    if isinstance(field, str) and field in COMMENTS:
        return Ignored(why="comment")
    if kind in PASSED_OVER and kind is not None:
        return Ignored(why=kind.replace("-", "_"))
    customer = envelope.customer
    if envelope.container == PROFILE:
        return _profile(envelope, at)
    if envelope.container == APP:
        return _app(envelope, at)
    of: dict[str, Any] = {"platform": PLATFORMS[envelope.object], "account": envelope.entry, "at": at}
    if kind in routing.OF_ACCOUNT and kind is not None:
        return routing.of_account(kind, obj(envelope.said.get(kind)), of)
    if routing.of_several(envelope.said):
        return Ignored(why="group")
    if customer is None or not envelope.entry:
        return Ignored(why="other_change" if envelope.container in ("changes", FLAT) else "no_customer")
    whose = of | {"customer": customer, "standby": envelope.container == STANDBY}
    if kind in routing.HANDOVERS and kind is not None:
        return routing.moved(kind, obj(envelope.said.get(kind)), whose)
    if envelope.echo:
        return _echo(envelope, whose)
    if ident(obj(envelope.said.get("sender")).get("id")) == envelope.entry:
        return Ignored(why="from_business")
    return _act(envelope, kind, whose)


def _echo(envelope: Envelope, whose: dict[str, Any]) -> Fact:
    """https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/message-echoes"""
    message = obj(envelope.said.get("message"))
    if message.get("is_self"):
        return Ignored(why="to_itself")
    if message.get("is_deleted"):
        return Ignored(why="echo_unsent")
    shown = kinds.of_message(message, whose["at"], whose["platform"])
    return EchoHeard(
        **whose,
        remote_id=RemoteId(envelope.mid or f"odd-{digest(envelope.said)}"),
        text=shown.text,
        kind=shown.kind,
        attachments=shown.attachments,
        marker=words(message.get("metadata")),
        app=routing.app_of(message.get("app_id")),
        looked_up=envelope.container == LOOKED_UP,
    )


def _act(envelope: Envelope, kind: str | None, whose: dict[str, Any]) -> Fact:
    """What a customer did. Only what Meta says opens a window has an opener; taking back and editing do not.

    https://developers.facebook.com/docs/messenger-platform/policy/policy-overview
    """
    what = obj(envelope.said.get(kind)) if kind is not None else {}
    mid = None if envelope.mid is None else RemoteId(envelope.mid)
    match kind:
        case "message" if what.get("is_deleted"):
            return Ignored(why="no_message") if mid is None else CustomerUnsent(**whose, remote_id=mid)
        case "message":
            about = ident(obj(what.get("reply_to")).get("mid"))
            return _said(kinds.of_message(what, whose["at"], whose["platform"]), whose, mid, about=about)
        case "message_edit":
            return _edited(what, mid, whose)
        case "reaction":
            return _reacted(what, mid, whose)
        case "postback":
            return _said(kinds.of_postback(what), whose, mid)
        case "referral":
            return _said(kinds.of_referral(envelope.said), whose, None)
        case "optin":
            return _said(kinds.of_optin(what), whose, None)
        case "response_feedback":
            return _said(kinds.of_feedback(what), whose, None, about=mid)
        case "messaging_feedback":
            return _said(kinds.of_survey(what), whose, None)
        case _:
            return _said(kinds.of_unknown(envelope.said), whose, None)


def _edited(what: Mapping[str, Json], mid: RemoteId | None, whose: dict[str, Any]) -> Fact:
    """https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/message-edits"""
    text = words(what.get("text"))
    if mid is None or text is None:
        return Ignored(why="no_message" if mid is None else "no_words")
    return CustomerEdited(**whose, remote_id=mid, text=text, number=whole(what.get("num_edit")) or 0)


def _reacted(what: Mapping[str, Json], mid: RemoteId | None, whose: dict[str, Any]) -> Fact:
    """https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/message-reactions"""
    if mid is None:
        return Ignored(why="no_message")
    shown = words(what.get("emoji")) or words(what.get("reaction")) or "…"
    return CustomerReacted(**whose, about=mid, emoji=None if what.get("action") == "unreact" else shown)


def _said(shown: kinds.Read, whose: dict[str, Any], mid: RemoteId | None, **more: Any) -> CustomerWrote:
    return CustomerWrote(
        **whose,
        remote_id=mid,
        text=shown.text,
        kind=shown.kind,
        opener=shown.opener,
        attachments=shown.attachments,
        **more,
    )


# ── what looking finds ────────────────────────────────────────────────────────────────────────────────────


def found_echo(platform: Platform, account: str, customer: str, mid: str, text: str | None, at: datetime) -> RawItem:
    """A message of the business, found by looking: the same key as its echo's, so that it counts once."""
    said = {
        "sender": {"id": account}, "recipient": {"id": customer}, "timestamp": int(at.timestamp() * 1000),
        "message": {"mid": mid, "is_echo": True} | ({"text": text} if text else {}),
    }  # fmt: skip
    return raw_item(Envelope(object=OBJECTS[platform], entry=account, container=LOOKED_UP, item=said), at)


def found_profile(
    platform: Platform, account: str, customer: str, profile: Mapping[str, Json], at: datetime
) -> RawItem:
    """Who a customer is, as the network told at *at*; an empty *profile*: nobody may know."""
    name = OBJECTS[platform]
    item = {"customer": customer, "profile": dict(profile)}
    return RawItem(
        key=f"{SOURCE}:{name}:{account}:{customer}:profile:{int(at.timestamp() * 1_000_000)}",
        source=SOURCE,
        lane=f"profile:{SOURCE}:{name}:{account}:{customer}",
        at=at,
        body=Envelope(object=name, entry=account, container=PROFILE, item=item).written(),
    )


def found_app(platform: Platform, account: str, customer: str, app: str, name: str | None, at: datetime) -> RawItem:
    """What another app is called, as the network told at *at*; None: it does not tell."""
    kind = OBJECTS[platform]
    return RawItem(
        key=f"{SOURCE}:{kind}:{account}:{customer}:app:{app}:{int(at.timestamp() * 1_000_000)}",
        source=SOURCE,
        lane=f"profile:{SOURCE}:{kind}:{account}:{customer}",
        at=at,
        body=Envelope(
            object=kind, entry=account, container=APP, item={"customer": customer, "app": app, "name": name}
        ).written(),
    )


def _app(envelope: Envelope, at: datetime) -> Fact:
    item = obj(envelope.item)
    customer, app = ident(item.get("customer")), ident(item.get("app"))
    if customer is None or app is None:
        return Ignored(why="no_customer")
    platform = PLATFORMS[envelope.object]
    name = words(item.get("name"))
    return AppLearnt(platform=platform, account=envelope.entry, customer=customer, at=at, app=app, name=name)


def _profile(envelope: Envelope, at: datetime) -> Fact:
    item = obj(envelope.item)
    customer, profile = ident(item.get("customer")), obj(item.get("profile"))
    if customer is None:
        return Ignored(why="no_customer")
    parts = (words(profile.get("first_name")), words(profile.get("last_name")))
    return ProfileLearnt(
        platform=PLATFORMS[envelope.object],
        account=envelope.entry,
        customer=customer,
        at=at,
        readable=bool(profile),
        name=words(profile.get("name")) or " ".join(filter(None, parts)) or None,
        username=words(profile.get("username")),
        picture=words(profile.get("profile_pic")),
    )
