"""What a customer did, by one word (a key of the wording catalogue's ``kind.*``), with its words and what came with it. Pure.

https://developers.facebook.com/docs/messenger-platform/reference/webhook-events
https://developers.facebook.com/docs/instagram-platform/webhooks/examples
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from bridge.meta import attachments
from bridge.meta.loose import Json, obj, rows, words
from bridge.model.state import UNKNOWN, Attachment, Opener, Platform
from bridge.model.word import Word

WITH_TEXT: Final = frozenset({
    "ad", "edited", "feedback", "postback", "product_asked", "quick_reply", "reaction", "referral_named",
    "subscribed_to", "survey", UNKNOWN,
})  # fmt: skip
"""Kinds whose own sentence holds the text, or the title."""

KINDS: Final = WITH_TEXT | frozenset(attachments.KINDS.values()) | frozenset({
    "text", "ad_untitled", "like", "postback_start", "postback_untitled", "product", "reaction_removed", "referral",
    "referral_site", "story_reply", "subscribed", "subscription_stopped", "unsent", "wrote_through_site",
}) | {f"appointment_{status}" for status in attachments.BOOKED}  # fmt: skip
"""Every kind that can come out of a webhook."""

START: Final = frozenset({"get started", "get_started", "getstarted", "get_started_payload"})
"""Titles and payloads of the button that begins a conversation, as apps have them."""

ABOUT: Final = frozenset({
    "ad", "ad_untitled", "product_asked", "referral", "referral_named", "referral_site", "story_reply",
})  # fmt: skip
"""What a message is about; it was not attached to it."""

PLAIN: Final = frozenset({
    "app_id", "attachments", "commands", "is_deleted", "is_echo", "is_self", "is_unsupported", "metadata", "mid", "nlp",
    "quick_reply", "referral", "reply_to", "seq", "sticker_id", "text",
})  # fmt: skip
"""Keys of a message that are read, or that say nothing to a person."""

SIDES: Final = frozenset({"sender", "recipient", "timestamp"})

STOPPED: Final = "STOP_NOTIFICATIONS"


class Read(Word, kw_only=True):
    """What an act says; *opener*: what it opens the window as, if it does."""

    kind: str
    text: str | None = None
    attachments: tuple[Attachment, ...] = ()
    opener: Opener | None = None


def of_message(message: Mapping[str, Json], at: datetime, platform: Platform) -> Read:
    """A message of *at*: words, or what stands in their place.

    A mention in a story comes as a message and counts as one, until Meta refuses (it is documented nowhere).
    """
    text = words(message.get("text"))
    attached = attachments.read(message, at, platform)
    opener = Opener.AD_MESSAGE if from_ad(message) else Opener.MESSAGE
    if text:
        kind = "quick_reply" if obj(message.get("quick_reply")) else "text"
        return Read(kind=kind, text=text, attachments=attached, opener=opener)
    if not attached and (new := _first_new(message, PLAIN)) is not None and not message.get("is_unsupported"):
        attached = (attachments.unknown(new),)
    kinds = [each.kind for each in attached]
    kind = next((each for each in kinds if each not in ABOUT), kinds[0] if kinds else "unsupported")
    return Read(kind=kind, attachments=attached, opener=opener)


def of_unknown(said: Mapping[str, Json]) -> Read:
    """An event that is new to us: shown by the name that Meta gave it."""
    attached = (attachments.unknown(_first_new(said, SIDES)),)
    return Read(kind=UNKNOWN, attachments=attached)


def _first_new(said: Mapping[str, Json], known: frozenset[str]) -> str | None:
    return next((name for name in said if name not in known), None)


def of_postback(postback: Mapping[str, Json]) -> Read:
    """A button: of a card, an ice breaker, the menu, or the one that begins a conversation; Meta does not say which.

    https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/messaging_postbacks
    """
    title, payload = words(postback.get("title")), words(postback.get("payload"))
    start = any(name is not None and name.casefold() in START for name in (title, payload))
    kind = "postback_start" if start else "postback" if title else "postback_untitled"
    attached = attachments.numbered([*attachments.about(postback)])
    opener = Opener.AD_POSTBACK if from_ad(postback) else Opener.POSTBACK
    return Read(kind=kind, text=None if start else title, attachments=attached, opener=opener)


def of_referral(said: Mapping[str, Json]) -> Read:
    """A conversation entered again by a link, which opens the window, or by an ad, which alone does not.

    https://developers.facebook.com/docs/messenger-platform/policy/policy-overview
    """
    attached = attachments.numbered([*attachments.about(said)])
    if not attached:
        return Read(kind="referral", opener=Opener.LINK)
    return Read(kind=attached[0].kind, attachments=attached, opener=Opener.AD_CLICK if from_ad(said) else Opener.LINK)


def of_optin(optin: Mapping[str, Json]) -> Read:
    """A plugin on a website, which opens the window; or a subscription to messages, which does not.

    https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/messaging_optins
    """
    if optin.get("type") is None:
        return Read(kind="wrote_through_site", opener=Opener.PLUGIN)
    if optin.get("notification_messages_status") == STOPPED:
        return Read(kind="subscription_stopped")
    title = words(optin.get("title"))
    return Read(kind="subscribed_to" if title else "subscribed", text=title)


def of_feedback(feedback: Mapping[str, Json]) -> Read:
    """What a customer thinks of a message of ours."""
    return Read(kind="feedback", text=words(feedback.get("feedback")) or "…")


def of_survey(survey: Mapping[str, Json]) -> Read:
    """A customer's answers to a survey of ours.

    https://developers.facebook.com/docs/messenger-platform/send-messages/templates/customer-feedback-template
    """
    return Read(kind="survey", text=" · ".join(_answers(survey)) or "…")


def _answers(survey: Mapping[str, Json]) -> Iterator[str]:
    for screen in rows(survey.get("feedback_screens")):
        for question in obj(obj(screen).get("questions")).values():
            for answer in (obj(question), obj(obj(question).get("follow_up"))):
                if told := words(answer.get("payload")):
                    yield told


def from_ad(said: Mapping[str, Json]) -> bool:
    """Whether an event's referral, or the event as a referral, names an ad."""
    referral = obj(said.get("referral"))
    return referral.get("source") == "ADS" or "ad_id" in referral
