"""Five of a kind: told in one message, ticked off one by one, and each owner hears of all of theirs at once."""

from dataclasses import dataclass, field
from datetime import timedelta

from bridge import alerts, threads
from bridge.model.change import replace
from bridge.model.decision import Decision, Go, NotYet
from bridge.model.effects import EditAlert, PostAlert, PostStage, Queued, TellOwner
from bridge.model.facts import AlertDue, AlertOver
from bridge.model.ids import AccountId, IncidentId, PersonRef, PostRef
from bridge.model.incident import Company
from bridge.model.outcomes import Done
from bridge.model.state import Incident
from bridge.rules.base import Context
from bridge.rules.desk import incidents, many
from tests.core.factories import AKI, DAY, DESK, HOUR, MINUTE, NOON, OPS, SECOND, STEADY, Ids, at

BEN = PersonRef("U-ben")
REST = at().rules.alert_rest


@dataclass
class Channel:
    """One alerts channel: what is open, what waits to be told, what was told."""

    time: timedelta = HOUR
    ids: Ids = field(default_factory=Ids)
    open: dict[IncidentId, Incident] = field(default_factory=dict)
    waits: list[Queued] = field(default_factory=list)
    posts: list[str] = field(default_factory=list)
    stages: list[str] = field(default_factory=list)
    told: list[tuple[str, str, bool]] = field(default_factory=list)
    anew: list[tuple[str, str]] = field(default_factory=list)

    def due(self, number: int, *, stage: str | None = None, owner: PersonRef = AKI, kind: str = "reauth") -> None:
        """An account is in trouble."""
        fact = AlertDue(
            workspace=DESK,
            at=NOON + self.time,
            key=f"{kind}:{number}",
            kind=kind,
            place=OPS,
            account=AccountId(number),
            stage=stage,
            tell=(owner,),
        )
        known = [each for each in self.open.values() if each.key == fact.key and each.closed_at is None]
        company = {fact.key: self.company(known[0] if known else fact)}
        self.apply(alerts.decide(known, fact, self.context(), company))

    def over(self, number: int) -> None:
        """It is mended."""
        fact = AlertOver(workspace=DESK, at=NOON + self.time, key=f"reauth:{number}")
        known = [each for each in self.open.values() if each.key == fact.key and each.closed_at is None]
        beside = {each.key: self.company(each) for each in known if each.within is not None}
        self.apply(alerts.decide(known, fact, self.context(), beside))

    def company(self, of: Incident | AlertDue) -> Company:
        """What the store finds beside it."""
        opened = [each for each in self.open.values() if each.closed_at is None]
        key = many.key(of.kind, of.place)
        within = of.within if isinstance(of, Incident) else None
        digest = self.open[within] if within else next((each for each in opened if each.key == key), None)
        left = frozenset(each.id for each in opened if digest is not None and each.within == digest.id)
        lately = NOON + self.time - many.LATELY
        alike = tuple(
            each
            for each in opened
            if each.kind == of.kind and each.key != of.key and each.within is None and each.opened_at >= lately
        )
        return Company(digest=digest, left=left, alike=alike)

    def context(self) -> Context:
        """The rules' clocks."""
        return replace(at(self.time), new_id=self.ids)

    def apply(self, decision: Decision) -> None:
        """Keep what is decided; what is wanted once and waits already is not queued again."""
        self.open.update({each.id: each for each in decision.incidents})
        for mark in decision.marks:
            self.open[mark.incident] = incidents.marked(self.open[mark.incident], mark)
        for each in decision.effects:
            same = [(row.lane, type(row.effect)) for row in self.waits]
            if not (each.once and (each.lane, type(each.effect)) in same):
                self.waits.append(each)

    def passes(self, span: timedelta) -> None:
        """Time goes by; whatever is still to be told is told."""
        self.time += span
        waiting, self.waits = self.waits, []
        for row in waiting:
            effect = row.effect
            assert isinstance(effect, PostAlert | EditAlert | PostStage | TellOwner)
            incident = self.open[effect.incident]
            ruling = threads.due(None, effect, self.context(), incident)
            if isinstance(ruling, NotYet) or (row.not_before or STEADY) > self.context().moment.steady:
                self.waits.append(row)
            elif isinstance(ruling, Go):
                self._goes(effect, incident)

    def _goes(self, effect: PostAlert | EditAlert | PostStage | TellOwner, incident: Incident) -> None:
        ref = PostRef(f"C-ops:{len(self.posts) + 1}")
        match effect:
            case PostAlert():
                self.posts.append(incident.key)
                self.open[incident.id] = incident = replace(incident, ref=ref)
            case PostStage():
                self.stages.append(effect.stage)
            case TellOwner(again=str(line)):
                self.anew.append((effect.person, line))
                return
            case TellOwner():
                self.told.append((effect.person, incident.key, effect.over))
            case EditAlert():
                pass
        done = threads.ended(
            None,
            effect,
            Done(remote_id=ref),
            self.context(),
            row=1,
            target="desk:T1:private",
            position=1,
            incident=incident,
            shown=incident,
        )
        self.apply(done)

    def settles(self) -> None:
        """Until nothing waits any more."""
        for _ in range(200):
            self.passes(SECOND)
        assert not self.waits


DIGEST = many.key("reauth", OPS)


def test_four_are_told_singly() -> None:
    """Each in its own alert, each owner of each."""
    channel = Channel()
    for number in range(4):
        channel.due(number)
    channel.settles()
    assert channel.posts == [f"reauth:{number}" for number in range(4)]
    assert len(channel.told) == 4


def test_two_hundred_at_once_are_one_message_and_one_to_each_owner() -> None:
    """A thousand conversations, two hundred accounts: policy by pace and digest, never a flood."""
    channel = Channel()
    for number in range(200):
        channel.due(number, owner=AKI if number % 2 else BEN)
        if number % 20 == 0:
            channel.passes(SECOND / 2)
    channel.settles()
    assert channel.posts == [DIGEST]
    assert sorted(channel.told) == [(AKI, DIGEST, False), (BEN, DIGEST, False)]
    assert all(each.within is not None for each in channel.open.values() if each.kind == "reauth")


def test_a_slow_burst_tells_what_was_announced_singly_and_the_rest_together() -> None:
    """The first four stand already: they stay, are edited themselves, and are listed with the fifth."""
    channel = Channel()
    for number in range(8):
        channel.due(number)
        channel.passes(MINUTE)
    channel.settles()
    assert channel.posts == [*(f"reauth:{number}" for number in range(4)), DIGEST]
    (digest,) = [each for each in channel.open.values() if each.kind == "many"]
    assert [each.within for each in channel.open.values() if each.kind == "reauth"] == [digest.id] * 8
    channel.over(0)
    assert [each.effect.incident for each in channel.waits if isinstance(each.effect, EditAlert)] == [1000, digest.id]


def test_what_comes_an_hour_later_is_told_by_itself() -> None:
    """An edit notifies nobody: it is enough only for what comes together."""
    channel = Channel()
    for number in range(5):
        channel.due(number)
    channel.settles()
    channel.passes(HOUR)
    channel.due(7)
    channel.settles()
    assert channel.posts == [DIGEST, "reauth:7"]


def test_five_more_later_are_said_under_the_open_digest() -> None:
    """There is one digest of a kind in a place; a second wave is a reply, seen in the channel."""
    channel = Channel()
    for number in range(10):
        channel.due(number)
        if number == 4:
            channel.settles()
            channel.passes(HOUR)
    channel.settles()
    assert channel.posts == [DIGEST]
    assert len(channel.stages) == 1
    assert [each for each in channel.told if not each[2]] == [(AKI, DIGEST, False)] * 2


def test_other_kinds_and_other_places_are_not_mixed() -> None:
    """Five of a kind, not five."""
    channel = Channel()
    for number in range(4):
        channel.due(number)
        channel.due(number, kind="restricted")
    channel.settles()
    assert len(channel.posts) == 8


def test_each_is_ticked_off_and_the_last_closes_the_digest() -> None:
    """Whoever was told of all of theirs hears once that it is over."""
    channel = Channel()
    for number in range(6):
        channel.due(number)
    channel.settles()
    for number in range(5):
        channel.over(number)
    channel.settles()
    (digest,) = [each for each in channel.open.values() if each.kind == "many"]
    assert digest.closed_at is None
    channel.over(5)
    channel.settles()
    (digest,) = [each for each in channel.open.values() if each.kind == "many"]
    assert digest.closed_at == NOON + channel.time - 200 * SECOND
    assert channel.told == [(AKI, DIGEST, False), (AKI, DIGEST, True)]
    assert [person for person, _ in channel.anew] == [AKI], "what told of the beginning says so, too"


def test_a_stage_that_all_of_them_come_to_is_told_once() -> None:
    """Thirty logins that end on the same day: one reply at each stage, one message to each owner."""
    channel = Channel()
    for stage in ("14d", "7d", "3d"):
        for number in range(30):
            channel.due(number, stage=stage)
            channel.passes(SECOND / 10)
        channel.settles()
        channel.passes(DAY)
    assert channel.posts == [DIGEST]
    assert channel.stages == ["7d", "3d"]
    assert channel.told == [(AKI, DIGEST, False)] * 3


def test_owners_hear_when_no_more_come_and_after_a_minute_at_the_latest() -> None:
    """All of theirs in one message, and not too late for those that came first."""
    channel = Channel()
    for number in range(5):
        channel.due(number)
    channel.passes(REST)
    assert channel.posts == [DIGEST]
    assert channel.told == []
    ticks = 0
    while not channel.told:
        channel.due(100 + ticks)
        channel.passes(SECOND)
        ticks += 1
    assert many.LONGEST * REST - 3 * SECOND <= ticks * SECOND <= many.LONGEST * REST
