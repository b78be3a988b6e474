"""Everything a customer can send besides words, by the names that scenes and the demo's page use, in Meta's shapes.

https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/messages
https://developers.facebook.com/docs/instagram-platform/webhooks/examples
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bridge.demo.meta.media import Cdn
from bridge.demo.meta.samples import PHOTOS, pdf, sample
from bridge.demo.meta.world import Platform
from bridge.model.word import Word

THUMB: Final = 369239263222822
FLOWER: Final = 767226160478561
BOTH: Final[frozenset[Platform]] = frozenset({"messenger", "instagram"})
MESSENGER: Final[frozenset[Platform]] = frozenset({"messenger"})
INSTAGRAM: Final[frozenset[Platform]] = frozenset({"instagram"})
Shape = dict[str, Any]


class Wish(Word, kw_only=True):
    """What is to be sent, and from which phone.

    which: which photo, one of `PHOTOS`.
    title: what a shared post, reel or link is called.
    twins: as in the months when Meta sent an old form of an attachment along with the new one.
    """

    platform: Platform
    cdn: Cdn
    number: int
    which: str = PHOTOS[0]
    title: str = "Spring collection"
    twins: bool = False

    @property
    def instagram(self) -> bool:
        """Whether it goes through Instagram."""
        return self.platform == "instagram"

    def address(self, name: str) -> str:
        """Lay a sample on the CDN and return its address."""
        data, mime = sample(name)
        return self.cdn.url(self.cdn.put(data, mime, name=name))


def _of(type_: str, payload: Shape | None = None) -> Shape:
    return {"type": type_} if payload is None else {"type": type_, "payload": payload}


def _photo(wish: Wish) -> list[Shape]:
    if wish.which not in PHOTOS:
        raise ValueError(f"no such photo: {wish.which}; there are {', '.join(PHOTOS)}")
    return [_of("image", {"url": wish.address(f"{wish.which}.jpg")})]


def _photos(wish: Wish) -> list[Shape]:
    return [_of("image", {"url": wish.address(f"{name}.jpg")}) for name in PHOTOS[:3]]


def _video(wish: Wish) -> list[Shape]:
    return [_of("video", {"url": wish.address("clip.mp4")})]


def _voice(wish: Wish) -> list[Shape]:
    return [_of("audio", {"url": wish.address("voice.m4a")})]


def _file(wish: Wish) -> list[Shape]:
    media = wish.cdn.put(pdf("Order 1024: two mugs, one of them cracked"), "application/pdf", name="order-1024.pdf")
    return [_of("file", {"url": wish.cdn.url(media)})]


def _sticker(wish: Wish, number: int = FLOWER) -> list[Shape]:
    """On Messenger a kind of its own; its twin, an image with the sticker's number, was sent along until 2026-08-30."""
    payload: Shape = {"url": wish.address("sticker.png")}
    if wish.instagram:
        return [_of("image", payload)]
    payload |= {"sticker_id": number}
    return [_of("image", dict(payload)), _of("sticker", payload)] if wish.twins else [_of("sticker", payload)]


def _like(wish: Wish) -> list[Shape]:
    return [_of("like_heart")] if wish.instagram else _sticker(wish, THUMB)


def _location(_: Wish) -> list[Shape]:
    place = {"coordinates": {"lat": 35.6595, "long": 139.7005}}
    return [
        _of("location", place)
        | {"title": "Shibuya", "url": "https://www.facebook.com/l.php?u=https%3A%2F%2Fbing.com%2Fmaps"}
    ]


def _post(wish: Wish) -> list[Shape]:
    """On Instagram `ig_post`; its twin `share` was taken away from 2026-04-27 on."""
    if not wish.instagram:
        address = f"https://www.facebook.com/hanako/posts/{wish.number}"
        return [_of("post", {"url": address, "title": wish.title, "id": f"10{wish.number:013d}"})]
    payload: Shape = {
        "url": wish.address("post.jpg"),
        "title": wish.title,
        "ig_post_media_id": f"179{wish.number:014d}",
    }
    return [_of("share", dict(payload)), _of("ig_post", payload)] if wish.twins else [_of("ig_post", payload)]


def _reel(wish: Wish) -> list[Shape]:
    address = wish.address("clip.mp4") if wish.instagram else f"https://www.facebook.com/reel/{wish.number}/"
    payload = {"url": address, "title": wish.title, "reel_video_id": f"180{wish.number:014d}"}
    return [_of("ig_reel" if wish.instagram else "reel", payload)]


def _link(wish: Wish) -> list[Shape]:
    return [_of("fallback", {"url": "https://example.com/mugs", "title": wish.title})]


def _product(wish: Wish) -> list[Shape]:
    element = {"id": "55", "retailer_id": "MUG-BLUE", "image_url": wish.address("mug_blue.jpg")}
    return [_of("template", {"product": {"elements": [element | {"title": wish.title, "subtitle": "¥3,800"}]}})]


def _unknown(_: Wish) -> list[Shape]:
    return [_of("hologram", {"depth": 3})]


class Kind(Word, kw_only=True):
    """One kind; `make` gives its attachments, and a kind without is one that Meta does not describe."""

    platforms: frozenset[Platform]
    make: Callable[[Wish], list[Shape]] | None


KINDS: Final[Mapping[str, Kind]] = {
    "photo": Kind(platforms=BOTH, make=_photo),
    "photos": Kind(platforms=BOTH, make=_photos),
    "video": Kind(platforms=BOTH, make=_video),
    "voice": Kind(platforms=BOTH, make=_voice),
    "file": Kind(platforms=BOTH, make=_file),
    "sticker": Kind(platforms=BOTH, make=_sticker),
    "like": Kind(platforms=BOTH, make=_like),
    "location": Kind(platforms=MESSENGER, make=_location),
    "post": Kind(platforms=BOTH, make=_post),
    "reel": Kind(platforms=BOTH, make=_reel),
    "link": Kind(platforms=MESSENGER, make=_link),
    "product": Kind(platforms=BOTH, make=_product),
    "view_once": Kind(platforms=INSTAGRAM, make=lambda _: [_of("ephemeral")]),
    "unknown": Kind(platforms=BOTH, make=_unknown),
    "unsupported": Kind(platforms=BOTH, make=None),
}


def message_of(kind: str, wish: Wish) -> Shape:
    """Return a message of one kind, without its mid; ValueError for a kind that this phone does not have."""
    known = KINDS.get(kind)
    if known is None or wish.platform not in known.platforms:
        raise ValueError(f"nobody can send a {kind} on {wish.platform}")
    return {"is_unsupported": True} if known.make is None else {"attachments": known.make(wish)}
