"""The stand-in of Meta as one object: what tests and the demo page hold in their hands."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, Final, Literal

from aiohttp import web

from bridge.demo.faults import Faults
from bridge.demo.meta.deliveries import Deliveries
from bridge.demo.meta.drive import Drive
from bridge.demo.meta.gestures import Gestures
from bridge.demo.meta.graph import Graph
from bridge.demo.meta.leaving import take_out
from bridge.demo.meta.login import Login
from bridge.demo.meta.media import Cdn
from bridge.demo.meta.reading import Reading
from bridge.demo.meta.routes import Echoes, Routes
from bridge.demo.meta.sending import Sending
from bridge.demo.meta.wire import INSTAGRAM_FIELDS, PAGE_FIELDS, escaped, signature, signed_request
from bridge.demo.meta.world import (
    COMMENT_SCOPES,
    DAY,
    INSTAGRAM_SCOPES,
    PAGE_SCOPES,
    Account,
    Bubble,
    Call,
    Customer,
    T,
    Token,
    World,
)

BODY_BYTES: Final = 64 * 1024 * 1024
INSTAGRAM_TOKEN_LIFE: Final = 60 * DAY
DATA_ACCESS_LIFE: Final = 90 * DAY


class MetaStandIn(Gestures):
    """Messenger and Instagram over HTTP, strict as Meta is, with a phone for every customer.

    clock: seconds since the epoch; windows, tokens and all times come from it. Delays and retries take real seconds.
    pace: whether Meta's limits of calls a second are enforced.
    """

    def __init__(
        self, *, clock: Callable[[], float], app_secret: str = "meta-secret", verify_token: str = "verify-me",
        app_id: str = "1517000000000001", instagram_app_secret: str | None = None, pace: bool = False,
    ) -> None:  # fmt: skip
        self.clock = clock
        self.app_id = app_id
        self.app_secret = app_secret
        self.instagram_app_secret = instagram_app_secret or app_secret
        self.verify_token = verify_token
        self.url = ""
        self.world = World(clock=clock, app_id=app_id)
        self.cdn = Cdn(clock=clock, base=lambda: self.url, number=self.world.number)
        self.deliveries = Deliveries(self.world, secret=app_secret, instagram_secret=self.instagram_app_secret)
        self.sending = Sending(self.world, self.cdn)
        self.login = Login(self.world, app_secret=app_secret, instagram_app_secret=self.instagram_app_secret)
        self.routes = Routes(self.world, deliveries=self.deliveries, cdn=self.cdn, sending=self.sending,
                             reading=Reading(self.world, self.cdn), login=self.login, app_secret=app_secret,
                             pace=pace)  # fmt: skip
        secrets = {"facebook": [app_secret], "instagram": [self.instagram_app_secret, app_secret]}
        self.graph = Graph(self.world, self.routes, secrets=secrets)
        self.login.leave = partial(take_out, self)
        self._runner: web.AppRunner | None = None

    # -- running

    def application(self) -> web.Application:
        """graph.facebook.com under `/fb`, graph.instagram.com under `/ig`, pictures under `/cdn`, `/_drive` for the page."""
        app = web.Application(client_max_size=BODY_BYTES)
        app.router.add_route("*", "/{host:fb|ig}/{tail:.*}", self.graph.answer)
        app.router.add_get("/cdn/avatar/{account}/{customer}.png", self.cdn.serve_avatar)
        app.router.add_get("/cdn/media/{id}/{name}", self.cdn.serve_media)
        self.login.add_routes(app)
        Drive(self).add_routes(app)
        app.on_startup.append(self._begin)
        app.on_cleanup.append(self._end)
        return app

    async def _begin(self, _: web.Application) -> None:
        self.deliveries.start()

    async def _end(self, _: web.Application) -> None:
        await self.deliveries.stop()

    async def start(self, port: int = 0) -> None:
        """Listen on loopback; `url` says where."""
        self._runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        host, bound = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{bound}"

    async def stop(self) -> None:
        """Stop listening and delivering; what failed for a reason of the stand-in's own is raised here."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def graph_url(self) -> str:
        """What stands for https://graph.facebook.com."""
        return self.url + "/fb"

    @property
    def instagram_graph_url(self) -> str:
        """What stands for https://graph.instagram.com."""
        return self.url + "/ig"

    @property
    def facebook_url(self) -> str:
        """What stands for https://www.facebook.com, where people log in."""
        return self.url + "/www"

    @property
    def instagram_url(self) -> str:
        """What stands for https://www.instagram.com, where people log in."""
        return self.url + "/instagram"

    @property
    def instagram_api_url(self) -> str:
        """What stands for https://api.instagram.com, where codes become tokens."""
        return self.url + "/igapi"

    @property
    def webhook_url(self) -> str | None:
        """Where the bridge listens to Meta."""
        return self.deliveries.webhook_url

    @webhook_url.setter
    def webhook_url(self, url: str | None) -> None:
        self.deliveries.webhook_url = url

    @property
    def faults(self) -> Faults:
        """What must go wrong with calls of the Graph API."""
        return self.graph.faults

    @property
    def calls(self) -> list[Call]:
        """Every call of the Graph API, oldest first."""
        return self.world.calls

    @property
    def accounts(self) -> dict[str, Account]:
        """All accounts by id."""
        return self.world.accounts

    # -- the manner of echoes

    @property
    def echoes(self) -> Echoes:
        """When the echo of a send is told: before its answer, after it, when `release_echoes` says so, or never."""
        return self.routes.echoes

    @echoes.setter
    def echoes(self, manner: Echoes) -> None:
        self.routes.echoes = manner

    @property
    def echo_delay(self) -> float:
        """How many real seconds after the answer an echo is told."""
        return self.routes.echo_delay

    @echo_delay.setter
    def echo_delay(self, seconds: float) -> None:
        self.routes.echo_delay = seconds

    def release_echoes(self) -> None:
        """Tell the echoes that `late` has kept back."""
        late, self.routes.late_echoes = self.routes.late_echoes, []
        for tell in late:
            tell()

    @property
    def echo_carries_metadata(self) -> bool | None:
        """None: on Messenger yes, on Instagram no."""
        return self.sending.echo_carries_metadata

    @echo_carries_metadata.setter
    def echo_carries_metadata(self, carries: bool | None) -> None:
        self.sending.echo_carries_metadata = carries

    @property
    def echo_carries_app_id(self) -> bool | None:
        """None: on Messenger yes, on Instagram no."""
        return self.sending.echo_carries_app_id

    @echo_carries_app_id.setter
    def echo_carries_app_id(self, carries: bool | None) -> None:
        self.sending.echo_carries_app_id = carries

    # -- accounts and customers

    def add_page(
        self, id: str, name: str, *, token: str | None = None, human_agent: bool = False,
        linked_instagram: str | None = None, subscribed: bool = False,
    ) -> Account:  # fmt: skip
        """Add a Page; `subscribed`: its webhooks flow at once, with every field."""
        account = Account(id=id, name=name, platform="messenger", login="facebook", token=token or f"EAAG-page-{id}",
                          human_agent=human_agent, linked_instagram=linked_instagram)  # fmt: skip
        return self._add(account, subscribed=subscribed)

    def add_instagram(
        self, id: str, name: str, *, username: str | None = None, login: Literal["facebook", "instagram"] = "facebook",
        token: str | None = None, page: str | None = None, human_agent: bool = False, creator: bool = False,
        eligible: bool = True, subscribed: bool = False,
    ) -> Account:  # fmt: skip
        """Add an Instagram account: through a Page (made here unless it is there) or with Instagram Login."""
        if login == "facebook":
            page = page or f"10{id[2:]}"
            if page not in self.world.accounts:
                self.add_page(page, name, token=token)
            behind = self.world.accounts[page]
            if token not in {None, behind.token}:
                raise ValueError("Instagram through a Page has the Page's token")
            behind.linked_instagram, token = id, behind.token
        elif page is not None:
            raise ValueError("Instagram Login knows no Page")
        account = Account(id=id, name=name, username=username or f"user{id[-6:]}", platform="instagram", login=login,
                          token=token or f"IGAA-{id}", page=page, human_agent=human_agent, creator=creator,
                          eligible=eligible, awake=not creator)  # fmt: skip
        return self._add(account, subscribed=subscribed)

    def _add(self, account: Account, *, subscribed: bool) -> Account:
        if account.id in self.world.accounts:
            raise ValueError("there is an account with this id already")
        account.default_app = self.app_id
        self.world.accounts[account.id] = account
        if account.page is None:
            self._grant(account)
        if subscribed:
            fields = PAGE_FIELDS if account.platform == "messenger" or account.page else INSTAGRAM_FIELDS
            self.world.installation(account).subscribed_fields |= fields
        self.world.changed()
        return account

    def _grant(self, account: Account) -> None:
        now = self.clock()
        instagram = account.platform == "instagram"
        kind: Literal["PAGE", "INSTAGRAM"] = "INSTAGRAM" if instagram else "PAGE"
        token = Token(value=account.token, kind=kind, owner=account.id, issued_at=now,
                      expires_at=now + INSTAGRAM_TOKEN_LIFE if instagram else 0,
                      data_access_expires_at=now + DATA_ACCESS_LIFE,
                      scopes={*(INSTAGRAM_SCOPES if instagram else PAGE_SCOPES), COMMENT_SCOPES[kind]})  # fmt: skip
        self.world.tokens[token.value] = token

    def add_customer(
        self, account: Account, *, name: str | None = None, username: str | None = None, profile: bool | str = True,
        picture: bool = True, id: str | None = None,
    ) -> Customer:  # fmt: skip
        """Add a person; `id` is scoped to the account, so that one number may be different people on two accounts."""
        number = self.world.number()
        own = id or (f"72{number:014d}" if account.platform == "messenger" else f"90{number:013d}")
        customer = Customer(id=own, account=account, name=name, username=username, profile=profile, picture=picture)
        return self.world.meet(customer)

    # -- what goes wrong with an account

    def token_of(self, account: Account) -> Token:
        """The token that speaks for an account: its own, or its Page's."""
        return self.world.tokens[self.world.installation(account).token]

    def revoke(self, account: Account, subcode: int | None = 460) -> None:
        """Let the token die, as 190 with this subcode."""
        token = self.token_of(account)
        token.dead, token.subcode = True, subcode
        self.world.changed()

    def unsubscribe(self, account: Account) -> None:
        """Tell nothing more of an account, as Meta does after an hour of failures; `subscribed_apps` ends it."""
        self.world.installation(account).subscribed_fields.clear()
        self.world.changed()

    def restore(self, account: Account, token: str | None = None) -> None:
        """Let the token live again, or give the account a new one while the old one stays dead."""
        if token is not None:
            owner = self.world.installation(account)
            self.token_of(account).dead = True
            for one in self.accounts.values():
                if owner.id in {one.id, one.page}:
                    one.token = token
            self._grant(owner)
        living = self.token_of(account)
        living.dead, living.subcode = False, None
        self.world.changed()

    def expire(self, account: Account, after: timedelta) -> None:
        """Let the token run out so long after now."""
        self.token_of(account).expires_at = self.clock() + after.total_seconds()

    def restrict(self, account: Account, error: str | None = "10/1893063") -> None:
        """Refuse every send of the account with this error; None lifts it."""
        account.restriction = error
        self.world.changed()

    def withdraw(self, account: Account, *scopes: str) -> None:
        """Let the person behind the login take these permissions back."""
        self.token_of(account).scopes -= set(scopes)
        self.world.changed()

    def allow_elsewhere(self, account: Account, *, elsewhere: bool = True) -> None:
        """Let what the token may be granted for other accounts of its login alone, as when a Page was left unticked."""
        self.token_of(account).elsewhere = elsewhere
        self.world.changed()

    def remove(self, account: Account, *, removed: bool = True) -> None:
        """Take the account from the login: it is listed no more, and not found by its token."""
        self.world.installation(account).removed = removed
        self.world.changed()

    def unlink(self, account: Account, *, unlinked: bool = True) -> None:
        """Let an Instagram account and its Page know each other no longer."""
        account.unlinked = unlinked
        self.world.changed()

    def own_thread(self, customer: Customer, app_id: str | None) -> None:
        """Give the thread to another app: sends are refused and events come as standby; None gives it back."""
        customer.thread_owner = app_id
        self.world.changed()

    def use_up(self, account: Account, percent: int | None, *, regain_minutes: int = 0) -> None:
        """Show so much usage in the headers; from 100 on sends are refused. None: none."""
        account.usage, account.regain_minutes = percent, regain_minutes

    # -- what the phone shows, and waiting for it

    def phone(self, customer: Customer) -> list[Bubble]:
        """Everything on the customer's screen, oldest first."""
        return list(customer.bubbles)

    def sent(self, customer: Customer) -> list[Bubble]:
        """What the business said, oldest first."""
        return [bubble for bubble in customer.bubbles if bubble.from_ == "business"]

    async def until(self, predicate: Callable[[], T], *, seconds: float = 10.0) -> T:
        """Wait for something to become true; looked at again at every change."""
        return await self.world.until(predicate, seconds=seconds, dump=self.dump)

    async def settle(self, *, seconds: float = 10.0) -> None:
        """Wait until no delivery is under way."""
        await self.until(lambda: self.deliveries.settled, seconds=seconds)

    def dump(self) -> str:
        """What a failed wait prints."""
        lines = [f"{c.verb} {c.host} {c.path} → {c.outcome}" for c in self.calls[-20:]]
        lines += [f"webhook {d.kind}: {d.state} {d.attempts} {d.why}" for d in self.deliveries.record[-20:]]
        lines += [f"suppressed {kind}: {why}" for why, kind, _ in self.deliveries.suppressed[-5:]]
        for account in self.accounts.values():
            for customer in account.customers.values():
                lines += [f"{customer.id} {b.from_}: {b.text!r} {b.tag or ''}" for b in customer.bubbles[-10:]]
        return "\n".join(lines)

    async def handshake(self, *, verify_token: str | None = None, challenge: str = "1158201444") -> tuple[int, str]:
        """Ask the webhook to prove itself, as on every save of the dashboard; its status and its words."""
        query = {"hub.mode": "subscribe", "hub.challenge": challenge}
        return await self.deliveries.get(query | {"hub.verify_token": verify_token or self.verify_token})

    async def call_back(self, url: str, user_id: str, *, secret: str | None = None) -> tuple[int, str]:
        """POST a signed request to a deauthorize or a data-deletion address; its status and its words."""
        form = {"signed_request": signed_request(user_id, int(self.clock()), secret or self.app_secret)}
        return await self.deliveries.post_form(url, form)

    async def deliver(
        self, body: Mapping[str, Any] | bytes, *, signature: str = "good", secret: str | None = None
    ) -> int:
        """POST any body at once, with a `good`, `bad`, `missing` or literal signature; the answer's status."""
        raw = body if isinstance(body, bytes) else escaped(body)
        header = _header(raw, signature, secret or self.app_secret)
        answer = await self.deliveries.post(raw, {} if header is None else {"X-Hub-Signature-256": header})
        if isinstance(answer, str):
            raise ConnectionError(answer)
        return answer


def _header(raw: bytes, manner: str, secret: str) -> str | None:
    match manner:
        case "good":
            return signature(raw, secret)
        case "bad":
            return signature(raw, secret + "-of-another-app")
        case "missing":
            return None
        case literal:
            return literal
