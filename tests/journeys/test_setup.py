"""Setting up from Slack: who may, what becomes of it, what they read."""

from __future__ import annotations

from tests.journeys.hands import Talk, talking
from tests.journeys.world import AKI, ALERTS, KEN, SUPPORT, World


async def told(world: World, user: str, words: str) -> str:
    """What somebody reads after a command, once it is decided."""
    before = len(world.slack.ephemerals(user))
    status, _ = await world.slack.command(user, SUPPORT, "/bridge", words)
    assert status == 200
    await world.until(lambda: len(world.slack.ephemerals(user)) > before)
    return world.slack.plain(world.slack.ephemerals(user)[-1])


async def test_an_admin_chooses_the_workspaces_language_and_nobody_else(database_url: str) -> None:
    """I-03, ZI-10: the change counts at once, and leaves a line of the audit; who may not reads who can."""
    async with talking(database_url) as talk:
        world = talk.world
        world.slack.world.users[AKI].admin = True
        assert "only workspace admins" in await told(world, KEN, "language ja")
        assert "the bridge speaks en, ja" in await told(world, AKI, "language tlh")
        assert "speaks Japanese" in await told(world, AKI, "language ja")
        assert audited(talk, "workspace.language") == [(AKI, '{"language":"en"}', '{"language":"ja"}')]
        assert "speaks Japanese" in await told(world, AKI, "language JA")
        assert len(audited(talk, "workspace.language")) == 1


async def test_alerts_that_are_open_are_read_in_the_language_that_was_chosen(database_url: str) -> None:
    """I-03: at once; one that is over stays as it was read."""
    async with talking(database_url) as talk:
        world = talk.world
        world.slack.world.users[AKI].admin = True
        world.slack.faults.add(
            method="chat.postMessage", kind="error", error="invalid_blocks", match={"text": "never"}, times=2
        )
        await world.meta.write(talk.customer, "never")
        alert = await world.until(lambda: next(iter(world.roots(ALERTS)), None))
        await world.until(lambda: "could not be shown in Slack" in world.slack.plain(alert))
        await world.calm()
        assert "speaks Japanese" in await told(world, AKI, "language ja")
        await world.until(lambda: "Slackに表示できませんでした" in world.slack.plain(world.roots(ALERTS)[0]))
        await world.calm()
        assert len(world.slack.channel_messages(ALERTS)) == 1


def audited(talk: Talk, action: str) -> list[tuple[str, str, str]]:
    """Who changed what, before and after."""
    query = "SELECT who, CAST(before AS TEXT), CAST(after AS TEXT) FROM audit WHERE action = :action ORDER BY id"
    return [
        (row[0], row[1].replace(" ", ""), row[2].replace(" ", ""))
        for row in talk.world.rows(query.replace(":action", f"'{action}'"))
    ]
