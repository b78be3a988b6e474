"""User groups that end, empty, or cannot be read."""

from __future__ import annotations

import pytest

from bridge.demo.slack import Message
from bridge.model.ids import GroupRef
from tests.journeys.hands import Talk, talking
from tests.journeys.opening import does
from tests.journeys.seen import figure
from tests.journeys.test_places import alert
from tests.journeys.test_work import card_says
from tests.journeys.world import AKI, ALERTS, CROSS, HOUR, KEN, MINUTE, World

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
GROUP = GroupRef("S0HELP")


async def named(talk: Talk, *people: str) -> None:
    """A group whose people answer, and nobody else."""
    talk.world.slack.add_usergroup(GROUP, "helpers", list(people))
    await talk.world.set("messenger", agent_groups=(GROUP,))
    await talk.says("I am.", user=KEN)
    await talk.reaches("I am.")


async def mended(world: World, told: Message) -> None:
    await world.until(lambda: "Mended" in world.slack.plain(told))


async def test_a_group_that_lets_nobody_answer_is_told_of_until_it_does_again(database_url: str) -> None:
    """ZM-17: disabled and back, emptied and named no more: one incident each, and its people follow."""
    async with talking(database_url) as talk:
        world = talk.world
        await named(talk, KEN)
        world.slack.disable_usergroup(GROUP)
        told = await alert(world, "Nobody can answer the customers of Hanako Flowers")
        assert "disabled or deleted" in world.slack.plain(told)
        await talk.bears(await talk.says("Still?", user=KEN), CROSS)
        world.slack.disable_usergroup(GROUP, disabled=False)
        await mended(world, told)
        await talk.says("Again.", user=KEN)
        await talk.reaches("I am.", "Again.")
        world.slack.change_usergroup(GROUP, [])
        again = await world.until(lambda: world.roots(ALERTS)[1:])
        assert "Nobody belongs to it any more" in world.slack.plain(again[0])
        await world.set("messenger", agent_groups=())
        world.clock.move(MINUTE)
        await mended(world, again[0])
        await talk.says("Everybody may.")
        await talk.reaches("I am.", "Again.", "Everybody may.")
        assert len(world.roots(ALERTS)) == 2


@sqlite
async def test_what_a_group_looked_after_goes_back_when_it_ends(database_url: str) -> None:
    """ZI-25: found out within the hour, also of a group that no account names."""
    async with talking(database_url) as talk:
        world = talk.world
        world.slack.add_usergroup(GROUP, "helpers", [KEN])
        assert await does(talk, "assign", group=GROUP) == {}
        await card_says(talk, "looks after it")
        world.slack.deliveries.drop_next()
        world.slack.disable_usergroup(GROUP)
        world.clock.move(HOUR + MINUTE)
        told = await alert(world, "no longer a user group")
        assert "1 conversation that it looked after goes back" in world.slack.plain(told)
        assert "Waiting for an answer: 1" in world.slack.plain(told)
        await world.forward(lambda: "looks after it" not in talk.card())
        assert len(world.roots(ALERTS)) == 1


@sqlite
async def test_a_plan_without_user_groups_is_told_of(database_url: str) -> None:
    """Found out within the hour, without an event; people who are named themselves still answer."""
    async with talking(database_url) as talk:
        await named(talk, KEN)
        await talk.world.set("messenger", agents=(AKI,))
        talk.world.slack.world.switches.user_groups = False
        talk.world.clock.move(HOUR + MINUTE)
        told = await alert(talk.world, "Nobody can answer")
        assert "plan has no user groups" in talk.world.slack.plain(told)
        await talk.says("I may.", user=AKI)
        await talk.reaches("I am.", "I may.")


@sqlite
async def test_without_the_permission_for_groups_named_people_answer(database_url: str) -> None:
    """Nothing is held for it: whoever was known to belong goes on, and somebody new can be learnt."""
    async with talking(database_url) as talk:
        world = talk.world
        await named(talk, KEN)
        world.slack.world.install.scopes = world.slack.world.install.scopes - {"usergroups:read"}
        world.clock.move(HOUR + MINUTE)
        told = await alert(world, "cannot be read")
        await talk.says("I go on.", user=KEN)
        await talk.reaches("I am.", "I go on.")
        await world.set("messenger", agents=(AKI,))
        await talk.says("I may.", user=AKI)
        await talk.reaches("I am.", "I go on.", "I may.")
        assert await figure(world, "threadbridge_held_targets") == 0
        world.slack.world.install.scopes = world.slack.world.install.scopes | {"usergroups:read"}
        world.clock.move(HOUR + MINUTE)
        await mended(world, told)
