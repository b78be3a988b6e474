"""Scenes, facts and times for the tests of the core: an ordinary conversation, but for what a test says otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TypeVar

from bridge.meta.files import TABLES
from bridge.meta.render import MARKS, WIRE_LIMITS
from bridge.model.change import replace
from bridge.model.decision import Decision, Moment, Rules, Scene, Sending
from bridge.model.effects import AnyEffect, Queued, ReplaceLine, SendToCustomer, SetSign, TellPerson
from bridge.model.facts import Act, AgentEdited, AgentWrote, CustomerWrote, EchoHeard, PostDeleted, Pressed
from bridge.model.files import AgentFile
from bridge.model.ids import (
    AccountId,
    ConversationId,
    CustomerId,
    FileRef,
    GroupRef,
    MessageId,
    PersonRef,
    PlaceRef,
    PostRef,
    RemoteId,
    ThreadId,
    WorkspaceId,
)
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
    Opener,
    Part,
    PartState,
    Person,
    PersonKind,
    Platform,
    ReplyState,
    Said,
    Sign,
    Thread,
    Wish,
    Work,
    Workspace,
)
from bridge.policy import open_window
from bridge.rules.base import Context
from bridge.wording import load, placeholders

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
"""When the customer wrote; tests count from here."""
STEADY = datetime(2027, 1, 1, tzinfo=UTC)
"""The steady clock is another one: a rule that mixes the two is caught."""

DESK, SHOP, OPS = WorkspaceId("T1"), PlaceRef("C-shop"), PlaceRef("C-ops")
AKI, GUEST, STRANGER, BOT, GONE, NOBODY = (
    PersonRef(f"U-{name}") for name in "aki guest stranger bot gone nobody".split()
)
SUPPORT = GroupRef("S-support")
ROOT, ANSWER = PostRef("C-shop:1"), PostRef("C-shop:2")

PEOPLE = {
    AKI: Person(ref=AKI, kind=PersonKind.MEMBER, name="Aki"),
    GUEST: Person(ref=GUEST, kind=PersonKind.GUEST, name="Gus"),
    STRANGER: Person(ref=STRANGER, kind=PersonKind.STRANGER, name="Sam"),
    BOT: Person(ref=BOT, kind=PersonKind.BOT, name="Robot"),
    GONE: Person(ref=GONE, kind=PersonKind.GONE, name=""),
}
WORKSPACE = Workspace(
    id=DESK,
    name="Hanako",
    url="https://hanako.slack.com/",
    language="en",
    bot_person=PersonRef("U-us"),
    bot_author="B-us",
)
CUSTOMER = Customer(id=CustomerId(3), remote_id="99", name="Yuki", profile_at=NOON)
THREAD = Thread(id=ThreadId(7), place=SHOP, ref=ROOT)
RULES = Rules(wire=WIRE_LIMITS, marks=MARKS, files=TABLES)
CUP = AgentFile(ref=FileRef("F1"), name="cup.png", kind="image")
CANVAS = AgentFile(ref=FileRef("F2"), name="plan", bar="document")

E = TypeVar("E", bound=AnyEffect)


@dataclass
class Ids:
    """Fresh ids, from 1,000."""

    numbers: Iterator[int] = field(default_factory=lambda: count(1000))

    def __call__(self) -> int:
        """The next one."""
        return next(self.numbers)


def at(waited: timedelta = HOUR, *, rules: Rules = RULES) -> Context:
    """What rules get, so long after the customer wrote."""
    return Context(moment=Moment(now=NOON + waited, steady=STEADY + waited), rules=rules, new_id=Ids())


def account(
    *,
    platform: Platform = Platform.INSTAGRAM,
    wish: Wish = Wish.ON,
    human_agent: bool = False,
    agents: tuple[PersonRef, ...] = (),
    groups: tuple[GroupRef, ...] = (),
    ceiling: int = 1600,
    channel: PlaceRef = SHOP,
    alerts_channel: PlaceRef | None = OPS,
) -> Account:
    """A connected shop; everybody in the workspace may answer its customers."""
    settings = AccountSettings(
        channel=channel,
        alerts_channel=alerts_channel,
        agents=agents,
        agent_groups=groups,
        human_agent=human_agent,
        ceiling=ceiling,
    )
    return Account(
        id=AccountId(5),
        workspace=DESK,
        platform=platform,
        remote_id="1784",
        name="Shop Hanako",
        login=Login.FACEBOOK,
        wish=wish,
        health=Health.READY,
        cause=None,
        settings=settings,
    )


def untouched(thread: Thread | None = None) -> Conversation:
    """A conversation in which nobody has said anything."""
    return Conversation(
        id=ConversationId(11), workspace=DESK, account=AccountId(5), customer=CustomerId(3), thread=thread
    )


def conversation(
    opener: Opener = Opener.MESSAGE, wrote: datetime = NOON, thread: Thread | None = THREAD
) -> Conversation:
    """The customer wrote at noon and waits for an answer."""
    opened = open_window(untouched(thread), opener, wrote)
    return replace(opened, work=Work.WAITING, waiting_since=wrote, last_at=wrote)


def answer(
    text: str | None = "Yes, we have it.",
    *,
    state: ReplyState = ReplyState.WAITING,
    parts: tuple[PartState, ...] = (PartState.READY,),
    sign: Sign | None = None,
    reason: Said | None = None,
    written: timedelta = HOUR,
    person: PersonRef | None = AKI,
) -> Message:
    """An agent's message in the thread, and how far its parts have come."""
    pieces = tuple(
        Part(
            seq=seq,
            of=len(parts),
            state=each,
            remote_id=RemoteId(f"mid.{seq}") if each is PartState.SENT else None,
        )
        for seq, each in enumerate(parts, 1)
    )
    return Message(
        id=MessageId(21),
        conversation=ConversationId(11),
        author=Author.AGENT,
        at=NOON + written,
        text=text,
        ref=ANSWER,
        thread=THREAD.id,
        person=person,
        state=state,
        reason=reason,
        sign=sign,
        queued_at=STEADY + written,
        parts=pieces,
    )


def on_the_wire(
    message: Message, part: int = 1, *, row: int = 501, unsure: bool = False, asked: bool = False
) -> Sending:
    """A part in hand, or one of which nobody knows whether it arrived."""
    since = STEADY + HOUR if unsure or asked else None
    return Sending(row=row, message=message, part=part, unsure_since=since, asked=asked)


def scene(
    message: Message | None = None,
    *sending: Sending,
    account: Account = account(),  # noqa: B008 - frozen
    conversation: Conversation = conversation(),  # noqa: B008 - frozen
    thread: Thread | None = THREAD,
    customer: Customer = CUSTOMER,
    groups: dict[GroupRef, tuple[PersonRef, ...]] | None = None,
) -> Scene:
    """What a rule looks at; everybody in `PEOPLE` is known."""
    return Scene(
        workspace=WORKSPACE,
        account=account,
        customer=customer,
        conversation=conversation,
        message=message,
        sending=sending,
        thread=thread,
        known=Known(people=PEOPLE, groups=groups or {}),
    )


# ── facts ─────────────────────────────────────────────────────────────────────────────────────────────────


def customer_wrote(
    text: str | None = "Do you have it?",
    *,
    at: datetime = NOON,
    remote_id: str | None = "mid.c1",
    kind: str = "text",
    opener: Opener | None = Opener.MESSAGE,
) -> CustomerWrote:
    """A customer's message."""
    return CustomerWrote(
        platform=Platform.INSTAGRAM,
        account="1784",
        customer="99",
        at=at,
        remote_id=None if remote_id is None else RemoteId(remote_id),
        text=text,
        kind=kind,
        opener=opener,
    )


def echo(
    text: str | None = "Yes, we have it.",
    *,
    marker: str | None = None,
    at: datetime = NOON + HOUR,
    looked_up: bool = False,
    remote_id: str = "mid.e1",
) -> EchoHeard:
    """The network repeats what the business said."""
    return EchoHeard(
        platform=Platform.INSTAGRAM,
        account="1784",
        customer="99",
        at=at,
        remote_id=RemoteId(remote_id),
        text=text,
        marker=marker,
        looked_up=looked_up,
    )


def wrote(text: str = "Yes, we have it.", person: PersonRef | None = AKI, *, written: timedelta = HOUR) -> AgentWrote:
    """Somebody's reply in the thread; `replace` makes it a note, a question and so on."""
    return AgentWrote(
        workspace=DESK,
        at=NOON + written,
        place=SHOP,
        root=ROOT,
        ref=ANSWER,
        person=person,
        automatic=person is None,
        foreign=False,
        text=text,
    )


def edited(
    text: str = "No, sorry.", *, note: bool = False, mentions: bool = False, files: tuple[AgentFile, ...] = ()
) -> AgentEdited:
    """The reply says something else now."""
    return AgentEdited(
        workspace=DESK,
        at=NOON + HOUR + SECOND,
        place=SHOP,
        root=ROOT,
        ref=ANSWER,
        person=AKI,
        automatic=False,
        foreign=False,
        text=text,
        note=note,
        mentions=mentions,
        files=files,
    )


def deleted(ref: PostRef = ANSWER) -> PostDeleted:
    """A message on the desk is gone."""
    return PostDeleted(workspace=DESK, at=NOON + HOUR + SECOND, place=SHOP, ref=ref, root=ROOT)


def press(act: Act, person: PersonRef = AKI, *, handle: str | None = "line-1") -> Pressed:
    """A button of a line about the reply, or (without a line) the shortcut on it."""
    return Pressed(
        workspace=DESK,
        at=NOON + 2 * HOUR,
        act=act,
        person=person,
        place=SHOP,
        message=MessageId(21) if handle else None,
        ref=None if handle else ANSWER,
        root=ROOT,
        handle=handle,
    )


# ── looking at decisions ──────────────────────────────────────────────────────────────────────────────────


def found(decision: Decision, kind: type[E]) -> list[E]:
    """The effects of one kind, in order."""
    return [each.effect for each in decision.effects if isinstance(each.effect, kind)]


def queued(decision: Decision, kind: type[AnyEffect]) -> list[Queued]:
    """The same with their places in the outbox."""
    return [each for each in decision.effects if isinstance(each.effect, kind)]


def told(decision: Decision) -> list[str]:
    """What people are told, by key; each can be said whole in every language."""
    lines = [each.effect.said for each in decision.effects if isinstance(each.effect, TellPerson | ReplaceLine)]
    for line in lines:
        sayable(line)
    return [line.key for line in lines]


def offered(decision: Decision) -> list[str]:
    """The acts of the buttons that somebody is offered."""
    return [button.act for each in found(decision, TellPerson) for button in each.buttons]


def put(decision: Decision) -> list[Sign]:
    """The signs that are put up."""
    return [each.sign for each in found(decision, SetSign)]


def going(decision: Decision) -> list[int]:
    """The parts that are sent to the customer."""
    return [each.part for each in found(decision, SendToCustomer)]


def reply(decision: Decision) -> Message:
    """The one message that is new or changed."""
    (message,) = decision.messages
    return message


ALWAYS_KNOWN = frozenset({"account", "customer", "network", "channel", "app", "inbox"})


def sayable(said: Said) -> None:
    """Fail unless the sentence, and the reason inside it, is in the catalogue with all it needs."""
    known = ALWAYS_KNOWN | said.values.keys()
    reason = said.values.get("why_key")
    if reason is not None:
        missing = placeholders(load("en")[str(reason)]) - known
        assert not missing, f"{said.key} leaves {missing} of {reason} out"
        known |= {"why"}
    if (what := said.values.get("what_key")) is not None:
        assert not placeholders(load("en")[str(what)]) - known
        known |= {"what"}
    missing = placeholders(load("en")[said.key]) - known
    assert not missing, f"{said.key} is said without {missing}"
