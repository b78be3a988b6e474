"""How calls end: every error Slack documents for what we call, over HTTP, as the rules hear it."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bridge.demo.faults import Kind as Fault
from bridge.model.change import replace
from bridge.model.decision import Job
from bridge.model.effects import LearnPerson, PostMessage, ProbeDesk, SetSign, TellPerson
from bridge.model.ids import MessageId, PlaceRef, PostRef
from bridge.model.outcomes import Done, Held, Later, Outcome, Refused, Scope, Unsure
from bridge.model.state import Account, AccountSettings, Said, Sign, Thread
from bridge.slack import errors
from bridge.slack.calls import web_client
from bridge.slack.desk import SlackDesk
from bridge.wording import LANGUAGES, Wording
from tests.slack.stage import (
    AKI,
    CONVERSATION,
    GONE_THREAD,
    NOON,
    PLACE,
    TEAM,
    Stage,
    account,
    job,
    reply,
    scene,
    stage,
    wrote,
)

SHOW = PostMessage(workspace=TEAM, conversation=CONVERSATION, message=MessageId(100))
SIGN = SetSign(workspace=TEAM, conversation=CONVERSATION, message=MessageId(200), sign=Sign.SENT)
WHO = LearnPerson(workspace=TEAM, person=AKI)


@pytest.fixture
async def at() -> AsyncIterator[Stage]:
    async with stage() as built:
        yield built


async def post(at: Stage, **fault: object) -> Outcome:
    """Show a customer's message while Slack misbehaves."""
    root = await at.root()
    at.slack.faults.add(method="chat.postMessage", **fault)  # type: ignore[arg-type]
    return await at.desk.post(job(SHOW, scene(thread=root, message=wrote("Hello"))))


async def sign(at: Stage, **fault: object) -> Outcome:
    """Put a sign on an agent's reply while Slack misbehaves."""
    root = await at.root()
    ts = await at.slack.say(AKI, PLACE, "Yes", thread_ts=root.partition(":")[2])
    at.slack.faults.add(method="reactions.add", **fault)  # type: ignore[arg-type]
    return await at.desk.change(job(SIGN, scene(message=reply(PostRef(f"{PLACE}:{ts}")))))


async def who(at: Stage, **fault: object) -> Outcome:
    """Ask who somebody is while Slack misbehaves."""
    at.slack.faults.add(method="users.info", **fault)  # type: ignore[arg-type]
    return await at.desk.look(job(WHO))


MOVING = "team_added_to_org org_login_required external_channel_migrating accesslimited message_limit_exceeded"
CONTENT = (
    "no_text msg_too_long msg_blocks_too_long invalid_blocks invalid_blocks_format invalid_attachments"
    " metadata_too_large too_many_attachments"
)
POLICY = "restricted_action restricted_action_read_only_channel ekm_access_denied posting_to_channel_denied"
FILES = "file_uploads_disabled file_type_not_allowed file_upload_size_restricted messages_tab_disabled"
AMBIGUOUS = "internal_error fatal_error service_unavailable request_timeout"
TOKENS = "invalid_auth not_authed not_allowed_token_type two_factor_setup_required app_access_restricted"
GONE = "message_not_found cant_update_message edit_window_closed cant_delete_message"
RACES = dict.fromkeys(("expired_trigger_id", "exchanged_trigger_id", "hash_conflict", "not_found"), "desk_try_again")


def held(cause: str, scope: Scope, *codes: str) -> list[tuple[str, Outcome]]:
    return [(code, Held(cause=cause, scope=scope, code=code)) for code in codes]


def refused(why: str, *codes: str, code: str = "") -> list[tuple[str, Outcome]]:
    return [(each, Refused(code=code or each, why=why)) for each in codes]


POSTS: list[tuple[str, Outcome]] = [
    *((code, Unsure(why=code)) for code in AMBIGUOUS.split()),
    *(
        (code, Later(after=timedelta(minutes=5), why=code, scope=Scope.PARENT, cause="desk_moving"))
        for code in MOVING.split()
    ),
    ("rate_limited", Later(after=timedelta(seconds=30), why="rate_limited", scope=Scope.TARGET)),
    *held("desk_token", Scope.TOP, *TOKENS.split()),
    *held("desk_token.revoked", Scope.TOP, "token_revoked"),
    *held("desk_token.inactive", Scope.TOP, "account_inactive"),
    *held("desk_token.expired", Scope.TOP, "token_expired"),
    *held("desk_scope", Scope.TARGET, "no_permission", "team_access_not_granted"),
    *held("desk_channel.deleted", Scope.TARGET, "channel_not_found"),
    *held("desk_channel.archived", Scope.TARGET, "is_archived", "is_inactive"),
    *held("desk_channel.not_member", Scope.TARGET, "not_in_channel"),
    *held("desk_channel.policy", Scope.TARGET, *POLICY.split()),
    *refused("desk_policy", *FILES.split()),
    ("cannot_reply_to_message", GONE_THREAD),
    ("restricted_action_thread_locked", GONE_THREAD),
    *refused("desk_content", *CONTENT.split(), code="invalid_blocks"),
    *refused("desk_message_gone", *GONE.split()),
    *((code, Refused(code=code, why=why)) for code, why in RACES.items()),
    *refused("desk_other", "a_code_from_next_year"),
]


@pytest.mark.parametrize(("code", "outcome"), POSTS)
async def test_each_refusal_of_a_post_has_its_outcome(at: Stage, code: str, outcome: Outcome) -> None:
    assert await post(at, kind="error", error=code) == outcome


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        *((code, Done()) for code in ("already_reacted", "no_reaction")),
        *((code, Later(after=timedelta(seconds=5), why=code, scope=Scope.ROW)) for code in AMBIGUOUS.split()),
        # The target of a sign is its channel's: one that is closed does not hold the signs of all others.
        *held("desk_channel.archived", Scope.TARGET, "is_archived"),
        *held("desk_channel.deleted", Scope.TARGET, "channel_not_found"),
        *held("desk_channel.not_member", Scope.TARGET, "not_in_channel"),
        *held("desk_scope", Scope.PARENT, "missing_scope"),
        *refused("desk_message_gone", "message_not_found", "too_many_reactions", "not_reactable", "bad_timestamp"),
        *held("desk_token.revoked", Scope.TOP, "token_revoked"),
    ],
)
async def test_each_refusal_of_a_sign_has_its_outcome(at: Stage, code: str, outcome: Outcome) -> None:
    assert await sign(at, kind="error", error=code) == outcome


async def test_a_missing_scope_is_named(at: Stage) -> None:
    answer = {"error": "missing_scope", "needed": "chat:write", "provided": "commands"}
    outcome = await post(at, kind="error", error=answer)
    assert outcome == Held(cause="desk_scope", scope=Scope.TARGET, code="chat:write")


@pytest.mark.parametrize("kind", ["reset_before", "reset_after", "drop_after", "garbage_after"])
async def test_a_post_without_an_answer_is_perhaps_there(at: Stage, kind: Fault) -> None:
    assert isinstance(await post(at, kind=kind), Unsure)


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_servers_fault_says_nothing_of_a_post_and_is_no_harm_to_the_rest(at: Stage, status: int) -> None:
    why = f"HTTP {status}"
    assert await post(at, kind="status", status=status) == Unsure(why=why)
    again = Later(after=timedelta(seconds=5), why=why, scope=Scope.TARGET)
    assert await sign(at, kind="status", status=status) == again
    assert await who(at, kind="status", status=status) == again


@pytest.mark.parametrize("kind", ["reset_after", "drop_after", "garbage_after"])
async def test_what_may_be_repeated_is_tried_again(at: Stage, kind: Fault) -> None:
    for outcome in (await sign(at, kind=kind), await who(at, kind=kind, times=2)):
        assert isinstance(outcome, Later)
        assert outcome.scope is Scope.TARGET


async def test_a_slow_answer_to_a_post_is_perhaps_there_and_to_a_look_comes_later() -> None:
    """Every call has its time."""
    async with stage(patience=timedelta(milliseconds=300)) as at:
        assert await post(at, kind="latency", seconds=1.0) == Unsure(why="TimeoutError")
        assert isinstance(await who(at, kind="latency", seconds=1.0), Later)


async def test_a_limit_is_honoured_for_its_channel_then_for_the_workspace(at: Stage) -> None:
    """The second channel that is limited at once means that the workspace is."""
    limited = {"kind": "status", "status": 429, "headers": {"Retry-After": "7"}}
    after = timedelta(seconds=7)
    assert await post(at, **limited) == Later(after=after, why="ratelimited", scope=Scope.TARGET)
    assert await post(at, **limited) == Later(after=after, why="ratelimited", scope=Scope.TARGET)
    at.slack.add_channel("C0OTHER", "other")
    other = replace(account(), settings=AccountSettings(channel=PlaceRef("C0OTHER")))
    assert await other_post(at, other, limited) == Later(after=after, why="ratelimited", scope=Scope.PARENT)
    assert await sign(at, **limited) == Later(after=after, why="ratelimited", scope=Scope.PARENT)


async def other_post(at: Stage, on: Account, fault: dict[str, object]) -> Outcome:
    root = PostRef("C0OTHER:1763640000.000001")
    there = scene(on=on, message=wrote("Hello"), thread=root)
    thread = (
        Thread(id=there.conversation.thread.id, place=on.settings.channel, ref=root)
        if there.conversation.thread
        else None
    )
    at.slack.faults.add(method="chat.postMessage", **fault)  # type: ignore[arg-type]
    return await at.desk.post(job(SHOW, replace(there, conversation=replace(there.conversation, thread=thread))))


async def test_a_desk_that_cannot_be_reached_was_told_nothing() -> None:
    """Certain, so nothing is unsure: the whole desk waits a few seconds."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}/api/"
        async with aiohttp.ClientSession() as session:
            client = web_client("xoxb-demo", base_url=address, session=session)
            desk = desk_of(client)
            outcome = await desk.post(shown())
            assert outcome == Later(after=timedelta(seconds=5), why="ClientConnectorError", scope=Scope.TOP)
            assert isinstance(await desk.look(job(ProbeDesk(workspace=TEAM))), Later)


async def test_a_desk_without_a_token_waits_for_one() -> None:
    outcome = await desk_of(None).post(shown())
    assert outcome == Held(cause="desk_token", scope=Scope.TOP, code="no_token")


def desk_of(client: AsyncWebClient | None) -> SlackDesk:
    async def client_for(_: object) -> AsyncWebClient | None:
        return client

    return SlackDesk(client_for, now=lambda: NOON)


def shown() -> Job:
    return job(SHOW, scene(thread=PostRef(f"{PLACE}:1763640000.000001"), message=wrote("Hello")))


async def test_a_thread_that_is_not_there_ends_without_a_call(at: Stage) -> None:
    outcome = await at.desk.post(job(SHOW, scene(thread=None, message=wrote("Hello"))))
    assert outcome == GONE_THREAD
    assert at.slack.calls == []


async def test_a_direct_message_without_an_answer_is_said_again(at: Stage) -> None:
    """It cannot be looked up, and twice is better than not at all."""
    root = await at.root()
    effect = TellPerson(
        workspace=TEAM, person=AKI, said=Said(key="reply.unsure"), about=root, root=root, at=NOON, question=True
    )
    at.slack.faults.add(method="chat.postMessage", kind="reset_after")
    assert isinstance(await at.desk.tell(job(effect, scene(thread=root))), Later)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_and_every_cause_has_words(language: str) -> None:
    wording = Wording(language)
    for row in [*errors.ERRORS.values(), errors.UNKNOWN]:
        assert not row.why or f"error.{row.why}" in wording
        assert not row.cause or f"cause.{row.cause}" in wording
