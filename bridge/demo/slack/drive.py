"""The demo page's way in: what people see, as JSON, and their acts as requests. No part of Slack."""

import base64
import json
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bridge.demo.slack.modals import view_payload
from bridge.demo.slack.model import Ephemeral, Json, Message, SlackError
from bridge.demo.slack.values import NotSubmittedError

if TYPE_CHECKING:
    from bridge.demo.slack.standin import SlackStandIn

LONGEST_WAIT = 20.0

Act = Callable[..., Awaitable[object]]


class Drive:
    """The control routes under /_drive."""

    def __init__(self, stand_in: "SlackStandIn") -> None:
        self._slack = stand_in
        self._acts: dict[str, Callable[..., object]] = {
            name: getattr(stand_in, name)
            for name in (
                "edit",
                "delete",
                "react",
                "unreact",
                "click",
                "click_view",
                "shortcut",
                "global_shortcut",
                "command",
                "submit_view",
                "close_view",
                "suggest",
                "open_home",
                "join",
                "leave",
                "revoke_token",
                "restore_token",
                "archive",
                "unarchive",
                "remove_bot",
                "invite_bot",
                "rename_channel",
            )
        } | {
            "say": self._say,
            "upload": self._upload,
            "fault": self._fault,
            "clear_faults": stand_in.faults.clear,
            "switch": self._switch,
        }

    def routes(self) -> list[web.RouteDef]:
        """Return the routes for the application."""
        return [web.get("/_drive/state", self.state), web.post("/_drive/{act}", self.act)]

    async def state(self, request: web.Request) -> web.Response:
        """Answer with all that can be seen, as soon as it differs from version `since`, or after 20 seconds."""
        since = int(request.query.get("since", "0"))
        wait = min(float(request.query.get("wait", LONGEST_WAIT)), LONGEST_WAIT)
        world = self._slack.world
        end = monotonic() + wait
        while world.version == since:
            left = end - monotonic()
            if left <= 0 or not await world.changed(left):
                break
        return web.json_response(self.shown())

    async def act(self, request: web.Request) -> web.Response:
        """Do one act; 400 with a sentence where it cannot be done, 404 where there is no such act.

        Only JSON is taken: no page of another origin can send that without being asked first.
        """
        act = self._acts.get(request.match_info["act"])
        if act is None:
            return web.json_response({"ok": False, "error": "no such act"}, status=404)
        if request.content_type != "application/json":
            return web.json_response({"ok": False, "error": "JSON wanted"}, status=415)
        try:
            given = json.loads(await request.read() or b"{}")
            result = act(**given)
            if isinstance(result, Awaitable):
                result = await result
        except NotSubmittedError:
            result = None  # the window says why, at its fields
        except (LookupError, ValueError, TypeError, SlackError) as error:
            return web.json_response({"ok": False, "error": f"{type(error).__name__}: {error}"}, status=400)
        return web.json_response({"ok": True, "result": result, "version": self._slack.world.version})

    def shown(self) -> Json:
        """Return all that can be seen."""
        world = self._slack.world
        places = [channel for channel in world.channels.values() if channel.user is None]
        return {
            "version": world.version,
            "now": world.clock(),
            "team": {"id": world.names.team_id, "domain": world.names.domain},
            "bot": {"user_id": world.names.bot_user_id, "token_revoked": world.install.revoked},
            "channels": [
                channel.payload() | {"members": channel.members, "bookmarks": channel.bookmarks, "pins": channel.pins}
                for channel in places
            ],
            "users": [user.payload(locale=True, now=world.clock()) for user in world.users.values()],
            "usergroups": [
                {"id": group.id, "handle": group.handle, "users": group.members} for group in world.groups.values()
            ],
            "messages": {channel.id: self._channel(channel.id) for channel in places},
            "ephemerals": [self._line(line) for line in world.ephemerals if not line.deleted],
            "dms": {
                channel.user: [self._message(message) for message in world.messages[channel.id].values()]
                for channel in world.channels.values()
                if channel.user is not None
            },
            "files": {file.id: world.file(file.id, full=True) for file in world.files.values() if file.content},
            "views": [view_payload(world, view) | self._for(view.user, view.errors) for view in world.views.values()],
            "homes": {user: view_payload(world, view) for user, view in world.homes.items()},
            "faults": [
                {"method": fault.method, "kind": fault.kind, "times": fault.times} for fault in self._slack.faults
            ],
        }

    def _channel(self, channel: str) -> list[Json]:
        threads: dict[str, list[Json]] = {}
        for message in self._slack.world.messages.get(channel, {}).values():
            if message.is_reply and message.thread_ts:
                threads.setdefault(message.thread_ts, []).append(self._message(message))
        roots = self._slack.channel_messages(channel)
        return [self._message(root) | {"thread": threads.get(root.ts, [])} for root in roots]

    def _message(self, message: Message) -> Json:
        about: Json = {
            "author": self._slack.author(message),
            "plain": self._slack.plain(message),
            "channel": message.channel,
        }
        about |= {"buttons": _buttons(message.blocks), "notified": sorted(message.notified)}
        return self._slack.world.shown(message, asked=True) | about | {"unfurled": message.unfurled}

    def _line(self, line: Ephemeral) -> Json:
        place = {"user": line.user, "channel": line.channel, "ts": line.ts, "thread_ts": line.thread_ts}
        about = {"author": self._slack.author(line), "plain": self._slack.plain(line), "buttons": _buttons(line.blocks)}
        return place | about | {"text": line.text, "blocks": line.blocks}

    def _for(self, user: str, errors: Mapping[str, str]) -> Json:
        return {"user": user, "errors": dict(errors)}

    async def _say(self, **given: Any) -> str:
        files = [
            (file["name"], base64.b64decode(file["content"]), file.get("mimetype", "application/octet-stream"))
            for file in given.pop("files", ())
        ]
        return await self._slack.say(**given, files=files)

    def _upload(self, *, user: str, name: str, content: str, mimetype: str = "application/octet-stream") -> Json:
        return self._slack.upload(user, name, base64.b64decode(content), mimetype)

    def _fault(self, **given: Any) -> None:
        self._slack.faults.add(**given)

    def _switch(self, **given: bool | float) -> None:
        for name, value in given.items():
            if not hasattr(self._slack.switches, name):
                raise ValueError(f"no such switch: {name}")
            setattr(self._slack.switches, name, value)


def _buttons(blocks: list[Json]) -> list[Json]:
    """Return the buttons of some blocks, in order, for a page that draws them its own way."""
    found: list[Json] = []
    for block in blocks:
        for element in [*block.get("elements", ()), *filter(None, [block.get("accessory")])]:
            if element.get("type") == "button":
                button = {"action_id": element["action_id"], "block_id": block["block_id"]}
                button |= {"text": element["text"]["text"], "value": element.get("value"), "url": element.get("url")}
                found.append(button | {"style": element.get("style")})
    return found
