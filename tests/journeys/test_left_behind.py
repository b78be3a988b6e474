"""What customers take back in a place that is closed to the bridge, or that Slack does not delete: told, never dropped."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.journeys.files import lie, send
from tests.journeys.seen import decided
from tests.journeys.test_places import BREAKS, alert
from tests.journeys.test_unsend import WORD, begun, shows, told
from tests.journeys.world import ALERTS, KINDS, OTHER, SUPPORT, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

STALE = "still shows what a customer has"


def stale(world: World) -> list[str]:
    """Where the alerts lead that ask somebody to delete a post."""
    return [str(each.blocks) for each in world.roots(ALERTS) if STALE in world.slack.plain(each)]


@pytest.mark.parametrize("how", BREAKS)
@pytest.mark.parametrize("moved_first", [True, False], ids=["left before", "left afterwards"])
async def test_what_was_taken_back_in_a_closed_place_that_was_left_a_person_is_asked_to_delete(
    database_url: str, how: str, moved_first: bool
) -> None:
    """M-17, promises 4 and 6: with a link to the post, and without a word of it."""
    close, _, _ = BREAKS[how]
    async with World.open(database_url) as world:
        world.slack.world.channels[SUPPORT].private = True
        yuki, root = await begun(world, "instagram")
        mid = await world.meta.write(yuki, WORD)
        await told(world, root, WORD)
        await world.meta.write(yuki, "after")
        await world.until(lambda: "after" in world.slack.plain(root))
        await world.calm()
        post = next(each for each in world.slack.thread(SUPPORT, root.ts) if WORD in world.slack.plain(each))
        close(world, SUPPORT)
        await decided(world)
        if not moved_first:
            await world.meta.unsend(yuki, mid)
            await world.until(lambda: world.rows("SELECT id FROM outbox WHERE kind IN ('RemovePost', 'RedrawPost')"))
            await decided(world)
        for kind in KINDS:
            await world.set(kind, channel=OTHER)
        await world.meta.write(yuki, "moved")
        await world.root("moved", OTHER)
        await world.calm()
        if moved_first:
            assert stale(world) == []
            await world.meta.unsend(yuki, mid)
        await world.until(lambda: any(post.ts.replace(".", "") in each for each in stale(world)))
        await decided(world)
        assert all(WORD not in each for each in stale(world))
        # What stands in the place where the account is now waits for nothing of this.
        await world.until(lambda: not world.rows("SELECT id FROM outbox WHERE kind = 'RedrawCard' AND state = 'ready'"))


@pytest.mark.parametrize("how", ["deleted", *BREAKS])
async def test_of_what_stands_in_a_closed_place_nobody_is_asked_to_change_it(database_url: str, how: str) -> None:
    """M-17: nobody can; of the place itself they are told, and a card there is drawn once it opens."""
    close, reopen, _ = BREAKS["archived" if how == "deleted" else how]
    async with World.open(database_url) as world:
        world.slack.world.channels[SUPPORT].private = how == "removed"
        await begun(world)
        await world.calm()
        if how == "deleted":
            world.slack.delete_channel(SUPPORT)
        else:
            close(world, SUPPORT)
        await decided(world)
        world.clock.move(timedelta(hours=25))
        await world.forward(
            lambda: world.rows(
                "SELECT id FROM outbox WHERE kind = 'RedrawCard' AND finished_at IS NOT NULL AND reason IS NOT NULL"
            )
        )
        await alert(world, "cannot be shown")
        await decided(world)
        assert not any("cannot be changed" in world.slack.plain(each) for each in world.roots(ALERTS))
        if how != "deleted":
            reopen(world, SUPPORT)
            world.clock.move(timedelta(hours=1, minutes=1))
            await world.forward(lambda: "Closed" in world.slack.plain(world.roots()[0]))
        assert not world.rows("SELECT id FROM outbox WHERE state = 'dead'")


async def test_what_stood_in_a_deleted_channel_is_gone_with_it(database_url: str) -> None:
    """M-17: of what is unsent, before or after the account has another channel, there is nothing to delete by hand."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world, "instagram")
        first, second = [await world.meta.write(yuki, f"{WORD} {number}") for number in range(2)]
        await told(world, root, f"{WORD} 1")
        await world.calm()
        world.slack.delete_channel(SUPPORT)
        await decided(world)
        await world.meta.unsend(yuki, first)
        await decided(world)
        for kind in KINDS:
            await world.set(kind, channel=OTHER)
        await world.meta.write(yuki, "moved")
        fresh = await world.root("moved", OTHER)
        await world.meta.unsend(yuki, second)
        await told(world, fresh, "unsent a message")
        await world.calm()
        assert stale(world) == []
        assert not any("by hand" in world.slack.plain(each) for each in world.roots(ALERTS))


async def test_what_waits_to_be_taken_away_is_counted_and_goes_when_the_place_opens(database_url: str) -> None:
    """M-17, promise 4: the alert of a closed channel says how many wait, removals among them."""
    close, reopen, _ = BREAKS["removed"]
    async with World.open(database_url) as world:
        world.slack.world.channels[SUPPORT].private = True
        yuki, root = await begun(world)
        mid = await world.meta.write(yuki, WORD)
        await told(world, root, WORD)
        await world.meta.write(yuki, "after")
        await world.until(lambda: len(shows(world)) == 1)
        await world.calm()
        close(world, SUPPORT)
        await decided(world)
        await world.meta.unsend(yuki, mid)
        asked = await alert(world, "cannot be shown")
        await world.forward(lambda: "1 message waits" in str(asked.blocks))
        assert shows(world) != []
        reopen(world, SUPPORT)
        await world.until(lambda: shows(world) == [])


async def test_a_file_that_slack_does_not_delete_is_asked_for_again_until_it_is_gone(database_url: str) -> None:
    """M-17, promise 4: a person is asked; when somebody has deleted it, the alert is over."""
    async with World.open(database_url) as world:
        yuki, _ = await begun(world)
        mid = await send(world, yuki, lie(world))
        await world.until(lambda: any(file.completed for file in world.slack.world.files.values()))
        await world.calm()
        (file,) = [each for each in world.slack.world.files.values() if each.completed]
        world.slack.faults.add(method="files.delete", kind="error", error="cant_delete_file", times=2)
        await world.meta.unsend(yuki, mid)
        asked = await alert(world, "Slack does not delete it")
        await decided(world)
        world.clock.move(timedelta(hours=6, minutes=1))
        await world.forward(lambda: sum(call.method == "files.delete" for call in world.slack.calls) == 2)
        await decided(world)
        assert "Mended" not in world.slack.plain(asked)
        assert not file.deleted
        world.clock.move(timedelta(hours=6, minutes=1))
        await world.forward(lambda: "Mended" in world.slack.plain(asked))
        assert len(world.roots(ALERTS)) == 1
