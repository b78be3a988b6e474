"""What our opaque refs are on Slack's side, and the mark each post of ours bears. Pure.

A post is a channel and a time stamp, which stays a string: as a number it would lose digits
(docs.slack.dev, Retrieving messages).
"""

import re
from datetime import UTC, datetime, timedelta

from bridge.model.ids import GroupRef, PersonRef, PlaceRef, PostRef
from bridge.settings import Refs
from bridge.slack import emoji

EVENT_TYPE = "threadbridge_post"
"""The ``event_type`` of our posts' metadata."""

_REF = re.compile(r"([A-Z][A-Z0-9]{1,30}):([0-9]{1,12}\.[0-9]{1,9})\Z")
_MARK = re.compile(r"row:([0-9]{1,18})\Z")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def post_ref(channel: str, ts: str) -> PostRef:
    """Name a post; raises ValueError for what no channel or time stamp looks like."""
    ref = f"{channel}:{ts}"
    if not _REF.match(ref):
        raise ValueError("neither a channel nor a time stamp of Slack's")
    return PostRef(ref)


def split_ref(ref: PostRef) -> tuple[PlaceRef, str]:
    """Return the channel and the time stamp of a post; raises ValueError for a ref that is none of ours."""
    found = _REF.match(ref)
    if found is None:
        raise ValueError("not a ref of a post on Slack")
    return PlaceRef(found[1]), found[2]


def mark(row: int) -> str:
    """Return the ``block_id`` by which a post can be found again: its outbox row."""
    return f"row:{row}"


def marked(block_id: object) -> int | None:
    """Return the outbox row that a ``block_id`` of ours names, else None."""
    found = _MARK.match(block_id) if isinstance(block_id, str) else None
    return int(found[1]) if found else None


def moment(ts: object) -> datetime | None:
    """Return the moment a time stamp such as ``1736481285.683829`` says, aware, UTC; None for anything else."""
    found = re.match(r"([0-9]{1,11})(?:\.([0-9]{1,6}))?\Z", ts) if isinstance(ts, str) else None
    if found is None:
        return None
    micros = int((found[2] or "").ljust(6, "0"))
    return _EPOCH + timedelta(seconds=int(found[1]), microseconds=micros)


def stamp(at: datetime) -> str:
    """Return the time stamp of a moment, as `moment` reads it."""
    micros = (at - _EPOCH) // timedelta(microseconds=1)
    return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"


def permalink(url: str, ref: PostRef, root: PostRef | None = None) -> str:
    """Return the address of a post in the workspace at *url*, without asking Slack (docs.slack.dev, chat.getPermalink)."""
    channel, ts = split_ref(ref)
    address = f"{url.rstrip('/')}/archives/{channel}/p{ts.replace('.', '')}"
    if root is None or root == ref:
        return address
    return f"{address}?thread_ts={split_ref(root)[1]}&cid={channel}"


_PLACE = re.compile(r"<#([CG][A-Z0-9]{1,30})(?:\|[^>]*)?>\Z|([CG][A-Z0-9]{1,30})\Z")
_PERSON = re.compile(r"<@([UW][A-Z0-9]{1,30})(?:\|[^>]*)?>\Z|([UW][A-Z0-9]{1,30})\Z")
_GROUP = re.compile(r"<!subteam\^(S[A-Z0-9]{1,30})(?:\|[^>]*)?>\Z|(S[A-Z0-9]{1,30})\Z")


def place(text: str) -> PlaceRef | None:
    """Return the channel that somebody typed or mentioned, else None."""
    found = _named(_PLACE, text)
    return PlaceRef(found) if found else None


def person(text: str) -> PersonRef | None:
    """Return the member that somebody typed or mentioned, else None."""
    found = _named(_PERSON, text)
    return PersonRef(found) if found else None


def group(text: str) -> GroupRef | None:
    """Return the user group that somebody typed or mentioned, else None."""
    found = _named(_GROUP, text)
    return GroupRef(found) if found else None


def _named(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.match(text.strip())
    return (found[1] or found[2]) if found else None


REFS = Refs(place=place, person=person, group=group, emoji=emoji.named)
"""How Slack's ids and mentions are read in what people set."""
