"""Agents' files and a process that is killed while they are on their way."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.nursery import Nursery
from tests.crash.service import Installation, installed
from tests.journeys.files import PNG, begun
from tests.journeys.world import CHECK, World

pytestmark = [pytest.mark.parametrize("database_url", ["sqlite"], indirect=True), pytest.mark.timeout(120)]
FILE = ("cup.png", PNG, "image/png")


def uploads(world: World) -> list[str]:
    """How the calls ended that bring a file to Meta."""
    return [each.outcome for each in world.meta.calls if each.method == "message_attachments"]


async def ends(home: Installation, yuki_has: int) -> None:
    """Nothing of the file is left on the disk, and the customer has it once."""
    await home.world.calm()
    assert list(home.service.temporary.iterdir()) == []
    assert yuki_has == 2


async def test_a_file_that_is_cut_off_on_its_way_is_brought_again_and_goes_once(
    nursery: Nursery, database_url: str, tmp_path: Path
) -> None:
    """Promise 1: killed while Meta takes it; the words have waited for it."""
    async with installed(nursery, database_url, tmp_path) as home:
        yuki, root = await begun(home.world)
        home.world.meta.faults.add(method="message_attachments", kind="latency", seconds=20.0)
        ts = await home.world.answer(root, "Here", files=[FILE])
        await home.until(lambda: any(each.method == "message_attachments" for each in home.world.meta.calls))
        await home.service.kill()
        assert list(home.service.temporary.iterdir()) == []
        assert home.world.bubbles(yuki) == []
        await home.service.start()
        await home.world.signed(root, ts, CHECK)
        await ends(home, len(home.world.bubbles(yuki)))


async def test_a_file_that_meta_has_is_not_brought_again_by_the_next_process(
    nursery: Nursery, database_url: str, tmp_path: Path
) -> None:
    """Promise 2: killed between its upload and its send."""
    async with installed(nursery, database_url, tmp_path) as home:
        yuki, root = await begun(home.world)
        home.world.meta.faults.add(method="messages", kind="error", error={"code": 613}, status=400, times=None)
        ts = await home.world.answer(root, "Here", files=[FILE])
        # Refused, and known to be: what dies in hand may have arrived.
        refused = "SELECT id FROM outbox WHERE kind = 'SendToCustomer' AND state = 'ready' AND reason IS NOT NULL"
        await home.until(lambda: home.world.rows(refused))
        await home.service.kill()
        home.world.meta.faults.clear()
        await home.service.start()
        await home.world.forward(
            lambda: CHECK in home.world.slack.reactions_by(root.channel, ts, home.world.slack.world.names.bot_user_id)
        )
        assert uploads(home.world) == ["ok"]
        await ends(home, len(home.world.bubbles(yuki)))
