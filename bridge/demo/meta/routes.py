"""Which call means what, and whose token may make it. Rules of sending are in `sending`, answers in `reading`."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import aiohttp

from bridge.demo.meta import handovers, moderation, profiles
from bridge.demo.meta.deliveries import Deliveries
from bridge.demo.meta.errors import GraphError
from bridge.demo.meta.login import Login
from bridge.demo.meta.media import Cdn, Media
from bridge.demo.meta.pace import Pace
from bridge.demo.meta.reading import Links, Reading
from bridge.demo.meta.sending import Sending, Sent, check_file
from bridge.demo.meta.wire import INSTAGRAM_FIELDS, PAGE_FIELDS
from bridge.demo.meta.world import Account, Call, Customer, Token, World

UPLOADS: Final = frozenset({"message_attachments", "messageattachments"})
TOKEN_PATHS: Final[Mapping[str, frozenset[str]]] = {
    "facebook": frozenset({"oauth/access_token"}),
    "instagram": frozenset({"access_token", "refresh_access_token"}),
}
MANAGE: Final = "instagram_business_manage_messages"
ECHO_SECONDS: Final = 5.0
Echoes = Literal["before", "after", "never", "late"]


@dataclass(kw_only=True)
class Asked:
    """One call on its way through; `afterwards` is done once it has been answered."""

    call: Call
    upload: tuple[bytes, str, str] | None
    link: Links
    token: Token | None = None
    afterwards: Callable[[], None] | None = None

    def given_token(self) -> Token:
        """The token, where the call needs one."""
        if self.token is None:
            raise GraphError(190)
        return self.token


class Routes:
    """The table of contents of the Graph API, as far as it stands here."""

    def __init__(self, world: World, *, deliveries: Deliveries, cdn: Cdn, sending: Sending, reading: Reading,
                 login: Login, app_secret: str, pace: bool) -> None:  # fmt: skip
        self.world = world
        self.deliveries = deliveries
        self.cdn = cdn
        self.sending = sending
        self.reading = reading
        self.login = login
        self.pace = Pace(world.clock, on=pace)
        self.echoes: Echoes = "after"
        self.echo_delay = 0.0
        self.upload_edges = UPLOADS
        self.late_echoes: list[Callable[[], None]] = []
        self._app_secret = app_secret

    # -- names and tokens

    def method(self, verb: str, path: str) -> str:
        """The name by which faults and `calls` know a call."""
        node, _, edge = path.partition("/")
        if path == "debug_token" or any(path in paths for paths in TOKEN_PATHS.values()):
            return path.rsplit("/", maxsplit=1)[-1]
        if edge == "messages" and verb == "GET":
            return "conversations"
        if edge:
            return "message_attachments" if edge in UPLOADS else edge
        if node == "me" or node in self.world.accounts:
            return "me"
        if self._customer_of(node) is not None:
            return "conversations"
        return "message" if node in self.world.spoken or node.startswith(("m_", "aWdf")) else "profile"

    def without_token(self, call: Call) -> bool:
        """Calls that carry an app's own token or a login's code."""
        return call.path == "debug_token" or call.path in TOKEN_PATHS[call.host]

    def death(self, token: Token) -> GraphError | None:
        """Why a token no longer works, or None."""
        if token.dead:
            return GraphError(190, token.subcode)
        if token.expires_at and self.world.clock() >= token.expires_at:
            return GraphError(190, 463)
        return None

    def speaker(self, asked: Asked) -> Account | None:
        """The account on whose behalf a call is made."""
        token = asked.token or self.world.tokens.get(asked.call.token or "")
        mine = self.world.behind(token) if token is not None and token.kind != "USER" else []
        named = asked.call.path.partition("/")[0]
        return next((a for a in mine if a.id == named), mine[0] if mine else None)

    def _node(self, asked: Asked, node: str) -> Account:
        """The account a path names; 100/33 when there is none, 190 when the token is another's."""
        token = asked.given_token()
        mine = self.world.behind(token)
        if any(account.removed for account in mine):
            raise GraphError(100, 33)
        if node == "me" and mine and token.kind != "USER":
            return mine[0]
        for account in mine:
            if node in {account.id, account.app_scoped_id if account.login == "instagram" else account.id}:
                return account
        if node in self.world.accounts:
            raise GraphError(190, message="This method must be called with an access token of the account itself")
        raise GraphError(100, 33)

    def _edge(self, asked: Asked, node: str) -> Account:
        """The account whose edge a path names; Instagram behind a Page has none of its own."""
        account = self._node(asked, node)
        if account.page is not None:
            raise GraphError(100, 33)
        return account

    # -- the table

    async def answer(self, asked: Asked) -> dict[str, Any]:
        """Do what is asked; GraphError says why not."""
        call = asked.call
        node, _, edge = call.path.partition("/")
        match call.verb, edge:
            case _ if call.path == "debug_token":
                return self._debug_token(call)
            case _ if call.path in TOKEN_PATHS[call.host]:
                return self.login.exchange(call.path, call.arguments | {"access_token": call.token})
            case "POST", "messages":
                return await self._send(asked, node)
            case "POST", upload if upload in self.upload_edges:
                return {"attachment_id": (await self._upload(asked, self._edge(asked, node))).id}
            case "POST", control if control in handovers.EDGES | {moderation.EDGE}:
                return self._move(asked, node, control)
            case "GET", "thread_owner":
                return handovers.owner(self.world, self._recipient(asked, node))
            case (("GET" | "POST" | "DELETE"), ("subscribed_apps" | profiles.EDGE)):
                return self._of_account(asked, self._edge(asked, node), edge)
            case "GET", "conversations":
                return self._conversations(asked, self._edge(asked, node))
            case "GET", "messages":
                return self._thread(asked, node, edge)
            case "GET", "accounts" if node == "me":
                return self._accounts(asked)
            case "GET", "":
                return self._object(asked, node)
            case _:
                raise GraphError(2500, message=f"Unknown path components: /{edge or node}")

    # -- sending

    async def _send(self, asked: Asked, node: str) -> dict[str, Any]:
        account = self._edge(asked, node)
        body = {name: value for name, value in asked.call.arguments.items() if name != "access_token"}
        customer, private = self.sending.recipient(self._reachable(account), body)
        needed = {"messenger": "pages_messaging", "instagram": "instagram_manage_messages"}[customer.account.platform]
        if not asked.given_token().scopes & {needed, MANAGE} or asked.given_token().elsewhere:
            raise GraphError(10)
        self._check_account(customer.account)
        if private is not None:
            self.sending.private.count(customer.account, lambda: asked.given_token().scopes)
        self.pace.send(customer.account)
        uploaded = await self._media_of(asked, account, body)
        sent = self.sending.send(customer, body, uploaded, private=private)
        await self._echo(asked, sent)
        return sent.answer

    def _check_account(self, account: Account) -> None:
        if account.unlinked:
            raise GraphError(100, 2534013)
        if not account.eligible:
            raise GraphError(36103)

    def _move(self, asked: Asked, node: str, edge: str) -> dict[str, Any]:
        """https://developers.facebook.com/docs/graph-api/reference/page/take_thread_control"""
        if edge == moderation.EDGE:
            return moderation.moderate(self.world, self._reachable(self._edge(asked, node)), asked.call.arguments)
        return handovers.move(self.world, self._recipient(asked, node), edge, asked.call.arguments)

    def _recipient(self, asked: Asked, node: str) -> Customer:
        given = asked.call.arguments.get("recipient")
        body = {"recipient": given if isinstance(given, Mapping) else {"id": given}}
        return self.sending.recipient(self._reachable(self._edge(asked, node)), body)[0]

    def _reachable(self, account: Account) -> list[Account]:
        """The account itself; for a Page also the Instagram accounts that are reached through it."""
        return [account, *(a for a in self.world.accounts.values() if a.page == account.id)]

    async def _echo(self, asked: Asked, sent: Sent) -> None:
        """Send the echo before the answer, after it, late, or never."""
        if sent.echo is None or self.echoes == "never":
            return
        echo, account, lane = sent.echo, sent.account, sent.customer.id

        def tell() -> None:
            self.deliveries.tell(account, "echo", echo, lane=lane)

        if self.echoes == "late":
            self.late_echoes.append(tell)
        elif self.echoes == "before":
            delivery = self.deliveries.tell(account, "echo", echo, lane=lane)
            if delivery is not None and not self.deliveries.paused:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(delivery.tried.wait(), ECHO_SECONDS)
        else:
            self.deliveries.promised += 1
            asked.afterwards = lambda: self._after(tell)

    def _after(self, tell: Callable[[], None]) -> None:
        """Tell the echo once the answer is out, `echo_delay` seconds later."""

        def keep() -> None:
            self.deliveries.promised -= 1
            tell()

        if self.echo_delay:
            self.deliveries.later(self.echo_delay, keep)
        else:
            keep()

    # -- files

    async def _media_of(self, asked: Asked, account: Account, body: Mapping[str, Any]) -> Media | None:
        """The file that comes with a send: as a part of it, or at an address that Meta fetches."""
        message = body.get("message")
        given = message.get("attachment") if isinstance(message, Mapping) else None
        payload = given.get("payload") if isinstance(given, Mapping) else None
        url = payload.get("url") if isinstance(payload, Mapping) else None
        if asked.upload is None and url is None:
            return None
        return await self._upload(asked, account)

    async def _upload(self, asked: Asked, account: Account) -> Media:
        """Keep a file that was sent along, or fetch it from its address."""
        message = asked.call.arguments.get("message")
        given = message.get("attachment") if isinstance(message, Mapping) else None
        if not isinstance(given, Mapping) or not isinstance(given.get("type"), str):
            raise GraphError(100, message="Param message must hold an attachment with a type")
        payload = given.get("payload") or {}
        data, mime, name = asked.upload or await self._fetch(str(payload.get("url", "")))
        instagram = account.platform == "instagram" or asked.call.arguments.get("platform") == "instagram"
        network = "instagram" if instagram else "messenger"
        check_file(network, given["type"], mime.partition(";")[0], len(data))
        return self.cdn.put(data, mime.partition(";")[0], name=name, owner=account.page or account.id, network=network)

    async def _fetch(self, url: str) -> tuple[bytes, str, str]:
        try:
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as http, http.get(url) as answer:
                if answer.status != 200:
                    raise GraphError(100, 2018008)
                return await answer.read(), answer.content_type, url.rpartition("/")[2].partition("?")[0] or "file"
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise GraphError(100, 2018008) from error

    # -- subscriptions and profiles

    def _of_account(self, asked: Asked, account: Account, edge: str) -> dict[str, Any]:
        if edge == profiles.EDGE:
            return profiles.profile(asked.call.verb, self._reachable(account), asked.call.arguments)
        return self._subscriptions(asked, account)

    def _subscriptions(self, asked: Asked, account: Account) -> dict[str, Any]:
        """https://developers.facebook.com/docs/graph-api/reference/page/subscribed_apps/"""
        if asked.call.verb == "GET":
            fields = sorted(account.subscribed_fields)
            row = {
                "category": "Business",
                "link": "https://bridge.example/",
                "name": "Threadbridge",
                "id": self.world.app_id,
            }
            return {"data": [row | {"subscribed_fields": fields}] if fields else []}
        if asked.token is not None and not asked.token.scopes & {"pages_manage_metadata", "instagram_business_basic"}:
            raise GraphError(200)
        if asked.call.verb == "DELETE":
            account.subscribed_fields.clear()
            return {"success": True}
        given = asked.call.arguments.get("subscribed_fields", "")
        fields = given if isinstance(given, list) else [name.strip() for name in str(given).split(",") if name.strip()]
        known = PAGE_FIELDS if account.platform == "messenger" else INSTAGRAM_FIELDS
        if not fields:
            raise GraphError(100, message="The parameter subscribed_fields is required.")
        if strange := [name for name in fields if name not in known]:
            raise GraphError(
                100, message=f'Param subscribed_fields[0] must be one of the known fields - got "{strange[0]}".'
            )
        account.subscribed_fields |= set(fields)
        return {"success": True}

    # -- reading

    def _debug_token(self, call: Call) -> dict[str, Any]:
        own = f"{self.world.app_id}|{self._app_secret}"
        if call.host == "instagram":
            raise GraphError(2500, message="Unknown path components: /debug_token")
        if call.token != own and call.token not in self.world.tokens:
            raise GraphError(190)
        token = self.world.tokens.get(str(call.arguments.get("input_token", "")))
        return self.reading.debug_token(token, self.death(token) if token is not None else None)

    def _conversations(self, asked: Asked, account: Account) -> dict[str, Any]:
        platform = asked.call.arguments.get("platform", "messenger" if account.platform == "messenger" else "instagram")
        if platform not in {"messenger", "instagram"}:
            raise GraphError(100, message="Param platform must be one of {MESSENGER, INSTAGRAM}")
        found = next((a for a in self._reachable(account) if a.platform == platform), None)
        if found is None:
            raise GraphError(100, 2534013)
        needed = {"messenger": "pages_messaging", "instagram": "instagram_manage_messages"}[found.platform]
        if not asked.given_token().scopes & {needed, MANAGE}:
            raise GraphError(10)
        self.pace.read(found)
        self._check_account(found)
        found.awake = True
        return self.reading.conversations(found, asked.call.arguments, asked.link)

    def _accounts(self, asked: Asked) -> dict[str, Any]:
        token = asked.given_token()
        if token.kind != "USER":
            raise GraphError(100, message="Tried accessing nonexisting field (accounts)")
        person = self.login.people.known[token.owner]
        listed = self.login.people.listed(person) if "pages_show_list" in token.scopes else []
        return self.reading.accounts(
            [(page, person.tasks_on(page)) for page in listed], asked.call.arguments, asked.link("me/accounts")
        )

    def _object(self, asked: Asked, node: str) -> dict[str, Any]:
        arguments = asked.call.arguments
        if node == "me" and asked.given_token().kind == "USER":
            person = self.login.people.known[asked.given_token().owner]
            return {"id": person.id, "name": person.name}
        if node == "me" or node in self.world.accounts or asked.call.method == "me":
            return self.reading.account(self._node(asked, node), arguments)
        if node in self.world.apps:
            return {"id": node, "name": self.world.apps[node]}
        mine = self.world.behind(asked.given_token())
        if found := self.world.spoken.get(node):
            if found[0].account not in mine:
                raise GraphError(100, 33)
            self.pace.read(found[0].account)
            return self.reading.message(*found, arguments)
        if self._customer_of(node) is not None:
            return self._thread(asked, node, "")
        for account in mine:
            if customer := account.customers.get(node):
                return self.reading.profile(customer, arguments)
        raise GraphError(100, 33)

    def _thread(self, asked: Asked, node: str, edge: str) -> dict[str, Any]:
        customer = self._customer_of(node)
        if customer is None or customer.account not in self.world.behind(asked.given_token()) or not customer.bubbles:
            raise GraphError(100, 33)
        self.pace.read(customer.account)
        answer = self.reading.messages if edge else self.reading.conversation
        return answer(customer, asked.call.arguments, asked.link)

    def _customer_of(self, conversation: str) -> Customer | None:
        """Whose thread an id names."""
        return self.world.conversations.get(conversation)
