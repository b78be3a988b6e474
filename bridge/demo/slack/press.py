"""What people do with the app itself: buttons, shortcuts, commands, modals.

https://docs.slack.dev/interactivity/handling-user-interaction
"""

import json
from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

import aiohttp

from bridge.demo.slack.asked import Asked
from bridge.demo.slack.blocks import check_view
from bridge.demo.slack.modals import add_view, change_view, close_views, view_payload
from bridge.demo.slack.model import Channel, Ephemeral, Json, Message, SlackError, View
from bridge.demo.slack.responses import show
from bridge.demo.slack.values import NotSubmittedError, chosen, fill, missing
from bridge.demo.slack.world import Pass, World

FORM = "application/x-www-form-urlencoded"


class Press:
    """The acts that reach the app as interactions; a status of 0 means that it did not answer in three seconds."""

    world: World

    async def click(
        self,
        user: str,
        channel: str,
        ts: str,
        action_id: str,
        *,
        ephemeral: bool = False,
        value: str | None = None,
        block_id: str | None = None,
    ) -> int:
        """Press a button of a message or private line; raises LookupError where there is none.

        value: which option of a menu is chosen, or which of several buttons with the same `action_id` is meant.
        """
        place = self.world.channel(channel)
        target: Message | Ephemeral | None
        if ephemeral:
            target = next((line for line in self.world.ephemerals if _is(line, user, channel, ts)), None)
        else:
            target = self.world.message(channel, ts)
        if target is None:
            raise LookupError(f"no such message: {channel} {ts}")
        block, element = _find(_all_blocks(target), action_id, value, block_id)
        container = {"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": ephemeral}
        if target.thread_ts:
            container["thread_ts"] = target.thread_ts
        line = target if isinstance(target, Ephemeral) else None
        given = Pass(user=user, channel=channel, made=self.world.clock(), left=5, message_ts=ts, ephemeral=line)
        payload = self._payload("block_actions", user, place) | {
            "container": container,
            "actions": [self._action(block, element, value)],
            "state": {"values": {}},
            "response_url": self.world.response_url(given),
        }
        if isinstance(target, Message):
            payload["message"] = self.world.shown(target, asked=True)
        return (await self._interact(payload))[0]

    async def click_view(
        self,
        user: str,
        view_id: str,
        action_id: str,
        *,
        value: object = None,
        block_id: str | None = None,
        typed: Mapping[str, object] | None = None,
    ) -> int:
        """Press a button, or choose something, in a modal or on a Home tab. typed: what stands in its inputs by now."""
        view = self._view(user, view_id)
        if typed is not None:
            fill(view, typed)
        block, element = _find(view.blocks, action_id, value if isinstance(value, str) else None, block_id)
        payload = self._payload("block_actions", user, None, view)
        action = self._action(block, element, value)
        fill(view, {})  # the state that Slack tells has every field, with what stood in it at first
        if element["type"] != "button":
            view.state.setdefault(block["block_id"], {})[element["action_id"]] = chosen(element, value)
        payload |= {"container": {"type": "view", "view_id": view.id}, "view": view_payload(self.world, view)}
        payload |= {"actions": [action], "hash": view.hash}
        return (await self._interact(payload))[0]

    async def shortcut(self, user: str, callback_id: str, channel: str, ts: str) -> int:
        """Use a message shortcut; people of other workspaces have none."""
        self._own_member(user)
        message = self.world.messages[channel][ts]
        given = Pass(user=user, channel=channel, made=self.world.clock(), left=5, message_ts=None)
        payload = self._payload("message_action", user, self.world.channel(channel)) | {
            "callback_id": callback_id,
            "message_ts": ts,
            "message": self.world.shown(message, asked=True),
            "action_ts": self.world.stamp(channel),
            "response_url": self.world.response_url(given),
        }
        return (await self._interact(payload))[0]

    async def global_shortcut(self, user: str, callback_id: str) -> int:
        """Use a shortcut that belongs to no message."""
        self._own_member(user)
        payload = self._payload("shortcut", user, None) | {"callback_id": callback_id}
        return (await self._interact(payload | {"action_ts": f"{self.world.clock():.6f}"}))[0]

    async def command(
        self, user: str, channel: str, command: str, text: str = "", *, thread_ts: str | None = None
    ) -> tuple[int, str]:
        """Type a slash command; what the app answers at once is shown. Slack knows no commands in threads."""
        if thread_ts is not None:
            raise ValueError(f"{command} is not supported in threads")
        self._own_member(user)
        place, person, names = self.world.channel(channel), self.world.users[user], self.world.names
        given = Pass(user=user, channel=channel, made=self.world.clock(), left=5)
        fields = {
            "token": "deprecated",
            "team_id": names.team_id,
            "team_domain": names.domain,
            "channel_id": channel,
            "channel_name": place.name or "directmessage",
            "user_id": user,
            "user_name": person.name.lower(),
            "command": command,
            "text": text,
            "api_app_id": names.app_id,
            "is_enterprise_install": "false",
            "response_url": self.world.response_url(given),
            "trigger_id": self.world.trigger(user, channel),
        }
        status, body = await self._send(urlencode(fields).encode(), "slash_commands", dict(fields))
        if status == 200 and body.strip():
            answer = _json(body) or {"text": body}
            show(self.world, given, Asked("command", answer))
        return status, body

    async def submit_view(self, user: str, view_id: str, values: Mapping[str, object] | None = None) -> tuple[int, str]:
        """Fill in and submit a modal; `values` by block id or action id, in the words of `values.chosen`.

        What the app answers happens: the modal closes, shows errors (`View.errors`), changes, or gets another on top.
        Raises NotSubmittedError where Slack's own form complains at a field, and the app hears nothing.
        """
        view = self._view(user, view_id)
        fill(view, values or {})
        view.errors = missing(view)
        self.world.touch()
        if view.errors:
            raise NotSubmittedError(view)
        payload = self._payload("view_submission", user, None, view) | {"view": view_payload(self.world, view)}
        status, body = await self._interact(payload | {"response_urls": []})
        if status == 200:
            self._answered(view, _json(body) or {})
        return status, body

    async def close_view(self, user: str, view_id: str, *, all_of_them: bool = False) -> int:
        """Close a modal; the app hears of it only where it asked to."""
        view = self._view(user, view_id)
        shown = view_payload(self.world, view)
        if all_of_them:
            close_views(self.world, user)
        else:
            del self.world.views[view.id]
            self.world.touch()
        if not view.shape.get("notify_on_close"):
            return 200
        payload = self._payload("view_closed", user, None, view) | {"view": shown, "is_cleared": all_of_them}
        return (await self._interact(payload))[0]

    async def suggest(self, user: str, view_id: str, action_id: str, query: str) -> list[Json]:
        """Type into a menu whose options the app supplies, and return what it offers."""
        view = self._view(user, view_id)
        block, element = _find(view.blocks, action_id, None, None)
        payload = self._payload("block_suggestion", user, None, view) | {"view": view_payload(self.world, view)}
        payload |= {"container": {"type": "view", "view_id": view.id}, "value": query}
        payload |= {"action_id": element["action_id"], "block_id": block["block_id"]}
        status, body = await self._interact(payload)
        answer = _json(body) if status == 200 else None
        if answer is None:
            raise LookupError(f"the app offered nothing: {status} {body[:200]}")
        groups = answer.get("option_groups") or [{"options": answer.get("options", [])}]
        return [option for group in groups for option in group["options"]]

    def _answered(self, view: View, answer: Json) -> None:
        match answer.get("response_action"):
            case "errors":
                errors = answer["errors"]
                inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
                if not errors or set(errors) - inputs:
                    raise ValueError(f"errors must name input blocks: {sorted(errors)}")
                view.errors = dict(errors)
                self.world.touch()
            case "update":
                change_view(self.world, view, check_view(answer["view"], "modal"))
            case "push":
                view.errors = {}
                add_view(self.world, check_view(answer["view"], "modal"), view.user, below=view)
            case "clear":
                close_views(self.world, view.user)
            case None:
                self.world.views.pop(view.id, None)
                self.world.touch()
            case other:
                raise ValueError(f"no such response_action: {other}")

    def _payload(self, kind: str, user: str, channel: Channel | None, view: View | None = None) -> Json:
        """Return what all payloads have."""
        person, names = self.world.users[user], self.world.names
        shown = {"id": user, "username": person.name.lower(), "name": person.name.lower(), "team_id": person.team_id}
        payload: Json = {
            "type": kind,
            "user": shown,
            "team": {"id": names.team_id, "domain": names.domain},
            "api_app_id": names.app_id,
            "token": "deprecated",
            "enterprise": None,
            "is_enterprise_install": False,
        }
        if kind != "view_closed":
            payload["trigger_id"] = self.world.trigger(user, channel.id if channel else None, view.id if view else None)
        if channel is not None:
            payload["channel"] = {"id": channel.id, "name": channel.name or "directmessage"}
        return payload

    def _action(self, block: Json, element: Json, value: object) -> Json:
        action: Json = {"type": element["type"], "action_id": element["action_id"], "block_id": block["block_id"]}
        action["action_ts"] = f"{self.world.clock():.6f}"
        if element["type"] == "button":
            action["text"] = element["text"]
            return action | ({"value": element["value"]} if "value" in element else {})
        return action | {name: given for name, given in chosen(element, value).items() if name != "type"}

    async def _interact(self, payload: Json) -> tuple[int, str]:
        body = urlencode({"payload": json.dumps(payload, ensure_ascii=False)}).encode()
        return await self._send(body, "interactive", payload)

    async def _send(self, body: bytes, kind: str, payload: Json) -> tuple[int, str]:
        """Send one interaction; Slack tries these once only."""
        deliveries = self.world.deliveries
        if not self.world.feed.installed:
            return 0, ""
        try:
            if deliveries.sockets is not None:
                return await deliveries.sockets(kind, payload, {})
            status, answer, _ = await deliveries.post(body, content_type=FORM)
        except (aiohttp.ClientError, TimeoutError):
            return 0, ""
        return status, answer.decode(errors="replace")

    def _own_member(self, user: str) -> None:
        if self.world.users[user].stranger:
            raise ValueError(f"{user} is of another workspace, which has neither the app's commands nor its shortcuts")

    def _view(self, user: str, view_id: str) -> View:
        view = self.world.views.get(view_id)
        home = self.world.homes.get(user)
        if view is None and home is not None and home.id == view_id:
            view = home
        if view is None or view.user != user:
            raise LookupError(f"{user} sees no view {view_id}")
        return view


def _is(line: Ephemeral, user: str, channel: str, ts: str) -> bool:
    return (line.user, line.channel, line.ts, line.deleted) == (user, channel, ts, False)


def _all_blocks(target: Message | Ephemeral) -> list[Json]:
    attached = target.attachments if isinstance(target, Message) else []
    return target.blocks + [block for each in attached for block in each.get("blocks", [])]


def _elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    for block in blocks:
        single = [block[part] for part in ("accessory", "element") if part in block]
        for element in [*block.get("elements", ()), *single]:
            yield block, element


def _find(blocks: list[Json], action_id: str, value: str | None, block_id: str | None) -> tuple[Json, Json]:
    seen = []
    for block, element in _elements(blocks):
        seen.append(element.get("action_id"))
        if element.get("action_id") != action_id or block_id not in (None, block["block_id"]):
            continue
        if element["type"] != "button" or value in (None, element.get("value")):
            return block, element
    raise LookupError(f"no such button: {action_id}; there are {', '.join(filter(None, seen)) or 'none'}")


def _json(body: str) -> Json | None:
    try:
        answer = json.loads(body)
    except ValueError:
        return None
    if not isinstance(answer, dict):
        raise SlackError("invalid_response")
    return answer
