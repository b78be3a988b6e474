"""Everything the demo consists of, and what may be done on it: by the page, and by scenes."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from bridge.demo.cast import ACCOUNTS, AGENTS, ALERTS, Cast, Role
from bridge.demo.child import BridgeProcess
from bridge.demo.clock import DemoClock
from bridge.demo.hub import Hub
from bridge.demo.meta import Customer, MetaStandIn
from bridge.demo.meta.world import DAY, HOUR
from bridge.demo.slack import Ephemeral, Message, SlackStandIn
from bridge.demo.troubles import TROUBLES, Troubles
from bridge.model.word import Word

AFTER = 1.0
"""Seconds past a moment of interest at which the clock stops, so that the moment has come for everybody."""


class Told(Word, kw_only=True):
    """Something the bridge said in Slack, and where: a private line or a message."""

    what: Ephemeral | Message
    private: bool


class Stage:
    """The stand-ins, the clock, the hub, and the bridge once it runs.

    language: ``en`` or ``ja``: what agents read, and the bridge's own.
    """

    def __init__(self, *, language: str = "en") -> None:
        self.hub = Hub()
        self.language = language
        self.clock = DemoClock(self.tell_clock)
        self.slack = SlackStandIn(clock=self.clock.time)
        self.meta = MetaStandIn(clock=self.clock.time)
        self.cast = Cast(self.slack, self.meta)
        self.troubles = Troubles(self.cast, self.reconnect)
        self.bridge: BridgeProcess | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Let the stand-ins serve, with everybody in place."""
        await self.slack.start()
        try:
            await self.meta.start()
            try:
                self.cast.enter(self.language)
                self.tell_clock()
                self.tell_demo()
                yield
            finally:
                await self.meta.stop()
        finally:
            await self.slack.stop()

    @asynccontextmanager
    async def bridged(self, folder: Path, clock_url: str) -> AsyncIterator[BridgeProcess]:
        """Run the bridge between the stand-ins, every account connected."""
        bridge = BridgeProcess(folder, slack=self.slack, meta=self.meta, clock_url=clock_url, language=self.language)
        self.slack.request_url = f"{bridge.url}/slack/events"
        self.meta.webhook_url = f"{bridge.url}/meta/webhook"
        self.bridge = bridge
        try:
            tokens = {role: self.cast.accounts[role.key].token for role in ACCOUNTS}
            bridge.prepare(tokens, owner=AGENTS["aki"])
            await bridge.start()
            self.tell_demo()
            yield bridge
        finally:
            await bridge.stop()

    async def reconnect(self, role: Role, token: str) -> None:
        """Hand the bridge an account's token."""
        if self.bridge is not None:
            await self.bridge.add_account(role, token, owner=AGENTS["aki"])

    # --- what pages are told

    def tell_clock(self) -> None:
        """Tell pages what time it is: when it is sent, not when somebody moved the clock."""
        self.hub.tell("clock", lambda: {"now": self.clock.time(), "offset": self.clock.offset})

    def tell_demo(self) -> None:
        """Tell pages who is who, and what is out of order."""
        troubles = [
            {"key": each.key, "name": each.name, "about": each.about, "on": each.key in self.troubles.on}
            for each in TROUBLES
        ]
        origins = {"slack": self.slack.url, "meta": self.meta.url}
        channels = {"alerts": ALERTS}
        self.hub.tell("demo", self.cast.shown() | {"troubles": troubles, "origins": origins, "channels": channels})

    # --- acts that are more than one stand-in's

    async def travel(self, seconds: float) -> None:
        """Let time pass, with a stop wherever a window is about to close, or closes."""
        await self.clock.travel(seconds, [moment + AFTER for moment in self._moments()])

    async def trouble(self, key: str, *, on: bool) -> None:
        """Turn a trouble on or off."""
        try:
            await (self.troubles.order(key) if on else self.troubles.mend(key))
        finally:
            self.tell_demo()

    async def mend_all(self) -> None:
        """Turn all troubles off."""
        await self.troubles.mend_all()
        self.tell_demo()

    def _moments(self) -> list[float]:
        """When customers' windows close, and when agents are warned of it by default."""
        moments: list[float] = []
        for account in self.meta.accounts.values():
            for customer in account.customers.values():
                standard, human = customer.standard_until, customer.human_until
                if standard is not None:
                    moments += [standard - 2 * HOUR, standard]
                if human is not None:
                    moments += [human - DAY / 2, human]
        return moments

    # --- finding things

    def root(self, customer: Customer) -> Message | None:
        """Return the newest card of a customer, by a name they have or had; names are unique on the stage."""
        channel = next(role.channel for role in ACCOUNTS if role.id == customer.account.id)
        # Of somebody who commented only the handle is known until they write.
        known = [name for name in (customer.name, customer.username) if name]
        names = [*(known or [customer.id]), *customer.past_names]
        cards = [
            message
            for message in self.slack.channel_messages(channel)
            if message.bot_id and not message.is_reply and any(name in self.slack.plain(message) for name in names)
        ]
        return cards[-1] if cards else None

    def replies(self, customer: Customer) -> list[Message]:
        """Return what stands in a customer's thread."""
        root = self.root(customer)
        return self.slack.thread(root.channel, root.ts) if root else []

    def told(self, agent: str, *, after: float = 0.0) -> list[Told]:
        """Return what the bridge told one person alone since `after`, oldest first."""
        lines = [Told(what=line, private=True) for line in self.slack.ephemerals(agent)]
        direct = [Told(what=message, private=False) for message in self.slack.dms(agent) if message.bot_id]
        return sorted(
            (each for each in lines + direct if float(each.what.ts) > after), key=lambda each: float(each.what.ts)
        )

    def button(self, agent: str, customer: Customer, action: str) -> Told | None:
        """Return the newest place where a person sees a certain button."""
        root = self.root(customer)
        seen = self.told(agent) + [Told(what=reply, private=False) for reply in self.replies(customer)]
        seen += [Told(what=root, private=False)] if root else []
        having = [each for each in seen if action in _actions(each.what)]
        return max(having, key=lambda each: float(each.what.ts), default=None)

    async def until(self, holds: Callable[[], bool], *, seconds: float) -> bool:
        """Wait for something either stand-in shows; false when it did not come in so many real seconds."""
        wakes = (self.slack.until, self.meta.until)
        waiting = [asyncio.ensure_future(until(holds, seconds=seconds)) for until in wakes]
        try:
            for ended in asyncio.as_completed(waiting):
                try:
                    return bool(await ended)
                except AssertionError:
                    continue
            return False
        finally:
            for each in waiting:
                each.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)


def _actions(message: Ephemeral | Message) -> set[str]:
    elements = [element for block in message.blocks for element in block.get("elements", ())]
    elements += [block["accessory"] for block in message.blocks if "accessory" in block]
    return {str(element.get("action_id")) for element in elements if element.get("type") == "button"}


def seconds_of(written: str) -> float:
    """Read ``+25h``, ``90m``, ``7d 1h`` as seconds; ValueError for anything else."""
    units = {"s": 1.0, "m": 60.0, "h": HOUR, "d": DAY}
    parts = re.findall(r"(\d+(?:\.\d+)?)\s*([smhd])", written)
    if not parts or re.sub(r"\+|\s|\d+(?:\.\d+)?\s*[smhd]", "", written):
        raise ValueError(f"no length of time: {written}")
    return sum(float(number) * units[unit] for number, unit in parts)
