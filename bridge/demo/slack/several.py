"""Several workspaces behind one address, as Slack's own: a call is for the workspace whose token it bears."""

import aiohttp
from aiohttp import web

from bridge.demo.slack.standin import SlackStandIn

HOP = frozenset({"host", "content-length", "transfer-encoding", "connection", "content-encoding"})
"""Headers that are of one connection alone."""


class SeveralSlacks:
    """One door for stand-ins of which each is a workspace; where somebody installs the app, ``team`` says into which."""

    def __init__(self, *slacks: SlackStandIn) -> None:
        self.url = ""
        self._slacks = slacks
        self._runner: web.AppRunner | None = None
        self._http: aiohttp.ClientSession | None = None

    @property
    def api_url(self) -> str:
        """What `BRIDGE_SLACK_API_URL` is set to."""
        return f"{self.url}/api/"

    async def start(self) -> None:
        """Serve on loopback; the workspaces must be served already."""
        self._http = aiohttp.ClientSession(auto_decompress=False)
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.add_routes([web.route("*", "/api/{method}", self._call), web.get("/oauth/v2/authorize", self._authorize)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """End serving."""
        if self._runner is not None:
            await self._runner.cleanup()
        if self._http is not None:
            await self._http.close()

    async def _authorize(self, request: web.Request) -> web.StreamResponse:
        team = request.query.get("team")
        slack = next((each for each in self._slacks if each.world.names.team_id == team), self._slacks[0])
        return await self._passed_on(request, slack, b"")

    async def _call(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        form = await request.post() if request.content_type == "application/x-www-form-urlencoded" else {}
        token = request.headers.get("Authorization", "").removeprefix("Bearer ") or str(form.get("token", ""))
        once = {str(form.get("code")), str(form.get("refresh_token"))}
        for slack in self._slacks:
            install = slack.world.install
            known = {install.bot_token, *install.former}
            if token in known if token else once & {*slack.world.codes, install.refresh} - {""}:
                return await self._passed_on(request, slack, body)
        return await self._passed_on(request, self._slacks[0], body)

    async def _passed_on(self, request: web.Request, slack: SlackStandIn, body: bytes) -> web.StreamResponse:
        assert self._http is not None
        headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP}
        url = f"{slack.url}{request.rel_url}"
        try:
            async with self._http.request(request.method, url, data=body or None, headers=headers) as answer:
                given = {name: value for name, value in answer.headers.items() if name.lower() not in HOP}
                return web.Response(status=answer.status, body=await answer.read(), headers=given)
        except aiohttp.ClientError:
            if request.transport is not None:
                request.transport.abort()  # as the workspace did
            return web.Response(status=500)
