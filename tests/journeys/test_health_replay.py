"""What waits for a login goes in order, once; a limit pauses what Meta has named and nothing else."""

from __future__ import annotations

import pytest

from tests.journeys.hands import begun, reconnect
from tests.journeys.house import SECOND
from tests.journeys.world import ALERTS, CHECK, CROSS, DAY, HOURGLASS, MINUTE, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_what_waited_for_a_login_goes_in_order_and_once(database_url: str) -> None:
    """CT-31, CT-34, CT-35, ZM-15: hourglasses, customers' words shown meanwhile; after the login each answer once, in order."""
    async with World.open(database_url) as world:
        yuki = await begun(world, "messenger", "hello", name="Yuki")
        ren = await begun(world, "messenger", "good day", name="Ren")
        other = await begun(world, "instagram", "hi there", name="Mei")
        world.meta.revoke(world.account("messenger"), 460)
        first = await yuki.says("one")
        second = await yuki.says("two")
        await ren.says("three")
        await world.until(lambda: world.roots(ALERTS))
        world.clock.move(5 * SECOND)
        for answer in (first, second):
            await yuki.bears(answer, HOURGLASS)
        await other.says("goes on")
        await other.hears("goes on")
        assert (yuki.phone(), ren.phone()) == ([], [])
        world.meta.restore(world.account("messenger"))
        await reconnect(world, "messenger")
        await world.until(lambda: yuki.phone() == ["one", "two"] and ren.phone() == ["three"])
        await world.until(lambda: "Mended" in world.slack.plain(world.roots(ALERTS)[0]))
        world.clock.move(20 * MINUTE)
        await world.calm()
        assert (yuki.phone(), ren.phone(), len(world.roots(ALERTS))) == (["one", "two"], ["three"], 1)


@pytest.mark.parametrize(("code", "all_wait"), [("613", False), ("80006", False), ("4", True)])
async def test_a_limit_pauses_what_meta_named_and_is_no_incident(database_url: str, code: str, all_wait: bool) -> None:
    """M-30, CT-31: of the account's sends, of the account, or of the whole app; it ends by itself, and nobody is told."""
    async with World.open(database_url) as world:
        yuki = await begun(world, "messenger", "hello", name="Yuki")
        other = await begun(world, "instagram", "hi there", name="Mei")
        world.meta.faults.add(method="messages", kind="error", error=code)
        await yuki.says("limited")
        await world.until(
            lambda: any(call.outcome == "error" and call.method == "messages" for call in world.meta.calls)
        )
        await world.until(lambda: world.rows("SELECT id FROM target WHERE not_before IS NOT NULL"))
        await other.says("beside")
        if all_wait:
            await world.ticked()
            assert other.phone() == []
        else:
            await other.hears("beside")
        world.clock.move(6 * MINUTE)
        await yuki.hears("limited")
        await other.hears("beside")
        assert (yuki.phone(), other.phone(), world.roots(ALERTS)) == (["limited"], ["beside"], [])


async def test_an_answer_whose_window_closes_while_it_waits_comes_back_before_a_younger_one_goes(
    database_url: str,
) -> None:
    """CT-34, CT-35: its author hears it at once, though the login is still out; what was written later goes alone, and nothing twice."""
    async with World.open(database_url) as world:
        await world.set("messenger", human_agent=False)
        yuki = await begun(world, "messenger", "Is it open?", name="Yuki")
        world.meta.revoke(world.account("messenger"), 460)
        older = await yuki.says("older")
        await world.until(lambda: world.roots(ALERTS))
        world.clock.move(DAY + MINUTE)
        await yuki.bears(older, CROSS)
        await world.until_told("Not sent")
        await world.meta.write(yuki.customer, "Hello?")
        await world.until(lambda: any("Hello?" in line for line in world.lines(yuki.root)))
        younger = await yuki.says("younger")
        world.clock.move(5 * SECOND)
        await yuki.bears(younger, HOURGLASS)
        world.meta.restore(world.account("messenger"))
        await reconnect(world, "messenger")
        await yuki.hears("younger")
        await yuki.bears(younger, CHECK)
        await world.calm()
        assert yuki.phone() == ["younger"]
        assert sum("Not sent" in line for line in world.told()) == 1
