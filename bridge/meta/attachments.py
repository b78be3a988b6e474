"""What comes with a message, as `Attachment`s: a kind, an address where there is one, a title. Pure and total.

Meta sends some things twice, in an old form and in a new one; they are one thing here. An address is kept as it is told,
but made whole where it is relative, and freed of the detour by which Meta counts clicks.
https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/messages
https://developers.facebook.com/docs/instagram-platform/webhooks/examples
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final
from urllib.parse import parse_qs, urljoin, urlsplit
from zoneinfo import ZoneInfo

from bridge.meta.loose import Json, ident, instant, obj, rows, words
from bridge.model.change import replace
from bridge.model.state import UNKNOWN, Attachment, Platform

KINDS: Final[Mapping[str, str]] = {
    "image": "image",
    "sticker": "sticker",
    "like_heart": "heart",
    "video": "video",
    "audio": "audio",
    "file": "file",
    "media": "media",
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
"""Meta's types, and what they are called here (`kind.*`); any other is *unknown*."""

BOOKED: Final = frozenset({"requested", "confirmed", "declined", "cancelled"})
"""Each has a sentence of its own."""

LIKES: Final = frozenset({"369239263222822", "369239343222814", "369239383222810"})
"""The thumb of Messenger in its three sizes, as stickers."""

STORY_LIFE: Final = timedelta(hours=24)
"""A story is seen for so long at most."""

TWINS: Final[Mapping[str, tuple[str, ...]]] = {
    "image": ("sticker",),
    "share": ("ig_post", "post"),
    "reel": ("ig_reel",),
}
"""Types that come a second time in a new form: Meta sent both while the old one was on its way out."""

SITES: Final[Mapping[Platform, str]] = {
    Platform.INSTAGRAM: "https://www.instagram.com/",
    Platform.MESSENGER: "https://www.facebook.com/",
}
DETOURS: Final = frozenset({"l.facebook.com", "lm.facebook.com", "l.instagram.com"})
DETOUR: Final = ("www.facebook.com", "/l.php")
MAP: Final = "https://www.google.com/maps/search/?api=1&query={lat}%2C{long}"

MOST: Final = 100
"""Things of one message; Meta tells of 30 pictures at most."""

Item = Mapping[str, Json]


def read(message: Mapping[str, Json], at: datetime, platform: Platform) -> tuple[Attachment, ...]:
    """What comes with a message of *at*, in order: first what it is about, then what was attached to it."""
    text = words(message.get("text"))
    found = [*about(message), *_story_answered(message, at)]
    for item in _once([obj(each) for each in rows(message.get("attachments"))]):
        found += _of_item(item, at, platform, text)
    return numbered(found)


def numbered(found: Sequence[Attachment]) -> tuple[Attachment, ...]:
    """Attachments with their places, from 1."""
    return tuple(replace(each, seq=place) for place, each in enumerate(found[:MOST], 1))


def unknown(name: Json) -> Attachment:
    """Something this version cannot read; its raw form stays in the inbox, under this name."""
    told = words(name) or ""
    return Attachment(seq=1, kind=UNKNOWN, title=told[:40] if told.isprintable() and told.strip() else "?")


def about(what: Mapping[str, Json]) -> Iterator[Attachment]:
    """How a customer came here, told beside a message, a button or alone: an ad, a link of ours, a product.

    https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/messaging_referrals
    """
    referral = obj(what.get("referral"))
    if not referral:
        return
    title = words(obj(referral.get("ads_context_data")).get("ad_title"))
    ref = words(referral.get("ref"))
    if referral.get("source") == "ADS" or "ad_id" in referral:
        yield Attachment(seq=1, kind="ad" if title else "ad_untitled", title=title)
    elif (product := ident(obj(referral.get("product")).get("id"))) is not None:
        yield Attachment(seq=1, kind="product_asked", title=product)
    elif referral.get("source") == "CUSTOMER_CHAT_PLUGIN":
        yield Attachment(seq=1, kind="referral_site")
    else:
        yield Attachment(seq=1, kind="referral_named" if ref else "referral", title=ref)


def _story_answered(message: Mapping[str, Json], at: datetime) -> Iterator[Attachment]:
    story = obj(obj(message.get("reply_to")).get("story"))
    if story:
        yield Attachment(seq=1, kind="story_reply", address=_web(story.get("url")), expires_at=at + STORY_LIFE)


# ── twins ─────────────────────────────────────────────────────────────────────────────────────────────────


def _once(items: Sequence[Item]) -> list[Item]:
    """The items, each thing once: what one of two twins leaves out, the other tells."""
    kept: list[Item] = []
    spent: set[int] = set()
    for place, item in enumerate(items):
        if place in spent:
            continue
        twin = _twin(items, place, spent)
        if twin is not None:
            spent.add(twin)
        kept.append(item if twin is None else _merged(item, items[twin]))
    return kept


def _twin(items: Sequence[Item], place: int, spent: set[int]) -> int | None:
    """The place of the other form of the item at *place*: the one of the same id, else the first that may be."""
    mine = _identity(items[place])
    others = [other for other in range(len(items)) if other != place and other not in spent]
    others = [other for other in others if _forms_of_one(items[place], items[other])]
    same = (other for other in others if mine is not None and _identity(items[other]) == mine)
    maybe = (other for other in others if mine is None or _identity(items[other]) is None)
    return next(same, next(maybe, None))


def _forms_of_one(one: Item, other: Item) -> bool:
    return _old_and_new(one, other) or _old_and_new(other, one)


def _old_and_new(old: Item, new: Item) -> bool:
    kind = old.get("type")
    if not isinstance(kind, str) or new.get("type") not in TWINS.get(kind, ()):
        return False
    return kind != "image" or ident(obj(old.get("payload")).get("sticker_id")) is not None


def _identity(item: Item) -> str | None:
    payload = obj(item.get("payload"))
    names = ("sticker_id", "ig_post_media_id", "reel_video_id", "id")
    return next((found for name in names if (found := ident(payload.get(name))) is not None), None)


def _merged(one: Item, other: Item) -> Item:
    payload = {name: value for name, value in obj(other.get("payload")).items() if value is not None}
    payload |= {name: value for name, value in obj(one.get("payload")).items() if value is not None}
    return {**one, "payload": payload}


# ── one item ──────────────────────────────────────────────────────────────────────────────────────────────


def _of_item(item: Item, at: datetime, platform: Platform, text: str | None) -> Iterator[Attachment]:
    type_, payload = item.get("type"), obj(item.get("payload"))
    kind = KINDS.get(type_, UNKNOWN) if isinstance(type_, str) else UNKNOWN
    title = words(payload.get("title")) or words(item.get("title"))
    site = SITES[Platform.INSTAGRAM if isinstance(type_, str) and type_.startswith("ig_") else platform]
    address = _web(payload.get("url"), site) or _web(item.get("url"), site)
    plain = Attachment(seq=1, kind=kind, address=address, title=title)
    match kind:
        case "unknown":
            yield replace(unknown(type_), address=address)
        case "image" | "sticker":
            yield _sticker(plain, ident(payload.get("sticker_id")))
        case "template":
            yield from _elements(payload, plain)
        case "location":
            yield _location(payload, plain)
        case "appointment":
            yield _appointment(payload)
        case "story" | "story_mention":
            yield replace(plain, expires_at=at + STORY_LIFE)
        case "link" if text and (address is None or address in text):
            return
        case _:
            yield plain


def _sticker(plain: Attachment, sticker: str | None) -> Attachment:
    if sticker in LIKES:
        return Attachment(seq=1, kind="like")
    return replace(plain, kind="sticker") if sticker is not None else plain


def _elements(payload: Mapping[str, Json], plain: Attachment) -> Iterator[Attachment]:
    """A card for each element of a template, or for the template as a whole.

    https://developers.facebook.com/docs/messenger-platform/reference/templates
    """
    product = "product" in payload
    kind = "product" if product else "template"
    elements = [obj(one) for one in rows(obj(payload.get("product")).get("elements") or payload.get("elements"))]
    for element in elements:
        title = " · ".join(filter(None, (words(element.get("title")), words(element.get("subtitle")))))
        action = obj(element.get("default_action"))
        address = _web(element.get("image_url")) if product else _web(action.get("url")) or _web(element.get("url"))
        yield Attachment(seq=1, kind=kind, address=address, title=title or None)
    if not elements:
        yield replace(plain, kind=kind, title=plain.title or words(payload.get("text")))


def _location(payload: Mapping[str, Json], plain: Attachment) -> Attachment:
    place = obj(payload.get("coordinates"))
    lat, long = _degrees(place.get("lat"), 90), _degrees(place.get("long"), 180)
    if lat is None or long is None:
        return plain
    where = f"{lat}, {long}"
    return replace(
        plain, address=MAP.format(lat=lat, long=long), title=f"{plain.title} ({where})" if plain.title else where
    )


def _degrees(value: Json, most: int) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not -most <= value <= most:
        return None
    return float(value)


def _appointment(payload: Mapping[str, Json]) -> Attachment:
    """When it is, in the booking's own zone.

    https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/messages
    """
    status = payload.get("status")
    kind = f"appointment_{status}" if isinstance(status, str) and status in BOOKED else "appointment"
    zone, name = _zone(payload.get("timezone"))
    start, end = (instant(payload.get(which)) for which in ("start_time", "end_time"))
    if start is None:
        return Attachment(seq=1, kind=kind)
    begins = start.astimezone(zone)
    when = f"{begins:%Y-%m-%d %H:%M}"
    if end is not None:
        ends = end.astimezone(zone)
        when += f"–{ends:%H:%M}" if ends.date() == begins.date() else f" – {ends:%Y-%m-%d %H:%M}"
    return Attachment(seq=1, kind=kind, title=f"{when} ({name})")


def _zone(name: Json) -> tuple[tzinfo, str]:
    try:
        return (ZoneInfo(name), name) if isinstance(name, str) else (UTC, "UTC")
    except (KeyError, ValueError, OSError):  # none of that name, or no name at all
        return UTC, "UTC"


# ── addresses ─────────────────────────────────────────────────────────────────────────────────────────────


def _web(value: Json, site: str | None = None) -> str | None:
    """An address that a browser opens; a relative one against *site*; None for anything else."""
    address = (words(value) or "").strip()
    if site is not None and address.startswith("/"):
        address = urljoin(site, address)
    if not address.startswith(("https://", "http://")) or any(part.isspace() for part in address):
        return None
    return _straight(address)


def _straight(address: str) -> str:
    """The address behind Meta's detour for links in messages, or the address itself."""
    try:
        parts = urlsplit(address)
        if parts.hostname not in DETOURS and (parts.hostname, parts.path) != DETOUR:
            return address
        behind = parse_qs(parts.query).get("u", [""])[0]
    except ValueError:
        return address
    return behind if behind.startswith(("https://", "http://")) else address
