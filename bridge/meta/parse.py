"""From a raw item to a fact, and what looking has found as raw items. Pure and total: any kept body gives a fact.

https://developers.facebook.com/docs/messenger-platform/reference/webhook-events
https://developers.facebook.com/docs/instagram-platform/webhooks
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bridge.automatic import rating
from bridge.meta import comments, kinds, routing
from bridge.meta.envelope import (
    APP,
    DASHBOARD,
    ENTRY,
    FLAT,
    FOUND,
    LOOKED_UP,
    OBJECTS,
    PASSED_OVER,
    PLATFORMS,
    PROFILE,
    SOURCE,
    STANDBY,
    WHOLE,
    Envelope,
    raw_item,
)
from bridge.meta.loose import Json, count, digest, ident, instant, obj, rows, truth, whole, words
from bridge.model.facts import (
    AppLearnt,
    CustomerEdited,
    CustomerRated,
    CustomerReacted,
    CustomerRead,
    CustomerUnsent,
    CustomerWrote,
    EchoHeard,
    Fact,
    Ignored,
    ProfileLearnt,
)
from bridge.model.ids import MessageId, RemoteId
from bridge.model.outcomes import RawItem
from bridge.model.state import Known, Platform, Workspace
from bridge.ports import Needs


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
    if isinstance(field, str) and field in comments.FIELDS:
        of_account = {"platform": PLATFORMS[envelope.object], "account": envelope.entry, "at": at}
        return comments.fact(field, envelope.said, of_account)
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
        found_later=envelope.container == FOUND,
        cut=_cut(envelope),
    )


def _cut(envelope: Envelope) -> bool:
    """Whether Meta's record tells nothing of what was said before it."""
    return envelope.container == FOUND and envelope.said.get("cut") is True


def _act(envelope: Envelope, kind: str | None, whose: dict[str, Any]) -> Fact:
    """What a customer did. Only what Meta says opens a window has an opener; taking back and editing do not.

    https://developers.facebook.com/docs/messenger-platform/policy/policy-overview
    """
    what = obj(envelope.said.get(kind)) if kind is not None else {}
    mid = None if envelope.mid is None else RemoteId(envelope.mid)
    match kind:
        case "message" if what.get("is_deleted"):
            return Ignored(why="no_message") if mid is None else CustomerUnsent(**whose, remote_id=mid)
        case "message" if mid is not None and (tapped := _tapped(what)):
            return CustomerRated(**whose, remote_id=mid, question=MessageId(tapped[0]), score=tapped[1])
        case "message":
            about = ident(obj(what.get("reply_to")).get("mid"))
            after = [ident(each) for each in rows(envelope.said.get("answered"))]
            answered = tuple(RemoteId(each) for each in after if each is not None)
            found = {"found_later": envelope.container == FOUND, "answered": answered}
            return _said(
                kinds.of_message(what, whose["at"], whose["platform"]),
                whose,
                mid,
                about=about,
                cut=_cut(envelope),
                **found,
            )
        case "message_edit":
            return _edited(what, mid, whose)
        case "reaction":
            return _reacted(what, mid, whose)
        case "read":
            return _read(what, whose)
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


def _tapped(what: Mapping[str, Json]) -> tuple[int, int] | None:
    """The question and the score, where a customer tapped an answer of ours; what they type themselves is a message."""
    payload = words(obj(what.get("quick_reply")).get("payload"))
    return None if payload is None else rating(payload)


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


def _read(what: Mapping[str, Json], whose: dict[str, Any]) -> Fact:
    """Messenger tells a time, Instagram a message.

    https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/message-reads
    """
    mid, until = ident(what.get("mid")), instant(what.get("watermark"))
    if mid is None and until is None:
        return Ignored(why="read")
    return CustomerRead(**whose, until=until, remote_id=None if mid is None else RemoteId(mid))


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


def found_echo(
    platform: Platform, account: str, customer: str, mid: str, told: Mapping[str, Json], at: datetime
) -> RawItem:
    """A message of the business, found by looking for a lost answer, with what is *told* of it; its echo, if there is one, counts too."""
    said = {
        "sender": {"id": account}, "recipient": {"id": customer}, "timestamp": int(at.timestamp() * 1000),
        "message": {"mid": mid, "is_echo": True, **told},
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
    name = words(profile.get("name")) or " ".join(filter(None, parts)) or None
    username = words(profile.get("username"))
    return ProfileLearnt(
        platform=PLATFORMS[envelope.object],
        account=envelope.entry,
        customer=customer,
        at=at,
        readable=bool(name or username),
        name=name,
        username=username,
        picture=words(profile.get("profile_pic")) or words(profile.get("profile_picture_url")),
        followers=count(profile.get("follower_count")),
        follows=truth(profile.get("is_user_follow_business")),
        verified=truth(profile.get("is_verified_user")),
    )
