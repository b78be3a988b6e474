"""Slack's one door: what is let in, what is kept before it is answered, and what is turned away."""

import asyncio
import contextlib
import hashlib
import hmac
import io
import json
import sqlite3
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bridge.config import Secret
from bridge.store import engine
from tests.journeys.hands import Talk, talking
from tests.journeys.world import AKI, CHECK, HOUR, MINUTE, SUPPORT, TEAM

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SECRET = "slack-secret"
UNKNOWN = json.dumps({"type": "event_callback", "team_id": TEAM, "event": {"type": "star_added"}}).encode()
MIB = 1024 * 1024


def signature(body: bytes, stamp: str, secret: str = SECRET) -> str:
    """As Slack signs."""
    return "v0=" + hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()


async def knock(
    talk: Talk, body: Any, headers: dict[str, str] | None = None, *, content_type: str = "application/json"
) -> int:
    """POST to the door, honestly signed where *headers* say nothing else; the status."""
    raw = body if isinstance(body, bytes) else b""
    stamp = str(int(talk.world.clock.time()))
    signed = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature(raw, stamp)}
    given = {"Content-Type": content_type} | (signed if headers is None else headers)
    data = io.BytesIO(raw) if raw else body
    async with talk.world.http.post(f"{talk.world.url}/slack/events", data=data, headers=given) as answer:
        assert "Traceback" not in await answer.text()
        return answer.status


async def test_what_is_no_body_is_refused(database_url: str) -> None:
    """Never 500: nobody has signed it, and it cannot even be read."""
    async with talking(database_url) as talk:
        for how in ("gzip", "deflate"):
            headers = {"Content-Encoding": how, "Connection": "close"}
            url = f"{talk.world.url}/slack/events"
            async with talk.world.http.post(url, data=b"not packed at all", headers=headers) as answer:
                assert answer.status in (400, 401)


async def test_only_what_slack_has_signed_lately_is_let_in(database_url: str) -> None:
    """ZI-08: wrong, old, early, missing and hostile headers are 401, never 500; an honest one is 200."""
    async with talking(database_url) as talk:
        now = talk.world.clock.time()
        stamp, old, early = (str(int(now + shift)) for shift in (0, -301, 302))
        good = signature(UNKNOWN, stamp)
        assert await knock(talk, UNKNOWN) == 200
        hostile: list[dict[str, str]] = [
            {},
            {"X-Slack-Signature": good},
            {"X-Slack-Request-Timestamp": stamp},
            {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature(UNKNOWN, stamp, "another")},
            {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature(UNKNOWN + b" ", stamp)},
            {"X-Slack-Request-Timestamp": old, "X-Slack-Signature": signature(UNKNOWN, old)},
            {"X-Slack-Request-Timestamp": early, "X-Slack-Signature": signature(UNKNOWN, early)},
            *({"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": bad} for bad in BAD_SIGNATURES),
            *({"X-Slack-Request-Timestamp": bad, "X-Slack-Signature": signature(UNKNOWN, bad)} for bad in BAD_STAMPS),
        ]
        for headers in hostile:
            assert await knock(talk, UNKNOWN, headers) == 401, headers


BAD_SIGNATURES = ["", "v0=", "v0=é", "v1=" + "0" * 64, "v0=" + "0" * 63, "v0=" + "0" * 4000, "ｖ0＝0"]
BAD_STAMPS = ["", "now", "-1", "1e9", "NaN", "٣", "9" * 400, "17.5", "0x10", " 1"]


async def test_a_word_that_slack_did_not_sign_is_not_relayed(database_url: str) -> None:
    """ZI-08: a forged reply changes nothing at all."""
    async with talking(database_url) as talk:
        event = {"type": "message", "channel": SUPPORT, "user": AKI, "text": "forged", "team": TEAM}
        event |= {"ts": "1900000000.000001", "event_ts": "1900000000.000001", "thread_ts": talk.root.ts}
        body = json.dumps({"type": "event_callback", "team_id": TEAM, "event_id": "Ev1", "event": event}).encode()
        assert await knock(talk, body, {"X-Slack-Request-Timestamp": "1", "X-Slack-Signature": "v0=0"}) == 401
        await talk.world.calm()
        assert talk.phone() == []
        assert await knock(talk, body) == 200
        await talk.reaches("forged")


async def test_each_of_several_secrets_counts_while_one_is_being_changed(database_url: str) -> None:
    """ZI-08: the new and the old signing secret are both taken, another is not."""
    async with talking(database_url, slack_signing_secret=Secret("new-secret", SECRET)) as talk:
        stamp = str(int(talk.world.clock.time()))
        for secret, status in (("new-secret", 200), (SECRET, 200), ("a-third", 401)):
            headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature(UNKNOWN, stamp, secret)}
            assert await knock(talk, UNKNOWN, headers) == status


async def test_slack_may_ask_who_we_are_and_tell_that_it_left_events_out(database_url: str) -> None:
    """ZI-08: the handshake is answered with its challenge; `app_rate_limited` is taken note of."""
    async with talking(database_url) as talk:
        slack = talk.world.slack
        assert await slack.url_verification()
        await slack.app_rate_limited()
        await slack.settle()
        assert [each.status for each in slack.deliveries.records if each.kind == "app_rate_limited"] == [200]
        await talk.world.calm()
        assert talk.phone() == []


async def test_a_slash_command_is_answered_privately(database_url: str) -> None:
    """ZI-03: help and any word that there is not tell the one who typed it what the bridge does."""
    async with talking(database_url) as talk:
        for words in ("help", "no-such-word ```"):
            before = len(talk.world.slack.ephemerals(AKI))
            status, _ = await talk.world.slack.command(AKI, SUPPORT, "/bridge", words)
            assert status == 200
            assert ["//" in each for each in talk.world.told(AKI)[before:]] == [True]
        assert len(talk.lines()) == 1


NEW: list[dict[str, Any]] = [
    {"type": "event_callback", "team_id": TEAM, "event": {"type": "star_added", "user": AKI}},
    {"type": "event_callback", "team_id": "T0NOBODY", "event": {"type": "message", "channel": "C1", "ts": "1.1"}},
    {"type": "event_callback"},
    {"type": "event_callback", "team_id": TEAM, "event": {"type": "message", "thread_ts": 7, "ts": []}},
    {"type": "event_callback", "team_id": TEAM, "event": [1]},
    {"type": "event_callback", "team_id": 5, "event": {"type": 5}},
    {"type": "block_actions", "actions": [{"action_id": "no_such"}], "user": {"id": AKI}, "team": {"id": TEAM}},
    {"type": "block_actions", "actions": "none"},
    {"type": "message_action", "callback_id": "no_such"},
    {"type": "shortcut", "callback_id": "no_such", "team": {"id": TEAM}, "user": {"id": AKI}},
    {"type": "view_submission", "view": {"id": "V1", "callback_id": "x"}, "team": {"id": TEAM}},
    {"type": "something_new", "team_id": TEAM},
    {"type": ["event_callback"]},
    {},
]


async def test_what_is_new_to_us_is_answered_and_harms_nobody(database_url: str) -> None:
    """ZI-08: never 500 for a shape, and the next answer goes."""
    async with talking(database_url) as talk:
        for payload in NEW:
            assert await knock(talk, json.dumps(payload).encode()) == 200, payload
        await talk.says("Good morning")
        await talk.reaches("Good morning")
        assert talk.world.rows("SELECT id FROM inbox WHERE state = 'dead'") == []


async def test_what_cannot_be_read_is_400_and_what_is_too_large_413(database_url: str) -> None:
    """ZI-08: bodies without an end, without JSON, and with nothing in them."""
    async with talking(database_url) as talk:
        for body in (b"{", b"[1]", b"\xff\xfe", b"", b"[" * 100_000):
            assert await knock(talk, body) == 400, body[:20]
        for body in (b"", b"payload=%7B", b"payload=[]", b"\xff"):
            assert await knock(talk, body, content_type="application/x-www-form-urlencoded") == 400, body
        large = b'{"type":"x","y":"' + b"a" * (2 * MIB) + b'"}'
        assert await knock(talk, large) == 413

        async def endless() -> AsyncIterator[bytes]:
            for _ in range(40):
                yield b"a" * 65_536

        assert await knock(talk, endless()) == 413
        within = b'{"type":"x","y":"' + b"a" * (2 * MIB - 100) + b'"}'
        assert await knock(talk, within) == 200


async def test_what_cannot_be_kept_is_503_and_goes_with_slacks_retry(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CT-15: while the database takes nothing Slack hears so and comes again; nothing is lost, doubled or dead."""
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.1)
    async with talking(database_url) as talk:
        deliveries = talk.world.slack.deliveries
        deliveries.retry_delays = (0.05,) * 50
        await talk.world.calm()
        with contextlib.closing(sqlite3.connect(database_url.partition("///")[2])) as another:
            another.execute("BEGIN IMMEDIATE")
            ts = await talk.says("はい。")
            await talk.world.until(lambda: [each.status for each in deliveries.records].count(503) > 5)
            another.rollback()
        await talk.bears(ts, CHECK)
        await talk.world.calm()
        assert talk.phone() == ["はい。"]


async def test_a_moved_clock_does_not_shut_the_door(database_url: str) -> None:
    """ZI-08: hours pass between two answers; both are within Slack's five minutes of their own time."""
    async with talking(database_url) as talk:
        await talk.says("one")
        await talk.reaches("one")
        talk.world.clock.move(3 * HOUR)
        await talk.says("two")
        await talk.reaches("one", "two")
        talk.world.clock.move(-20 * MINUTE)
        await talk.says("three")
        await talk.reaches("one", "two", "three")
        await asyncio.gather(*(talk.says(str(number)) for number in range(4, 8)))
        await talk.reaches("one", "two", "three", "4", "5", "6", "7")
