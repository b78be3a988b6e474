"""The Web API over HTTP: reads any encoding, looks at token, scopes, pace and arguments, and answers as Slack does.

https://docs.slack.dev/apis/web-api
"""

import base64
import json
from collections.abc import Callable, Mapping
from email.utils import formatdate

from aiohttp import web

from bridge.demo.faults import Fault, Faults, disturbed
from bridge.demo.slack import chat, directory, files, modals, oauth
from bridge.demo.slack.asked import Asked
from bridge.demo.slack.catalogue import METHODS, Method
from bridge.demo.slack.model import Call, Json, SlackError
from bridge.demo.slack.responses import respond
from bridge.demo.slack.world import World

Handler = Callable[[World, Asked], Json]

HANDLERS: dict[str, Handler] = {
    "api.test": directory.api_test,
    "auth.test": directory.auth_test,
    "auth.teams.list": oauth.teams,
    "auth.revoke": oauth.revoke,
    "apps.connections.open": oauth.open_connection,
    "apps.uninstall": oauth.uninstall,
    "oauth.v2.access": oauth.access,
    "team.info": directory.team_info,
    "users.info": directory.users_info,
    "users.list": directory.users_list,
    "users.conversations": directory.users_conversations,
    "usergroups.list": directory.usergroups_list,
    "usergroups.users.list": directory.usergroup_users,
    "conversations.info": directory.info,
    "conversations.list": directory.conversations_list,
    "conversations.members": directory.members,
    "conversations.history": directory.history,
    "conversations.replies": directory.replies,
    "conversations.open": directory.open_direct,
    "conversations.create": directory.create,
    "conversations.invite": directory.invite,
    "conversations.join": directory.join,
    "chat.postMessage": chat.post_message,
    "chat.update": chat.update,
    "chat.delete": chat.delete,
    "chat.postEphemeral": chat.post_ephemeral,
    "chat.getPermalink": chat.get_permalink,
    "reactions.add": chat.add_reaction,
    "reactions.remove": chat.remove_reaction,
    "reactions.get": chat.get_reactions,
    "pins.add": chat.add_pin,
    "pins.remove": chat.remove_pin,
    "bookmarks.add": chat.add_bookmark,
    "files.getUploadURLExternal": files.get_upload_url,
    "files.completeUploadExternal": files.complete_upload,
    "files.info": files.file_info,
    "files.delete": files.delete_file,
    "views.open": modals.open_view,
    "views.push": modals.push_view,
    "views.update": modals.update_view,
    "views.publish": modals.publish_view,
}
assert HANDLERS.keys() == METHODS.keys()

SECRET = frozenset({"token", "client_secret", "refresh_token", "code"})
"""Arguments that are not recorded."""
LOGIN_PAGE = "<!doctype html><html><head><title>Sign in | Slack</title></head><body>Sign in to Demo</body></html>"


class Api:
    """Slack's doors for apps: /api, /upload, /files and /response."""

    def __init__(self, world: World, faults: Faults) -> None:
        self._world = world
        self._faults = faults

    def routes(self) -> list[web.RouteDef]:
        """Return the routes for the application."""
        return [
            web.route("*", "/api/{method}", self.call),
            web.post("/upload/{file}", self.upload),
            web.get("/files/{file}/{name}", self.download),
            web.get("/files/{file}/download/{name}", self.download),
            web.post("/response/{name}", self.respond),
        ]

    async def call(self, request: web.Request) -> web.StreamResponse:
        """Answer one call of the Web API."""
        method = request.match_info["method"]
        given = await _arguments(request)
        shown = {name: value for name, value in given.items() if name not in SECRET}
        call = Call(method=method, arguments=shown, when=self._world.clock())
        self._world.calls.append(call)
        try:
            return await disturbed(
                request,
                self._faults.take(method, shown),
                act=lambda: self._act(request, call, given),
                refuse=lambda fault: self._refused(call, fault),
            )
        finally:
            self._world.touch(visible=False)

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """Take the bytes of a file that was announced; they must be as many as were announced."""

        async def act() -> web.StreamResponse:
            file = self._world.files.get(request.match_info["file"])
            if file is None or file.completed:
                return web.Response(status=404, text="file not found")
            if len(body) != file.size:
                return web.Response(status=400, text=f"expected {file.size} bytes, got {len(body)}")
            file.content = body
            return web.Response(text=f"OK - {len(body)}")

        body = await request.read()
        call = Call(method="upload", arguments={"file": request.match_info["file"]}, when=self._world.clock(), ok=True)
        self._world.calls.append(call)
        taken = self._faults.take("upload", call.arguments)
        return await disturbed(request, taken, act=act, refuse=lambda fault: web.Response(status=fault.status))

    async def download(self, request: web.Request) -> web.StreamResponse:
        """Give the bytes of a file to whoever shows a good token; others get the login page, with 200 as Slack does."""

        async def act() -> web.StreamResponse:
            file = self._world.files.get(request.match_info["file"])
            if file is None or file.deleted or file.content is None:
                return web.Response(status=404, text="not found")
            if self._world.switches.login_page or not self._may_read(request):
                return web.Response(text=LOGIN_PAGE, content_type="text/html")
            return web.Response(body=file.content, content_type=file.mimetype)

        call = Call(
            method="download", arguments={"file": request.match_info["file"]}, when=self._world.clock(), ok=True
        )
        self._world.calls.append(call)
        taken = self._faults.take("download", call.arguments)
        return await disturbed(request, taken, act=act, refuse=lambda fault: web.Response(status=fault.status))

    async def respond(self, request: web.Request) -> web.StreamResponse:
        """Take what an app sends to a response_url."""
        given = await _arguments(request)
        call = Call(method="response_url", arguments=given, when=self._world.clock())
        self._world.calls.append(call)
        try:
            respond(self._world, request.match_info["name"], Asked("response_url", given))
            call.ok, call.status = True, 200
            return web.Response(text="ok")
        except SlackError as error:
            call.error, call.status = error.code, 404 if error.code.endswith("_url") else 200
            return web.json_response({"ok": False, "error": error.code} | error.more, status=call.status)

    async def _act(self, request: web.Request, call: Call, given: Mapping[str, object]) -> web.StreamResponse:
        try:
            method = _method(call.method)
            self._admit(request, call.method, method, given)
            asked = Asked(call.method, given)
            if seconds := self._pace(call.method, method, asked):
                return self._answer(call, {"ok": False, "error": "ratelimited"}, status=429, wait=seconds)
            given = self._in_team(given)
            _check_arguments(method, given)
            return self._answer(call, {"ok": True} | HANDLERS[call.method](self._world, asked))
        except SlackError as error:
            return self._answer(call, {"ok": False, "error": error.code} | error.more)

    def _admit(self, request: web.Request, name: str, method: Method, given: Mapping[str, object]) -> None:
        """Look at the token and at what it allows."""
        install = self._world.install
        if method.token == "none":
            return
        token = request.headers.get("Authorization", "").removeprefix("Bearer ") or str(given.get("token") or "")
        if not token:
            raise SlackError("not_authed")
        if method.token == "app":
            if token != install.app_token:
                raise SlackError("not_allowed_token_type" if token == install.bot_token else "invalid_auth")
            return
        if token in install.former or (install.revoked and token == install.bot_token):
            raise SlackError("token_revoked")
        if install.ends is not None and token == install.bot_token and install.ends < self._world.clock():
            raise SlackError("token_expired")
        if token == install.app_token:
            raise SlackError("not_allowed_token_type")
        if token != install.bot_token:
            raise SlackError("invalid_auth")
        for needed in self._needed(name, method, given):
            if needed not in install.scopes:
                raise SlackError("missing_scope", needed=needed, provided=",".join(sorted(install.scopes)))

    def _in_team(self, given: Mapping[str, object]) -> Mapping[str, object]:
        """Leave the workspace's id out, which an organisation's token may name with every call."""
        if self._world.feed.enterprise is None or given.get("team_id") != self._world.names.team_id:
            return given
        return {name: value for name, value in given.items() if name != "team_id"}

    def _needed(self, name: str, method: Method, given: Mapping[str, object]) -> list[str]:
        channel = self._world.channels.get(str(given.get("channel")))
        needed = [method.scope.format(family=channel.family if channel else "channels")] if method.scope else []
        if any(given.get(each) for each in ("username", "icon_url", "icon_emoji")):
            needed.append("chat:write.customize")
        if name == "conversations.create":
            needed.append("groups:write" if Asked(name, given).flag("is_private") else "channels:manage")
        if name == "conversations.invite":
            needed.append("groups:write" if channel and channel.private else "channels:manage")
        return needed

    def _pace(self, name: str, method: Method, asked: Asked) -> int:
        """Return the seconds that the app must stay away; 0: it may go."""
        limits = self._world.limits
        if method.tier and (seconds := limits.call(name, method.tier)):
            return seconds
        if name == "chat.postMessage":
            return limits.post(asked.text("channel"))
        if name == "files.completeUploadExternal":
            channels = asked.names("channels") + asked.names("channel_id")
            return max((limits.post(channel) for channel in channels), default=0)
        return 0

    def _answer(self, call: Call, body: Json, *, status: int = 200, wait: int = 0) -> web.Response:
        call.ok, call.error, call.status = bool(body.get("ok")), str(body.get("error", "")), status
        headers = {"x-oauth-scopes": ",".join(sorted(self._world.install.scopes))} if body.get("ok") else {}
        headers["Date"] = formatdate(self._world.clock(), usegmt=True)
        if wait:
            headers["Retry-After"] = str(wait)
        return web.json_response(body, status=status, headers=headers)

    def _refused(self, call: Call, fault: Fault) -> web.StreamResponse:
        """Answer with an ordered error, or with an HTTP status that is not Slack's JSON."""
        code = fault.error if isinstance(fault.error, str) else str(fault.error.get("error", ""))
        more = {} if isinstance(fault.error, str) else dict(fault.error)
        if fault.kind == "status" and not code:
            call.error, call.status = f"HTTP {fault.status}", fault.status
            headers = {"Date": formatdate(self._world.clock(), usegmt=True)} | dict(fault.headers)
            return web.Response(status=fault.status, text="Service Unavailable", headers=headers)
        status = 429 if code == "ratelimited" and fault.status == 200 else fault.status
        answer = self._answer(call, {"ok": False, "error": code} | more, status=status)
        if status == 429:
            answer.headers["Retry-After"] = "1"
        answer.headers.update(fault.headers)
        return answer

    def _may_read(self, request: web.Request) -> bool:
        install = self._world.install
        good = request.headers.get("Authorization") == f"Bearer {install.bot_token}" and not install.revoked
        return good and "files:read" in install.scopes


async def _arguments(request: web.Request) -> dict[str, object]:
    """Gather the arguments of a request, wherever they stand."""
    given: dict[str, object] = dict(request.query)
    if scheme := request.headers.get("Authorization", ""):
        given |= _basic(scheme)
    if request.method == "POST" and request.can_read_body:
        if request.content_type == "application/json":
            try:
                body = json.loads(await request.read())
            except ValueError:
                body = None
            if not isinstance(body, dict):
                raise web.HTTPOk(text='{"ok":false,"error":"invalid_json"}', content_type="application/json")
            given |= body
        else:
            form = await request.post()
            given |= {name: value for name, value in form.items() if isinstance(value, str)}
    return {name: value for name, value in given.items() if value is not None}


def _method(name: str) -> Method:
    if name not in METHODS:
        raise SlackError("unknown_method", req_method=name)
    return METHODS[name]


def _basic(authorization: str) -> dict[str, object]:
    """Return the client's id and secret, which oauth.v2.access takes as HTTP Basic."""
    if not authorization.startswith("Basic "):
        return {}
    try:
        name, _, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
    except ValueError:
        return {}
    return {"client_id": name, "client_secret": secret}


def _check_arguments(method: Method, given: Mapping[str, object]) -> None:
    """Refuse what is missing, and what the method does not know: Slack would pass over it, and hide a mistake."""
    missing = [f"[ERROR] missing required field: {name}" for name in sorted(method.required - given.keys())]
    strange = [f"[ERROR] unknown argument: {name}" for name in sorted(given.keys() - method.arguments)]
    if missing or strange:
        raise SlackError("invalid_arguments", messages=missing + strange)
