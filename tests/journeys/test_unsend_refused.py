"""What Slack will neither delete nor change is tried again until it does; a person is asked meanwhile, and told when it is over."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.journeys.test_unsend import WORD, begun, lines, shows, told, tombstones
from tests.journeys.world import ALERTS, World

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HOUR = timedelta(hours=1, seconds=5)


def alerts(world: World) -> list[str]:
    """What the alerts channel says."""
    return [world.slack.plain(each) for each in world.slack.channel_messages(ALERTS)]


@SQLITE
async def test_a_post_under_way_that_slack_will_not_delete_says_that_nothing_is_left_beside_the_line(
    database_url: str,
) -> None:
    """M-17, promise 4: nobody knew where it stands when it was unsent, so that a line tells of it; the post does not as well."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world)
        world.slack.deliveries.pause()
        world.slack.faults.add(method="chat.postMessage", kind="drop_after", times=1, match={"text": WORD})
        mid = await world.meta.write(yuki, WORD)
        await world.until(lambda: world.rows("SELECT id FROM outbox WHERE state = 'unsure'"))
        world.slack.faults.add(method="chat.delete", kind="error", error="cant_delete_message", times=1)
        await world.meta.unsend(yuki, mid)
        await world.until(lambda: world.rows("SELECT id FROM message WHERE unsent_at IS NOT NULL"))
        world.slack.deliveries.resume()
        await told(world, root, "Nothing is left of what stood here")
        await world.calm()
        assert [line for line in lines(world, root) if "Nothing is left" not in line][1:] == tombstones(world, root)
        assert len(tombstones(world, root)) == 1
        assert shows(world) == []
        assert alerts(world) == []


@SQLITE
async def test_a_post_that_slack_kept_goes_when_slack_takes_it_away_after_all(database_url: str) -> None:
    """M-17, promise 4: tried again after an hour; the incident is over without a person."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world)
        mid = await world.meta.write(yuki, WORD)
        await told(world, root, WORD)
        post = next(each for each in world.slack.thread(root.channel, root.ts) if WORD in world.slack.plain(each))
        for method, error in (("chat.delete", "cant_delete_message"), ("chat.update", "cant_update_message")):
            world.slack.faults.add(method=method, kind="error", error=error, times=1, match={"ts": post.ts})
        await world.meta.unsend(yuki, mid)
        await world.until(lambda: any("still shows what a customer has" in each for each in alerts(world)))
        assert any(WORD in each for each in shows(world))
        world.clock.move(HOUR)
        await world.until(lambda: "Mended" in alerts(world)[0])
        assert shows(world) == []
        assert len(alerts(world)) == 1


@SQLITE
@pytest.mark.parametrize("times", [3, 8], ids=["for a moment", "for long"])
async def test_a_card_that_slack_does_not_change_is_tried_again_and_told_of(database_url: str, times: int) -> None:
    """M-17, promise 4: its preview shows the unsent word no longer than Slack refuses; nothing else need happen."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world)
        mid = await world.meta.write(yuki, WORD)
        await told(world, root, WORD)
        await world.forward(lambda: WORD in world.slack.plain(world.roots()[0]))
        stop = world.slack.faults.add(
            method="chat.update", kind="error", error="cant_update_message", times=times, match={"ts": root.ts}
        )
        await world.meta.unsend(yuki, mid)
        await world.forward(lambda: stop.times == 0, seconds=60)
        if times == 8:
            told_of = await world.until(
                lambda: next((each for each in alerts(world) if "cannot be changed" in each), None)
            )
            assert WORD not in told_of
            assert WORD in world.slack.plain(world.roots()[0])
            world.clock.move(HOUR)
            await world.until(lambda: "Mended" in alerts(world)[0])
        await world.forward(lambda: WORD not in world.slack.plain(world.roots()[0]))
        assert len(alerts(world)) == (1 if times == 8 else 0)
