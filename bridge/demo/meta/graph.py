"""The Graph API over HTTP: versions, tokens, paths, faults, usage headers; every call is recorded.

`/fb` stands for graph.facebook.com, `/ig` for graph.instagram.com.
https://developers.facebook.com/docs/graph-api/overview
"""

import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Final, Literal
from urllib.parse import urlencode

from aiohttp import BodyPartReader, web
from aiohttp.abc import AbstractStreamWriter

from bridge.demo.faults import Fault, Faults, disturbed
from bridge.demo.meta.errors import GraphError
from bridge.demo.meta.routes import Asked, Routes
from bridge.demo.meta.wire import proof
from bridge.demo.meta.world import Call, Token, World

VERSIONS: Final = frozenset(f"v{number}.0" for number in range(20, 27))
Answer = dict[str, Any]


class Spoken(web.Response):
    """A response that does something once it has been written."""

    afterwards: Callable[[], None] | None = None

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Begin to write; where nobody listens any more there will be no end, so do it now."""
        try:
            return await super().prepare(request)
        except ConnectionError:
            self.finish()
            raise

    async def write_eof(self, data: bytes = b"") -> None:
        """Write the end, then do it, also when the other side has gone."""
        try:
            await super().write_eof(data)
        finally:
            self.finish()

    def finish(self) -> None:
        """Do what was to come afterwards, once."""
        afterwards, self.afterwards = self.afterwards, None
        if afterwards is not None:
            afterwards()


class Graph:
    """The HTTP face of the stand-in."""

    def __init__(self, world: World, routes: Routes, *, secrets: Mapping[str, list[str]]) -> None:
        self.world = world
        self.routes = routes
        self.faults = Faults()
        self.auth_status = 400
        self.usage_headers = False
        self._secrets = secrets

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer any call of the Graph API."""
        arguments, upload = await _arguments(request)
        host: Literal["facebook", "instagram"] = "facebook" if request.match_info["host"] == "fb" else "instagram"
        version, _, path = request.match_info["tail"].partition("/")
        if not version.startswith("v") or not version[1:2].isdecimal():
            version, path = "", request.match_info["tail"]
        token = _token(request, arguments)
        shown = {name: value for name, value in arguments.items() if name != "access_token"}
        call = Call(host=host, verb=request.method, path=path, version=version, arguments=shown, at=self.world.clock(),
                    token=token, method=self.routes.method(request.method, path))  # fmt: skip
        self.world.calls.append(call)
        asked = Asked(call=call, upload=upload, link=self._links(request, call))
        honest: list[Spoken] = []

        async def act() -> web.StreamResponse:
            honest.append(await self._act(asked))
            return honest[-1]

        taken = self.faults.take(call.method, call.arguments)
        response = await disturbed(request, taken, act=act, refuse=lambda fault: self._refuse(asked, fault))
        for fault in taken:
            call.outcome = fault.kind if fault.kind != "latency" else call.outcome
        if honest and response is not honest[0]:
            honest[0].finish()
        self.world.changed()
        return response

    async def _act(self, asked: Asked) -> Spoken:
        call = asked.call
        try:
            self._check_version(call)
            asked.token = self._check_token(call)
            body = await self.routes.answer(asked)
        except GraphError as error:
            call.outcome = f"error {error.name}"
            status = self.auth_status if error.code == 190 else error.status
            return self._spoken(asked, error.body(self._trace(), instagram_login=call.host == "instagram"), status)
        call.outcome = "ok"
        response = self._spoken(asked, body, 200)
        response.afterwards = asked.afterwards
        return response

    def _spoken(self, asked: Asked, body: Answer, status: int, headers: Mapping[str, str] | None = None) -> Spoken:
        now = datetime.fromtimestamp(self.world.clock(), UTC)
        plain = {"Date": format_datetime(now, usegmt=True), "facebook-api-version": asked.call.version or "v25.0"}
        return Spoken(
            text=json.dumps(body), status=status, content_type="application/json",
            headers=plain | self._usage(asked) | dict(headers or {}),
        )  # fmt: skip

    def _refuse(self, asked: Asked, fault: Fault) -> web.StreamResponse:
        """An ordered error: `10/2018278`, or a mapping with `code` and `error_subcode`; or a bare HTTP status."""
        if fault.kind == "status":
            return web.Response(status=fault.status, headers=dict(fault.headers), text="")
        if isinstance(fault.error, str):
            error = GraphError.named(fault.error)
        else:
            code, subcode = fault.error["code"], fault.error.get("error_subcode", fault.error.get("subcode"))
            text = fault.error.get("message")
            error = GraphError(
                int(str(code)), None if subcode is None else int(str(subcode)), str(text) if text else None
            )
        usual = self.auth_status if error.code == 190 else 400
        status = fault.status if fault.status != 200 else usual
        body = error.body(self._trace(), instagram_login=asked.call.host == "instagram")
        return self._spoken(asked, body, status, fault.headers)

    # -- checks

    def _check_version(self, call: Call) -> None:
        unversioned = {"access_token", "refresh_access_token", "oauth/access_token"}
        if call.version not in VERSIONS and not (call.version == "" and call.path in unversioned):
            raise GraphError(2635, message="You are calling a deprecated or unknown version of the API")

    def _check_token(self, call: Call) -> Token | None:
        """The living token of a call; None where the call carries something else (an app's, a login's code)."""
        if self.routes.without_token(call):
            return None
        if call.token is None:
            raise GraphError(2500, message="An active access token must be used to query information")
        token = self.world.tokens.get(call.token)
        if token is None or (token.kind == "INSTAGRAM") != (call.host == "instagram"):
            raise GraphError(190)
        if error := self.routes.death(token):
            raise error
        self._check_proof(call, token)
        return token

    def _check_proof(self, call: Call, token: Token) -> None:
        """https://developers.facebook.com/docs/graph-api/guides/secure-requests"""
        given = call.arguments.pop("appsecret_proof", None)
        if given is None:
            return
        right = [proof(token.value, secret) for secret in self._secrets[call.host]]
        if not any(hmac.compare_digest(str(given).encode(), one.encode()) for one in right):
            raise GraphError(100, message="Invalid appsecret_proof provided in the API argument")

    # -- the small print

    def _trace(self) -> str:
        return f"A{self.world.number():011d}Tr"

    def _links(self, request: web.Request, call: Call) -> Callable[[str], Callable[[Mapping[str, str]], str]]:
        """Addresses of next pages: the same call, or an edge of another node, with the token in it as Meta has it."""
        base = f"{request.url.origin()}/{request.match_info['host']}/{call.version}"

        def of(edge: str) -> Callable[[Mapping[str, str]], str]:
            own = call.path if call.path.endswith(edge) else edge
            kept = {k: str(v) for k, v in call.arguments.items()} if own == call.path else {}
            return lambda more: f"{base}/{own}?{urlencode(kept | dict(more) | {'access_token': call.token or ''})}"

        return of

    def _usage(self, asked: Asked) -> dict[str, str]:
        """https://developers.facebook.com/docs/graph-api/overview/rate-limiting"""
        account = self.routes.speaker(asked)
        if account is None or (account.usage is None and not self.usage_headers):
            return {}
        percent = account.usage or 0
        kind = "messenger" if account.platform == "messenger" else "instagram"
        row = {"type": kind, "call_count": percent, "total_cputime": percent // 4, "total_time": percent // 3}
        row["estimated_time_to_regain_access"] = account.regain_minutes
        share = {"call_count": percent, "total_time": percent // 3, "total_cputime": percent // 4}
        owner = account.page or account.id
        return {"X-Business-Use-Case-Usage": json.dumps({owner: [row]}), "X-App-Usage": json.dumps(share)}


def _token(request: web.Request, arguments: dict[str, Any]) -> str | None:
    """The token of a call, from the header or the parameter."""
    header = request.headers.get("Authorization", "")
    if header.startswith("Bearer "):
        return header.removeprefix("Bearer ")
    token = arguments.get("access_token")
    return None if token is None else str(token)


async def _arguments(request: web.Request) -> tuple[dict[str, Any], tuple[bytes, str, str] | None]:
    """Query and body together, and the file of a multipart body as (bytes, type, name)."""
    arguments: dict[str, Any] = dict(request.query)
    upload: tuple[bytes, str, str] | None = None
    if request.content_type == "application/json" and request.can_read_body:
        body = _read_json(await request.text())
        if not isinstance(body, dict):
            raise web.HTTPBadRequest
        arguments |= body
    elif request.content_type.startswith("multipart/"):
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name is None:
                continue
            if part.name == "filedata":
                mime = part.headers.get("Content-Type", "application/octet-stream")
                upload = (bytes(await part.read()), mime, part.filename or "file")
            else:
                arguments[part.name] = _read_json(await part.text())
    elif request.can_read_body:
        arguments |= {name: _read_json(str(value)) for name, value in (await request.post()).items()}
    return arguments, upload


def _read_json(text: str) -> Any:
    """A form's value: an object or a list where it is one, else the text."""
    if text[:1] not in {"{", "["}:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
