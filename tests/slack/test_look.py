"""What the desk asks of Slack over HTTP, and what the rules hear of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bridge.model.change import replace
from bridge.model.effects import (
    LearnGroup,
    LearnPerson,
    LookForPost,
    PostMessage,
    ProbeDesk,
    ProbePlace,
    ProbeToken,
    ReadThread,
)
from bridge.model.facts import (
    AgentWrote,
    CredentialsAlive,
    GroupLearnt,
    OwnPostSeen,
    PersonLearnt,
    PlaceChange,
    PlaceChanged,
    PostDeleted,
    PostNotFound,
)
from bridge.model.ids import GroupRef, MessageId, PersonRef, PostRef
from bridge.model.outcomes import Done, Held, Later, Refused, Scope, Unsure
from bridge.model.state import Known, PersonKind
from bridge.slack import look
from bridge.slack.parse import SlackParser
from tests.slack.stage import AKI, CONVERSATION, NOON, PLACE, TEAM, WORKSPACE, Stage, job, scene, stage, wrote

SHOW = PostMessage(workspace=TEAM, conversation=CONVERSATION, message=MessageId(100))


@pytest.fixture
async def at() -> AsyncIterator[Stage]:
    async with stage() as built:
        yield built


def fact_of(outcome: object) -> object:
    """The one thing that was learnt, as the rules will hear it."""
    assert isinstance(outcome, Done), outcome
    (item,) = outcome.learnt
    return SlackParser().read(item, Known(), WORKSPACE)


@pytest.mark.parametrize("carry", [True, False])
async def test_a_post_whose_answer_was_lost_is_found_by_its_mark(at: Stage, carry: bool) -> None:
    """Never a second time: the row's mark is on what stands."""
    root = await at.root()
    at.slack.faults.add(method="chat.postMessage", kind="reset_after")
    plain = replace(SHOW, plain=carry)
    outcome = await at.desk.post(job(plain, scene(thread=root, message=wrote("Hello"))))
    assert isinstance(outcome, Unsure)
    look = LookForPost(workspace=TEAM, row=41, place=PLACE, root=root, since=NOON)
    fact = fact_of(await at.desk.look(job(look, row=42)))
    (shown,) = at.slack.thread(PLACE, root.partition(":")[2])
    assert isinstance(fact, OwnPostSeen)
    assert (fact.ref, fact.root, fact.keys) == (f"{PLACE}:{shown.ts}", root, (41,))


async def test_a_look_takes_no_longer_than_a_row_may_be_in_hand(at: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """All its pages together: what is slower is read again later, and neither found nor proved absent."""
    monkeypatch.setattr(look, "WITHIN", timedelta(milliseconds=100))
    at.slack.faults.add(method="conversations.history", kind="latency", seconds=1)
    slow = LookForPost(workspace=TEAM, row=41, place=PLACE, root=None, since=NOON)
    outcome = await at.desk.look(job(slow, row=42))
    assert isinstance(outcome, Later)
    assert outcome.scope is Scope.ROW


async def test_a_post_that_never_arrived_is_proved_absent(at: Stage) -> None:
    root = await at.root()
    at.slack.faults.add(method="chat.postMessage", kind="reset_before")
    assert isinstance(await at.desk.post(job(SHOW, scene(thread=root, message=wrote("Hello")))), Unsure)
    look = LookForPost(workspace=TEAM, row=41, place=PLACE, root=root, since=NOON)
    fact = fact_of(await at.desk.look(job(look, row=42)))
    assert isinstance(fact, PostNotFound)
    assert fact.key == 41


async def test_a_lost_root_is_looked_for_in_the_channel(at: Stage) -> None:
    root = await at.root()
    look = LookForPost(workspace=TEAM, row=1, place=PLACE, root=None, since=NOON)
    fact = fact_of(await at.desk.look(job(look, row=42)))
    assert isinstance(fact, OwnPostSeen)
    assert (fact.ref, fact.root) == (root, None)


async def test_a_post_that_missed_its_deleted_thread_is_found_in_the_channel(at: Stage) -> None:
    root = await at.root()
    await at.slack.delete(AKI, *root.split(":"))
    at.slack.faults.add(method="chat.postMessage", kind="drop_after")
    assert isinstance(await at.desk.post(job(SHOW, scene(thread=root, message=wrote("Hello")))), Unsure)
    look = LookForPost(workspace=TEAM, row=41, place=PLACE, root=root, since=NOON)
    fact = fact_of(await at.desk.look(job(look, row=42)))
    assert isinstance(fact, OwnPostSeen)
    assert fact.root is None


@pytest.mark.parametrize(
    ("person", "kind", "language"),
    [(AKI, PersonKind.MEMBER, "ja"), ("U0GUEST", PersonKind.GUEST, "en"), ("U0OTHER", PersonKind.STRANGER, None),
     ("U0BRIDGE", PersonKind.BOT, "en")],
)  # fmt: skip
async def test_who_somebody_is_is_learnt(at: Stage, person: str, kind: PersonKind, language: str | None) -> None:
    fact = fact_of(await at.desk.look(job(LearnPerson(workspace=TEAM, person=PersonRef(person)))))
    assert isinstance(fact, PersonLearnt)
    assert fact.person is not None
    assert (fact.person.ref, fact.person.kind, fact.person.language) == (person, kind, language)


async def test_somebody_nobody_knows_and_a_deactivated_member_are_told_apart(at: Stage) -> None:
    fact = fact_of(await at.desk.look(job(LearnPerson(workspace=TEAM, person=PersonRef("U0NOBODY")))))
    assert isinstance(fact, PersonLearnt)
    assert fact.person is None
    at.slack.world.users[AKI].deleted = True
    fact = fact_of(await at.desk.look(job(LearnPerson(workspace=TEAM, person=AKI))))
    assert isinstance(fact, PersonLearnt)
    assert fact.person is not None
    assert fact.person.kind is PersonKind.GONE


@pytest.mark.parametrize(("group", "people"), [("S0CARE", (AKI,)), ("S0NONE", ())])
async def test_who_belongs_to_a_group_is_learnt(at: Stage, group: str, people: tuple[PersonRef, ...]) -> None:
    fact = fact_of(await at.desk.look(job(LearnGroup(workspace=TEAM, group=GroupRef(group)))))
    assert isinstance(fact, GroupLearnt)
    assert (fact.group, fact.people) == (group, people)


async def test_a_thread_is_read_again_after_a_gap(at: Stage) -> None:
    """Answers written while nobody listened come as if told late; our own posts do not."""
    root = await at.root()
    await at.desk.post(job(SHOW, scene(thread=root, message=wrote("Hello"))))
    thread = root.partition(":")[2]
    stamps = [await at.slack.say(AKI, PLACE, f"Answer {n}", thread_ts=thread) for n in range(3)]
    effect = ReadThread(workspace=TEAM, conversation=CONVERSATION, place=PLACE, root=root, since=NOON)
    outcome = await at.desk.look(job(effect))
    assert isinstance(outcome, Done)
    facts = [SlackParser().read(item, Known(), WORKSPACE) for item in outcome.learnt]
    assert [isinstance(fact, AgentWrote) and fact.found_late and fact.text for fact in facts] == [
        "Answer 0", "Answer 1", "Answer 2",
    ]  # fmt: skip
    assert [item.key for item in outcome.learnt] == [f"slack:found:{TEAM}:{PLACE}:{ts}" for ts in stamps]


async def test_what_was_deleted_while_nobody_listened_is_learnt_within_the_time_that_was_read(at: Stage) -> None:
    """CT-15: over several pages; what is older than the reading, or newer than what was known, proves nothing."""
    root = await at.root()
    thread = root.partition(":")[2]
    stamps = [await at.slack.say(AKI, PLACE, f"Answer {n}", thread_ts=thread) for n in range(3)]
    known = tuple(PostRef(f"{PLACE}:{ts}") for ts in ("1.000001", *stamps))
    for ts in stamps[1:2]:
        await at.slack.delete(AKI, PLACE, ts)
    newer = await at.slack.say(AKI, PLACE, "Newer", thread_ts=thread)
    await at.slack.delete(AKI, PLACE, newer)
    effect = ReadThread(workspace=TEAM, conversation=CONVERSATION, place=PLACE, root=root, since=NOON, stood=known)
    outcome = await at.desk.look(job(effect))
    assert isinstance(outcome, Done)
    facts = [SlackParser().read(item, Known(), WORKSPACE) for item in outcome.learnt]
    gone = [fact for fact in facts if isinstance(fact, PostDeleted)]
    assert [(fact.ref, fact.root) for fact in gone] == [(known[2], root)]


async def test_a_reading_that_is_cut_short_proves_no_deletion(at: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands on a page that was not read has not been deleted: all of it is read again later."""
    root = await at.root()
    thread = root.partition(":")[2]
    stamps = [await at.slack.say(AKI, PLACE, f"Answer {n}", thread_ts=thread) for n in range(5)]
    known = tuple(PostRef(f"{PLACE}:{ts}") for ts in stamps)
    effect = ReadThread(workspace=TEAM, conversation=CONVERSATION, place=PLACE, root=root, since=NOON, stood=known)
    monkeypatch.setattr(look, "PAGE", 2)
    whole = await at.desk.look(job(effect))
    assert isinstance(whole, Done)
    assert len(whole.learnt) == 5
    monkeypatch.setattr(look, "MOST_PAGES", 2)
    assert isinstance(await at.desk.look(job(effect)), Later)


@pytest.mark.parametrize("with_replies", [True, False])
async def test_a_thread_that_is_gone_is_learnt_by_reading_it(at: Stage, with_replies: bool) -> None:
    root = await at.root()
    if with_replies:
        await at.slack.say(AKI, PLACE, "Yes", thread_ts=root.partition(":")[2])
    await at.slack.delete(AKI, *root.split(":"))
    effect = ReadThread(workspace=TEAM, conversation=CONVERSATION, place=PLACE, root=root, since=NOON)
    fact = fact_of(await at.desk.look(job(effect)))
    assert isinstance(fact, PostDeleted)
    assert fact.ref == root


async def test_a_live_token_is_learnt_and_a_dead_one_holds_the_desk(at: Stage) -> None:
    probe = job(ProbeDesk(workspace=TEAM))
    assert isinstance(fact_of(await at.desk.look(probe)), CredentialsAlive)
    at.slack.revoke_token()
    outcome = await at.desk.look(probe)
    assert outcome == Held(cause="desk_token.revoked", scope=Scope.TOP, code="token_revoked")


async def test_that_a_token_still_counts_is_nothing_new_and_that_it_does_not_holds_the_desk(at: Stage) -> None:
    """F15: whoever is asked all day leaves nothing behind."""
    probe = job(ProbeToken(workspace=TEAM))
    assert await at.desk.look(probe) == Done()
    at.slack.revoke_token()
    assert await at.desk.look(probe) == Held(cause="desk_token.revoked", scope=Scope.TOP, code="token_revoked")


async def test_a_channel_that_can_be_posted_into_again_is_learnt(at: Stage) -> None:
    """Archived, left, gone: nothing new is learnt; usable: everything for it may go."""
    look = job(ProbePlace(workspace=TEAM, place=PLACE))
    fact = fact_of(await at.desk.look(look))
    assert isinstance(fact, PlaceChanged)
    assert (fact.place, fact.change) == (PLACE, PlaceChange.USABLE)
    for close in (at.slack.archive, at.slack.remove_bot):
        close(PLACE)
        assert await at.desk.look(look) == Done()
    at.slack.delete_channel(PLACE)
    assert isinstance(await at.desk.look(look), Refused)
