"""Setting a workspace up, and what its administrators do to it while the app is running."""

from collections.abc import Sequence

from bridge.demo.slack import oauth
from bridge.demo.slack.directory import joined
from bridge.demo.slack.model import Channel, Json, User, Usergroup
from bridge.demo.slack.world import World

ADMIN = "U0ADMIN"


class Furnish:
    """The acts that make users, channels and groups, and change them."""

    world: World

    def add_user(
        self,
        id: str,
        name: str,
        *,
        guest: bool = False,
        stranger: bool = False,
        bot: bool = False,
        locale: str = "en-US",
        tz: str = "UTC",
        display_name: str = "",
    ) -> User:
        """Add a user; a stranger belongs to another workspace."""
        team = "T0ELSEWHERE" if stranger else self.world.names.team_id
        user = User(
            id=id,
            name=name,
            team_id=team,
            display_name=display_name,
            guest=guest,
            stranger=stranger,
            bot=bot,
            locale=locale,
            tz=tz,
        )
        self.world.users[id] = user
        self.world.touch()
        return user

    def deactivate(self, user: str) -> None:
        """Take somebody out of the workspace, and so out of its channels and user groups."""
        found = self.world.users[user]
        found.deleted = True
        for channel in self.world.channels.values():
            channel.members = [member for member in channel.members if member != user]
        for group in self.world.groups.values():
            group.members = [member for member in group.members if member != user]
        shown = found.payload(locale=True, now=self.world.clock())
        self.world.feed.announce({"type": "user_change", "user": shown, "event_ts": f"{self.world.clock():.6f}"})
        self.world.touch()

    def add_channel(
        self,
        id: str,
        name: str,
        *,
        private: bool = False,
        archived: bool = False,
        shared: bool = False,
        members: Sequence[str] = (),
        bot_member: bool = True,
    ) -> Channel:
        """Add a channel; `shared` with another workspace over Slack Connect."""
        channel = Channel(
            id=id,
            name=name,
            private=private,
            archived=archived,
            shared=shared,
            members=list(members),
            bot_member=bot_member,
            created=int(self.world.clock()),
        )
        self.world.channels[id] = channel
        self.world.messages[id] = {}
        self.world.touch()
        return channel

    def add_usergroup(self, id: str, handle: str, members: Sequence[str]) -> Usergroup:
        """Add a user group."""
        group = Usergroup(id=id, handle=handle, members=list(members))
        self.world.groups[id] = group
        self.world.touch()
        return group

    def change_usergroup(self, group: str, members: Sequence[str]) -> None:
        """Give a user group other members."""
        found = self.world.groups[group]
        event: Json = {"type": "subteam_members_changed", "subteam_id": group, "team_id": self.world.names.team_id}
        event["added_users"] = sorted(set(members) - set(found.members))
        event["removed_users"] = sorted(set(found.members) - set(members))
        found.members = list(members)
        self._group_updated(found)
        self.world.feed.announce(event | {"event_ts": f"{self.world.clock():.6f}"})

    def disable_usergroup(self, group: str, *, disabled: bool = True) -> None:
        """Disable a user group, which nothing else than that tells of, or bring it back."""
        found = self.world.groups[group]
        found.disabled = int(self.world.clock()) if disabled else 0
        self._group_updated(found)

    def _group_updated(self, group: Usergroup) -> None:
        shown: Json = {
            "id": group.id,
            "team_id": self.world.names.team_id,
            "name": group.handle,
            "handle": group.handle,
        }
        shown |= {"is_usergroup": True, "date_delete": group.disabled, "user_count": len(group.members)}
        shown["users"] = group.members[:500]  # docs.slack.dev/reference/events/subteam_updated
        event: Json = {"type": "subteam_updated", "subteam": shown, "event_ts": f"{self.world.clock():.6f}"}
        self.world.feed.announce(event)
        self.world.touch()

    def archive(self, channel: str) -> None:
        """Archive a channel."""
        self._archived(channel, archived=True)

    def unarchive(self, channel: str) -> None:
        """Bring an archived channel back."""
        self._archived(channel, archived=False)

    def remove_bot(self, channel: str) -> None:
        """Take the app out of a channel; it hears that it left, and that is the last it hears of it."""
        found = self.world.channel(channel)
        found.bot_member = False
        stamp = {"event_ts": self.world.stamp(channel)}
        left = {"type": "group_left" if found.private else "channel_left", "channel": channel, "actor_id": ADMIN}
        self.world.feed.announce(left | stamp, found, always=True)
        member: Json = {"type": "member_left_channel", "user": self.world.names.bot_user_id, "channel": channel}
        member |= {"channel_type": "G" if found.private else "C", "team": self.world.names.team_id}
        self.world.feed.announce(member | stamp, found, always=True)
        self.world.touch()

    def invite_bot(self, channel: str) -> None:
        """Make the app a member of a channel."""
        found = self.world.channel(channel)
        if not found.bot_member:
            joined(self.world, found, self.world.names.bot_user_id, ADMIN)

    def rename_channel(self, channel: str, name: str) -> None:
        """Give a channel another name."""
        found = self.world.channel(channel)
        found.name = name
        shown = {"id": channel, "name": name, "name_normalized": name, "created": found.created}
        self._lifecycle(found, "rename", {"channel": shown})

    def convert_channel(self, channel: str, *, private: bool = True) -> None:
        """Make a channel private, or public: a notice in it tells of that, and nothing else."""
        found = self.world.channel(channel)
        found.private = private
        kind = "private" if private else "public"
        notice: Json = {"type": "message", "subtype": f"channel_convert_to_{kind}", "user": ADMIN, "channel": channel}
        notice |= {"text": f"made this channel *{kind}*.", "ts": self.world.stamp(channel)}
        notice |= {"event_ts": notice["ts"], "channel_type": "group" if private else "channel"}
        self.world.feed.announce(notice, found)
        self.world.touch()

    def delete_channel(self, channel: str) -> None:
        """Delete a channel for good."""
        found = self.world.channels.pop(channel)
        self._lifecycle(found, "deleted", {"channel": channel})

    def share_channel(self, channel: str, *, shared: bool = True) -> None:
        """Share a channel with another workspace over Slack Connect, or end that."""
        found = self.world.channel(channel)
        found.shared = shared
        event = {"type": "channel_shared" if shared else "channel_unshared", "channel": channel}
        event |= {"connected_team_id": "T0ELSEWHERE", "event_ts": self.world.stamp(channel)}
        self.world.feed.announce(event, found, always=True)
        self.world.touch()

    def change_channel_id(self, old: str, new: str) -> None:
        """Give a channel another id, as happens to private ones that are shared."""
        found = self.world.channels.pop(old)
        found.id = new
        self.world.channels[new] = found
        self.world.messages[new] = self.world.messages.pop(old)
        for message in self.world.messages[new].values():
            message.channel = new
        event = {"type": "channel_id_changed", "old_channel_id": old, "new_channel_id": new}
        self.world.feed.announce(event | {"event_ts": f"{self.world.clock():.6f}"}, found, always=True)
        self.world.touch()

    def revoke_token(self) -> None:
        """Make the bot's token worthless; the app is told, and hears nothing more."""
        oauth.revoke_token(self.world)

    def restore_token(self, token: str | None = None) -> None:
        """Let the bot's token count again, or hand out another."""
        oauth.restore_token(self.world, token)

    def uninstall(self) -> None:
        """Take the app out of the workspace."""
        oauth.remove_app(self.world)

    def _archived(self, channel: str, *, archived: bool) -> None:
        found = self.world.channel(channel)
        found.archived = archived
        what = {"channel": channel, "user": ADMIN, "is_moved": 0}
        self._lifecycle(found, "archive" if archived else "unarchive", what)

    def _lifecycle(self, channel: Channel, what: str, more: Json) -> None:
        kind = "group" if channel.private else "channel"
        event = {"type": f"{kind}_{what}", "event_ts": self.world.stamp(channel.id)} | more
        self.world.feed.announce(event, channel, always=not channel.private)
        self.world.touch()
