"""A desk in memory: what stands in its channels and threads, what people were told alone, and when each of it came to be."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from bridge.model.decision import Job
from bridge.model.effects import (
    ClearSign,
    EditAlert,
    LearnPerson,
    LookForPost,
    PostAlert,
    PostLine,
    PostMessage,
    PostRoot,
    PostStage,
    SetSign,
    TellOwner,
    TellPerson,
)
from bridge.model.facts import Fact, OwnPostSeen, PersonLearnt, PostNotFound
from bridge.model.ids import PersonRef, PlaceRef, PostRef, WorkspaceId
from bridge.model.outcomes import Done, Outcome, RawItem, Unfit
from bridge.model.state import Incident, Person, PersonKind, Sign
from bridge.ports import Fetched
from bridge.rules.answers.fitting import Which
from bridge.slack import render
from tests.year.heard import DESK, Heard
from tests.year.times import Times

TEAM = WorkspaceId("T1")
RECONNECT = "https://bridge.example/connect/1"


@dataclass(frozen=True, kw_only=True)
class Look:
    """What an announcement said from a moment on."""

    at: datetime
    steady: datetime
    incident: Incident
    members: tuple[Incident, ...]
    """Of a digest: those it tells of."""
    text: str


@dataclass(frozen=True, kw_only=True)
class Further:
    """A reply under an announcement: how far it has come."""

    at: datetime
    steady: datetime
    row: int
    incident: Incident
    stage: str
    loud: bool
    text: str


@dataclass(frozen=True, kw_only=True)
class ToldOwner:
    """A direct message about an incident, to somebody who is to mend it."""

    at: datetime
    steady: datetime
    row: int
    person: PersonRef
    incident: Incident
    members: tuple[Incident, ...]
    over: bool
    text: str


@dataclass(frozen=True, kw_only=True)
class Named:
    """Somebody who waits was named in an alert, or in a reply under one, because a window is about to close."""

    at: datetime
    steady: datetime
    row: int
    shop: str
    customer: str
    close_at: datetime


@dataclass(kw_only=True)
class Announced:
    """One message in an alerts channel, with all it ever said."""

    ref: PostRef
    row: int
    place: PlaceRef
    looks: list[Look] = field(default_factory=list)

    @property
    def first(self) -> Look:
        """As it was posted."""
        return self.looks[0]

    @property
    def last(self) -> Look:
        """As it stands."""
        return self.looks[-1]


@dataclass(frozen=True, kw_only=True)
class ToldAlone:
    """A line for one person."""

    at: datetime
    row: int
    person: PersonRef
    key: str
    about: PostRef


class Desk:
    """`bridge.ports.Desk`."""

    def __init__(self, times: Times, heard: Heard) -> None:
        self.times = times
        self.heard = heard
        self.own: list[RawItem] = []
        """Our own posts, as the desk tells of them."""
        self.roots: dict[tuple[str, str], PostRef] = {}
        """The current thread of each account's customers."""
        self.announced: dict[PostRef, Announced] = {}
        self.further: list[Further] = []
        self.owners: list[ToldOwner] = []
        self.named: list[Named] = []
        self.alone: list[ToldAlone] = []
        self.signs: dict[PostRef, Sign] = {}
        self.lose: Callable[[], bool] = lambda: False
        self._by_row: dict[int, PostRef] = {}
        self._numbers = count(1)

    def ref(self, place: PlaceRef) -> PostRef:
        """A place for the next message in a channel."""
        return PostRef(f"{place}:{int(self.times.now().timestamp())}.{next(self._numbers) % 1_000_000:06d}")

    # ── the port ──────────────────────────────────────────────────────────────────────────────────────────

    async def home_stands(self, workspace: WorkspaceId, person: PersonRef) -> bool:
        """Nobody opens theirs in that year."""
        return True

    async def post(self, job: Job) -> Outcome:
        """Put something up."""
        match job.effect:
            case PostAlert() as effect if job.incident is not None:
                ref = self._stands(job, effect.place)
                self.announced[ref] = Announced(ref=ref, row=job.row, place=effect.place)
                self._says(self.announced[ref], job, render.alert(job, job.incident, effect, RECONNECT))
                self._names(job)
            case PostStage() as effect if job.incident is not None and job.incident.ref is not None:
                ref = self._stands(job, effect.place)
                self._goes_on(job, effect, render.stage(job, job.incident, effect, job.incident.ref, RECONNECT))
                self._names(job)
            case PostRoot() if job.scene is not None:
                ref = self._stands(job, job.scene.place)
                self.roots[job.scene.account.remote_id, job.scene.customer.remote_id] = ref
            case PostMessage() | PostLine() if job.scene is not None:
                ref = self._stands(job, job.scene.place)
            case other:
                raise TypeError(other)
        return Done(remote_id=ref)

    async def keep(self, job: Job, file: Fetched) -> Outcome:
        """Nobody sends files here."""
        raise AssertionError("nobody does that in this world")

    def file(
        self, job: Job, which: Which, worth: Callable[[str, int], Unfit | None]
    ) -> AbstractAsyncContextManager[Fetched | Outcome]:
        """Nobody sends files here."""
        raise AssertionError("nobody does that in this world")

    async def change(self, job: Job) -> Outcome:
        """Change what stands."""
        message = None if job.scene is None else job.scene.message
        match job.effect:
            case EditAlert() if job.incident is not None and job.incident.ref is not None:
                call = render.edited_alert(job, job.incident, job.incident.ref, RECONNECT)
                self._says(self.announced[job.incident.ref], job, call)
            case SetSign(sign=sign) if message is not None and message.ref is not None:
                self.signs[message.ref] = sign
            case ClearSign(sign=sign) if message is not None and message.ref is not None:
                if self.signs.get(message.ref) is sign:
                    del self.signs[message.ref]
            case _:
                return Done(remote_id="drawn")
        return Done()

    async def tell(self, job: Job) -> Outcome:
        """Say something to one person."""
        match job.effect:
            case TellPerson(person=person, said=said, about=about):
                told = ToldAlone(at=self.times.now(), row=job.row, person=person, key=said.key, about=about)
                self.alone.append(told)
            case TellOwner(person=person, over=over) if job.incident is not None:
                self._to_owner(job, person, over=over)
            case other:
                raise TypeError(other)
        return Done()

    async def look(self, job: Job) -> Outcome:
        """Tell what is asked for."""
        now = self.times.now()
        match job.effect:
            case LookForPost(row=row, place=place, root=root):
                ref = self._by_row.get(row)
                found: Fact = PostNotFound(workspace=TEAM, at=now, key=row)
                if ref is not None:
                    found = OwnPostSeen(workspace=TEAM, at=now, place=place, ref=ref, root=root, keys=(row,))
                return Done(learnt=(self._item(found),))
            case LearnPerson(person=ref):
                person = Person(ref=ref, kind=PersonKind.MEMBER, name=f"Agent {ref}")
                return Done(learnt=(self._item(PersonLearnt(workspace=TEAM, at=now, ref=ref, person=person)),))
            case _:
                return Done()

    # ── within ────────────────────────────────────────────────────────────────────────────────────────────

    def _item(self, fact: Fact, *, about: str | None = None, applied: bool = False) -> RawItem:
        return self.heard.item(
            DESK, f"{DESK}:learnt", fact, self.times.now(), workspace=TEAM, about=about, applied=applied
        )

    def _stands(self, job: Job, place: PlaceRef) -> PostRef:
        ref = self.ref(place)
        self._by_row[job.row] = ref
        seen = OwnPostSeen(workspace=TEAM, at=self.times.now(), place=place, ref=ref, root=None, keys=(job.row,))
        self.own.append(self._item(seen, about=f"row:{job.row}", applied=True))
        return ref

    def _says(self, announced: Announced, job: Job, call: dict[str, Any]) -> None:
        assert job.incident is not None
        announced.looks.append(
            Look(incident=job.incident, members=_members(job), text=str(call["text"]), **self._when())
        )

    def _goes_on(self, job: Job, effect: PostStage, call: dict[str, Any]) -> None:
        assert job.incident is not None
        self.further.append(
            Further(
                row=job.row,
                incident=job.incident,
                stage=effect.stage,
                loud=effect.loud,
                text=str(call["text"]),
                **self._when(),
            )
        )

    def _names(self, job: Job) -> None:
        for each in () if job.closings is None else job.closings.shown:
            scene = each.scene
            self.named.append(
                Named(
                    row=job.row, shop=scene.account.remote_id, customer=scene.customer.remote_id,
                    close_at=each.line.close_at, **self._when(),
                )
            )  # fmt: skip

    def _to_owner(self, job: Job, person: PersonRef, *, over: bool) -> None:
        assert job.incident is not None
        text = str(render.to_owner(job, job.incident, person, RECONNECT)["text"])
        self.owners.append(
            ToldOwner(
                row=job.row,
                person=person,
                incident=job.incident,
                members=_members(job),
                over=over,
                text=text,
                **self._when(),
            )
        )

    def _when(self) -> dict[str, datetime]:
        return {"at": self.times.now(), "steady": self.times.steady()}


def _members(job: Job) -> tuple[Incident, ...]:
    return tuple(each.incident for each in job.members)
