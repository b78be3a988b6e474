"""What connecting and checking an account ask Meta: whose the token is, whether webhooks flow, whether we may read.

https://developers.facebook.com/docs/graph-api/reference/page/subscribed_apps
https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/get-started
https://developers.facebook.com/docs/facebook-login/guides/access-tokens/debugging
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import aiohttp

from bridge.meta import client
from bridge.meta.client import NoAnswer
from bridge.meta.errors import code_of, verdict
from bridge.meta.graph import Graph, GraphRequest, get, post
from bridge.meta.loose import Json, ident, instant, obj, rows, words
from bridge.meta.render import node
from bridge.model.change import replace
from bridge.model.outcomes import Held, Refused
from bridge.model.state import Account, Login, Platform
from bridge.model.word import Word

PAGE_FIELDS: Final = (
    "messages", "message_echoes", "message_edits", "message_reactions", "message_reads", "messaging_postbacks",
    "messaging_referrals", "messaging_optins", "standby", "messaging_handovers", "messaging_policy_enforcement",
)  # fmt: skip
INSTAGRAM_FIELDS: Final = (
    "messages", "message_edit", "message_reactions", "messaging_postbacks", "messaging_referral", "messaging_optins",
    "messaging_seen", "standby", "messaging_handover",
)  # fmt: skip
"""What the parser hears, in Meta's two spellings; without ratings, because to subscribe to them puts thumbs under answers. Instagram's ``messages`` brings the echoes along; with its own login it
tells of no policy.

https://developers.facebook.com/docs/messenger-platform/webhooks
https://developers.facebook.com/docs/instagram-platform/webhooks
"""

READING: Final = frozenset({"message_reads", "messaging_seen"})
"""Fields that tell of nothing but that customers have read."""

MESSAGES: Final = "messages"
"""The field without which nothing of what customers write is told; both spellings have it alike."""

SCOPES: Final[Mapping[tuple[Platform, Login], tuple[str, ...]]] = MappingProxyType(
    {
        (Platform.MESSENGER, Login.FACEBOOK): ("pages_manage_metadata", "pages_messaging", "pages_read_engagement"),
        (Platform.INSTAGRAM, Login.FACEBOOK): ("instagram_basic", "instagram_manage_messages", "pages_manage_metadata"),
        (Platform.INSTAGRAM, Login.INSTAGRAM): (
            "instagram_business_basic",
            "instagram_business_manage_messages",
        ),
    }
)
"""The permissions without which messages do not flow."""

COMMENTS: Final[Mapping[tuple[Platform, Login], tuple[tuple[str, ...], tuple[str, ...]]]] = MappingProxyType(
    {
        (Platform.MESSENGER, Login.FACEBOOK): (("feed",), ()),
        # Which of its events come is chosen in the app's dashboard, for all accounts.
        (Platform.INSTAGRAM, Login.FACEBOOK): ((), ("instagram_manage_comments",)),
        (Platform.INSTAGRAM, Login.INSTAGRAM): (("comments", "live_comments"), ("instagram_business_manage_comments",)),
    }
)
"""For accounts whose comments are shown: further fields, and further permissions.

https://developers.facebook.com/docs/messenger-platform/instagram/features/private-replies
"""


class Standing(StrEnum):
    """What a refusal means for the account."""

    REFUSED = "refused"
    PENDING = "pending"
    """Access is not granted yet."""
    NOT_ELIGIBLE = "not_eligible"
    NO_ANSWER = "no_answer"


class Whose(Word, kw_only=True):
    """The account a token is held against. platform and login: Messenger has the Facebook one alone.

    comments: whether its comments are shown.
    """

    platform: Platform
    login: Login
    remote_id: str
    comments: bool = False


class Identity(Word, kw_only=True):
    """What Meta says of a token that is the account's.

    expires_at, data_access_expires_at: None: never, or not told. scopes: None: not told. missing: needed, not granted.
    unauthorised: what is needed was granted, for other accounts of the same login.
    """

    remote_id: str
    name: str | None = None
    username: str | None = None
    kind: str | None = None
    expires_at: datetime | None = None
    data_access_expires_at: datetime | None = None
    scopes: frozenset[str] | None = None
    missing: tuple[str, ...] = ()
    unauthorised: bool = False


class Refusal(Word, kw_only=True):
    """Why it cannot be. why: a key of the wording catalogue; code: Meta's, empty where we say it ourselves."""

    why: str
    code: str = ""
    standing: Standing = Standing.REFUSED


class Subscription(Word, kw_only=True):
    """The fields of which webhooks come. missing: what the parser hears besides."""

    fields: frozenset[str]
    missing: tuple[str, ...]


class MetaLogin:
    """Asks; keeps nothing, retries nothing."""

    def __init__(self, *, http: aiohttp.ClientSession, graph: Graph) -> None:
        self._http = http
        self._graph = graph

    async def identify(self, token: str, whose: Whose) -> Identity | Refusal:
        """Ask whose the token is, and until when it is good."""
        known: Identity | Refusal = Identity(remote_id=whose.remote_id)
        if whose.login is Login.FACEBOOK and self._graph.app_id and self._graph.app_secrets:
            known = await self._debugged(token, whose, self._graph.app_id)
        return known if isinstance(known, Refusal) else await self.recognise(token, whose, known)

    async def recognise(self, token: str, whose: Whose, known: Identity) -> Identity | Refusal:
        """Ask the account itself whether the token is its own. known: what was told of the token."""
        if whose.platform is Platform.MESSENGER:
            return await self._page(token, whose, known)
        if whose.login is Login.FACEBOOK:
            return await self._linked(token, whose, known)
        return await self._instagram(token, whose, known)

    async def subscribe(self, token: str, whose: Whose) -> Refusal | None:
        """Let webhooks come; repeating it changes nothing. None: done.

        Instagram with Facebook Login rides on its Page's subscription, and leaves there what is for the Page itself.
        """
        fields = dict.fromkeys(fields_of(whose))
        if whose.platform is Platform.INSTAGRAM and whose.login is Login.FACEBOOK:
            there = await self.subscription(token, whose)
            fields |= {} if isinstance(there, Refusal) else dict.fromkeys(sorted(there.fields))
        body = {"subscribed_fields": ",".join(fields)}
        said = await self._ask(post(self._graph, whose.login, f"{_node(whose)}/subscribed_apps", token, body))
        if isinstance(said, Refusal):
            return said
        return None if said.get("success") in (True, "true") else Refusal(why="error.other")

    async def unsubscribe(self, token: str, whose: Whose) -> Refusal | None:
        """Let no more webhooks come. None: done."""
        request = get(self._graph, whose.login, f"{_node(whose)}/subscribed_apps", token)
        said = await self._ask(replace(request, method="DELETE"))
        return said if isinstance(said, Refusal) else None

    async def linked(self, token: str) -> frozenset[str] | Refusal:
        """The ids of the Page whose token it is, and of the Instagram account that is linked with it, if any is."""
        said = await self._ask(
            get(self._graph, Login.FACEBOOK, "me", token, fields="id,instagram_business_account{id}")
        )
        if isinstance(said, Refusal):
            return said
        found = (ident(said.get("id")), ident(obj(said.get("instagram_business_account")).get("id")))
        return frozenset(each for each in found if each is not None)

    async def subscription(self, token: str, whose: Whose) -> Subscription | Refusal:
        """Ask which webhooks come."""
        said = await self._ask(get(self._graph, whose.login, f"{_node(whose)}/subscribed_apps", token))
        if isinstance(said, Refusal):
            return said
        ours = [app for app in map(obj, rows(said.get("data"))) if self._graph.app_id in (None, ident(app.get("id")))]
        fields = frozenset(field for app in ours for field in map(words, rows(app.get("subscribed_fields"))) if field)
        return Subscription(fields=fields, missing=tuple(name for name in fields_of(whose) if name not in fields))

    async def first_conversations_call(self, token: str, whose: Whose) -> Refusal | None:
        """Ask for a conversation: a creator's webhooks begin with that, and an account not eligible is told so.

        None: messages can be read.
        """
        request = get(
            self._graph, whose.login, f"{_node(whose)}/conversations", token, platform=whose.platform.value, limit="1"
        )
        said = await self._ask(request)
        if not isinstance(said, Refusal):
            return None
        if said.code == "36103":
            return replace(said, standing=Standing.NOT_ELIGIBLE)
        waiting = said.why in ("cause.reauth.permission_revoked", "error.permission", "error.development")
        return replace(said, standing=Standing.PENDING) if waiting else said

    # -- whose

    async def _debugged(self, token: str, whose: Whose, app_id: str) -> Identity | Refusal:
        app = f"{app_id}|{self._graph.app_secrets[0]}"
        url = self._graph.url(Login.FACEBOOK, "debug_token")
        said = await self._ask(GraphRequest(method="GET", url=url, token=app, params={"input_token": token}))
        if isinstance(said, Refusal):
            return replace(said, why="cause.secret_changed") if said.code.startswith("190") else said
        data = obj(said.get("data"))
        if data.get("is_valid") is not True:
            error = obj(data.get("error"))
            return refusal_of(400, {"error": {"code": error.get("code", 190), "error_subcode": error.get("subcode")}})
        if ident(data.get("app_id")) not in (None, app_id):
            return Refusal(why="connect.other_meta_app")
        if data.get("type") == "USER":
            return Refusal(why="connect.person_token")
        scopes = frozenset(scope for scope in map(words, rows(data.get("scopes"))) if scope)
        return Identity(
            remote_id=whose.remote_id,
            expires_at=instant(data.get("expires_at")),
            data_access_expires_at=instant(data.get("data_access_expires_at")),
            scopes=scopes,
            missing=tuple(scope for scope in scopes_of(whose) if scope not in scopes),
            unauthorised=_is_left_out(data, whose),
        )

    async def _page(self, token: str, whose: Whose, known: Identity) -> Identity | Refusal:
        said = await self._ask(get(self._graph, whose.login, "me", token, fields="id,name"))
        if isinstance(said, Refusal):
            return said
        if ident(said.get("id")) != whose.remote_id:
            return Refusal(why="connect.other_account")
        return replace(known, name=words(said.get("name")))

    async def _linked(self, token: str, whose: Whose, known: Identity) -> Identity | Refusal:
        """The token is the Page's; the Instagram account must be the one linked with it."""
        fields = "id,name,instagram_business_account{id,username}"
        page = await self._ask(get(self._graph, whose.login, "me", token, fields=fields))
        if isinstance(page, Refusal):
            return page
        linked = ident(obj(page.get("instagram_business_account")).get("id"))
        if linked != whose.remote_id:
            return Refusal(why="connect.page_without_instagram" if linked is None else "connect.other_account")
        said = await self._ask(get(self._graph, whose.login, whose.remote_id, token, fields="id,username,name"))
        if isinstance(said, Refusal):
            return said
        return replace(known, name=words(said.get("name")), username=words(said.get("username")))

    async def _instagram(self, token: str, whose: Whose, known: Identity) -> Identity | Refusal:
        """``user_id`` is the id that webhooks use; ``id`` is one that only our app has for the account."""
        request = get(self._graph, whose.login, "me", token, fields="user_id,username,name,account_type")
        said = await self._ask(request)
        if isinstance(said, Refusal):
            return said
        told = obj(next(iter(rows(said["data"])), None)) if "data" in said else said
        if ident(told.get("user_id")) != whose.remote_id:
            return Refusal(why="connect.other_account")
        name, username, kind = (words(told.get(field)) for field in ("name", "username", "account_type"))
        return replace(known, name=name, username=username, kind=kind)

    async def ask(self, request: GraphRequest) -> Mapping[str, Json] | Refusal:
        """Do one call that an operator asked for."""
        return await self._ask(request)

    async def _ask(self, request: GraphRequest) -> Mapping[str, Json] | Refusal:
        answer = await client.call(self._http, request, within=client.READ)
        if isinstance(answer, NoAnswer):
            return Refusal(why="connect.no_answer", code=answer.why, standing=Standing.NO_ANSWER)
        if answer.status == 200 and isinstance(answer.said, dict) and "error" not in answer.said:
            return answer.said
        return refusal_of(answer.status, answer.said)


def whose_of(account: Account) -> Whose:
    """The account as it is asked about."""
    comments = account.settings.comments
    return Whose(platform=account.platform, login=account.login, remote_id=account.remote_id, comments=comments)


def fields_of(whose: Whose) -> tuple[str, ...]:
    """The webhook fields to subscribe to, as they are spelt where the subscription stands."""
    usual = INSTAGRAM_FIELDS if whose.login is Login.INSTAGRAM else PAGE_FIELDS
    return (*usual, *COMMENTS[whose.platform, whose.login][0]) if whose.comments else usual


def scopes_of(whose: Whose) -> tuple[str, ...]:
    """The permissions that the account needs."""
    usual = SCOPES[whose.platform, whose.login]
    return (*usual, *COMMENTS[whose.platform, whose.login][1]) if whose.comments else usual


def _is_left_out(data: Mapping[str, Json], whose: Whose) -> bool:
    """Whether a permission that is needed was granted for other accounts alone.

    https://developers.facebook.com/docs/facebook-login/guides/access-tokens/debugging
    """
    ours = {whose.remote_id, ident(data.get("profile_id"))}
    needed = scopes_of(whose)
    for granted in map(obj, rows(data.get("granular_scopes"))):
        targets = {ident(each) for each in rows(granted.get("target_ids"))}
        if targets and words(granted.get("scope")) in needed and not targets & ours:
            return True
    return False


def _node(whose: Whose) -> str:
    return node(whose.platform, whose.login, whose.remote_id)


def refusal_of(status: int, said: Json) -> Refusal:
    """What an answer that is no success means for whoever connects an account."""
    code = code_of(obj(obj(said).get("error"))) or f"http {status}"
    match verdict(status, said):
        case Held(cause=cause):
            return Refusal(why=f"cause.{cause}", code=code)
        case Refused(why=why):
            return Refusal(why=f"error.{why}", code=code)
        case _:
            return Refusal(why="connect.no_answer", code=code, standing=Standing.NO_ANSWER)
