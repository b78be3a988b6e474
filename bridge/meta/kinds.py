"""What stands in a message besides its text, by one word: a key of the wording catalogue's ``kind.*``. Pure.

https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/messages
https://developers.facebook.com/docs/instagram-platform/webhooks/examples
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from bridge.meta.loose import Json, ident, obj, rows, words

ATTACHMENTS: Final[Mapping[str, str]] = {
    "image": "image",
    "sticker": "sticker",
    "like_heart": "heart",
    "video": "video",
    "audio": "audio",
    "file": "file",
    "location": "location",
    "fallback": "link",
    "template": "template",
    "reel": "reel",
    "ig_reel": "reel",
    "post": "share",
    "ig_post": "share",
    "share": "share",
    "story_mention": "story_mention",
    "story": "story",
    "ig_story": "story",
    "ephemeral": "ephemeral",
    "appointment_booking": "appointment",
    "unsupported_type": "unsupported",
}
"""Meta's types of attachments; any other is shown as *unsupported*."""

LIKES: Final = frozenset({"369239263222822", "369239343222814", "369239383222810"})
"""The thumb of Messenger in its three sizes, as stickers."""

FIRST: Final = ("story_mention", "ephemeral", "like", "sticker", "share", "reel")
"""Of several kinds in one message these name it: Meta sends ``image`` beside ``sticker`` and ``share`` beside ``ig_post``."""

LINKED: Final = frozenset({"link", "share", "reel"})
"""Kinds of which the address is all there is to show; media of stories are never among them."""

WITH_TEXT: Final = frozenset({"ad", "edited", "postback", "quick_reply", "reaction"})
"""Kinds whose own sentence holds the text."""

KINDS: Final = frozenset(ATTACHMENTS.values()) | {
    "text", "ad", "ad_untitled", "edited", "like", "postback", "postback_untitled", "product", "quick_reply", "reaction",
    "reaction_removed", "referral", "story_reply", "unsent", "unsupported",
}  # fmt: skip
"""Every kind that can come out of a webhook."""


def of_message(message: Mapping[str, Json]) -> tuple[str, str | None]:
    """The kind of a message and its text; an address or a place stands for the text where there is none."""
    text = words(message.get("text"))
    attached = [obj(one) for one in rows(message.get("attachments"))]
    kinds = [_of_attachment(one) for one in attached]
    if kinds and not (text and set(kinds) == {"link"}):
        kind = next((first for first in FIRST if first in kinds), kinds[0])
        return kind, text or _instead(kind, attached)
    if message.get("is_unsupported"):
        return "unsupported", text
    if obj(obj(message.get("reply_to")).get("story")):
        return "story_reply", text
    if text and obj(message.get("quick_reply")):
        return "quick_reply", text
    return ("text", text) if text else ("unsupported", None)


def from_ad(said: Mapping[str, Json]) -> bool:
    """Whether an event's referral, or the event as a referral, names an ad."""
    return obj(said.get("referral")).get("source") == "ADS"


def ad_title(referral: Mapping[str, Json]) -> str | None:
    """The ad's title, where Meta tells it."""
    return words(obj(referral.get("ads_context_data")).get("ad_title"))


def _of_attachment(attachment: Mapping[str, Json]) -> str:
    kind, payload = attachment.get("type"), obj(attachment.get("payload"))
    sticker = ident(payload.get("sticker_id"))
    if sticker is not None and kind in ("image", "sticker"):
        return "like" if sticker in LIKES else "sticker"
    if kind == "template" and "product" in payload:
        return "product"
    return ATTACHMENTS.get(kind, "unsupported") if isinstance(kind, str) else "unsupported"


def _instead(kind: str, attached: Iterable[Mapping[str, Json]]) -> str | None:
    """What can be said in words about an attachment: a title and an address, or where a place is."""
    for one in attached:
        payload = obj(one.get("payload"))
        if kind == "location":
            place = obj(payload.get("coordinates"))
            if isinstance(place.get("lat"), int | float) and isinstance(place.get("long"), int | float):
                return f"{place['lat']}, {place['long']}"
        if kind in LINKED:
            title, url = (words(payload.get(name)) or words(one.get(name)) for name in ("title", "url"))
            address = url if url and url.startswith(("https://", "http://")) else None
            if title or address:
                return "\n".join(filter(None, (title, address)))
    return None
