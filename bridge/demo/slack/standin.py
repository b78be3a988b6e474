"""The stand-in of Slack: one workspace behind real HTTP, and everything people can do in it."""

from collections.abc import AsyncIterator, Callable
from html import escape
from secrets import token_urlsafe
from urllib.parse import urlsplit

from aiohttp import web

from bridge.demo.faults import Faults
from bridge.demo.slack import oauth
from bridge.demo.slack.api import Api
from bridge.demo.slack.catalogue import SCOPES
from bridge.demo.slack.deliveries import Deliveries
from bridge.demo.slack.drive import Drive
from bridge.demo.slack.furnish import Furnish
from bridge.demo.slack.limits import Limits
from bridge.demo.slack.model import Call, Install
from bridge.demo.slack.people import People
from bridge.demo.slack.press import Press
from bridge.demo.slack.sight import Sight
from bridge.demo.slack.sockets import Sockets
from bridge.demo.slack.world import Names, Switches, World


class SlackStandIn(Furnish, People, Press, Sight):
    """A Slack workspace with one app installed, served on loopback.

    clock: seconds since the epoch; it may stand still or jump. Pace, trigger_ids and timeouts run in real seconds.
    scopes: what the bot's token allows; None: `catalogue.SCOPES`.
    subscriptions: the manifest's `bot_events`; None: `feed.SUBSCRIPTIONS`.
    pace: whether Slack's rate limits hold.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        signing_secret: str = "slack-secret",
        bot_token: str = "xoxb-demo",
        app_token: str = "xapp-demo",
        team_id: str = "T0DEMO",
        bot_user_id: str = "U0BRIDGE",
        bot_id: str = "B0BRIDGE",
        app_id: str = "A0BRIDGE",
        pace: bool = True,
        scopes: frozenset[str] | None = None,
        subscriptions: frozenset[str] | None = None,
    ) -> None:
        self.faults = Faults()
        self.deliveries = Deliveries(clock=clock, signing_secret=signing_secret, changed=self._record_changed)
        self.world = World(
            clock=clock,
            names=Names(team_id=team_id, bot_user_id=bot_user_id, bot_id=bot_id, app_id=app_id),
            install=Install(bot_token=bot_token, app_token=app_token, scopes=SCOPES if scopes is None else scopes),
            deliveries=self.deliveries,
            limits=Limits(pace=pace),
        )
        if subscriptions is not None:
            self.world.feed.subscriptions = set(subscriptions)
        self.sockets = Sockets(self.world)
        self.signing_secret = signing_secret
        self._runner: web.AppRunner | None = None
        self.add_user(bot_user_id, "bridge", bot=True)

    @property
    def calls(self) -> list[Call]:
        """Every call of the Web API, of uploads, downloads and response_urls, oldest first."""
        return self.world.calls

    @property
    def switches(self) -> Switches:
        """What may be turned on and off."""
        return self.world.switches

    @property
    def limits(self) -> Limits:
        """The rate limits."""
        return self.world.limits

    @property
    def url(self) -> str:
        """The stand-in's origin, such as ``http://127.0.0.1:40001``."""
        return self.world.url

    @property
    def api_url(self) -> str:
        """What `BRIDGE_SLACK_API_URL` is set to."""
        return f"{self.world.url}/api/"

    @property
    def bot_token(self) -> str:
        """The bot's token as it is now."""
        return self.world.install.bot_token

    @property
    def request_url(self) -> str | None:
        """Where events, interactions and commands go."""
        return self.deliveries.request_url

    @request_url.setter
    def request_url(self, url: str | None) -> None:
        self.deliveries.request_url = url

    @property
    def refuse_pictures(self) -> bool:
        """Whether image blocks are refused, as when Slack cannot fetch them."""
        return self.world.switches.refuse_pictures

    @refuse_pictures.setter
    def refuse_pictures(self, refuse: bool) -> None:
        self.world.switches.refuse_pictures = refuse

    def application(self) -> web.Application:
        """Return the web application; served by other means than `start`, it needs `world.url` set to its origin."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.add_routes(Api(self.world, self.faults).routes())
        app.add_routes([web.get("/link/", self.sockets.link), web.get("/link", self.sockets.link)])
        app.add_routes([web.get("/oauth/v2/authorize", self._authorize)])
        app.add_routes(Drive(self).routes())
        app.cleanup_ctx.append(self._while_served)
        return app

    async def start(self, port: int = 0) -> None:
        """Serve on loopback; port 0: one that is free."""
        self._runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.world.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """End serving and give up what is on its way."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def settle(self) -> None:
        """Wait until every delivery on its way has ended."""
        await self.deliveries.settle()

    async def url_verification(self) -> bool:
        """Ask the app to prove that the request URL is its own; whether it did."""
        challenge = token_urlsafe(24)
        body = f'{{"token":"deprecated","challenge":"{challenge}","type":"url_verification"}}'
        status, answer, _ = await self.deliveries.post(body.encode(), content_type="application/json")
        return status == 200 and challenge in answer.decode(errors="replace")

    async def app_rate_limited(self) -> None:
        """Tell the app that events of this minute were left out."""
        names = self.world.names
        minute = int(self.world.clock()) // 60 * 60
        outer = {"token": "deprecated", "type": "app_rate_limited", "team_id": names.team_id}
        self.deliveries.send(outer | {"minute_rate_limited": minute, "api_app_id": names.app_id})

    async def _while_served(self, _app: web.Application) -> AsyncIterator[None]:
        await self.deliveries.open()
        yield
        await self.deliveries.close()

    async def _authorize(self, request: web.Request) -> web.Response:
        """Show the page on which somebody installs the app; its two links lead back with a code, or with a refusal."""
        asked = dict(request.query)
        schemes = ("http", "https")
        if asked.get("client_id") != self.world.install.client_id or not asked.get("state"):
            return web.Response(status=400, text="invalid_client_id or no state")
        if urlsplit(asked.get("redirect_uri", "")).scheme not in schemes:
            return web.Response(status=400, text="bad_redirect_uri")
        scopes = filter(None, asked.get("scope", "").split(","))
        if strange := [scope for scope in scopes if scope not in SCOPES]:
            return web.Response(status=400, text=f"invalid_scope: {', '.join(strange)}")
        links = {"allow": oauth.allow(self.world, asked), "deny": oauth.deny(asked)}
        page = "".join(f'<a id="{name}" href="{escape(link)}">{name}</a>' for name, link in links.items())
        said = f"<!doctype html><title>Install</title><p>{escape(asked.get('scope', ''))}</p>{page}"
        return web.Response(text=said, content_type="text/html")

    def _record_changed(self) -> None:
        self.world.touch(visible=False)
