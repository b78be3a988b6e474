"""The webhook over HTTP: handshake, signatures, sizes, and 200 only after the keeping."""

import asyncio
import gzip
import hashlib
import hmac
import io
import json
import socket
from collections.abc import AsyncIterator, Sequence

import aiohttp
import pytest
from aiohttp import web

from bridge.demo.meta import MetaStandIn
from bridge.meta.intake import LARGEST, PATH, Intake
from bridge.model.outcomes import RawItem
from tests.clock import MovableClock
from tests.meta.conftest import IGID, PAGE, TestClock

SECRETS = ("meta-secret", "instagram-secret", "rotated-away")
TOKENS = ("verify-me", "the next one: é")
BODY = b'{"object":"page","entry":[]}'


class Keeper:
    """A store with a memory that keeps each key once, and that can be out of order."""

    def __init__(self) -> None:
        self.kept: dict[str, RawItem] = {}
        self.broken = False

    async def keep(self, items: Sequence[RawItem]) -> int:
        if self.broken:
            raise OSError("the disk is full of secrets")
        before = len(self.kept)
        self.kept = {item.key: item for item in items} | self.kept
        return len(self.kept) - before


@pytest.fixture
def keeper() -> Keeper:
    return Keeper()


@pytest.fixture
async def webhook(keeper: Keeper, clock: MovableClock) -> AsyncIterator[str]:
    app = web.Application()
    Intake(store=keeper, clock=TestClock(clock), app_secrets=SECRETS, verify_tokens=TOKENS).add_routes(app.router)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    yield f"http://{host}:{port}{PATH}"
    await runner.cleanup()


def signed(raw: bytes, secret: str = SECRETS[0]) -> dict[str, str]:
    return {"X-Hub-Signature-256": f"sha256={hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()}"}


async def post(http: aiohttp.ClientSession, url: str, raw: bytes, headers: dict[str, str]) -> tuple[int, str]:
    async with http.post(url, data=io.BytesIO(raw), headers=headers) as answer:
        return answer.status, await answer.text()


@pytest.mark.parametrize("token", TOKENS)
async def test_the_challenge_comes_back_byte_for_byte(http: aiohttp.ClientSession, webhook: str, token: str) -> None:
    """ZI-08: the handshake."""
    challenge = "1158201444<b>é&=+"
    asked = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": token}
    async with http.get(webhook, params=asked) as answer:
        assert (answer.status, await answer.read()) == (200, challenge.encode())
        assert answer.content_type == "text/plain"


@pytest.mark.parametrize(
    "asked",
    [
        {"hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": "guess"},
        {"hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": ""},
        {"hub.mode": "subscribe", "hub.challenge": "1"},
        {"hub.mode": "unsubscribe", "hub.challenge": "1", "hub.verify_token": TOKENS[0]},
        {"hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": "日本語"},
        {},
    ],
)
async def test_a_handshake_with_the_wrong_token_is_refused(
    http: aiohttp.ClientSession, webhook: str, asked: dict[str, str]
) -> None:
    async with http.get(webhook, params=asked) as answer:
        assert answer.status == 403


@pytest.mark.parametrize("secret", SECRETS)
async def test_any_of_the_secrets_may_have_signed(
    http: aiohttp.ClientSession, webhook: str, keeper: Keeper, secret: str
) -> None:
    """The two app secrets, and the old ones during a rotation."""
    assert await post(http, webhook, BODY, signed(BODY, secret)) == (200, "EVENT_RECEIVED")
    assert len(keeper.kept) == 1


@pytest.mark.parametrize(
    "header",
    [
        None,
        b"",
        b"sha256=",
        b"sha256=" + b"0" * 64,
        signed(BODY, "of another app")["X-Hub-Signature-256"].encode(),
        signed(BODY)["X-Hub-Signature-256"].encode().upper(),
        signed(BODY)["X-Hub-Signature-256"].replace("sha256=", "sha1=").encode(),
        signed(BODY)["X-Hub-Signature-256"].removeprefix("sha256=").encode(),
        "sha256=日本語".encode(),
        b"sha256=\xff\xfe\xed\xa0\x80",
    ],
)
async def test_a_wrong_signature_is_refused_and_nothing_is_kept(
    webhook: str, keeper: Keeper, header: bytes | None
) -> None:
    """GHSA-7rw7-pc8v-mrr3's lesson; odd bytes in a header are a refusal too, never a 500."""
    address = webhook.removeprefix("http://").removesuffix(PATH)
    host, _, port = address.partition(":")
    line = b"" if header is None else b"X-Hub-Signature-256: " + header + b"\r\n"
    request = b"POST " + PATH.encode() + b" HTTP/1.1\r\nHost: " + address.encode() + b"\r\nConnection: close\r\n" + line
    reader, writer = await asyncio.open_connection(host, int(port), family=socket.AF_INET)
    writer.write(request + b"Content-Length: " + str(len(BODY)).encode() + b"\r\n\r\n" + BODY)
    status = (await asyncio.wait_for(reader.read(), 10)).split(b" ", 2)[1]
    writer.close()
    assert (status, keeper.kept) == (b"401", {})


async def test_what_is_signed_but_no_json_is_a_bad_request(http: aiohttp.ClientSession, webhook: str) -> None:
    for raw in (b"", b"{", b"\xff", b"[" * 100_000):
        assert (await post(http, webhook, raw, signed(raw)))[0] == 400


async def test_a_signed_body_of_a_new_shape_is_kept_whole(
    http: aiohttp.ClientSession, webhook: str, keeper: Keeper
) -> None:
    """Never a 500 for a shape that is new to us."""
    raw = json.dumps({"object": "threads", "entry": {"odd": ["日本語", "\ud83d"]}}).encode()
    assert (await post(http, webhook, raw, signed(raw)))[0] == 200
    assert [json.loads(item.body)["item"] for item in keeper.kept.values()] == [json.loads(raw)]


async def test_a_backlog_of_a_thousand_is_taken_and_more_than_the_most_is_not(
    http: aiohttp.ClientSession, webhook: str, keeper: Keeper
) -> None:
    """ZI-08, M-32: 32 MiB, also where no length is told beforehand."""
    message = {"sender": {"id": "7"}, "recipient": {"id": PAGE}, "timestamp": 1772150400100}
    items = [message | {"message": {"mid": f"m_{number}", "text": "x" * 2000}} for number in range(1000)]
    raw = json.dumps({"object": "page", "entry": [{"id": PAGE, "time": 1, "messaging": items}]}).encode()
    assert (await post(http, webhook, raw, signed(raw)))[0] == 200
    assert len(keeper.kept) == 1000
    assert (await post(http, webhook, b" " * (LARGEST + 1), {}))[0] == 413
    bomb = gzip.compress(b" " * (LARGEST + 1))
    status, _ = await post(http, webhook, bomb, signed(bomb) | {"Content-Encoding": "gzip"})
    assert status == 413


async def test_what_cannot_be_kept_is_asked_for_again(
    http: aiohttp.ClientSession, webhook: str, keeper: Keeper
) -> None:
    """Promise 1: acknowledged means committed."""
    keeper.broken = True
    assert (await post(http, webhook, BODY, signed(BODY)))[0] == 503
    keeper.broken = False
    assert (await post(http, webhook, BODY, signed(BODY)))[0] == 200


@pytest.mark.parametrize("login", ["facebook", "instagram"])
async def test_the_stand_ins_deliveries_arrive_once_each(
    meta: MetaStandIn, webhook: str, keeper: Keeper, login: str
) -> None:
    """ZI-08: escaped bytes, emoji among them, verify as they are; a repeated delivery is one item."""
    meta.webhook_url = webhook
    account = meta.add_instagram(IGID, "Shop", login=login, subscribed=True)  # type: ignore[arg-type]
    customer = meta.add_customer(account)
    meta.deliveries.duplicate_next()
    mid = await meta.write(customer, "「日本語」🎌 a/b")
    await meta.settle()
    assert [delivery.attempts for delivery in meta.deliveries.record] == [[200, 200]]
    assert [item.about for item in keeper.kept.values()] == [f"mid:{mid}"]
