"""One workspace and everything in it; what happens here is told to whoever waits and to the app's event feed.

It decides nothing about the Web API or about people: `api` and the acts ask it to change, and it changes as Slack does.
"""

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from bridge.demo.slack.deliveries import Deliveries
from bridge.demo.slack.feed import Feed
from bridge.demo.slack.limits import Limits
from bridge.demo.slack.model import (
    Call,
    Channel,
    Code,
    Ephemeral,
    File,
    Install,
    Json,
    Message,
    SlackError,
    User,
    Usergroup,
    View,
)
from bridge.demo.slack.text import Reader, pages
from bridge.model.word import Word

TOMBSTONE = "This message was deleted."


class Names(Word, kw_only=True):
    """Who the app and its workspace are."""

    team_id: str
    bot_user_id: str
    bot_id: str
    app_id: str
    domain: str = "demo"
    workspace: str = "Hanako"


@dataclass(kw_only=True)
class Switches:
    """What may be turned on and off while it runs.

    refuse_pictures: image blocks are `invalid_blocks`, as when Slack cannot fetch them.
    never_share: files.completeUploadExternal says ok and no message comes of it.
    share_delay: real seconds until an upload has become a message, or may stand in an image block.
    thread_counters: a reply also sends a `message_changed` about its root, in which nothing but counters changed.
    split_long_text: a text of more than 4,040 characters becomes several messages.
    login_page: downloads give the login page, with 200, whatever they bear.
    check_file_info: people's files come as stubs, of which only files.info tells more.
    edit_drops_author: an update takes a made-up author's name and picture away.
    user_groups: the workspace's plan has them.
    home_tab: whether the app has a Home tab.
    trigger_seconds: real seconds that a trigger_id is good for.
    """

    refuse_pictures: bool = False
    events_carry_metadata: bool = True
    thread_counters: bool = False
    never_share: bool = False
    share_delay: float = 0.05
    split_long_text: bool = False
    check_file_info: bool = False
    login_page: bool = False
    edit_drops_author: bool = False
    user_groups: bool = True
    home_tab: bool = True
    trigger_seconds: float = 3.0


@dataclass(kw_only=True)
class Pass:
    """A trigger_id or a response_url: who it was made for, and how often it may still be used."""

    user: str
    channel: str | None
    made: float
    left: int
    message_ts: str | None = None
    ephemeral: Ephemeral | None = None
    view: str | None = None


class World:
    """The state of a workspace.

    url: the stand-in's own origin, which stands in every address it gives out. siblings: its organisation's other
    workspaces, by id, and their names.
    version: grows with every change that somebody could see.
    """

    def __init__(
        self, *, clock: Callable[[], float], names: Names, install: Install, deliveries: Deliveries, limits: Limits
    ) -> None:
        self.clock = clock
        self.names = names
        self.install = install
        self.limits = limits
        self.deliveries = deliveries
        self.feed = Feed(
            clock=clock,
            deliveries=deliveries,
            team_id=names.team_id,
            app_id=names.app_id,
            bot_user_id=names.bot_user_id,
        )
        self.switches = Switches()
        self.url = ""
        self.version = 1
        self.calls: list[Call] = []
        self.users: dict[str, User] = {}
        self.groups: dict[str, Usergroup] = {}
        self.channels: dict[str, Channel] = {}
        self.messages: dict[str, dict[str, Message]] = {}
        self.ephemerals: list[Ephemeral] = []
        self.files: dict[str, File] = {}
        self.views: dict[str, View] = {}
        self.homes: dict[str, View] = {}
        self.triggers: dict[str, Pass] = {}
        self.response_urls: dict[str, Pass] = {}
        self.emoji: set[str] = set()
        self.codes: dict[str, Code] = {}
        self.tickets: set[str] = set()
        self.siblings: dict[str, str] = {}
        self._last: dict[str, int] = {}
        self._number = 0
        self._change = asyncio.Event()

    # --- time, numbers, waiting

    def number(self) -> int:
        """Return a number that was never given out."""
        self._number += 1
        return self._number

    def stamp(self, channel: str) -> str:
        """Mint a `ts`: the time now, later than every other of the channel, which another channel may have too."""
        micro = max(int(self.clock() * 1_000_000), self._last.get(channel, 0) + 1)
        self._last[channel] = micro
        return f"{micro // 1_000_000}.{micro % 1_000_000:06d}"

    def touch(self, *, visible: bool = True) -> None:
        """Wake whoever waits for a change."""
        self.version += visible
        past, self._change = self._change, asyncio.Event()
        past.set()

    async def changed(self, seconds: float) -> bool:
        """Wait for the next change; false when none came in so many real seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self._change.wait()
        except TimeoutError:
            return False
        return True

    # --- finding

    def channel(self, channel: str) -> Channel:
        """Return a channel that people or the stand-in know; KeyError otherwise."""
        return self.channels[channel]

    def bots_channel(self, channel: str, *, member: bool = True) -> Channel:
        """Return a channel as far as the bot may know of it."""
        found = self.channels.get(channel)
        if found is None or (found.private and not found.bot_member):
            raise SlackError("channel_not_found")
        if member and not found.bot_member:
            raise SlackError("not_in_channel")
        return found

    def message(self, channel: str, ts: str) -> Message | None:
        """Return a message that stands, tombstones among them."""
        return self.messages.get(channel, {}).get(ts)

    def direct(self, user: str) -> Channel:
        """Return the direct messages between the app and a user, opened if need be."""
        for channel in self.channels.values():
            if channel.user == user:
                return channel
        channel = Channel(id=f"D{self.number():08d}", name="", user=user, members=[user], created=int(self.clock()))
        self.channels[channel.id] = channel
        self.messages[channel.id] = {}
        return channel

    def reader(self) -> Reader:
        """Return a reader who knows this workspace's names."""
        names = {user.id: user.display_name or user.name for user in self.users.values()}
        names |= {group.id: group.handle for group in self.groups.values()}
        names |= {channel.id: channel.name for channel in self.channels.values()}
        return Reader(names)

    # --- messages

    def post(self, message: Message) -> Message:
        """Put a message where it belongs, with a `ts` of its own, and tell the feed.

        A thread that is not there (any more) is ignored without a word, as Slack does it: the message stands alone.
        """
        channel = self.channels[message.channel]
        message.ts = self.stamp(channel.id)
        root = self.message(channel.id, message.thread_ts) if message.thread_ts else None
        if root is None or root.is_reply or root.tombstone:
            message.thread_ts = None
            message.broadcast = False
        else:
            message.parent_user = root.user
            self._join(root, message)
        if message.broadcast:
            message.subtype = "thread_broadcast"
        message.notified |= pages(message.text, message.blocks)
        self.messages[channel.id][message.ts] = message
        self._tell(channel, self.shown(message, event=True), message.ts)
        if root is not None and message.thread_ts and self.switches.thread_counters:
            self.tell_changed(root, self.shown(root))
        self.touch()
        return message

    def tell_changed(self, message: Message, before: Json) -> None:
        """Tell the feed that a message changed."""
        channel = self.channels[message.channel]
        ts = self.stamp(channel.id)
        after = self.shown(message) | {"source_team": message.team, "user_team": message.team}
        event = {"subtype": "message_changed", "message": after, "previous_message": before, "hidden": True, "ts": ts}
        self._tell(channel, event, ts)
        self.touch()

    def delete(self, message: Message) -> None:
        """Take a message away; a root with replies leaves a tombstone."""
        channel = self.channels[message.channel]
        before = self.shown(message)
        if message.replies and not message.is_reply:
            message.subtype, message.text, message.user = "tombstone", TOMBSTONE, "USLACKBOT"
            message.blocks, message.files, message.attachments = [], [], []
            message.username = message.bot_id = message.app_id = message.metadata = message.edited = None
            message.reactions = {}
            self.tell_changed(message, before)
            return
        del self.messages[channel.id][message.ts]
        channel.pins = [ts for ts in channel.pins if ts != message.ts]
        if message.is_reply and (root := self.message(channel.id, message.thread_ts or "")):
            root.replies.remove(message.ts)
        ts = self.stamp(channel.id)
        event = {"subtype": "message_deleted", "deleted_ts": message.ts, "previous_message": before, "hidden": True}
        self._tell(channel, event | {"ts": ts}, ts)
        self.touch()

    def shown(self, message: Message, *, event: bool = False, asked: bool = False) -> Json:
        """Show a message as Slack does: in an event, or (`asked`) in an answer, where reactions stand too."""
        shown: Json = {"type": "message", "subtype": message.subtype, "ts": message.ts, "text": message.text}
        shown |= {"user": message.user, "team": message.team or None, "username": message.username}
        shown |= {"icons": message.icons or None, "bot_id": message.bot_id, "app_id": message.app_id}
        shown |= {"client_msg_id": message.client_msg_id, "edited": message.edited, "thread_ts": message.thread_ts}
        shown |= {"blocks": message.blocks or None, "attachments": message.attachments or None}
        if message.bot_id and message.user:
            shown["bot_profile"] = {"id": message.bot_id, "app_id": message.app_id, "team_id": message.team}
        if self.switches.events_carry_metadata or asked:
            shown["metadata"] = message.metadata
        if message.is_reply:
            shown["parent_user_id"] = message.parent_user
        if message.files:
            shown["files"] = [self.file(file) for file in message.files]
            shown |= {"upload": True, "display_as_bot": False}
        if message.broadcast and (root := self.message(message.channel, message.thread_ts or "")):
            shown["root"] = {"type": "message", "ts": root.ts, "thread_ts": root.ts, "text": root.text}
        if message.thread_ts == message.ts and not event:
            shown |= self._counters(message)
        if message.tombstone:
            shown["hidden"] = True
        if asked and message.reactions:
            shown["reactions"] = self.reactions(message)
        return {name: value for name, value in shown.items() if value is not None}

    def reactions(self, message: Message) -> list[Json]:
        """Show the reactions to a message."""
        return [{"name": name, "users": list(users), "count": len(users)} for name, users in message.reactions.items()]

    def react(self, message: Message, name: str, user: str, *, add: bool) -> None:
        """Add or take away one user's reaction, and tell the feed."""
        users = message.reactions.setdefault(name, [])
        if add:
            users.append(user)
        else:
            users.remove(user)
        if not users:
            del message.reactions[name]
        event = {
            "type": "reaction_added" if add else "reaction_removed",
            "user": user,
            "reaction": name,
            "item": {"type": "message", "channel": message.channel, "ts": message.ts},
            "event_ts": self.stamp(message.channel),
        }
        if message.user is not None:
            event["item_user"] = message.user
        self.feed.announce(event, self.channels[message.channel])
        self.touch()

    # --- files, triggers

    def file(self, file_id: str, *, full: bool = False) -> Json:
        """Show a file as messages and files.info (`full`) do."""
        file = self.files[file_id]
        if file.stub and not full:
            return {"id": file.id, "mode": "file_access", "file_access": "check_file_info", "created": 0, "user": ""}
        if file.deleted:
            return {"id": file.id, "mode": "tombstone"}
        kind = file.mimetype.rpartition("/")[2] if file.ready else ""
        address = f"{self.url}/files/{file.id}"
        return (
            {
                "id": file.id,
                "created": file.created,
                "timestamp": file.created,
                "name": file.name,
                "title": file.title or file.name,
                "mimetype": file.mimetype if file.ready else "",
                "filetype": kind,
                "pretty_type": kind.upper(),
                "user": file.user,
                "user_team": self.names.team_id,
                "editable": False,
                "size": file.size,
                "mode": file.mode,
                "is_external": file.mode == "external",
                "external_type": "",
                "is_public": True,
                "public_url_shared": False,
                "display_as_bot": False,
                "username": "",
                "alt_txt": file.alt_text,
                "url_private": f"{address}/{file.name}",
                "url_private_download": f"{address}/download/{file.name}",
                "permalink": f"{address}/page",
                "has_rich_preview": False,
                "file_access": "visible",
            }
            | ({"subtype": file.subtype} if file.subtype else {})
            | ({"shares": self._shares(file)} if full else {})
        )

    def _shares(self, file: File) -> Json:
        shares: Json = {}
        for channel, found in file.shares.items():
            place = self.channels.get(channel)
            kind = "public" if place is None or place.kind == "channel" else "private"
            shares.setdefault(kind, {})[channel] = found
        return shares

    def trigger(self, user: str, channel: str | None, view: str | None = None) -> str:
        """Make a trigger_id: three real seconds, once."""
        trigger = f"{self.number()}.{int(self.clock())}.{secrets.token_hex(12)}"
        self.triggers[trigger] = Pass(user=user, channel=channel, made=time.monotonic(), left=1, view=view)
        return trigger

    def response_url(self, given: Pass) -> str:
        """Make a response_url: five uses in thirty minutes of the workspace's clock."""
        name = f"{self.number()}-{secrets.token_hex(12)}"
        self.response_urls[name] = given
        return f"{self.url}/response/{name}"

    def _join(self, root: Message, reply: Message) -> None:
        root.thread_ts = root.ts
        root.replies.append(reply.ts)
        author = reply.user or reply.bot_id
        if author and author not in root.reply_users:
            root.reply_users.append(author)

    def _counters(self, root: Message) -> Json:
        return {
            "reply_count": len(root.replies),
            "reply_users_count": len(root.reply_users),
            "reply_users": list(root.reply_users),
            "latest_reply": root.replies[-1] if root.replies else None,
            "is_locked": root.ts in self.channels[root.channel].locked_threads,
        }

    def _tell(self, channel: Channel, event: Json, ts: str) -> None:
        place = {"type": "message", "channel": channel.id, "channel_type": channel.kind, "event_ts": ts}
        self.feed.announce(place | event, channel)
