"""What people do in channels: write, edit, delete, react. Each act sends the events that Slack would send."""

import secrets
import uuid
from collections.abc import Sequence

from bridge.demo.slack.directory import joined
from bridge.demo.slack.modals import view_payload
from bridge.demo.slack.model import Channel, File, Json, Message, Upload, User
from bridge.demo.slack.text import rich_text, typed
from bridge.demo.slack.world import World

Attached = Upload | tuple[str, bytes, str]
"""A file: an `Upload`, or name, bytes and MIME type."""


class People:
    """The acts of people in channels; KeyError for who or what is not there, ValueError for what Slack would not allow."""

    world: World

    async def say(
        self,
        user: str,
        channel: str,
        text: str,
        *,
        thread_ts: str | None = None,
        broadcast: bool = False,
        me: bool = False,
        files: Sequence[Attached] = (),
        blocks: list[Json] | None = None,
        shares: tuple[str, str] | None = None,
        client_msg_id: str | None = None,
        bot: bool = False,
        workflow: bool = False,
    ) -> str:
        """Write a message and return its `ts`.

        text: as typed, unescaped; ``<@U1>``, ``<#C1|name>``, ``<!here>``, ``:wave:`` and addresses become elements.
        shares: the channel and `ts` of a message that is forwarded with it.
        bot, workflow: it is written by another app, or by a workflow, in the user's place.
        """
        person, place = self.world.users[user], self._enter(user, channel)
        stored, elements = typed(text, custom=self.world.emoji)
        message = Message(channel=channel, ts="", text=stored, thread_ts=thread_ts, broadcast=broadcast)
        message.user, message.team = user, person.team_id
        message.client_msg_id = client_msg_id or str(uuid.uuid4())
        shown = rich_text(elements, secrets.token_urlsafe(4)[:5]) if elements else []
        message.blocks = shown if blocks is None else blocks
        if shares is not None:
            message.attachments = [self._shared(*shares)]
        if files:
            message.subtype = "file_share"
            message.files = [self._attach(person, place, file) for file in files]
        if me:
            message.subtype, message.blocks = "me_message", []
        if bot or workflow:
            message.bot_id, message.app_id, message.client_msg_id = "B0OTHER", "A0OTHER", None
        if workflow:
            message.subtype, message.user, message.username = "bot_message", None, f"Workflow of {person.name}"
        self.world.post(message)
        for file_id in message.files:
            self.world.files[file_id].shares[channel] = [{"ts": message.ts, "channel_name": place.name}]
        return message.ts

    async def edit(self, user: str, channel: str, ts: str, text: str) -> None:
        """Change one's own message."""
        message = self._mine(user, channel, ts)
        before = self.world.shown(message)
        message.text, elements = typed(text, custom=self.world.emoji)
        message.blocks = rich_text(elements, secrets.token_urlsafe(4)[:5]) if elements else []
        message.edited = {"user": user, "ts": self.world.stamp(channel)}
        self.world.tell_changed(message, before)

    async def unfile(self, user: str, channel: str, ts: str, name: str) -> None:
        """Delete one's own file of that name; what showed it says so, without being called edited."""
        message = self._mine(user, channel, ts)
        file = next(self.world.files[each] for each in message.files if self.world.files[each].name == name)
        before = self.world.shown(message)
        file.deleted, file.content = True, b""
        self.world.tell_changed(message, before)

    async def delete(self, user: str, channel: str, ts: str) -> None:
        """Delete one's own message, or as an administrator anybody's."""
        self.world.users[user]  # KeyError: nobody of that name
        message = self.world.message(channel, ts)
        if message is None or message.tombstone:
            raise KeyError(ts)
        self.world.delete(message)

    async def react(self, user: str, channel: str, ts: str, name: str) -> None:
        """React to a message; a second time changes nothing."""
        message = self._there(user, channel, ts)
        if user not in message.reactions.get(name, ()):
            self.world.react(message, name, user, add=True)

    async def unreact(self, user: str, channel: str, ts: str, name: str) -> None:
        """Take one's reaction away."""
        message = self._there(user, channel, ts)
        if user in message.reactions.get(name, ()):
            self.world.react(message, name, user, add=False)

    async def noise(self, channel: str, ts: str) -> None:
        """Send a `message_changed` in which nothing changed, as a preview or a counter causes it."""
        message = self.world.messages[channel][ts]
        self.world.tell_changed(message, self.world.shown(message))

    async def join(self, user: str, channel: str) -> None:
        """Become a member of a channel."""
        if user not in self.world.channel(channel).members:
            joined(self.world, self.world.channel(channel), user)

    async def leave(self, user: str, channel: str) -> None:
        """Leave a channel."""
        place = self.world.channel(channel)
        place.members.remove(user)
        event: Json = {
            "type": "member_left_channel",
            "user": user,
            "channel": channel,
            "team": self.world.names.team_id,
        }
        event |= {"channel_type": "G" if place.private else "C", "event_ts": self.world.stamp(channel)}
        self.world.feed.announce(event, place)
        self.world.touch()

    async def open_home(self, user: str, *, tab: str = "home") -> None:
        """Open the app's Home tab."""
        self.world.users[user]  # KeyError: nobody of that name
        event: Json = {"type": "app_home_opened", "user": user, "channel": self.world.direct(user).id, "tab": tab}
        home = self.world.homes.get(user)
        if home is not None and tab == "home":
            event["view"] = view_payload(self.world, home)
        self.world.feed.announce(event | {"event_ts": f"{self.world.clock():.6f}"})

    def _enter(self, user: str, channel: str) -> Channel:
        """Return the channel, which one joins before writing in it."""
        place = self.world.channel(channel)
        if place.archived:
            raise ValueError(f"{place.name} is archived")
        if user not in place.members:
            if place.private or (self.world.users[user].stranger and not place.shared):
                raise ValueError(f"{user} is no member of {place.name}")
            joined(self.world, place, user)
        return place

    def upload(self, user: str, name: str, content: bytes, mimetype: str) -> Json:
        """Upload a file into a window's input; return it as `view.state` has it.

        https://docs.slack.dev/reference/block-kit/block-elements/file-input-element
        """
        file = File(
            id=f"F{self.world.number():08d}",
            name=name,
            mimetype=mimetype,
            user=user,
            created=int(self.world.clock()),
            size=len(content),
            content=content,
            completed=True,
            ready=True,
        )
        self.world.files[file.id] = file
        return self.world.file(file.id, full=True)

    def _attach(self, person: User, place: Channel, attached: Attached) -> str:
        upload = (
            attached
            if isinstance(attached, Upload)
            else Upload(name=attached[0], content=attached[1], mimetype=attached[2])
        )
        file = File(
            id=f"F{self.world.number():08d}",
            name=upload.name,
            mimetype=upload.mimetype,
            user=person.id,
            created=int(self.world.clock()),
            size=len(upload.content),
            content=upload.content,
            completed=True,
            ready=True,
            mode=upload.mode,
            subtype=upload.subtype,
            stub=self.world.switches.check_file_info or (place.shared and person.stranger),
        )
        self.world.files[file.id] = file
        return file.id

    def _shared(self, channel: str, ts: str) -> Json:
        """A message as it stands under one that forwards it."""
        shared = self.world.messages[channel][ts]
        link = f"https://hanako.slack.com/archives/{channel}/p{ts.replace('.', '')}"
        attached: Json = {
            "id": 1,
            "is_msg_unfurl": True,
            "is_share": True,
            "channel_id": channel,
            "ts": ts,
            "from_url": link,
        }
        return attached | {
            "author_id": shared.user,
            "text": shared.text,
            "fallback": shared.text,
            "mrkdwn_in": ["text"],
        }

    def _there(self, user: str, channel: str, ts: str) -> Message:
        self._enter(user, channel)
        return self.world.messages[channel][ts]

    def _mine(self, user: str, channel: str, ts: str) -> Message:
        message = self.world.messages[channel][ts]
        if message.user != user or message.bot_id:
            raise ValueError(f"{user} did not write {ts}")
        return message
