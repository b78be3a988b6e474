"""Comments on an account's posts, reels, ads and broadcasts, as Meta tells of them. Pure and total.

    Instagram    comments, live_comments    only what is new; edits and deletions are not told
    Page         feed, item "comment"       add, edited, remove; also hide and unhide, which ask nothing of us

Mentions elsewhere bring ids alone, so that there is nothing to show.
https://developers.facebook.com/docs/graph-api/webhooks/reference/instagram
https://developers.facebook.com/docs/graph-api/webhooks/reference/page/#feed
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from bridge.meta.loose import Json, ident, instant, obj, words
from bridge.model.facts import CommentChange, CustomerCommented, Fact, Ignored
from bridge.model.ids import RemoteId
from bridge.model.state import Attachment
from bridge.model.word import Word

MENTIONS: Final = frozenset({"mentions", "mention"})
FIELDS: Final = frozenset({"comments", "live_comments", "feed"}) | MENTIONS
CHANGES: Final[Mapping[str, CommentChange]] = {
    "add": CommentChange.ADDED,
    "edited": CommentChange.EDITED,
    "remove": CommentChange.REMOVED,
}
"""Verbs of a Page's feed."""

_POST = re.compile(r"[0-9]+_[0-9]+\Z")
_PAGES = frozenset({"www.facebook.com", "facebook.com", "m.facebook.com"})


class Said(Word, kw_only=True):
    """What a comment's event is about, whatever it is called there."""

    id: str | None
    author: str | None
    verb: str

    @property
    def once(self) -> str | None:
        """What makes it one and the same when it is told again, as of a boosted post it may be."""
        return None if self.id is None or self.verb != "add" else f"comment:{self.id}"


def said(field: Json, value: Mapping[str, Json]) -> Said | None:
    """Read a change's value; None: it is about no comment."""
    if not isinstance(field, str) or field not in FIELDS or (field == "feed" and value.get("item") != "comment"):
        return None
    verb = words(value.get("verb")) if field == "feed" else "add"
    id_ = (
        ident(value.get("comment_id")) if field == "feed" else ident(value.get("id")) or ident(value.get("comment_id"))
    )
    return Said(id=id_, author=ident(obj(value.get("from")).get("id")), verb=verb or "")


def fact(field: str, value: Mapping[str, Json], of: dict[str, Any]) -> Fact:
    """What somebody did with a comment. of: the account, its platform and the event's time."""
    told = said(field, value)
    if field in MENTIONS:
        return Ignored(why="mention")
    if told is None:
        return Ignored(why="feed")
    author, change = obj(value.get("from")), CHANGES.get(told.verb)
    if change is None:
        return Ignored(why=f"comment_{told.verb}" if told.verb in ("hide", "unhide") else "comment_other")
    # With this id Meta marks what an Instagram account says under its own posts.
    # https://developers.facebook.com/docs/instagram-platform/self-messaging
    if told.author == of["account"] or author.get("self_ig_scoped_id") is not None:
        return Ignored(why="own_comment")
    if told.id is None or told.author is None:
        return Ignored(why="comment_without_author")
    kind = _kind(field, value)
    return CustomerCommented(
        **of,
        customer=told.author,
        remote_id=RemoteId(told.id),
        change=change,
        written_at=_written(value, of["at"]),
        text=words(value.get("message")) or words(value.get("text")),
        kind=kind,
        live=field == "live_comments",
        name=words(author.get("name")),
        username=words(author.get("username")),
        attachments=tuple(_attached(kind, value)),
    )


def _written(value: Mapping[str, Json], told: datetime) -> datetime:
    """When it was written: a Page's feed says so, on Instagram the event comes at once."""
    written = instant(value.get("created_time"))
    return told if written is None else min(written, told)


def _kind(field: str, value: Mapping[str, Json]) -> str:
    media = obj(value.get("media"))
    surface = words(media.get("media_product_type")) or ""
    if field == "live_comments" or surface == "LIVE":
        return "comment_live"
    if media.get("ad_id") is not None or surface == "AD":
        return "comment_ad" if words(media.get("ad_title")) else "comment_ad_untitled"
    parent = ident(value.get("parent_id"))
    if parent is not None and parent != ident(value.get("post_id")):
        return "comment_reply"
    return "comment_reel" if surface == "REELS" else "comment"


def _attached(kind: str, value: Mapping[str, Json]) -> list[Attachment]:
    """The post, as far as the event itself leads there; an ad by its title."""
    title = words(obj(value.get("media")).get("ad_title")) if kind == "comment_ad" else None
    address = _address(value)
    return [Attachment(seq=1, kind=kind, title=title, address=address)] if title or address else []


def _address(value: Mapping[str, Json]) -> str | None:
    told = words(obj(value.get("post")).get("permalink_url")) or ""
    try:
        parts = urlsplit(told)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme == "https" and parts.netloc in _PAGES:
        return told
    post = ident(value.get("post_id")) or ""
    return f"https://www.facebook.com/{post}" if _POST.match(post) else None
