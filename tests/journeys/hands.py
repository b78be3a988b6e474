"""Agents at work in one conversation: what they write, change and press, and what comes of it on the phone.

async with talking(database_url, "instagram") as talk:
    ts = await talk.says("あります。")
    await talk.reaches("あります。")
    await talk.bears(ts, CHECK)
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from bridge.demo.meta.world import Bubble, Customer
from bridge.demo.slack import Ephemeral, Message
from bridge.model.change import replace
from bridge.model.state import Health
from bridge.secrets import Sealer
from bridge.store import accounts
from tests.journeys.house import ids_of
from tests.journeys.world import AKI, PATIENCE, Kind, World

ASKED = "この商品の在庫ありますか？"
TOLD_ONCE = "Told once: "
"""How the line begins that each Instagram account gets with its first answer (M-11)."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """Something one person was told, with its buttons."""

    said: Message | Ephemeral
    private: bool
    """Where they wrote, seen by them alone; else a direct message."""
    buttons: dict[str, str]
    """Labels by act."""


@dataclass(frozen=True, kw_only=True)
class Talk:
    """One customer's conversation and the thread that mirrors it."""

    world: World
    kind: Kind
    customer: Customer
    root: Message

    # ── what agents do ───────────────────────────────────────────────────────────────────────────────────

    async def says(self, text: str, *, user: str = AKI, **how: Any) -> str:
        """Somebody writes in the thread."""
        return await self.world.answer(self.root, text, user=user, **how)

    async def edits(self, ts: str, text: str, *, user: str = AKI) -> None:
        """Somebody changes what they wrote."""
        await self.world.slack.edit(user, self.root.channel, ts, text)

    async def deletes(self, ts: str, *, user: str = AKI) -> None:
        """Somebody deletes what they wrote."""
        await self.world.slack.delete(user, self.root.channel, ts)

    async def line(self, act: str, *, to: str = AKI, holds: str = "") -> Line:
        """The newest line told to somebody that has a button for *act*, as soon as there is one."""

        def found() -> Line | None:
            lines = [each for each in told(self.world, to) if act in each.buttons]
            return next((each for each in reversed(lines) if holds in self.world.slack.plain(each.said)), None)

        return await self.world.until(found)

    async def presses(self, act: str, *, user: str = AKI, to: str = AKI, holds: str = "") -> int:
        """Somebody presses the button for *act* on a line told to *to*."""
        line = await self.line(act, to=to, holds=holds)
        return await self.world.slack.click(user, line.said.channel, line.said.ts, act, ephemeral=line.private)

    async def asks(self, ts: str, *, user: str = AKI) -> str:
        """Somebody uses *What happened?* on a message; what they read then."""
        before = len(self.world.told(user))
        assert await self.world.slack.shortcut(user, "what_happened", self.root.channel, ts) == 200
        return await self.world.until(lambda: next(iter(self.world.told(user)[before:]), None))

    # ── what comes of it ─────────────────────────────────────────────────────────────────────────────────

    async def reaches(self, *texts: str, seconds: float = PATIENCE) -> None:
        """Wait until the customer has exactly these answers, and see that no more come."""
        await self.world.until_phone(self.customer, list(texts), seconds=seconds)

    async def hears(self, text: str) -> None:
        """Wait until the newest of what the customer has is this."""
        await self.world.until(lambda: self.phone()[-1:] == [text])

    async def bears(self, ts: str, sign: str) -> None:
        """Wait until a message bears this sign of ours alone."""
        await self.world.signed(self.root, ts, sign)

    def signs(self, ts: str) -> set[str]:
        """Our signs on a message."""
        return self.world.slack.reactions_by(self.root.channel, ts, self.world.slack.world.names.bot_user_id)

    def phone(self) -> list[str]:
        """What the customer has of the business."""
        return self.world.phone(self.customer)

    def bubbles(self) -> list[Bubble]:
        """The same with ids, tags and marks."""
        return self.world.bubbles(self.customer)

    def sends(self) -> list[str]:
        """How each call that would send to this customer ended, in order."""
        recipient = {"id": self.customer.id}
        calls = [each for each in self.world.meta.calls if each.method == "messages"]
        return [each.outcome for each in calls if each.arguments.get("recipient") == recipient]

    def lines(self) -> list[str]:
        """What a person reads in the thread, but for what is told once for each account."""
        return [line for line in self.world.lines(self.root) if TOLD_ONCE not in line]

    def card(self) -> str:
        """What the card says now."""
        root = self.world.slack.message(self.root.channel, self.root.ts)
        assert root is not None
        return self.world.slack.plain(root)


@asynccontextmanager
async def talking(
    database_url: str, kind: Kind = "messenger", *, customer: dict[str, Any] | None = None, **options: Any
) -> AsyncIterator[Talk]:
    """A world in which a customer has written, and their thread stands."""
    async with World.open(database_url, **options) as world:
        yield await begun(world, kind, **(customer or {"name": "Yuki Tanaka"}))


async def begun(world: World, kind: Kind = "messenger", words: str = ASKED, **customer: Any) -> Talk:
    """A new customer writes, and their thread comes to stand."""
    person = world.customer(kind, **customer)
    # At a whole second: Meta tells milliseconds, and the windows are looked at to the second.
    await world.meta.write(person, words, at=float(int(world.clock.time())))
    return Talk(world=world, kind=kind, customer=person, root=await world.root(words))


async def reconnect(world: World, kind: Kind, *, by: int | None = None, **changes: Any) -> None:
    """Log in again for an account, as its operator does with `accounts add`; *changes*: of its settings.

    by: who logged in, where it was by a link.
    """
    platform, remote_id = ids_of(kind)
    sealed = Sealer(world.config.secret_key.values).seal(world.account(kind).token)

    def again(hand: accounts.Hand) -> None:
        known = accounts.find(hand.conn, platform, remote_id)
        assert known is not None
        wanted = accounts.Connecting(
            workspace=known.workspace,
            platform=platform,
            remote_id=remote_id,
            name=known.name,
            login=known.login,
            health=Health.READY,
            cause=None,
            sealed=sealed,
            settings=replace(known.settings, **changes),
            connected_by=by,
        )
        accounts.connect(hand, wanted)

    await world.by_hand(again)


def told(world: World, user: str) -> list[Line]:
    """What one person was told, privately or directly, the oldest first."""
    said: list[tuple[Message | Ephemeral, bool]] = [(each, True) for each in world.slack.ephemerals(user)]
    said += [(each, False) for each in world.slack.dms(user)]
    ordered = sorted(said, key=lambda each: float(each[0].ts))
    return [Line(said=each, private=private, buttons=_buttons(each.blocks)) for each, private in ordered]


def _buttons(blocks: Sequence[dict[str, Any]]) -> dict[str, str]:
    elements = [element for block in blocks if block["type"] == "actions" for element in block["elements"]]
    return {element["action_id"]: element["text"]["text"] for element in elements}
