"""What connecting does outside and keeps: Meta is asked, webhooks are subscribed to, and the account is kept whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sqlalchemy as sa

from bridge.checklist import by_hand
from bridge.connect.flow import Came, Candidate, Result, called, of_own, of_pages, standing_of, verdict
from bridge.meta.login import Identity, MetaLogin, Refusal
from bridge.meta.oauth import MetaOAuth, Page
from bridge.meta.render import node
from bridge.model.change import replace
from bridge.model.decision import Moment, Rules
from bridge.model.facts import AlertDue
from bridge.model.ids import PlaceRef, PostRef, WorkspaceId
from bridge.model.state import Account, AccountSettings, Health, Login, Platform, Wish, Workspace
from bridge.model.word import Word
from bridge.ports import Clock
from bridge.rules.desk.places import alerts_place
from bridge.secrets import Sealer, SealError
from bridge.store import accounts as stored
from bridge.store import alerts, logins, schema
from bridge.store.accounts import Connecting, Hand
from bridge.store.confirmed import confirm
from bridge.store.reading import accounts_of
from bridge.store.scenes import workspaces_of
from bridge.store.store import SqlStore

KIND = "connected"
"""Of the notices that an account is connected."""


class Choice(Word, kw_only=True):
    """How an account shall be kept."""

    name: str
    settings: AccountSettings


class House(Word, kw_only=True):
    """What is connected where, from one moment."""

    workspace: Workspace | None
    accounts: Sequence[Account]


class Notice(Word, kw_only=True):
    """That an account is connected, told in a channel. post: None while it is on its way."""

    place: PlaceRef
    post: PostRef | None


class Work:
    """Everything the pages do beside showing themselves."""

    def __init__(
        self, *, store: SqlStore, clock: Clock, sealer: Sealer, oauth: MetaOAuth, meta: MetaLogin, rules: Rules
    ) -> None:
        self._store = store
        self._clock = clock
        self._sealer = sealer
        self._oauth = oauth
        self._meta = meta
        self._rules = rules

    @property
    def most_in_a_channel(self) -> int:
        """So many accounts of one platform may have one channel; 0: any number."""
        return self._rules.routes_per_channel

    # -- looking

    async def house(self, workspace: WorkspaceId) -> House:
        """The workspace of a link, and every account of the installation."""

        def look(conn: sa.Connection) -> House:
            there = {each.id: each for each in workspaces_of(conn)}
            return House(workspace=there.get(workspace), accounts=accounts_of(conn))

        async with self._store.reading() as connection:
            return await connection.run_sync(look)

    async def session(self, nonce: str) -> logins.Session | None:
        """How far somebody has come by a link."""
        async with self._store.reading() as connection:
            return await connection.run_sync(lambda conn: logins.session_of(conn, nonce))

    async def person_behind(self, account: Account) -> logins.NetworkPerson | None:
        """Who logged in for an account last."""
        async with self._store.reading() as connection:
            return await connection.run_sync(lambda conn: logins.person_behind(conn, account.id))

    async def others_behind(self, results: Sequence[Result]) -> bool:
        """Whether the same login stands behind accounts besides these."""
        these = [each.account for each in results if each.account is not None]
        async with self._store.reading() as connection:
            return await connection.run_sync(lambda conn: logins.behind_others(conn, these))

    async def notices(self, results: Sequence[Result]) -> list[Notice | None]:
        """Where the notice of each account shall stand, and whether it does; None: none was made."""

        def look(conn: sa.Connection) -> list[Notice | None]:
            return [_notice(conn, each) for each in results]

        async with self._store.reading() as connection:
            return await connection.run_sync(look)

    async def keep(self, session: logins.Session) -> None:
        """Keep how far it has come."""
        await self._store.write(lambda tx: logins.keep_session(tx.connection, session))

    async def confirm(self, results: Sequence[tuple[str, Result]], items: Sequence[str], *, who: str) -> None:
        """Keep what somebody says is so of the accounts that were connected."""
        ids = {result.account for _, result in results if result.account is not None}
        if not items or not ids:
            return

        def work(hand: Hand) -> None:
            for account in accounts_of(hand.conn):
                if account.id in ids:
                    confirm(hand, account, [each for each in items if each in by_hand({account.platform})])

        await self._store.write(lambda tx: work(Hand(tx=tx, moment=self._moment(), who=who)))

    # -- asking Meta

    async def came(self, login: Login, code: str, *, redirect: str, verifier: str) -> tuple[Came, str] | Refusal:
        """Exchange a code, once: who has come, and their token."""
        now = self._clock.now()
        if login is Login.FACEBOOK:
            found = await self._oauth.facebook(code, redirect=redirect, verifier=verifier, now=now)
            return found if isinstance(found, Refusal) else (Came.of(login, found), found.token)
        own = await self._oauth.instagram(code, redirect=redirect, now=now)
        return own if isinstance(own, Refusal) else (Came.of(login, *own), own[0].token)

    async def candidates(self, came: Came, token: str, workspace: WorkspaceId) -> tuple[Candidate, ...] | Refusal:
        """The accounts that a login leads to, as they are now."""
        house = await self.house(workspace)
        if came.own is not None:
            return of_own(came.own, came, token, house.accounts, workspace)
        pages: Sequence[Page] | Refusal = await self._oauth.pages(token)
        return pages if isinstance(pages, Refusal) else of_pages(pages, came, house.accounts, workspace)

    # -- connecting one

    async def connect(
        self,
        candidate: Candidate,
        choice: Choice,
        came: Came,
        *,
        workspace: WorkspaceId,
        who: str,
        also: Callable[[Hand], None] = lambda _: None,
    ) -> Result:
        """Ask whose the token is, let webhooks come, read once, and keep the account; what is refused keeps nothing.

        also: done in the transaction that keeps it.
        """
        token, whose = candidate.token or "", candidate.whose
        identity = await self._meta.identify(token, whose)
        if isinstance(identity, Refusal):
            return _failed(candidate, identity)
        switched = await self._switched(candidate)
        refused = await self._meta.subscribe(token, whose)
        if refused is not None:
            return _failed(candidate, refused)
        found = verdict(identity.missing, await self._meta.first_conversations_call(token, whose))
        if found.failed is not None:
            return _failed(candidate, found.failed)
        wanted = self._wanted(candidate, choice, identity, came, workspace)

        def work(hand: Hand) -> tuple[Account, bool]:
            also(hand)
            before = stored.find(hand.conn, candidate.platform, wanted.remote_id, workspace)
            person = logins.person_of(
                hand.conn, workspace, came.login.value, came.person, name=came.name, at=hand.moment.now
            )
            kept = _as_it_came(wanted, found.health, found.cause, person)
            account = stored.connect(hand, kept).account
            news = account.health is Health.READY and (before is None or _was_not_ready(before))
            if news:
                self._announce(hand, account)
            return account, news

        account, noticed = await self._store.write(lambda tx: work(Hand(tx=tx, moment=self._moment(), who=who)))
        return Result(
            name=account.name,
            standing=standing_of(account.health, renewed=candidate.renews),
            account=account.id,
            channel=account.settings.channel,
            noticed=noticed,
            switched=switched,
        )

    def _moment(self) -> Moment:
        return Moment(now=self._clock.now(), steady=self._clock.steady())

    def _wanted(
        self, candidate: Candidate, choice: Choice, identity: Identity, came: Came, workspace: WorkspaceId
    ) -> Connecting:
        own = candidate.login is Login.INSTAGRAM  # its token is the login's; a Page's has a life of its own
        return Connecting(
            workspace=workspace,
            platform=candidate.platform,
            remote_id=candidate.remote_id or "",
            name=choice.name,
            login=candidate.login,
            health=Health.PENDING,
            cause=None,
            sealed=self._sealer.seal(candidate.token or ""),
            settings=choice.settings,
            token_expires_at=came.expires_at if own else identity.expires_at,
            data_access_expires_at=identity.data_access_expires_at or came.data_access_expires_at,
        )

    def _announce(self, hand: Hand, account: Account) -> None:
        """Say once where its conversations come, and where its alerts do, that it is connected."""
        places: tuple[PlaceRef, ...] = (account.settings.channel, alerts_place(account, self._rules))
        at, number = hand.moment.now, hand.tx.new_id()
        for place in dict.fromkeys(places):
            due = AlertDue(
                workspace=account.workspace,
                at=at,
                key=notice_key(account, place),
                kind=KIND,
                place=place,
                account=account.id,
            )
            hand.tx.facts.keep([alerts.to_item(due, number)], hand.moment.steady)

    # -- one account by the other login

    async def _switched(self, candidate: Candidate) -> str | None:
        """Let no more webhooks come by the login that an account had before. A Page that is connected itself keeps its own."""
        before = candidate.known
        if before is None or before.wish is Wish.REMOVED or before.login is candidate.login:
            return None
        token = await self._token_of(before)
        if token is None:
            return "ended"
        if before.login is Login.FACEBOOK:
            page = await self._oauth.page_of(token)
            house = await self.house(before.workspace)
            if any(
                each.platform is Platform.MESSENGER and each.remote_id == page and each.wish is not Wish.REMOVED
                for each in house.accounts
            ):
                return "page"
        await self._oauth.unsubscribe(token, before.login, node(before.platform, before.login, before.remote_id))
        return "ended"

    async def _token_of(self, account: Account) -> str | None:
        async with self._store.reading() as connection:
            sealed = await connection.run_sync(lambda conn: stored.sealed_of(conn, account.id))
        try:
            return None if sealed is None else self._sealer.open(sealed)
        except SealError:
            return None


def notice_key(account: Account, place: PlaceRef) -> str:
    """The incident that tells of a connected account in one place."""
    return f"{KIND}:{account.id}:{place}"


def _notice(conn: sa.Connection, result: Result) -> Notice | None:
    if result.account is None or result.channel is None or not result.noticed:
        return None
    place = PlaceRef(result.channel)
    told = schema.incident
    key = f"{KIND}:{result.account}:{place}"
    query = sa.select(told.c.ref).where(told.c.key == key).order_by(told.c.id.desc())
    ref = conn.execute(query).scalars().first()
    return Notice(place=place, post=None if ref is None else PostRef(ref))


def _was_not_ready(before: Account) -> bool:
    """Whether somebody is waiting to hear that it is ready: it never was, or it had been taken away."""
    return before.wish is Wish.REMOVED or before.health in (Health.PENDING, Health.NOT_ELIGIBLE)


def _as_it_came(wanted: Connecting, health: Health, cause: str | None, person: int) -> Connecting:
    return replace(wanted, health=health, cause=cause, connected_by=person)


def _failed(candidate: Candidate, refusal: Refusal) -> Result:
    return Result(name=called(candidate), standing="failed", why=refusal.why, code=refusal.code)
