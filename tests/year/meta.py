"""Meta as far as a year needs it: tokens that live and die, windows that are checked, and every call written down.

What Meta answers is read by the product's own table of refusals, as the real adapter reads it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from bridge.meta import errors
from bridge.model.decision import Job
from bridge.model.effects import LearnProfile, LookForSend, ReadConversations, ReadHistory, SendToCustomer
from bridge.model.facts import EchoHeard, ProfileLearnt
from bridge.model.ids import RemoteId
from bridge.model.outcomes import Done, Held, Outcome, Page, RawItem, Refused, Sent, Unsure
from bridge.model.state import Account, Login, Platform
from bridge.model.upkeep import ProbeAccount, Probed, Refreshed, RefreshLogin
from bridge.ports import Fetched
from tests.year.heard import NETWORK, Heard
from tests.year.times import DAY, Times

WINDOW: Mapping[Platform, str] = {Platform.MESSENGER: "10/2018278", Platform.INSTAGRAM: "10/2534022"}
LIFE, DATA_ACCESS = 60 * DAY, 90 * DAY
"""Of a token of Instagram's own login, and of what a person who logged in lets us read."""
PERMISSION = f"{errors.REAUTH}.permission_revoked"
SENDS_ONLY = frozenset({"368", "10/1893063", "100/2534029"})
"""What an account may not do is send; it is read as before."""


@dataclass(kw_only=True)
class Shop:
    """An account as Meta has it."""

    platform: Platform
    id: str
    login: Login
    human: bool
    """Meta has granted the Human Agent feature."""
    token: str = ""
    trouble: str | None = None
    """The error that every call meets; None: the token lives."""
    expires_at: datetime | None = None
    """Of the token; by Meta's own time."""
    data_access_expires_at: datetime | None = None
    connected_at: datetime | None = None
    days: int = 0
    """What the operator has set as their own interval."""
    unrefreshed: bool = False
    """Meta does not exchange its token now, for no fault of the token's."""


@dataclass(kw_only=True)
class Buyer:
    """A customer: when they last wrote, and what they got."""

    shop: str
    id: str
    wrote_at: datetime
    got: list[Bubble] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Bubble:
    """An answer that the customer has."""

    mid: str
    row: int
    answer: str
    """The agent's message."""
    text: str | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Call:
    """What was asked of Meta, and what it said: nothing, or an error's name."""

    at: datetime
    steady: datetime
    shop: str
    what: str
    error: str | None
    answer: str | None = None
    """The agent's message that was sent."""
    tagged: bool = False


class Meta:
    """`bridge.ports.Network`."""

    def __init__(self, times: Times, heard: Heard) -> None:
        self.times = times
        self.heard = heard
        self.shops: dict[str, Shop] = {}
        self.buyers: dict[tuple[str, str], Buyer] = {}
        self.calls: list[Call] = []
        self.breaks: list[tuple[datetime, str, str | None]] = []
        """When which account began to be refused, and by what; None: it is over."""
        self.ends: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
        """When each account's login was last made or exchanged, and when that one ends at the earliest."""
        self.reached: Counter[str] = Counter()
        self.lose: Callable[[], bool] = lambda: False
        """Whether the answer to a send gets lost now."""
        self._mids = count(1)

    # ── what happens there ────────────────────────────────────────────────────────────────────────────────

    def renew(self, shop: Shop) -> str:
        """Somebody logs in: there is a new token, and the old one does not count."""
        shop.token = f"{shop.id}-{len(self.calls)}-{next(self._mids)}"
        shop.trouble = None
        shop.connected_at = self.times.now()
        shop.expires_at = self.times.now() + LIFE if shop.login is Login.INSTAGRAM else None
        shop.data_access_expires_at = self.times.now() + DATA_ACCESS if shop.login is Login.FACEBOOK else None
        self._noted_end(shop)
        return shop.token

    def write(self, shop: Shop, customer: str) -> RemoteId:
        """A customer writes: their windows open anew."""
        now = self.times.now()
        buyer = self.buyers.setdefault((shop.id, customer), Buyer(shop=shop.id, id=customer, wrote_at=now))
        buyer.wrote_at = now
        return RemoteId(f"m_{next(self._mids)}")

    # ── the port ──────────────────────────────────────────────────────────────────────────────────────────

    async def send(self, job: Job) -> Outcome:
        """Take one answer, if the token lives and a window is open."""
        scene, effect = job.scene, job.effect
        assert scene is not None
        assert scene.message is not None
        assert isinstance(effect, SendToCustomer)
        shop, answer = self.shops[scene.account.remote_id], str(scene.message.ref)
        buyer = self.buyers[shop.id, scene.customer.remote_id]
        if error := self._refusal(job, shop) or self._too_late(job, shop, buyer):
            self._note(shop, "send", error, answer, tagged=job.tag is not None)
            return _verdict(error, sending=True, tagged=job.tag is not None)
        self._note(shop, "send", None, answer)
        mid = f"m_{next(self._mids)}"
        buyer.got.append(Bubble(mid=mid, row=job.row, answer=answer, text=job.text, at=self.times.now()))
        self.reached[answer] += 1
        if self.lose():
            return Unsure(why="connection lost")
        return Sent(remote_id=mid, recipient=buyer.id)

    async def upload(self, job: Job, kind: str, file: Fetched) -> Outcome:
        """Nobody sends files here."""
        raise AssertionError("nobody does that in this world")

    async def act(self, job: Job) -> Outcome:
        """Take whatever is done besides, if the token lives."""
        shop = self.shops[_account(job).remote_id]
        error = self._refusal(job, shop)
        error = None if error in SENDS_ONLY else error
        self._note(shop, type(job.effect).__name__, error)
        return Done() if error is None else _verdict(error)

    async def look(self, job: Job) -> Outcome:
        """Tell what is asked for."""
        shop = self.shops[_account(job).remote_id]
        error = self._refusal(job, shop)
        error = None if error in SENDS_ONLY else error
        self._note(shop, type(job.effect).__name__, error)
        if error is not None:
            return _read(_verdict(error))
        scene = job.scene
        match job.effect:
            case LookForSend() if scene is not None:
                return Done(learnt=tuple(self._echoes(shop, self.buyers[shop.id, scene.customer.remote_id])))
            case LearnProfile() if scene is not None:
                return Done(learnt=(self._profile(shop, scene.customer.remote_id),))
            case ReadConversations() | ReadHistory():
                return Page()
            case other:
                raise TypeError(other)

    async def mind(self, job: Job) -> Outcome:
        """Tell how an account stands, or exchange its token for a younger one."""
        shop = self.shops[_account(job).remote_id]
        error = self._refusal(job, shop)
        self._note(shop, type(job.effect).__name__, None if error in SENDS_ONLY else error)
        match job.effect:
            case ProbeAccount():
                return self._probed(shop, None if error in SENDS_ONLY else error)
            case RefreshLogin():
                return self._refreshed(shop, error)
            case other:
                raise TypeError(other)

    # ── within ────────────────────────────────────────────────────────────────────────────────────────────

    def _refusal(self, job: Job, shop: Shop) -> str | None:
        if job.sealed != shop.token:
            return shop.trouble or "190/460"
        if shop.trouble is None and shop.expires_at is not None and self.times.now() >= shop.expires_at:
            shop.trouble = "190/463"
            self.breaks.append((self.times.steady(), shop.id, shop.trouble))
        return shop.trouble

    def _probed(self, shop: Shop, error: str | None) -> Probed:
        found = None if error is None else _verdict(error)
        if isinstance(found, Held):
            return Probed(cause=found.cause, code=found.code)
        dated = shop.login is Login.FACEBOOK
        ends = shop.data_access_expires_at if dated else None
        return Probed(dated=dated, expires_at=shop.expires_at if dated else None, data_access_expires_at=ends)

    def _refreshed(self, shop: Shop, error: str | None) -> Outcome:
        """https://developers.facebook.com/docs/instagram-platform/reference/refresh_access_token"""
        young = shop.connected_at is None or self.times.now() - shop.connected_at < DAY
        if error is not None or shop.unrefreshed or young:
            return Refused(code=error or "1", why="other")
        shop.expires_at = self.times.now() + LIFE
        self._noted_end(shop)
        return Refreshed(sealed=shop.token, expires_at=shop.expires_at)

    def _noted_end(self, shop: Shop) -> None:
        own = shop.connected_at + shop.days * DAY if shop.days and shop.connected_at else None
        ends = [each for each in (shop.expires_at, shop.data_access_expires_at, own) if each is not None]
        self.ends[shop.id].append((self.times.steady(), min(ends)))

    def _too_late(self, job: Job, shop: Shop, buyer: Buyer) -> str | None:
        age = self.times.now() - buyer.wrote_at
        limit = 7 * DAY if job.tag is not None and shop.human else DAY
        return WINDOW[shop.platform] if age >= limit else None

    def _note(
        self, shop: Shop, what: str, error: str | None, answer: str | None = None, *, tagged: bool = False
    ) -> None:
        call = Call(
            at=self.times.now(),
            steady=self.times.steady(),
            shop=shop.id,
            what=what,
            error=error,
            answer=answer,
            tagged=tagged,
        )
        self.calls.append(call)

    def _echoes(self, shop: Shop, buyer: Buyer) -> list[RawItem]:
        lane = f"{NETWORK}:{shop.id}:{buyer.id}"
        return [
            self.heard.item(
                NETWORK, lane,
                EchoHeard(platform=shop.platform, account=shop.id, customer=buyer.id, at=each.at, remote_id=RemoteId(each.mid), text=each.text,  looked_up=True),
                each.at,
            )
            for each in buyer.got[-20:]
        ]  # fmt: skip

    def _profile(self, shop: Shop, customer: str) -> RawItem:
        at = self.times.now()
        fact = ProfileLearnt(
            platform=shop.platform,
            account=shop.id,
            customer=customer,
            at=at,
            readable=True,
            name=f"Customer {customer}",
        )
        return self.heard.item(NETWORK, f"{NETWORK}:{shop.id}:{customer}", fact, at)


def _account(job: Job) -> Account:
    account = job.account if job.scene is None else job.scene.account
    assert account is not None
    return account


def _verdict(name: str, *, sending: bool = False, tagged: bool = False) -> Outcome:
    code, _, subcode = name.partition("/")
    error = {"code": int(code)} | ({"error_subcode": int(subcode)} if subcode else {})
    return errors.verdict(400, {"error": error}, sending=sending, tagged=tagged)


def _read(found: Outcome) -> Outcome:
    """What a reading makes of it: only a dead login holds anything."""
    unread = not isinstance(found, Held) or not found.cause.startswith(errors.REAUTH)
    if isinstance(found, Held) and (unread or found.cause == PERMISSION):
        return Refused(code=found.code, why="permission")
    return found
