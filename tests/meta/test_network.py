"""Sends and looks over HTTP against the stand-in: each ends in exactly one of five ways."""

import asyncio
import socket
from datetime import timedelta

import aiohttp
import pytest

from bridge.demo.meta import MetaStandIn
from bridge.meta.errors import TABLE, verdict
from bridge.meta.graph import Graph
from bridge.meta.network import MetaNetwork
from bridge.meta.parse import MetaParser
from bridge.model.change import replace
from bridge.model.decision import Tag
from bridge.model.effects import ProbeDesk
from bridge.model.facts import EchoHeard, ProfileLearnt
from bridge.model.outcomes import Done, Held, Later, Outcome, Refused, Scope, Sent, Unsure
from bridge.model.state import Known
from bridge.wording import LANGUAGES, load
from tests.clock import MovableClock
from tests.meta.conftest import WORKSPACE, Case, TestClock, seal, unseal

DAY = timedelta(days=1)


def summary(outcome: Outcome) -> tuple[object, ...]:
    """What a table of outcomes can hold."""
    match outcome:
        case Later(scope=scope):
            return ("later", scope)
        case Held(cause=cause, scope=scope):
            return ("held", cause, scope)
        case Refused(why=why):
            return ("refused", why)
        case Unsure():
            return ("unsure",)
        case Done():
            return ("done",)


# ── sends ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_send_reaches_the_phone_and_its_id_is_the_echos(case: Case) -> None:
    """ZI-03, M-01, ZM-01: on all three kinds of accounts."""
    outcome = await case.network.send(case.send("承知しました 🎌"))
    (bubble,) = case.meta.sent(case.customer)
    assert outcome == Sent(remote_id=bubble.mid, recipient=case.customer.id)
    assert (bubble.text, bubble.messaging_type, bubble.tag) == ("承知しました 🎌", "RESPONSE", None)
    assert bubble.metadata == ("tb:42" if case.account.platform == "messenger" else None)
    (call,) = [call for call in case.meta.calls if call.method == "messages"]
    assert call.host == case.account.login


async def test_a_persons_answer_after_a_day_goes_with_the_tag(case: Case) -> None:
    """I-14, F3: MESSAGE_TAG and HUMAN_AGENT at 30 h."""
    case.clock.move(timedelta(hours=30))
    assert summary(await case.network.send(case.send())) == ("refused", "window")
    assert summary(await case.network.send(case.send(tag=Tag.HUMAN_AGENT))) == ("done",)
    (bubble,) = case.meta.sent(case.customer)
    assert (bubble.messaging_type, bubble.tag) == ("MESSAGE_TAG", "HUMAN_AGENT")


async def test_a_tag_that_meta_does_not_grant_holds_nobody_else_up(case: Case) -> None:
    """F4: a refused tag says nothing about the login."""
    case.account.human_agent = False
    case.clock.move(timedelta(hours=30))
    assert summary(await case.network.send(case.send(tag=Tag.HUMAN_AGENT))) == ("refused", "permission")


ROWS = [
    ("1", ("later", Scope.ROW)),
    ("1/1357046", ("unsure",)),
    ("2", ("later", Scope.ROW)),
    ("2/1545133", ("later", Scope.ROW)),
    ("4", ("later", Scope.TOP)),
    ("17", ("later", Scope.PARENT)),
    ("32", ("later", Scope.PARENT)),
    ("341", ("later", Scope.TOP)),
    ("613", ("later", Scope.TARGET)),
    ("613/2534040", ("later", Scope.TARGET)),
    ("613/2018338", ("refused", "tag_misuse")),
    ("80001", ("later", Scope.PARENT)),
    ("80002", ("later", Scope.PARENT)),
    ("80006", ("later", Scope.PARENT)),
    ("1200", ("later", Scope.ROW)),
    ("2018321", ("later", Scope.ROW)),
    ("102", ("held", "reauth.token_invalid", Scope.PARENT)),
    ("190", ("held", "reauth.token_invalid", Scope.PARENT)),
    ("190/458", ("held", "reauth.app_deauthorised", Scope.PARENT)),
    ("190/459", ("held", "reauth.checkpoint", Scope.PARENT)),
    ("190/460", ("held", "reauth.password_changed", Scope.PARENT)),
    ("190/463", ("held", "reauth.token_expired", Scope.PARENT)),
    ("190/464", ("held", "reauth.unconfirmed", Scope.PARENT)),
    ("190/467", ("held", "reauth.token_invalid", Scope.PARENT)),
    ("190/492", ("held", "reauth.role_lost", Scope.PARENT)),
    ("190/999", ("held", "reauth.token_invalid", Scope.PARENT)),
    ("10", ("held", "reauth.permission_revoked", Scope.PARENT)),
    ("200", ("held", "reauth.permission_revoked", Scope.PARENT)),
    ("210", ("held", "reauth.permission_revoked", Scope.PARENT)),
    ("10/2534077", ("held", "reauth.two_factor", Scope.PARENT)),
    ("100/2534013", ("held", "reauth.page_link", Scope.PARENT)),
    ("10/1893063", ("held", "restricted", Scope.TARGET)),
    ("368", ("held", "restricted.policy", Scope.TARGET)),
    ("100/2534029", ("held", "restricted.blocked", Scope.TARGET)),
    ("36103", ("held", "setup.not_eligible", Scope.TARGET)),
    ("10/2018278", ("refused", "window")),
    ("10/2018065", ("refused", "window")),
    ("10/2534022", ("refused", "window")),
    ("10/2018108", ("refused", "unreachable")),
    ("200/1545041", ("refused", "unreachable")),
    ("551", ("refused", "unreachable")),
    ("551/1545041", ("refused", "unreachable")),
    ("200/2534041", ("held", "setup.connected_tools", Scope.TARGET)),
    ("200/2018028", ("refused", "development")),
    ("2018300", ("refused", "other_app")),
    ("10/2018300", ("refused", "other_app")),
    ("100/2534037", ("refused", "other_app")),
    ("100", ("refused", "bad_request")),
    ("100/33", ("refused", "not_found")),
    ("100/999", ("refused", "bad_request")),
    ("100/2018001", ("refused", "no_customer")),
    ("100/2534014", ("refused", "no_customer")),
    ("230", ("refused", "no_profile")),
    ("10/999", ("refused", "permission")),
    ("100/2018109", ("refused", "media_too_large")),
    ("2022", ("held", "restricted.commerce", Scope.TARGET)),
    ("2534001", ("refused", "thread_deleted")),
    ("987654", ("refused", "other")),
]


@pytest.mark.parametrize("case", ["messenger"], indirect=True)
@pytest.mark.parametrize(("error", "expected"), ROWS)
async def test_each_refusal_of_metas_has_one_meaning(case: Case, error: str, expected: tuple[object, ...]) -> None:
    """ZM-09, ZM-10, I-10, M-29: decided on code and subcode alone; nothing reached the customer."""
    case.meta.faults.add(method="messages", kind="error", error=error)
    outcome = await case.network.send(case.send())
    assert summary(outcome) == expected
    assert case.meta.sent(case.customer) == []
    if isinstance(outcome, Held | Refused):
        assert outcome.code == error


@pytest.mark.parametrize(
    ("kind", "arrived"),
    [("reset_before", 0), ("reset_after", 1), ("drop_after", 1), ("garbage_after", 1)],
)
async def test_an_answer_that_is_lost_leaves_the_send_unsure(case: Case, kind: str, arrived: int) -> None:
    """Promise 2: perhaps delivered is its own outcome, and the client repeats nothing by itself."""
    case.meta.faults.add(method="messages", kind=kind)  # type: ignore[arg-type]
    assert summary(await case.network.send(case.send())) == ("unsure",)
    assert len(case.meta.sent(case.customer)) == arrived
    assert len([call for call in case.meta.calls if call.method == "messages"]) == 1


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (500, {}, Unsure(why="http 500")),
        (502, {}, Unsure(why="http 502")),
        (408, {}, Unsure(why="http 408")),
        (302, {"Location": "https://elsewhere.example/"}, Unsure(why="http 302")),
        (200, {}, Unsure(why="accepted without a message id")),
        (404, {}, Refused(code="http 404", why="other")),
        (429, {"Retry-After": "7"}, Later(after=timedelta(seconds=7), why="http 429", scope=Scope.TARGET)),
        (429, {"Retry-After": "soon"}, Later(after=timedelta(minutes=1), why="http 429", scope=Scope.TARGET)),
    ],
)
@pytest.mark.parametrize("case", ["messenger"], indirect=True)
async def test_an_answer_without_a_code_is_judged_by_its_class(
    case: Case, status: int, headers: dict[str, str], expected: Outcome
) -> None:
    case.meta.faults.add(method="messages", kind="status", status=status, headers=headers)
    assert await case.network.send(case.send()) == expected


async def test_what_never_left_is_tried_again_soon(case: Case, http: aiohttp.ClientSession) -> None:
    """Refused connections and unknown hosts: an outage of the network as a whole, and certainly not delivered."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{taken.getsockname()[1]}"
        for url in (nobody, "http://nobody.invalid"):
            graph = Graph(facebook_url=url, instagram_url=url)
            network = MetaNetwork(
                http=http, graph=graph, clock=TestClock(case.clock), open_token=unseal, seal_token=seal
            )
            for outcome in (await network.send(case.send()), await network.look(case.learn())):
                assert isinstance(outcome, Later)
                assert (outcome.scope, outcome.after) == (Scope.TOP, timedelta(seconds=5))


async def test_silence_is_unsure_for_a_send_and_later_for_a_look(
    case: Case, http: aiohttp.ClientSession, graph: Graph
) -> None:
    """Every call has an end."""
    soon = timedelta(milliseconds=50)
    network = MetaNetwork(
        http=http,
        graph=graph,
        clock=TestClock(case.clock),
        open_token=unseal,
        seal_token=seal,
        send_within=soon,
        read_within=soon,
    )
    case.meta.faults.add(method="*", kind="latency", seconds=1.0, times=2)
    assert summary(await network.send(case.send())) == ("unsure",)
    assert summary(await network.look(case.learn())) == ("later", Scope.TARGET)


@pytest.mark.parametrize(("sealed", "cause"), [(None, "taken_back"), ("?damaged", "token_unreadable")])
async def test_a_token_that_cannot_be_opened_holds_the_account(case: Case, sealed: str | None, cause: str) -> None:
    job = replace(case.send(), sealed=sealed)
    assert await case.network.send(job) == Held(cause=f"reauth.{cause}", scope=Scope.PARENT)
    assert await case.network.look(replace(case.learn(), sealed=sealed)) == Held(
        cause=f"reauth.{cause}", scope=Scope.PARENT
    )


async def test_a_job_for_another_adapter_is_a_programming_error(case: Case) -> None:
    job = case.job(ProbeDesk(workspace=WORKSPACE.id), text="x")
    with pytest.raises(TypeError):
        await case.network.send(job)
    with pytest.raises(TypeError):
        await case.network.look(job)


@pytest.mark.parametrize("case", ["messenger", "instagram"], indirect=True)
async def test_meta_looks_at_our_proof(case: Case, http: aiohttp.ClientSession) -> None:
    graph = Graph(facebook_url=case.meta.graph_url, app_secrets=("not ours",))
    network = MetaNetwork(http=http, graph=graph, clock=TestClock(case.clock), open_token=unseal, seal_token=seal)
    assert summary(await network.send(case.send())) == ("refused", "bad_request")


# ── budgets ───────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_used_up_budget_is_left_alone_until_its_minutes_are_over(case: Case) -> None:
    """Calling on would lengthen the block; only the account rests, and no call is spent on finding out."""
    case.use_up(100, regain_minutes=7)
    first = await case.network.send(case.send())
    assert isinstance(first, Later)
    assert (first.scope, first.after) == (Scope.PARENT, timedelta(minutes=7))
    calls = len(case.meta.calls)
    case.use_up(None)
    for resting in (await case.network.send(case.send()), await case.network.look(case.learn())):
        assert isinstance(resting, Later)
        assert timedelta(minutes=6) < resting.after <= timedelta(minutes=7)
    assert len(case.meta.calls) == calls
    case.clock.move(timedelta(minutes=7))
    assert summary(await case.network.send(case.send())) == ("done",)


async def test_from_ninety_percent_on_it_goes_slowly(case: Case) -> None:
    case.clock.frozen = True
    case.use_up(93)
    assert summary(await case.network.send(case.send())) == ("done",)
    assert await case.network.send(case.send()) == Later(
        after=timedelta(seconds=1), why="usage 93 %", scope=Scope.TARGET
    )
    case.clock.move(timedelta(seconds=1))
    case.use_up(40)
    assert summary(await case.network.send(case.send())) == ("done",)
    assert summary(await case.network.send(case.send())) == ("done",)


# ── looking for a send ────────────────────────────────────────────────────────────────────────────────────


async def test_looking_finds_the_businesss_messages_as_their_echoes_would_tell_them(case: Case) -> None:
    """A lost answer is settled by looking; what the customer wrote, and what is older, is not among it."""
    case.meta.echoes = "never"
    await case.network.send(case.send("long ago"))
    case.clock.move(timedelta(minutes=2))
    since = case.clock.now()
    case.meta.faults.add(method="messages", kind="reset_after")
    assert summary(await case.network.send(case.send("perhaps"))) == ("unsure",)
    await case.meta.native_reply(case.account, case.customer, "from the phone")
    await case.meta.write(case.customer, "hello?")
    outcome = await case.network.look(case.look(since))
    assert isinstance(outcome, Done)
    facts = [MetaParser().read(item, Known(), None) for item in outcome.learnt]
    heard = [fact for fact in facts if isinstance(fact, EchoHeard)]
    assert [fact.text for fact in heard] == ["perhaps", "from the phone"]
    assert [fact.remote_id for fact in heard] == [bubble.mid for bubble in case.meta.sent(case.customer)[1:]]
    assert all(fact.looked_up and fact.customer == case.customer.id for fact in heard)
    assert all(fact.account == case.account.id and abs(fact.at - since) < timedelta(minutes=1) for fact in heard)


async def test_looking_where_nothing_is_finds_nothing(case: Case) -> None:
    case.meta.echoes = "never"
    assert await case.network.look(case.look(case.clock.now())) == Done()


@pytest.mark.parametrize("kind", ["reset_before", "garbage_after", "status"])
async def test_a_look_that_fails_is_made_again_later(case: Case, kind: str) -> None:
    """Reads may be repeated: never unsure, and no attempt is counted against them."""
    case.meta.faults.add(method="*", kind=kind, status=503, times=None)  # type: ignore[arg-type]
    for job in (case.look(case.clock.now()), case.learn()):
        assert summary(await case.network.look(job)) == ("later", Scope.TARGET)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("190/460", ("held", "reauth.password_changed", Scope.PARENT)),
        ("613", ("later", Scope.TARGET)),
        ("10", ("refused", "permission")),
        ("200", ("refused", "permission")),
        ("36103", ("refused", "permission")),
        ("1/1357046", ("later", Scope.TARGET)),
    ],
)
@pytest.mark.parametrize("case", ["messenger"], indirect=True)
async def test_only_a_dead_login_lets_a_look_hold_the_account(
    case: Case, error: str, expected: tuple[object, ...]
) -> None:
    case.meta.faults.add(method="conversations", kind="error", error=error)
    assert summary(await case.network.look(case.look(case.clock.now()))) == expected


# ── profiles ──────────────────────────────────────────────────────────────────────────────────────────────


async def learnt(case: Case) -> ProfileLearnt:
    outcome = await case.network.look(case.learn())
    assert isinstance(outcome, Done)
    (item,) = outcome.learnt
    fact = MetaParser().read(item, Known(), None)
    assert isinstance(fact, ProfileLearnt)
    return fact


async def test_a_profile_is_learnt_with_what_each_network_tells(case: Case) -> None:
    """CT-02: name, picture, and on Instagram the username."""
    fact = await learnt(case)
    assert (fact.readable, fact.name, fact.customer) == (True, "Hanako Sato", case.customer.id)
    assert fact.username == (None if case.account.platform == "messenger" else "hanako")
    assert fact.picture is not None
    assert fact.picture.startswith(case.meta.url)


@pytest.mark.parametrize("error", ["230", "9010", "100/2018218", "2018218", "2018247", "100", "100/33", "10", "200"])
async def test_an_unreadable_profile_is_an_answer_and_loses_nothing(case: Case, error: str) -> None:
    """F14, CT-04: consent, Meta's review bot, a missing permission: the customer stays anonymous."""
    case.customer.profile = error
    fact = await learnt(case)
    assert (fact.readable, fact.name, fact.username, fact.picture) == (False, None, None, None)


async def test_a_dead_login_is_told_also_by_a_profile(case: Case) -> None:
    case.meta.revoke(case.account, 463)
    assert summary(await case.network.look(case.learn())) == ("held", "reauth.token_expired", Scope.PARENT)


# ── the table ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_outcome_of_the_table_has_its_words(language: str) -> None:
    """M-24: whatever Meta refuses can be explained, in both languages."""
    catalogue = load(language)
    outcomes: list[Outcome] = [*TABLE.values(), verdict(404, None), verdict(400, {"error": {"code": 99999}})]
    for outcome in outcomes:
        match outcome:
            case Held(cause=cause):
                assert f"cause.{cause}" in catalogue
                assert f"alert.{cause.partition('.')[0]}" in catalogue
            case Refused(why=why):
                assert f"error.{why}" in catalogue
            case _:
                continue
    assert "cause.reauth.token_unreadable" in catalogue


@pytest.mark.parametrize(
    "said", [None, 7, [], {}, {"error": None}, {"error": "x"}, {"error": {"code": "x"}}, {"error": {}}]
)
def test_no_answer_is_too_odd_for_a_verdict(said: object) -> None:
    assert verdict(500, said) == Unsure(why="http 500")
    assert verdict(400, said) == Refused(code="http 400", why="other")


async def test_many_sends_at_once_do_not_disturb_each_other(meta: MetaStandIn, case: Case, clock: MovableClock) -> None:
    jobs = [case.send(f"answer {number}", row=number) for number in range(20)]
    outcomes = await asyncio.gather(*(case.network.send(job) for job in jobs))
    by_mid = {bubble.mid: bubble.text for bubble in meta.sent(case.customer)}
    assert [by_mid[outcome.remote_id or ""] for outcome in outcomes if isinstance(outcome, Done)] == [
        job.text for job in jobs
    ]
