"""Signed webhook deliveries, in order and at least once, and every way in which they go wrong.

Items of one conversation follow each other; other conversations do not wait for them. A retry overtakes nothing and is
not waited for: after a failure messages may come out of order, as Meta's do.
https://developers.facebook.com/docs/messenger-platform/webhooks
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import aiohttp

from bridge.demo.meta.wire import escaped, milliseconds, signature, wanted
from bridge.demo.meta.world import Account, World

State = Literal["waiting", "held", "retrying", "delivered", "dropped", "given up"]
ANSWER_SECONDS: Final = 5.0
RETRY_SECONDS: Final = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
AT_ONCE: Final = 16


@dataclass(kw_only=True, eq=False)
class Delivery:
    """One POST to the webhook; `attempts` holds each answer's status, or the name of what went wrong."""

    items: list[dict[str, Any]]
    account: Account
    kind: str
    raw: bytes | None = None
    state: State = "waiting"
    why: str = ""
    attempts: list[int | str] = field(default_factory=list)
    tried: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(kw_only=True)
class _Item:
    """What is to be told, before it is put into a POST."""

    account: Account
    kind: str
    form: Literal["messaging", "standby", "changes", "flat"]
    item: dict[str, Any]
    lane: str


class Deliveries:
    """The way from Meta to the bridge's webhook."""

    def __init__(self, world: World, *, secret: str, instagram_secret: str) -> None:
        self.world = world
        self.secret = secret
        self.instagram_secret = instagram_secret
        self.webhook_url: str | None = None
        self.delay = 0.0
        self.retry_seconds: Sequence[float] = RETRY_SECONDS
        self.unsubscribe_when_given_up = False
        self.record: list[Delivery] = []
        self.suppressed: list[tuple[str, str, dict[str, Any]]] = []
        self._http: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._tails: dict[str, Delivery] = {}
        self._open = asyncio.Event()
        self._open.set()
        self._hurry = asyncio.Event()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._drop = self._duplicate = self._reverse = self._batch = 0
        self._reversed: list[tuple[Delivery, list[_Item]]] = []
        self._under_way: set[Delivery] = set()
        self.promised = 0
        self._posting = 0
        self._batched: list[_Item] = []

    # -- what a test or the demo orders

    def pause(self) -> None:
        """Keep everything back, in order, until `resume`."""
        self._open.clear()

    def resume(self) -> None:
        """Deliver what was kept back."""
        self._open.set()

    @property
    def paused(self) -> bool:
        """Whether deliveries are kept back."""
        return not self._open.is_set()

    def drop_next(self, n: int = 1) -> None:
        """Lose the next `n` deliveries for good."""
        self._drop += n

    def duplicate_next(self, n: int = 1) -> None:
        """Deliver each of the next `n` twice."""
        self._duplicate += n

    def hold_and_reverse(self, n: int) -> None:
        """Hold the next `n` deliveries, then deliver them last one first."""
        self._reverse = n

    def batch(self, n: int) -> None:
        """Gather the next `n` items into one POST (one for each object and secret)."""
        self._batch = n

    def retry_now(self) -> None:
        """Try everything that waits for its next attempt at once."""
        event, self._hurry = self._hurry, asyncio.Event()
        event.set()

    # -- the life of a delivery

    def tell(
        self, account: Account, kind: str, item: dict[str, Any], *, lane: str = "",
        form: Literal["messaging", "standby", "changes", "flat"] = "messaging",
    ) -> Delivery | None:  # fmt: skip
        """Put one item on its way, if the account's subscription asks for it; None: it was suppressed or is gathered."""
        why = self._refused(account, "standby" if form == "standby" else kind)
        if why:
            self.suppressed.append((why, kind, item))
            self.world.changed()
            return None
        what = _Item(account=account, kind=kind, form=form, item=item, lane=f"{account.id}:{lane}")
        if self._batch:
            self._batch -= 1
            self._batched.append(what)
            if not self._batch:
                self.flush()
            return None
        return self._enqueue([what])

    def _refused(self, account: Account, kind: str) -> str:
        if not account.awake:
            return "no Conversations API call was made for this creator account"
        if not account.eligible:
            return "not eligible"
        if not wanted(kind, account, self.world.installation(account)):
            return "not subscribed"
        return ""

    def flush(self) -> None:
        """Send what `batch` has gathered so far."""
        self._batch = 0
        gathered: dict[tuple[str, str], list[_Item]] = {}
        for what in self._batched:
            gathered.setdefault((what.account.platform, self._secret_of(what.account)), []).append(what)
        self._batched = []
        for group in gathered.values():
            self._enqueue(group)

    def _enqueue(self, group: list[_Item]) -> Delivery:
        first = group[0]
        delivery = Delivery(items=[what.item for what in group], account=first.account, kind=first.kind)
        self.record.append(delivery)
        if self._drop:
            self._drop -= 1
            self._end(delivery, "dropped", "ordered")
            return delivery
        self._under_way.add(delivery)
        if self._reverse:
            self._reverse -= 1
            self._hold(delivery, group)
            return delivery
        before = list({id(tail): tail for what in group if (tail := self._tails.get(what.lane))}.values())
        self._tails |= {what.lane: delivery for what in group}
        twice = 1 + bool(self._duplicate)
        self._duplicate = max(0, self._duplicate - 1)
        self._own(self._deliver(delivery, group, before, twice))
        return delivery

    def _hold(self, delivery: Delivery, group: list[_Item]) -> None:
        """Hold one of those that are to be reversed; the last one sets them all free, itself first."""
        self._reversed.append((delivery, group))
        if self._reverse:
            return
        before: list[Delivery] = []
        for held, items in reversed(self._reversed):
            self._own(self._deliver(held, items, before, 1))
            before = [held]
            self._tails |= {what.lane: self._reversed[0][0] for what in items}
        self._reversed = []

    async def _deliver(self, delivery: Delivery, group: list[_Item], before: list[Delivery], times: int) -> None:
        try:
            await self._see_through(delivery, group, before, times)
        finally:
            self._under_way.discard(delivery)
            self.world.changed()

    async def _see_through(self, delivery: Delivery, group: list[_Item], before: list[Delivery], times: int) -> None:
        for earlier in before:
            await earlier.tried.wait()
        if self.delay:
            await asyncio.sleep(self.delay)
        if self.paused:
            delivery.state = "held"
        await self._open.wait()
        delivery.raw = delivery.raw or self._body(group)
        secret = self._secret_of(delivery.account)
        for _ in range(times):
            await self._attempt(delivery, secret)
        delivery.tried.set()
        for pause in self.retry_seconds:
            if delivery.state == "delivered":
                return
            await self._breathe(pause)
            await self._open.wait()
            await self._attempt(delivery, secret)
        if delivery.state != "delivered":
            self._give_up(delivery)

    async def _breathe(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._hurry.wait()
        except TimeoutError:
            return

    async def _attempt(self, delivery: Delivery, secret: str) -> None:
        if delivery.raw is None:
            raise RuntimeError("a delivery is attempted before its body was written")
        signed = {"X-Hub-Signature-256": signature(delivery.raw, secret)}
        signed["X-Hub-Signature"] = signature(delivery.raw, secret, "sha1")
        async with self._slots:
            self._posting += 1
            try:
                answer = await self.post(delivery.raw, signed)
            finally:
                self._posting -= 1
        delivery.attempts.append(answer)
        if answer == 200:
            self._end(delivery, "delivered", "")
        elif delivery.state != "delivered":
            delivery.state = "retrying"
            self.world.changed()

    def _give_up(self, delivery: Delivery) -> None:
        if self.unsubscribe_when_given_up:
            self.world.installation(delivery.account).subscribed_fields.clear()
        self._end(delivery, "given up", str(delivery.attempts[-1]))

    def _end(self, delivery: Delivery, state: State, why: str) -> None:
        delivery.state, delivery.why = state, why
        if state != "delivered":
            delivery.tried.set()
        self.world.changed()

    # -- bytes

    def _secret_of(self, account: Account) -> str:
        return self.instagram_secret if account.login == "instagram" else self.secret

    def _body(self, group: list[_Item]) -> bytes:
        now = self.world.clock()
        entries: dict[tuple[str, str], dict[str, Any]] = {}
        flat: list[dict[str, Any]] = []
        for what in group:
            if what.form == "flat":
                flat.append({"id": what.account.id, "time": int(now)} | what.item)
                continue
            time = int(now) if what.form == "changes" else milliseconds(now)
            fresh = {"id": what.account.id, "time": time, what.form: []}
            entries.setdefault((what.account.id, what.form), fresh)[what.form].append(what.item)
        kind = "page" if group[0].account.platform == "messenger" else "instagram"
        return escaped({"object": kind, "entry": [*entries.values(), *flat]})

    async def post(self, raw: bytes, headers: dict[str, str]) -> int | str:
        """POST once; the answer's status, or the name of what went wrong."""
        if self.webhook_url is None or self._http is None:
            return "no webhook"
        limit = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        plain = {"Content-Type": "application/json", "User-Agent": "facebookexternalua"}
        try:
            async with self._http.post(self.webhook_url, data=raw, headers=plain | headers, timeout=limit) as answer:
                await answer.read()
                return answer.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return type(error).__name__

    async def get(self, query: dict[str, str]) -> tuple[int, str]:
        """GET the webhook; its status and its words."""
        http, url = self._client(), self.webhook_url or ""
        async with http.get(url, params=query, timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS)) as answer:
            return answer.status, await answer.text()

    async def post_form(self, url: str, form: dict[str, str]) -> tuple[int, str]:
        """POST a form to one of the app's other addresses; its status and its words."""
        limit = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        async with self._client().post(url, data=form, timeout=limit) as answer:
            return answer.status, await answer.text()

    def _client(self) -> aiohttp.ClientSession:
        if self._http is None:
            raise RuntimeError("the stand-in was not started")
        return self._http

    # -- owning the tasks

    def start(self) -> None:
        """Open the client that delivers."""
        self._http = aiohttp.ClientSession()

    async def stop(self) -> None:
        """End what is under way, and say so if a delivery failed for a reason of the stand-in's own."""
        tasks, self._tasks = self._tasks, set()
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        if self._http is not None:
            await self._http.close()
        for end in ends:
            if isinstance(end, Exception):
                raise end

    def later(self, seconds: float, act: Callable[[], object]) -> None:
        """Do something after so many real seconds, as long as the stand-in runs."""
        self._own(_after(seconds, act))

    def _own(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or task.exception() is None:
            self._tasks.discard(task)

    @property
    def settled(self) -> bool:
        """Whether nothing is under way (what is held back by `pause` is not)."""
        return not self._posting and not self.promised and (self.paused or not self._under_way)


async def _after(seconds: float, act: Callable[[], object]) -> None:
    await asyncio.sleep(seconds)
    act()
