"""Meta's two callbacks about people who logged in: hostile input is refused, what is genuine is kept and carried out."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

import pytest

from bridge.demo.meta.leaving import take_out
from bridge.demo.meta.people import PERSON
from bridge.demo.meta.wire import signed_request
from tests.connect.stage import Office, Visitor
from tests.journeys.house import ALERTS, HOURGLASS
from tests.journeys.world import World

DEAUTHORIZE, DELETION = "/meta/deauthorize", "/meta/data-deletion"
SECRET = "meta-secret"


def alerts(world: World, words: str) -> list[str]:
    return [text for each in world.roots(ALERTS) if words in (text := world.slack.plain(each))]


async def told(house: Office, path: str, form: Any) -> tuple[int, str]:
    async with house.world.http.post(house.world.url + path, data=form) as answer:
        return answer.status, await answer.text()


def signed(house: Office, person: str = PERSON, *, secret: str = SECRET, later: float = 0) -> dict[str, str]:
    return {"signed_request": signed_request(person, int(house.world.clock.time() + later), secret)}


def forged(payload: bytes, secret: str = SECRET) -> str:
    """A signed request around anything at all."""
    text = base64.urlsafe_b64encode(payload).decode().rstrip("=")
    signature = base64.urlsafe_b64encode(hmac.digest(secret.encode(), text.encode(), "sha256")).decode().rstrip("=")
    return f"{signature}.{text}"


async def connect(house: Office, person: Visitor) -> None:
    """K. Sato logs in for the Page."""
    await person.go(house.link("messenger"))
    await person.click("facebook")
    assert "is connected again" in (await person.click("grant")).words


async def test_whoever_takes_the_app_away_stops_what_lives_by_their_login_and_nothing_else(
    house: Office, person: Visitor
) -> None:
    """ZM-10, CT-36: the cause is told before anything fails, replies wait, and go after the next login."""
    world = house.world
    await connect(house, person)
    yuki = world.customer("messenger", name="Yuki Tanaka")
    await world.meta.write(yuki, "Is it in stock?")
    root = await world.root("Is it in stock?")
    assert (await take_out(world.meta, PERSON))[0] == 200
    assert (await told(house, DEAUTHORIZE, signed(house)))[0] == 200
    await world.until(lambda: house.row("messenger")["cause"] == "app_deauthorised")
    assert house.row("messenger")["health"] == "needs_reauthentication"
    assert house.row("instagram")["health"] == house.row("instagram_login")["health"] == "ready"
    await world.until(lambda: alerts(world, "Hanako Flowers (Messenger) needs re-authentication"))
    answer = await world.answer(root, "It is.")
    await world.signed(root, answer, HOURGLASS)
    assert world.phone(yuki) == []
    await connect(house, person)
    await world.until_phone(yuki, ["It is."])
    await world.until(lambda: alerts(world, "Mended by K. Sato"))
    assert world.rows("SELECT count(*) FROM inbox WHERE source = 'login'") == [(0,)], "it named a person"


@pytest.mark.parametrize("path", [DEAUTHORIZE, DELETION])
async def test_a_login_that_is_younger_than_the_word_is_not_ended_by_it(
    house: Office, person: Visitor, path: str
) -> None:
    """The network repeats what it could not tell: somebody has logged in again since they asked."""
    await connect(house, person)
    before = house.row("messenger")
    assert (await told(house, path, signed(house, later=-3600)))[0] == 200
    await house.world.calm()
    assert house.row("messenger") == before
    assert (before["health"], before["sealed"] is None) == ("ready", False)
    assert house.world.rows("SELECT count(*) FROM meta_person") == [(1,)]


async def test_a_person_s_data_is_erased_and_the_page_says_when(house: Office, person: Visitor) -> None:
    """Their name, id and tokens go; the customers' conversations stay; a repeated request has the same code."""
    world = house.world
    world.meta.revoke(world.account("messenger"))
    yuki = world.customer("messenger", name="Yuki Tanaka")
    await world.meta.write(yuki, "Is it in stock?")
    await world.answer(await world.root("Is it in stock?"), "It is.")
    await world.until(lambda: alerts(world, "needs re-authentication"))
    await connect(house, person)
    await world.until(lambda: alerts(world, "Mended by K. Sato"))
    form = signed(house)
    answers = {await told(house, DELETION, form) for _ in range(2)}
    assert len(answers) == 1
    status, body = answers.pop()
    receipt = json.loads(body)
    assert (status, set(receipt)) == (200, {"url", "confirmation_code"})
    assert receipt["url"].endswith(f"{DELETION}/{receipt['confirmation_code']}")
    await world.until(lambda: house.row("messenger")["sealed"] is None)
    assert house.row("messenger")["connected_by"] is None
    assert house.row("messenger")["cause"] == "app_deauthorised"
    assert world.rows("SELECT count(*) FROM meta_person") == [(0,)]
    assert world.rows("SELECT count(*) FROM connecting") == [(0,)]
    assert not any("K. Sato" in str(row) or PERSON in str(row) for row in world.rows("SELECT * FROM incident"))
    await world.until(lambda: not alerts(world, "K. Sato"))
    page = await person.go(receipt["url"])
    assert page.status == 200
    assert "was erased on" in page.words
    assert "customers" in page.words
    await world.root("Is it in stock?")


async def test_the_status_of_an_unknown_code_is_told_in_the_readers_language(house: Office, person: Visitor) -> None:
    for code in ("0123456789abcdef0123", "x", "%00", "..%2f"):
        page = await person.go(f"{house.world.url}{DELETION}/{code}")
        assert page.status == 404
    async with person.http.get(f"{house.world.url}{DELETION}/abcdef0123", headers={"Accept-Language": "ja"}) as answer:
        assert "ログイン情報の削除" in await answer.text()


@pytest.mark.parametrize("path", [DEAUTHORIZE, DELETION])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_none_of_our_apps_has_signed_is_refused(house: Office, path: str) -> None:
    """Anybody can post here; nothing of it is kept, and nothing fails."""
    good = signed(house)["signed_request"]
    unsigned = [signed(house, secret="another")["signed_request"], f"x.{good.partition('.')[2]}", good[:-3]]
    unreadable = [
        "", ".", "a", "é.é", "=.=", f"{good}.{good}"[: len(good) + 5], forged(b""), forged(b"[]"), forged(b"\xff\xfe"),
        forged(b'{"algorithm": "HMAC-SHA256"}'), forged(b'{"user_id": [1], "algorithm": "HMAC-SHA256"}'),
        forged(b'{"user_id": "1"}'), forged(b'{"user_id": "1", "algorithm": "none"}'), forged(b"[" * 5000),
    ]  # fmt: skip
    for text in (*unsigned, *unreadable):
        status, _ = await told(house, path, {"signed_request": text})
        assert status in (400, 401), text
    for body in (b"", b"\xff" * 100, b"signed_request", b"a=b&" * 1000, b"{}"):
        assert (await told(house, path, body))[0] in (400, 401)
    assert (await told(house, path, b"x" * 100_000))[0] == 413
    odd = forged(json.dumps({"user_id": 7, "algorithm": "hmac-sha256", "issued_at": 10**30}).encode())
    assert (await told(house, path, {"signed_request": odd}))[0] == 200
    await house.world.calm()
    assert house.row("messenger")["health"] == "ready"
