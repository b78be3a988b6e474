"""Tokens of Instagram Login live for sixty days; the bridge exchanges them in time by itself."""

from __future__ import annotations

import pytest

from bridge.secrets import Sealer
from tests.journeys.hands import begun
from tests.journeys.seen import posted
from tests.journeys.world import ALERTS, DAY, HOUR, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
REFRESH = "refresh_access_token"


def token(world: World) -> str:
    """The token that the bridge keeps for the account, opened."""
    rows = world.rows("SELECT remote_id, sealed FROM account")
    sealed = next(sealed for remote_id, sealed in rows if remote_id == world.account("instagram_login").id)
    return Sealer(world.config.secret_key.values).open(sealed)


def asked(world: World, outcome: str = "ok") -> int:
    """How often Meta was asked for a younger token, with this outcome."""
    return sum(call.method == REFRESH and call.outcome == outcome for call in world.meta.calls)


async def exchanged(world: World, times: int) -> None:
    """Wait until it was exchanged so often, and the bridge keeps the youngest."""
    await world.until(lambda: asked(world) >= times)
    await world.until(lambda: token(world) == world.account("instagram_login").token)


async def test_a_token_is_exchanged_every_week_and_never_runs_out(database_url: str) -> None:
    """ZM-09, ZM-14, F15: for ten weeks nobody logs in; no warning, no refusal; the token stands nowhere in the clear."""
    async with World.open(database_url) as world:
        first = token(world)
        world.clock.move(26 * HOUR)
        await world.until(lambda: token(world) != first)
        for week in range(2, 11):
            world.clock.move(7 * DAY)
            await exchanged(world, week)
        talk = await begun(world, "instagram_login", "hello", name="Yuki")
        await talk.says("still here")
        await talk.hears("still here")
        assert not any("Hanako Studio" in line for line in posted(world, ALERTS))
        queries = ("SELECT * FROM outbox", "SELECT * FROM inbox", "SELECT * FROM account")
        everything = [str(row) for query in queries for row in world.rows(query)]
        assert not any("IGAA" in line for line in everything)


async def test_a_token_younger_than_a_day_is_not_exchanged(database_url: str) -> None:
    """F15: Meta refuses that, and nobody asks it."""
    async with World.open(database_url) as world:
        await world.until(lambda: not world.rows("SELECT id FROM account WHERE probe_at IS NULL"))
        world.clock.move(23 * HOUR)
        await world.until(lambda: any(call.method == "me" for call in world.meta.calls))
        await world.ticked()
        assert asked(world) + asked(world, "error 10") == 0


async def test_an_exchange_that_fails_is_tried_again_and_one_that_is_refused_is_looked_into(database_url: str) -> None:
    """ZM-09, CT-33: a failure of Meta's costs a day; a dead token is found by the probe that follows the refusal."""
    async with World.open(database_url) as world:
        first = token(world)
        world.meta.faults.add(method=REFRESH, kind="status", status=500)
        world.clock.move(26 * HOUR)
        await world.until(lambda: asked(world, "status"))
        await world.calm()
        assert token(world) == first
        world.clock.move(DAY + HOUR)
        await world.until(lambda: token(world) != first)
        await world.calm()
        world.meta.revoke(world.account("instagram_login"), 460)
        world.clock.move(7 * DAY)
        await world.until(lambda: any("Hanako Studio" in line and "password" in line for line in posted(world, ALERTS)))
