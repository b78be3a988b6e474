"""The door for Slack: what is refused, what is kept, and what is answered at once."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import io
import json
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import pytest

from bridge.model.facts import AgentWrote, OwnPostSeen, Pressed
from bridge.slack import commands
from bridge.slack.intake import signed
from bridge.slack.setup.spoken import WORDS
from bridge.wording import Wording
from tests.clock import MovableClock
from tests.slack.stage import AKI, NOON, PLACE, MemoryInbox, Stage, door, stage

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
MEBIBYTE = 1024 * 1024


@pytest.fixture
async def at() -> AsyncIterator[Stage]:
    async with stage() as built:
        yield built


class Door:
    """The door alone, and a hand that knocks."""

    def __init__(self, session: aiohttp.ClientSession, address: str, inbox: MemoryInbox, clock: MovableClock) -> None:
        self.session, self.address, self.inbox, self.clock = session, address, inbox, clock

    async def knock(
        self,
        body: bytes,
        *,
        kind: str = JSON,
        secret: str = "slack-secret",
        skew: timedelta = timedelta(),
        headers: Mapping[str, str] | None = None,
    ) -> int:
        """Send a body, signed as Slack does unless *headers* say otherwise."""
        sent = {"Content-Type": kind} | self.signature(body, secret, skew) | dict(headers or {})
        async with self.session.post(self.address, data=io.BytesIO(body), headers=sent) as answer:
            self.answer = await answer.text()
            return answer.status

    def signature(self, body: bytes, secret: str, skew: timedelta) -> dict[str, str]:
        """The two headers that prove a body is Slack's."""
        stamp = str(int((self.clock.now() + skew).timestamp()))
        digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}

    async def raw(self, headers: Mapping[str, bytes], body: bytes) -> bytes:
        """Send header bytes that no HTTP client would; the status line of the answer."""
        host, _, port = self.address.removeprefix("http://").partition("/")[0].partition(":")
        lines = [b"POST /slack/events HTTP/1.1", b"Host: x", b"Connection: close", b"Content-Type: application/json"]
        lines += [
            b"Content-Length: %d" % len(body),
            *(name.encode() + b": " + value for name, value in headers.items()),
        ]
        with socket.create_connection((host, int(port))) as connection:
            connection.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_sendall(connection, b"\r\n".join(lines) + b"\r\n\r\n" + body)
            return (await loop.sock_recv(connection, 100)).partition(b"\r\n")[0]


@pytest.fixture
async def at_door() -> AsyncIterator[Door]:
    inbox, clock = MemoryInbox(), MovableClock(NOON)
    async with door(inbox, clock) as address, aiohttp.ClientSession() as session:
        yield Door(session, address, inbox, clock)


def event(number: int = 1, **inner: object) -> bytes:
    usual = {"type": "message", "channel": PLACE, "user": AKI, "text": "Yes", "ts": f"1763640001.00000{number}"}
    usual |= {"thread_ts": "1763640000.000001", "event_ts": f"1763640001.00000{number}", "team": "T0DEMO"}
    envelope = {"type": "event_callback", "team_id": "T0DEMO", "event_id": f"Ev{number}", "event": usual | inner}
    return json.dumps(envelope).encode()


# -- who may come in


@pytest.mark.parametrize("secret", ["slack-secret", "new-secret"])
async def test_each_secret_that_counts_opens_the_door(at_door: Door, secret: str) -> None:
    """A secret is rotated without a gap."""
    assert await at_door.knock(event(), secret=secret) == 200
    assert [type(fact) for fact in at_door.inbox.facts()] == [AgentWrote]


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": "v0=ünïcode"},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "soon"},
        {"X-Slack-Request-Timestamp": "-1"},
        {"X-Slack-Request-Timestamp": "1e9"},
        {"X-Slack-Request-Timestamp": "9" * 400},
        {"X-Slack-Request-Timestamp": "١٧٦٣٦٤٠٠٠٠"},
    ],
)
async def test_what_is_not_signed_is_refused(at_door: Door, headers: dict[str, str]) -> None:
    assert await at_door.knock(event(), headers=headers) == 401
    assert not at_door.inbox.kept


@pytest.mark.parametrize("odd", [b"v0=\xff\xfe", b"v0=\xed\xa0\x80", b"\xf0\x9f"])
async def test_header_bytes_that_are_no_text_are_refused_and_not_an_error(at_door: Door, odd: bytes) -> None:
    body = event()
    stamp = at_door.signature(body, "slack-secret", timedelta())["X-Slack-Request-Timestamp"].encode()
    for headers in (
        {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": odd},
        {"X-Slack-Request-Timestamp": odd, "X-Slack-Signature": b"v0=" + b"0" * 64},
        {},
    ):
        assert await at_door.raw(headers, body) == b"HTTP/1.1 401 Unauthorized"


async def test_a_wrong_secret_or_another_body_is_refused(at_door: Door) -> None:
    assert await at_door.knock(event(), secret="somebody-elses") == 401
    other = at_door.signature(event(2), "slack-secret", timedelta())
    assert await at_door.knock(event(1), headers=other) == 401


def test_without_a_secret_nothing_is_genuine() -> None:
    assert not signed(b"", "1", "v0=" + hmac.new(b"", b"v0:1:", hashlib.sha256).hexdigest(), [])


@pytest.mark.parametrize(("skew", "status"), [(299, 200), (-299, 200), (302, 401), (-302, 401)])
async def test_what_is_older_than_five_minutes_is_refused(at_door: Door, skew: int, status: int) -> None:
    assert await at_door.knock(event(), skew=timedelta(seconds=skew)) == status


async def test_a_moved_clock_is_asked_again_before_anything_is_refused(at_door: Door) -> None:
    """In a demo the clock is moved by hand, and Slack's stand-in goes by it."""
    at_door.clock.move(timedelta(hours=25))
    assert await at_door.knock(event()) == 200


# -- what is readable


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", JSON), (b"[]", JSON), (b"3", JSON), (b"", JSON), (b"", FORM), (b"\xff\xfe{}", JSON),
        (b"payload={", FORM), (b"payload=7", FORM), (b"[" * 100_000, JSON),
        (b"{" + b'"a":{' * 50_000, JSON), (b'{"a":' + b"9" * 5_000 + b"}", JSON), (b"a&" * 5_000, FORM),
    ],
)  # fmt: skip
async def test_what_cannot_be_read_is_a_bad_request(at_door: Door, body: bytes, kind: str) -> None:
    assert await at_door.knock(body, kind=kind) == 400


@pytest.mark.parametrize(("size", "status"), [(2 * MEBIBYTE, 200), (2 * MEBIBYTE + 1, 413)])
async def test_a_body_may_have_two_mebibytes(at_door: Door, size: int, status: int) -> None:
    body = b'{"type":"hello"}'
    assert await at_door.knock(body + b" " * (size - len(body))) == status


async def test_a_body_of_unknown_length_may_not_be_longer_either(at_door: Door) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(3 * 16):
            yield b" " * (MEBIBYTE // 16)

    async with at_door.session.post(at_door.address, data=endless()) as answer:
        assert answer.status == 413


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "event_callback"},
        {"type": "event_callback", "event": []},
        {"type": "event_callback", "event_id": ["x"], "event": {"type": {}, "subtype": []}},
        {"type": "event_callback", "event": {"type": "message", "subtype": {}, "channel": 7, "thread_ts": [1]}},
        {"type": "block_actions", "actions": [{}, 3]},
        {"type": "message_action"},
        {"type": "something_from_next_year"},
        {"type": []},
        {},
    ],
)
async def test_a_shape_that_is_new_to_us_is_no_error(at_door: Door, payload: dict[str, object]) -> None:
    assert await at_door.knock(json.dumps(payload).encode()) == 200


async def test_the_request_url_is_proved(at: Stage) -> None:
    assert await at.slack.url_verification()


async def test_the_certificate_check_is_answered(at_door: Door) -> None:
    assert await at_door.knock(b"ssl_check=1&token=x", kind=FORM) == 200


# -- what is kept


async def test_slack_comes_again_until_it_is_kept_and_it_is_kept_once(at: Stage) -> None:
    """Promise 1: what was acknowledged is kept; 503 asks for another try."""
    root = await at.root()
    at.slack.deliveries.retry_delays = (0.0, 0.2, 0.2)
    at.inbox.broken = True
    await at.slack.say(AKI, PLACE, "Yes", thread_ts=root.partition(":")[2])
    await at.slack.until(lambda: any(each.status == 503 for each in at.slack.deliveries.records))
    at.inbox.broken = False
    at.slack.deliveries.duplicate_next()
    await at.slack.settle()
    assert at.slack.deliveries.records[-1].status == 200
    assert [fact.text for fact in at.inbox.facts() if isinstance(fact, AgentWrote)] == ["Yes"]


async def test_a_delivery_that_comes_twice_is_kept_once(at_door: Door) -> None:
    for _ in range(2):
        assert await at_door.knock(event(), headers={"X-Slack-Retry-Num": "1"}) == 200
    assert list(at_door.inbox.kept) == ["slack:Ev1"]


async def test_of_our_own_posts_only_ids_are_kept_and_nothing_is_left_to_decide(at: Stage) -> None:
    await at.root()
    await at.slack.settle()
    (item,) = at.inbox.kept.values()
    assert item.applied
    assert item.about == "row:1"
    assert b"Yuki" not in item.body
    assert b"stock" not in item.body
    (fact,) = at.inbox.facts()
    assert isinstance(fact, OwnPostSeen)
    assert fact.keys == (1,)


async def test_noise_is_answered_and_not_kept(at: Stage) -> None:
    """Our own edits and signs, counters and previews, other people's comings and goings, words outside threads."""
    root = await at.root()
    channel, _, ts = root.partition(":")
    await at.slack.settle()
    before = list(at.inbox.kept)
    at.slack.switches.thread_counters = True
    await at.client.chat_update(channel=channel, ts=ts, text="Another card")
    await at.slack.noise(channel, ts)
    await at.client.reactions_add(channel=channel, timestamp=ts, name="lock")
    await at.slack.say(AKI, PLACE, "Who takes the late shift?")
    await at.slack.leave(AKI, PLACE)
    await at.slack.join(AKI, PLACE)
    await at.slack.settle()
    assert list(at.inbox.kept) == before
    assert {record.status for record in at.slack.deliveries.records} == {200}


async def test_left_out_events_are_remembered(at: Stage) -> None:
    await at.slack.app_rate_limited()
    await at.slack.settle()
    (item,) = at.inbox.kept.values()
    assert item.key.startswith("slack:limited:T0DEMO:")


async def test_a_shortcut_is_kept_without_the_message(at: Stage) -> None:
    root = await at.root()
    ts = await at.slack.say(AKI, PLACE, "Our secret words", thread_ts=root.partition(":")[2])
    await at.slack.settle()
    assert await at.slack.shortcut(AKI, "what_happened", PLACE, ts) == 200
    item = list(at.inbox.kept.values())[-1]
    assert item.lane == f"slack:T0DEMO:{PLACE}:{root.partition(':')[2]}"
    assert b"secret" not in item.body
    fact = at.inbox.facts()[-1]
    assert isinstance(fact, Pressed)
    assert (fact.ref, fact.root, fact.person) == (f"{PLACE}:{ts}", root, AKI)


async def test_nothing_refused_or_kept_is_logged(at_door: Door, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        await at_door.knock(event(text="Our secret words"), secret="somebody-elses")
        at_door.inbox.broken = True
        assert await at_door.knock(event(text="Our secret words")) == 503
    assert "secret words" not in caplog.text


# -- what is answered at once


@pytest.mark.parametrize("text", ["help", "HELP me", "whatever <b>"])
async def test_the_command_answers_privately_with_the_usage(at: Stage, text: str) -> None:
    status, _ = await at.slack.command(AKI, PLACE, "/bridge", text)
    assert status == 200
    (line,) = at.slack.ephemerals(AKI)
    for key in ("usage.what", "usage.note", "usage.happened"):
        assert Wording("en").say(key) in line.text
    assert at.slack.calls == []


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("acounts", "accounts"),
        ("Agent add <@U0KEN>", "agents add U0KEN"),
        ("ｌａｎｇａｕｇｅ　ｊａ", "language ja"),
        ("chanel `a`", "channel ˋaˋ"),
    ],
)
async def test_a_word_that_is_mistyped_is_answered_with_the_nearest(at: Stage, text: str, meant: str) -> None:
    """I-03: with the rest of what was typed, and not the whole help; of a word that is like none it is said first that it is none."""
    status, _ = await at.slack.command(AKI, PLACE, "/bridge", text)
    assert status == 200
    (line,) = at.slack.ephemerals(AKI)
    said = Wording("en").say
    assert line.text.splitlines() == [said("usage.meant", word=meant), said("usage.all")]
    unknown, rest = commands.usage("en", "Xyzzy `on").split("\n", 1)
    assert (unknown, rest) == (said("usage.unknown"), commands.usage("en", "help"))
    assert all(f"`/bridge {each}" in rest for each in WORDS if each != "help")


@pytest.mark.parametrize("kind", ["view_submission", "view_closed", "shortcut", "block_suggestion", "block_actions"])
async def test_every_interaction_has_an_answer(at_door: Door, kind: str) -> None:
    view = {"id": "V1", "type": "modal", "callback_id": "later", "state": {"values": {}}}
    action = {"type": "button", "action_id": "x", "block_id": "y", "action_ts": "1763640000.000001"}
    payload: dict[str, object] = {
        "type": kind,
        "team": {"id": "T0DEMO"},
        "user": {"id": AKI},
        "view": view,
        "callback_id": "later",
    }
    payload |= {"container": {"type": "view"}, "actions": [action], "action_id": "x", "block_id": "y", "value": ""}
    body = urlencode({"payload": json.dumps(payload)}).encode()
    assert await at_door.knock(body, kind=FORM) == 200
    assert not at_door.inbox.kept


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """An empty home directory, which must stay empty."""
    yield tmp_path
    assert list(tmp_path.iterdir()) == []


async def test_an_oauth_pair_in_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Bolt would take the pair for its own and keep tokens in files."""
    monkeypatch.setenv("SLACK_CLIENT_ID", "1.2")
    monkeypatch.setenv("SLACK_CLIENT_SECRET", "s")
    monkeypatch.setenv("HOME", str(home))
    async with stage() as at:
        status, _ = await at.slack.command(AKI, PLACE, "/bridge", "help")
        assert status == 200
