"""A workspace with a customer's thread in it, and jobs for it: what the tests of the Slack adapter share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bridge.demo.slack import Message as Shown
from bridge.demo.slack import SlackStandIn
from bridge.model.change import replace
from bridge.model.decision import Job, Scene
from bridge.model.effects import AnyEffect, PostRoot
from bridge.model.facts import Fact
from bridge.model.ids import (
    AccountId,
    ConversationId,
    CustomerId,
    MessageId,
    PersonRef,
    PlaceRef,
    PostRef,
    ThreadId,
    WorkspaceId,
)
from bridge.model.listed import Listed, Which
from bridge.model.outcomes import Done, RawItem, Refused
from bridge.model.saved import SavedReply
from bridge.model.state import (
    Account,
    AccountSettings,
    Author,
    Conversation,
    Customer,
    Health,
    Known,
    Login,
    Message,
    Person,
    Platform,
    ReplyState,
    Thread,
    Wish,
    Work,
    Workspace,
)
from bridge.model.survey import Change
from bridge.slack.calls import web_client
from bridge.slack.commands import build
from bridge.slack.desk import SlackDesk
from bridge.slack.intake import SlackIntake
from bridge.slack.lists import Lists
from bridge.slack.parse import SlackParser
from bridge.slack.setup.door import SetupDoor
from tests.clock import MovableClock

TEAM = WorkspaceId("T0DEMO")
PLACE = PlaceRef("C0SHOP")
AKI = PersonRef("U0AKI")
CONVERSATION = ConversationId(17)
THREAD = ThreadId(3)
GONE_THREAD = Refused(code="thread_gone", why="desk_thread_gone", thread=THREAD)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

WORKSPACE = Workspace(
    id=TEAM,
    name="Demo",
    url="https://demo.slack.com/",
    language="en",
    bot_person=PersonRef("U0BRIDGE"),
    bot_author="B0BRIDGE",
)


def account(**changes: object) -> Account:
    """Shop Hanako on Instagram."""
    usual = Account(
        id=AccountId(5),
        workspace=TEAM,
        platform=Platform.INSTAGRAM,
        remote_id="1784",
        name="Shop Hanako",
        login=Login.FACEBOOK,
        wish=Wish.ON,
        health=Health.READY,
        cause=None,
        settings=AccountSettings(channel=PLACE),
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def scene(
    *, thread: PostRef | None = None, message: Message | None = None, on: Account | None = None, **changes: object
) -> Scene:
    """Yuki has asked something and waits; *changes* are of the conversation."""
    conversation = Conversation(
        id=CONVERSATION,
        workspace=TEAM,
        account=AccountId(5),
        customer=CustomerId(46655),
        work=Work.WAITING,
        opens_at=NOON,
        standard_close=NOON + timedelta(days=1),
        human_close=NOON + timedelta(days=7),
        waiting_since=NOON,
        preview=MessageId(100),
        thread=Thread(id=THREAD, place=PLACE, ref=thread),
    )
    return Scene(
        workspace=WORKSPACE,
        account=on or account(),
        customer=Customer(
            id=CustomerId(46655),
            remote_id="9",
            name="Yuki Tanaka",
            username="yuki_333",
            picture="https://cdn.test/y.jpg",
        ),
        conversation=replace(conversation, **changes),  # type: ignore[arg-type]
        message=message,
    )


def wrote(text: str | None, **changes: object) -> Message:
    """A message of the customer."""
    usual = Message(
        id=MessageId(100), conversation=CONVERSATION, author=Author.CUSTOMER, at=NOON, text=text, kind="text"
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def reply(ref: PostRef) -> Message:
    """An agent's reply that waits to be sent."""
    usual = wrote("Yes, we have it.", id=MessageId(200), author=Author.AGENT)
    return replace(usual, ref=ref, person=AKI, state=ReplyState.WAITING)


def job(effect: AnyEffect, in_scene: Scene | None = None, *, row: int = 41, **more: object) -> Job:
    """An effect in a worker's hand."""
    usual = Job(row=row, effect=effect, attempts=0, scene=in_scene, workspace=WORKSPACE, names={AKI: "Aki"})
    return replace(usual, **more)  # type: ignore[arg-type]


class MemoryInbox:
    """An inbox with a memory: keeps each item once for its key; `broken`, it keeps nothing and says so."""

    def __init__(self) -> None:
        self.kept: dict[str, RawItem] = {}
        self.broken = False

    async def keep(self, items: Sequence[RawItem]) -> int:
        """Keep each different item."""
        await asyncio.sleep(0)
        if self.broken:
            raise ConnectionError("the database is away")
        before = len(self.kept)
        for item in items:
            self.kept.setdefault(item.key, item)
        return len(self.kept) - before

    def facts(self) -> list[Fact]:
        """What the rules would hear, oldest first."""
        return [SlackParser().read(item, Known(), WORKSPACE) for item in self.kept.values()]


@dataclass(kw_only=True)
class SlowClock:
    """A clock that is kept elsewhere: what it says is true only after it was asked anew."""

    source: MovableClock
    shown: datetime

    def now(self) -> datetime:
        """The time as last asked for."""
        return self.shown

    def steady(self) -> datetime:
        """The same."""
        return self.shown

    async def refresh(self) -> None:
        """Ask."""
        await asyncio.sleep(0)
        self.shown = self.source.now()


@dataclass(kw_only=True)
class Stage:
    """Slack's stand-in, a desk on it, a door for it, and the clock of all."""

    inbox: MemoryInbox
    door: str

    slack: SlackStandIn
    desk: SlackDesk
    clock: MovableClock
    client: AsyncWebClient

    async def root(self) -> PostRef:
        """Put up the thread of Yuki's conversation."""
        effect = PostRoot(workspace=TEAM, conversation=CONVERSATION, thread=THREAD)
        outcome = await self.desk.post(job(effect, scene(message=wrote("Is this in stock?")), row=1))
        assert isinstance(outcome, Done)
        return PostRef(outcome.remote_id or "")

    def stands(self, ref: PostRef | str | None) -> Shown:
        """The message that stands under *ref*."""
        channel, _, ts = str(ref).partition(":")
        found = self.slack.message(channel, ts)
        assert found is not None, self.slack.dump()
        return found


class Nothing:
    """A store in which nobody is known, and nothing is set up."""

    async def survey(self, workspace: WorkspaceId) -> None:
        """Nothing."""

    async def changes(self, workspace: WorkspaceId, objects: Sequence[str] | None, most: int) -> tuple[Change, ...]:
        """None."""
        return ()

    async def replies(self, accounts: Sequence[AccountId]) -> tuple[SavedReply, ...]:
        """None."""
        return ()

    async def person(self, workspace: WorkspaceId, person: PersonRef) -> None:
        """Nobody."""

    async def listed(self, workspace: WorkspaceId, person: Person, which: Which, words: str, now: datetime) -> Listed:
        """Nothing."""
        return Listed()


async def nobody(_: WorkspaceId) -> None:
    """No client."""


def no_probe(_: WorkspaceId) -> None:
    """Nobody to ask Slack."""


class NoWindows:
    """Opens none."""

    def ask(self, payload: Mapping[str, Any]) -> bool:
        return bool(payload)

    async def wrong(self, payload: Mapping[str, Any]) -> Mapping[str, str]:
        return {} if payload else {"": ""}


class NoSetups:
    """Opens no windows that set something up."""

    def ask(self, payload: Mapping[str, Any]) -> bool:
        return bool(payload)

    async def taken(self, payload: Mapping[str, Any]) -> Mapping[str, str]:
        return {} if payload else {"": ""}


@asynccontextmanager
async def door(inbox: MemoryInbox, clock: MovableClock) -> AsyncIterator[str]:
    """Serve the intake; yields its address."""
    intake = SlackIntake(
        store=inbox,
        clock=SlowClock(source=clock, shown=clock.now()),
        workspaces=lambda: [WORKSPACE],
        secrets=["new-secret", "slack-secret"],
        bolt=build(
            lambda: [WORKSPACE],
            Lists(reader=Nothing(), client_for=nobody, clock=SlowClock(source=clock, shown=clock.now())),
            SetupDoor(
                store=inbox,
                reader=Nothing(),
                client_for=nobody,
                probe_for=no_probe,
                clock=SlowClock(source=clock, shown=clock.now()),
            ),
        ),
        windows=NoWindows(),
        setups=NoSetups(),
    )
    app = web.Application()
    app.router.add_post("/slack/events", intake.receive)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def stage(*, patience: timedelta = timedelta(seconds=5)) -> AsyncIterator[Stage]:
    """Serve a workspace with one channel and three people."""
    clock = MovableClock(NOON)
    slack = SlackStandIn(clock=clock.time, pace=False)
    slack.add_user(AKI, "Aki", locale="ja-JP")
    slack.add_user("U0GUEST", "Gus", guest=True)
    slack.add_user("U0OTHER", "Olga", stranger=True)
    slack.add_channel(PLACE, "shop", members=[AKI, "U0GUEST"])
    slack.add_channel("C0SHARED", "shared", shared=True, members=[AKI, "U0OTHER"])
    slack.add_usergroup("S0CARE", "care", [AKI])
    await slack.start()
    inbox = MemoryInbox()
    try:
        async with door(inbox, clock) as address, aiohttp.ClientSession() as session:
            slack.request_url = address
            client = web_client(slack.bot_token, base_url=slack.api_url, session=session)

            async def client_for(_: WorkspaceId) -> AsyncWebClient:
                await asyncio.sleep(0)
                return client

            desk = SlackDesk(client_for, now=clock.now, timeout=patience)
            yield Stage(slack=slack, desk=desk, clock=clock, client=client, inbox=inbox, door=address)
            await slack.settle()
    finally:
        await slack.stop()
