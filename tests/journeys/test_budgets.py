"""One side that hangs holds up nothing of the other; a clock that is moved past a lease doubles nothing."""

from datetime import timedelta

import pytest

from tests.journeys.hands import talking
from tests.journeys.seen import words
from tests.journeys.world import World

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@sqlite
async def test_a_hung_network_hides_no_customers_message(database_url: str) -> None:
    """M-32: more answers hang at Meta than may be in hand, and a new customer is seen at once."""
    async with World.open(database_url) as world:
        people = [world.customer(name=f"p{number}") for number in range(70)]
        for number, person in enumerate(people):
            await world.meta.write(person, f"hello {number}.")
        await world.until(lambda: len(world.roots()) == len(people))
        await world.calm()
        world.meta.faults.add(method="messages", kind="latency", seconds=20, times=None)
        for root in world.roots():
            await world.answer(root, "Yes.")
        await world.until(lambda: world.rows(IN_HAND)[0][0] >= 40)
        await world.meta.write(world.customer(name="Mio"), "And for me?")
        await world.root("And for me?")
        world.meta.faults.clear()


@sqlite
async def test_a_clock_moved_past_a_lease_doubles_nothing_that_is_in_hand(database_url: str) -> None:
    """CT-01: the process knows what it has in hand, whatever the clock says."""
    async with talking(database_url) as talk:
        world = talk.world
        fault = world.slack.faults.add(method="chat.postMessage", kind="latency", seconds=2, match={"text": "slow"})
        await world.meta.write(talk.customer, "slow words")
        await world.until(lambda: world.rows(POSTING)[0][0])
        world.clock.move(timedelta(minutes=2))
        await world.ticked(4)
        world.clock.move(timedelta(minutes=2))
        await world.until(lambda: not world.rows(POSTING)[0][0])
        world.slack.faults.remove(fault)
        await world.calm()
        assert words(world, talk.root).count("slow words") == 1


IN_HAND = "SELECT count(*) FROM outbox WHERE kind = 'SendToCustomer' AND state = 'working'"
POSTING = "SELECT count(*) FROM outbox WHERE kind = 'PostMessage' AND state = 'working'"
