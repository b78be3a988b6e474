"""Meta's door: who may knock, what is kept before 200 is said, and that nothing new to us costs its neighbours anything."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from bridge.config import Secret
from bridge.demo.meta.wire import escaped, milliseconds, signature
from bridge.demo.meta.world import Account, Customer
from bridge.telemetry import log_to
from tests.journeys.seen import figure
from tests.journeys.world import ACCOUNTS, KINDS, World

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
OBJECTS = {"messenger": "page", "instagram": "instagram"}


def item(customer: Customer, what: Mapping[str, Any], *, at: float) -> dict[str, Any]:
    """An item as it stands in `messaging`."""
    ends = {"sender": {"id": customer.id}, "recipient": {"id": customer.account.id}}
    return ends | {"timestamp": milliseconds(at)} | dict(what)


def text(customer: Customer, words: str, mid: str, *, at: float) -> dict[str, Any]:
    """A customer's text as it stands in `messaging`."""
    return item(customer, {"message": {"mid": mid, "text": words}}, at=at)


def body(account: Account, **containers: Any) -> dict[str, Any]:
    """A delivery with one entry."""
    return {"object": OBJECTS[account.platform], "entry": [{"id": account.id, "time": 1_772_150_400_512} | containers]}


async def knock(world: World, raw: bytes, headers: Mapping[str, str]) -> int:
    """POST anything at all; the answer's status."""
    async with world.http.post(f"{world.url}/meta/webhook", data=raw, headers=dict(headers)) as answer:
        return answer.status


async def knock_raw(world: World, header: bytes, *, length: int = 2) -> int:
    """The same with a header line that no client would send, and a length that need not be true; 0: it was hung up."""
    host, port = world.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = b"POST /meta/webhook HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n"
    writer.write(head + header + f"\r\nContent-Length: {length}\r\n\r\n{{}}".encode())
    await writer.drain()
    status = await reader.readline()
    writer.close()
    return int(status.split()[1]) if status else 0


@SQLITE
async def test_a_handshake_gives_the_challenge_back_to_whoever_knows_the_token(database_url: str) -> None:
    """ZI-08: byte for byte, as plain text; any of several tokens while one is being changed; otherwise 403."""
    async with World.open(database_url, meta_verify_token=Secret("new", "verify-me")) as world:
        for token in ("verify-me", "new"):
            assert await world.meta.handshake(verify_token=token, challenge="1158201444") == (200, "1158201444")
        odd = "<b>é&+ \u2028</b>"
        query = {"hub.mode": "subscribe", "hub.verify_token": "new", "hub.challenge": odd}
        async with world.http.get(f"{world.url}/meta/webhook", params=query) as answer:
            assert (answer.status, await answer.text(), answer.content_type) == (200, odd, "text/plain")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
        for wrong in ({"hub.verify_token": "guess"}, {"hub.mode": "unsubscribe"}, {"hub.verify_token": "vérify\udcff"}):
            async with world.http.get(f"{world.url}/meta/webhook", params={**query, **wrong}) as answer:
                assert answer.status == 403
                assert odd not in await answer.text()
        async with world.http.get(f"{world.url}/meta/webhook") as answer:
            assert answer.status == 403


@SQLITE
async def test_only_signed_bytes_are_taken_and_any_of_the_secrets_may_have_signed(database_url: str) -> None:
    """The signature is over the raw bytes, escaped as Meta escapes them; the Instagram app's secret counts as well."""
    secrets: dict[str, Any] = {
        "meta_app_secret": Secret("meta-secret", "old-secret"),
        "instagram_app_secret": Secret("insta-secret"),
    }
    async with World.open(database_url, **secrets) as world:
        yuki = world.customer(name="Yuki")
        now = world.clock.time()
        for number, secret in enumerate(("meta-secret", "old-secret", "insta-secret")):
            words = f"署名 {number} 🌸 a/b"
            sent = body(yuki.account, messaging=[text(yuki, words, f"m_{number}", at=now + number)])
            raw = escaped(sent)
            assert b"\\u7f72" in raw
            assert b"a\\/b" in raw
            assert await world.meta.deliver(raw, secret=secret) == 200
            await world.root(words)
        refused = escaped(body(yuki.account, messaging=[text(yuki, "forged", "m_forged", at=now)]))
        good = signature(refused, "meta-secret")
        hostile = ["", "sha256=", "sha256", good.upper(), good[:-1], f" {good}x", f"{good},{good}", "sha256=zz",
                   good.replace("sha256", "sha1"), signature(refused, "meta-secret", "sha1"), "sha256=" + "é" * 64,
                   signature(refused, "another"), signature(refused + b" ", "meta-secret"), "x" * 4000]  # fmt: skip
        for header in hostile:
            assert await world.meta.deliver(refused, signature=header) == 401, header
        assert await world.meta.deliver(refused, signature="missing") == 401
        old = {"X-Hub-Signature": signature(refused, "meta-secret", "sha1")}
        assert await knock(world, refused, old) == 401
        for odd in (b"X-Hub-Signature-256: sha256=\xff\xfe\x80", b"X-Hub-Signature-256:", b"X-Other: \xf0\x9f\x8c\xb8"):
            assert await knock_raw(world, odd) == 401, odd
        await world.calm()
        assert not any("forged" in line for root in world.roots() for line in world.lines(root))


@SQLITE
async def test_what_cannot_be_read_is_refused_and_what_is_too_large_is_not_read(database_url: str) -> None:
    """Contract: 400 for no JSON, 413 above 32 MiB, whether the length is told or not; never 500."""
    async with World.open(database_url) as world:
        for raw in (b"", b"{", b"\xff\xfe", b"hello=world", b'{"object":"page"', b"[" * 100_000, b'{"a":"\\ud83'):
            assert await world.meta.deliver(raw) == 400, raw[:20]
        for odd in (b"null", b"[]", b"3", b'"page"', b"{}", b'{"object":"page","entry":"no"}', b'{"object":["page"]}',
                    b'{"object":"page","entry":[null,3,"x",[],{}]}', b'{"object":"whatsapp","entry":[{"id":"1"}]}',
                    b'{"object":"page","entry":[{"id":{},"messaging":{"a":1}}]}'):  # fmt: skip
            assert await world.meta.deliver(odd) == 200, odd
        assert await knock_raw(world, b"X-Hub-Signature-256: sha256=00", length=32 * 1024 * 1024 + 1) == 413

        async def drip() -> Any:
            for _ in range(33):
                yield b" " * 1024 * 1024

        async with world.http.post(f"{world.url}/meta/webhook", data=drip()) as answer:
            assert answer.status == 413
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "still there?")
        await world.root("still there?")


def nested(levels: int) -> bytes:
    """JSON so many objects deep."""
    return b'{"a":' * levels + b"1" + b"}" * levels


@SQLITE
async def test_what_is_nested_deep_is_kept_whole_and_what_nobody_can_read_is_refused_once(
    database_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """I-02: 500 levels cost neither their own message nor its neighbours anything; of 5,000 nothing can be read: 400."""
    async with World.open(database_url) as world:
        log_to("info")
        yuki = world.customer(name="Yuki")
        hole = '"#"'
        items = [
            item(yuki, {"message": {"mid": "m_odd", "text": "with something odd", "odd": "#"}}, at=world.clock.time()),
            item(yuki, {"message": {"mid": "m_file", "attachments": ["#"]}}, at=world.clock.time()),
            item(yuki, {"never_heard_of": "#"}, at=world.clock.time()),
            text(yuki, "and its neighbour", "m_plain", at=world.clock.time()),
        ]
        whole = escaped(body(yuki.account, messaging=items))
        assert whole.count(hole.encode()) == 3
        assert await world.meta.deliver(whole.replace(hole.encode(), nested(500))) == 200
        root = await world.root("and its neighbour")
        assert any("with something odd" in line for line in world.lines(root))
        await world.calm()
        kept = [bytes(row) for (row,) in world.rows("SELECT body FROM inbox WHERE source = 'meta'")]
        assert sum(nested(500) in each for each in kept) == 3
        refused = await figure(world, "threadbridge_ack_seconds_count", source="meta", status="400")
        capfd.readouterr()
        assert await world.meta.deliver(whole.replace(hole.encode(), nested(5000))) == 400
        assert await figure(world, "threadbridge_ack_seconds_count", source="meta", status="400") == refused + 1
        assert capfd.readouterr().err.count('"meta.no_json"') == 1


async def test_a_batch_of_everything_loses_nothing_for_what_is_new_in_it(database_url: str) -> None:
    """I-02, CT-01: many entries, all four containers, known and unknown, broken and whole, in one body."""
    async with World.open(database_url) as world:
        yuki, ken = (world.customer("instagram", name=name) for name in ("Yuki", "Ken"))
        mio = world.customer("instagram_login", name="Mio")
        now = world.clock.time()
        flat = {"sender": {"id": mio.id}, "recipient": {"id": mio.account.id}, "timestamp": str(int(now * 1000))}
        entries: list[Any] = [
            {"id": yuki.account.id, "time": 1, "messaging": [
                text(yuki, "one", "aWd1", at=now), {"sender": 7}, None, "odd", text(yuki, "two", "aWd2", at=now + 1)]},
            {"id": int(yuki.account.id), "time": "x", "standby": [text(ken, "standing by", "aWd3", at=now)]},
            {"id": yuki.account.id, "time": 1, "changes": [
                {"field": "messages", "value": text(ken, "as a change", "aWd4", at=now + 2)},
                {"field": "comments", "value": {"id": "18", "text": "値段は？", "from": {"id": "9", "username": "h"}}},
                {"field": "follow", "value": {"id": "3"}}]},
            {"id": mio.account.id, "time": 2, "field": "messages",
             "value": flat | {"message": {"mid": "aWd5", "text": "on the entry"}}},
            {"id": mio.account.id, "messaging": [item(mio, {"hologram": {"mid": 5}}, at=now + 9)], "surprise": [1, 2]},
            {"id": "0", "changes": [{"field": "messages", "value": {"sender": {"id": "12334"},
             "recipient": {"id": "23245"}, "timestamp": "1527459824", "message": {"mid": "r", "text": "dashboard"}}}]},
            "nonsense",
        ]  # fmt: skip
        assert await world.meta.deliver({"object": "instagram", "entry": entries, "new_key": {"a": [1]}}) == 200
        first, second, third = [await world.root(words) for words in ("two", "as a change", "on the entry")]
        assert [line.split(": ", 1)[1] for line in world.lines(first)] == ["one", "two"]
        said = [line.split(": ", 1)[1] for line in world.lines(second)]
        assert [line for line in said if "This conversation is with" not in line] == ["standing by", "as a change"]
        await world.until(lambda: any("cannot read (hologram): open Instagram" in line for line in world.lines(third)))
        await world.calm()
        assert len(world.roots()) == 3
        kept = world.rows("SELECT reason FROM inbox WHERE source = 'meta' AND state = 'applied'")
        reasons = {reason for (reason,) in kept}
        assert {"comment", "dashboard_test", "unknown_shape"} <= reasons
        assert await figure(world, "threadbridge_facts_ignored_total", reason="unknown_shape") >= 1
        assert await figure(world, "threadbridge_ack_seconds_count", source="meta", status="200") == 1
        assert world.rows("SELECT state FROM inbox WHERE state <> 'applied'") == [("unknown",)]


async def test_a_delivery_told_again_changes_nothing(database_url: str) -> None:
    """At least once: the same bytes, the same message in another container, the same one in another batch."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        then = world.clock.time() - 10
        said = [text(yuki, f"n{number}", f"m_{number}", at=then + number) for number in range(3)]
        whole = body(yuki.account, messaging=said)
        assert [await world.meta.deliver(whole) for _ in range(3)] == [200, 200, 200]
        assert await world.meta.deliver(body(yuki.account, standby=said[1:])) == 200
        answers = await asyncio.gather(*(world.meta.deliver(body(yuki.account, messaging=[one])) for one in said * 3))
        assert set(answers) == {200}
        world.meta.deliveries.duplicate_next(2)
        await world.meta.tap(yuki, "Hours", "HOURS")
        await world.meta.write(yuki, "n3")
        root = await world.root("n3")
        await world.calm()
        lines = [line.split(": ", 1)[1] for line in world.lines(root)]
        assert lines == ["n0", "n1", "n2", "tapped “Hours”", "n3"]
        assert len(world.roots()) == 1


async def test_what_cannot_be_kept_is_not_acknowledged_and_comes_again(database_url: str) -> None:
    """Promise 1: 503 while the database takes nothing; Meta delivers again, and it is shown once."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        world.refuse_keeping()
        raw = escaped(body(yuki.account, messaging=[text(yuki, "kept?", "m_k", at=world.clock.time())]))
        assert await world.meta.deliver(raw) == 503
        await world.meta.write(yuki, "and this?")
        delivery = world.meta.deliveries.record[-1]
        await world.until(lambda: 503 in delivery.attempts)
        assert world.roots() == []
        world.allow_keeping()
        assert await world.meta.deliver(raw) == 200
        world.meta.deliveries.retry_now()
        root = await world.root("and this?")
        await world.calm()
        assert [line.split(": ", 1)[1] for line in world.lines(root)] == ["kept?", "and this?"]


@SQLITE
async def test_accounts_that_are_not_connected_are_thanked_and_nothing_is_shown(database_url: str) -> None:
    """Unknown, removed, or known under the other network: 200, no thread, counted."""
    async with World.open(database_url) as world:
        stranger = world.meta.add_page("104857600009999", "Somebody else", token="EAAG-else", subscribed=True)
        nobody = world.meta.add_customer(stranger, name="Nobody")
        await world.meta.write(nobody, "wrong house")
        yuki, now = world.customer("instagram", name="Yuki"), world.clock.time()
        wrong = body(yuki.account, messaging=[text(yuki, "as a page", "m_w", at=now)]) | {"object": "page"}
        assert await world.meta.deliver(wrong) == 200
        await world.meta.settle()
        await world.calm()
        assert world.roots() == []
        assert await figure(world, "threadbridge_facts_ignored_total", reason="not connected") == 2


@SQLITE
async def test_what_the_bridge_does_not_act_on_is_silent(database_url: str) -> None:
    """CT-14, M-25: comments, read marks, deliveries, linked accounts, nobody's messages: counted, no thread, no line."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "hello")
        root = await world.root("hello")
        await world.meta.comment(yuki.account, "値段は？")
        await world.meta.read(yuki)
        await world.meta.received(yuki, "m_out")
        now = world.clock.time()
        quiet = [item(yuki, {what: {"status": "linked"}}, at=now) for what in ("optout", "account_linking", "read")]
        assert await world.meta.deliver(body(yuki.account, messaging=quiet)) == 200
        no_sender = {"recipient": {"id": yuki.account.id}, "timestamp": 5, "message": {"mid": "m_x", "text": "ghost"}}
        assert await world.meta.deliver(body(yuki.account, messaging=[no_sender])) == 200
        await world.meta.settle()
        await world.calm()
        assert len(world.lines(root)) == 1
        assert len(world.roots()) == 1
        for reason in ("comment", "read", "delivery", "optout", "account_linking", "no_customer"):
            assert await figure(world, "threadbridge_facts_ignored_total", reason=reason) >= 1, reason


@SQLITE
@pytest.mark.parametrize("kind", KINDS)
async def test_what_cannot_be_shown_yet_leaves_a_line_in_its_place(database_url: str, kind: str) -> None:
    """CT-11, M-24, ZI-33: placeholders in order between the words around them, with the network to open."""
    async with World.open(database_url) as world:
        yuki = world.customer(kind, name="Yuki")  # type: ignore[arg-type]
        network = "Messenger" if kind == "messenger" else "Instagram"
        await world.meta.write(yuki, "before")
        await world.meta.unsupported(yuki)
        await world.meta.attach(yuki, "hologram", {"url": "https://example.org/x"})
        await world.meta.attach(yuki, "ephemeral")
        await world.meta.unknown_event(yuki, {"wave": {"mid": "w"}})
        await world.meta.write(yuki, "after")
        root = await world.root("after")
        await world.calm()
        lines = [line.split(": ", 1)[1] for line in world.lines(root)]
        assert (lines[0], lines[-1]) == ("before", "after")
        begin = "sent something that this version of the bridge cannot read "
        for line in (
            f"sent something that cannot be shown here: open {network}",
            f"{begin}(hologram): open {network}",
            f"sent something that can be seen once only: open {network}",
            f"{begin}(wave): open {network}",
        ):
            assert [found.startswith(line) for found in lines[1:-1]].count(True) == 1, lines
        assert len(lines) == 6


@SQLITE
async def test_two_accounts_and_the_same_number_are_different_people(database_url: str) -> None:
    """CT-05, ZI-06: ids are scoped to the account; the same name, and even the same number, merge nobody."""
    async with World.open(database_url) as world:
        people = [
            world.meta.add_customer(world.meta.accounts[ACCOUNTS[kind]], id="7200000000000011", name="Yuki Tanaka")
            for kind in KINDS
        ]
        twin = world.customer("messenger", name="Yuki Tanaka")
        for number, person in enumerate([*people, twin]):
            await world.meta.write(person, f"I am {number}")
        roots = [await world.root(f"I am {number}") for number in range(4)]
        await world.calm()
        assert len({root.ts for root in roots}) == 4
        assert [len(world.lines(root)) for root in roots] == [1, 1, 1, 1]
        assert len(world.roots()) == 4


@SQLITE
async def test_the_web_server_outlives_rude_callers(database_url: str) -> None:
    """No 500 for what is no request of Meta's at all."""
    async with World.open(database_url) as world:
        for method in ("PUT", "DELETE", "PATCH"):
            async with world.http.request(method, f"{world.url}/meta/webhook") as answer:
                assert answer.status == 405
        host, port = world.url.removeprefix("http://").split(":")
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"POST /meta/webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n{")
        await writer.drain()
        writer.close()
        zipped = {"Content-Encoding": "gzip", "X-Hub-Signature-256": "sha256=00"}
        assert await knock(world, b"not gzip at all", zipped) in (400, 401)
        assert await world.meta.deliver(b"{}") == 200
