"""A customer's words become a thread; an agent's answer reaches the customer."""

import pytest

from tests.journeys.seen import figure
from tests.journeys.world import AKI, CHECK, KINDS, Kind, World


@pytest.mark.parametrize("kind", KINDS)
async def test_words_become_a_thread_and_an_answer_reaches_the_customer(database_url: str, kind: Kind) -> None:
    """CT-01, CT-15, ZI-03, ZM-01, M-01: both ways, for each way in which a customer can be reached."""
    async with World.open(database_url) as world:
        yuki = world.customer(kind, name="Yuki Tanaka", username="yuki_333")
        await world.meta.write(yuki, "この商品の在庫ありますか？")
        root = await world.root("この商品の在庫ありますか？")
        ts = await world.answer(root, "はい、ございます。")
        await world.until_phone(yuki, ["はい、ございます。"])
        await world.signed(root, ts, CHECK)
        await world.meta.write(yuki, "ありがとう！")
        await world.until(lambda: any("ありがとう" in line for line in world.lines(root)))
        assert len(world.roots()) == 1
        await world.calm()
        assert world.told(AKI) == []
        for direction, count in (("to_desk", 2), ("to_customer", 1)):
            assert await figure(world, "threadbridge_relay_seconds_count", direction=direction) == count
