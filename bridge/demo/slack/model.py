"""What a Slack workspace consists of, as the stand-in keeps it, and the JSON that Slack shows of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bridge.model.word import Word

Json = dict[str, Any]


class SlackError(Exception):
    """A refusal in Slack's words: a code, and what else stands in the answer."""

    def __init__(self, code: str, /, *, messages: Sequence[str] = (), **more: object) -> None:
        super().__init__(code)
        self.code = code
        self.more: Json = dict(more)
        if messages:
            self.more["response_metadata"] = {"messages": list(messages)}


@dataclass(kw_only=True)
class Call:
    """One call of the Web API; `error` is empty where the answer was ``ok``; `ok` is false while it runs."""

    method: str
    arguments: Mapping[str, object]
    when: float
    ok: bool = False
    error: str = ""
    status: int = 0


@dataclass(kw_only=True)
class User:
    """A person or bot; a stranger belongs to another workspace and is met in shared channels only."""

    id: str
    name: str
    team_id: str
    display_name: str = ""
    guest: bool = False
    stranger: bool = False
    bot: bool = False
    deleted: bool = False
    admin: bool = False
    locale: str = "en-US"
    tz: str = "UTC"

    def payload(self, *, locale: bool, now: float) -> Json:
        """Show the user as users.info does."""
        shown: Json = {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name.lower().replace(" ", "."),
            "real_name": self.name,
            "deleted": self.deleted,
            "is_bot": self.bot,
            "is_restricted": self.guest,
            "is_ultra_restricted": False,
            "is_stranger": self.stranger,
            "is_app_user": False,
            "updated": 0,
            "profile": {
                "real_name": self.name,
                "display_name": self.display_name,
                "real_name_normalized": self.name,
                "display_name_normalized": self.display_name,
                "image_48": f"https://avatars.slack-edge.com/{self.id}_48.png",
                "team": self.team_id,
            },
        }
        if not self.stranger:  # what another workspace does not share, docs.slack.dev/apis/slack-connect
            zone = ZoneInfo(self.tz)
            offset = datetime.fromtimestamp(now, zone).utcoffset()
            shown |= {
                "tz": self.tz,
                "tz_offset": int(offset.total_seconds()) if offset else 0,
            }
            shown |= {"is_admin": self.admin, "is_owner": False, "is_primary_owner": False}
            if locale:
                shown["locale"] = self.locale
        return shown


@dataclass(kw_only=True)
class Usergroup:
    """A user group, which people mention by its handle; disabled: since when, 0: it is not."""

    id: str
    handle: str
    members: list[str]
    disabled: int = 0


@dataclass(kw_only=True)
class Channel:
    """A channel, or the direct messages between the app and one user (`user`)."""

    id: str
    name: str
    private: bool = False
    archived: bool = False
    shared: bool = False
    bot_member: bool = True
    members: list[str] = field(default_factory=list)
    user: str | None = None
    created: int = 0
    read_only: bool = False
    thread_only: bool = False
    non_threadable: bool = False
    locked_threads: set[str] = field(default_factory=set)
    pins: list[str] = field(default_factory=list)
    bookmarks: list[Json] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """The `channel_type` of its messages' events."""
        if self.user is not None:
            return "im"
        return "group" if self.private else "channel"

    @property
    def family(self) -> str:
        """The first half of the scopes that concern it: ``channels`` in ``channels:read``."""
        return {"im": "im", "group": "groups", "channel": "channels"}[self.kind]

    def payload(self) -> Json:
        """Show the channel as conversations.info does."""
        if self.user is not None:
            return {"id": self.id, "created": self.created, "is_im": True, "is_archived": False, "user": self.user}
        return {
            "id": self.id,
            "name": self.name,
            "name_normalized": self.name,
            "created": self.created,
            "is_channel": not self.private,
            "is_group": False,
            "is_im": False,
            "is_mpim": False,
            "is_private": self.private,
            "is_archived": self.archived,
            "is_member": self.bot_member,
            "is_general": False,
            "is_shared": self.shared,
            "is_ext_shared": self.shared,
            "is_org_shared": False,
            "is_read_only": self.read_only,
            "is_thread_only": self.thread_only,
            "is_non_threadable": self.non_threadable,
            "topic": {"value": "", "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
        }


@dataclass(kw_only=True, eq=False)
class File:
    """A file; `ready` once Slack has looked at it, `content` None until its bytes have come."""

    id: str
    name: str
    mimetype: str
    user: str
    created: int
    size: int
    title: str = ""
    alt_text: str = ""
    content: bytes | None = None
    completed: bool = False
    ready: bool = False
    deleted: bool = False
    stub: bool = False
    mode: str = "hosted"
    subtype: str = ""
    shares: dict[str, list[Json]] = field(default_factory=dict)


@dataclass(kw_only=True, eq=False)
class Message:
    """A message as it stands now.

    notified: who would be paged by it: user and group ids, ``here``, ``channel``, ``everyone``.
    unfurled: whether Slack would have fetched a link of it for a preview.
    """

    channel: str
    ts: str
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    user: str | None = None
    team: str = ""
    thread_ts: str | None = None
    parent_user: str | None = None
    subtype: str | None = None
    bot_id: str | None = None
    app_id: str | None = None
    username: str | None = None
    icons: Json = field(default_factory=dict)
    metadata: Json | None = None
    files: list[str] = field(default_factory=list)
    edited: Json | None = None
    client_msg_id: str | None = None
    broadcast: bool = False
    reactions: dict[str, list[str]] = field(default_factory=dict)
    replies: list[str] = field(default_factory=list)
    reply_users: list[str] = field(default_factory=list)
    notified: frozenset[str] = frozenset()
    unfurled: bool = False

    @property
    def is_reply(self) -> bool:
        """Whether it stands in somebody else's thread."""
        return self.thread_ts is not None and self.thread_ts != self.ts

    @property
    def tombstone(self) -> bool:
        """Whether it is what is left of a deleted root that had replies."""
        return self.subtype == "tombstone"


@dataclass(kw_only=True, eq=False)
class Ephemeral:
    """A line that one user sees until they reload; `deleted` once its response_url took it away."""

    channel: str
    user: str
    ts: str
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    username: str | None = None
    deleted: bool = False


@dataclass(kw_only=True, eq=False)
class View:
    """A modal or a Home tab; `root` and `previous` are ids in its stack, `errors` what the last submission was told."""

    id: str
    user: str
    hash: str
    shape: Json
    root: str
    previous: str | None = None
    errors: dict[str, str] = field(default_factory=dict)
    state: Json = field(default_factory=dict)

    @property
    def callback_id(self) -> str:
        """The name the app gave it."""
        return str(self.shape.get("callback_id", ""))

    @property
    def blocks(self) -> list[Json]:
        """Its blocks, block ids filled in."""
        blocks: list[Json] = self.shape["blocks"]
        return blocks


@dataclass(kw_only=True)
class Upload:
    """A file that somebody attaches to a message."""

    name: str
    content: bytes
    mimetype: str
    mode: str = "hosted"
    subtype: str = ""


@dataclass(kw_only=True)
class Install:
    """The app's tokens and what they allow; `revoked` makes the bot's answer `token_revoked`.

    rotates: tokens end, and come with one that brings the next (docs.slack.dev, Using token rotation).
    """

    bot_token: str
    app_token: str
    scopes: frozenset[str]
    client_id: str = "100.200"
    client_secret: str = "slack-client-secret"
    revoked: bool = False
    former: set[str] = field(default_factory=set)
    rotates: bool = False
    refresh: str = ""
    ends: float | None = None


class Code(Word, kw_only=True):
    """What somebody allowed, until the app fetches its token for it; scopes: none were named."""

    redirect: str
    scopes: frozenset[str]
    ends: float
