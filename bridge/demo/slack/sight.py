"""What people see in Slack, for tests and for the demo's page."""

from collections.abc import Callable
from time import monotonic
from typing import TypeVar

from bridge.demo.slack.model import Ephemeral, Json, Message, View
from bridge.demo.slack.world import World

T = TypeVar("T")


class Sight:
    """The workspace as people see it."""

    world: World

    def channel_messages(self, channel: str) -> list[Message]:
        """Return a channel's roots and broadcasts, oldest first."""
        messages = self.world.messages.get(channel, {}).values()
        return [message for message in messages if not message.is_reply or message.broadcast]

    def thread(self, channel: str, root_ts: str) -> list[Message]:
        """Return the replies of a thread, oldest first."""
        messages = self.world.messages.get(channel, {}).values()
        return [message for message in messages if message.is_reply and message.thread_ts == root_ts]

    def message(self, channel: str, ts: str) -> Message | None:
        """Return one message, or None where none stands."""
        return self.world.message(channel, ts)

    def reactions(self, channel: str, ts: str) -> set[str]:
        """Return the names of the reactions to a message."""
        message = self.world.message(channel, ts)
        return set(message.reactions) if message else set()

    def reactions_by(self, channel: str, ts: str, user: str) -> set[str]:
        """Return the names of one user's reactions to a message."""
        message = self.world.message(channel, ts)
        return {name for name, users in message.reactions.items() if user in users} if message else set()

    def ephemerals(self, user: str) -> list[Ephemeral]:
        """Return the private lines a user sees, oldest first."""
        return [line for line in self.world.ephemerals if line.user == user and not line.deleted]

    def dms(self, user: str) -> list[Message]:
        """Return the app's direct messages to a user, oldest first."""
        for channel in self.world.channels.values():
            if channel.user == user:
                return list(self.world.messages[channel.id].values())
        return []

    def views(self, user: str) -> list[View]:
        """Return the modals before a user, the top one last."""
        return [view for view in self.world.views.values() if view.user == user]

    def home(self, user: str) -> View | None:
        """Return a user's Home tab, or None before one was published."""
        return self.world.homes.get(user)

    def plain(self, message: Message | Ephemeral | View) -> str:
        """Return what a person reads: the author, then the text of the blocks, or the plain text where there are none."""
        reader = self.world.reader()
        words = reader.blocks(message.blocks)
        if isinstance(message, View):
            title = message.shape.get("title", {}).get("text", "")
            return f"{title}\n{words}".strip()
        attached: list[Json] = message.attachments if isinstance(message, Message) else []
        words = "\n".join(filter(None, [words or reader.mrkdwn(message.text), *map(self._attachment, attached)]))
        if isinstance(message, Message):
            names = [f"[{self.world.files[file].name}]" for file in message.files]
            words = "\n".join(filter(None, [words, *names]))
        return f"{self.author(message)}: {words}"

    def author(self, message: Message | Ephemeral) -> str:
        """Return the name that stands over a message."""
        if message.username:
            return message.username
        user = message.user if isinstance(message, Message) else None
        person = self.world.users.get(user or self.world.names.bot_user_id)
        return (person.display_name or person.name) if person else "Slackbot"

    async def until(self, predicate: Callable[[], T], *, seconds: float = 10.0) -> T:
        """Wait until the predicate holds and return what it gave; AssertionError with the state after so many real seconds.

        It is asked again after every change of this workspace; what it looks at elsewhere does not wake it.
        """
        end = monotonic() + seconds
        while not (value := predicate()):
            left = end - monotonic()
            if left <= 0 or not await self.world.changed(left):
                if value := predicate():
                    return value
                raise AssertionError(f"not within {seconds} s; Slack shows:\n{self.dump()}")
        return value

    def dump(self) -> str:
        """Return all that can be seen, for a failed test to show."""
        lines = []
        for channel in self.world.channels.values():
            lines.append(f"#{channel.name or channel.id}" + (" (archived)" if channel.archived else ""))
            for message in self.channel_messages(channel.id):
                lines.append(self._line(message, "  "))
                lines.extend(self._line(reply, "    ") for reply in self.thread(channel.id, message.ts))
        lines.extend(f"only {line.user} sees: {self.plain(line)}" for line in self.world.ephemerals if not line.deleted)
        lines.extend(f"view of {view.user}: {self.plain(view)}" for view in self.world.views.values())
        failed = [f"{call.method}: {call.error}" for call in self.world.calls if not call.ok]
        lines.append(f"calls: {len(self.world.calls)}, failed: {', '.join(failed[-10:]) or 'none'}")
        records = self.world.deliveries.records
        bad = [f"{each.event_type}: {each.status} {each.reason}" for each in records if not 200 <= each.status < 300]
        lines.append(f"deliveries: {len(records)}, failed: {', '.join(bad[-10:]) or 'none'}")
        return "\n".join(lines)

    def _line(self, message: Message, indent: str) -> str:
        signs = " ".join(f":{name}:" for name in message.reactions)
        words = self.plain(message).replace("\n", f"\n{indent}  ")
        return f"{indent}{message.ts} {words} {signs}".rstrip()

    def _attachment(self, attachment: Json) -> str:
        reader = self.world.reader()
        return reader.blocks(attachment.get("blocks", [])) or str(attachment.get("text", ""))
