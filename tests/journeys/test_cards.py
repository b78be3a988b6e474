"""The card says what is true of the account, as soon as it is."""

import pytest

from bridge.model.state import Wish
from tests.journeys.hands import reconnect, talking
from tests.journeys.world import ALERTS


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_paused_account_stands_on_its_cards_until_it_is_resumed(database_url: str) -> None:
    """ZI-31, ZM-20: disabled and enabled again, nothing is lost; the card says which."""
    async with talking(database_url) as talk:
        await talk.world.wish("messenger", Wish.PAUSED)
        await talk.world.until(lambda: "is paused" in talk.card())
        await talk.world.wish("messenger", Wish.ON)
        await talk.world.until(lambda: "Waiting since" in talk.card())


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_account_that_needs_its_login_says_so_on_every_card(database_url: str) -> None:
    """CT-31, ZM-09: not only the card of the conversation in which it was found out."""
    async with talking(database_url) as talk:
        other = talk.world.customer("messenger", name="Ren")
        await talk.world.meta.write(other, "two sizes up?")
        root = await talk.world.root("two sizes up?")
        account = talk.world.account("messenger")
        talk.world.meta.revoke(account, 460)
        await talk.says("あります。")
        await talk.world.until(lambda: "needs re-authentication" in talk.card())
        shown = talk.world.slack
        await talk.world.until(
            lambda: "needs re-authentication" in shown.plain(shown.message(root.channel, root.ts) or root)
        )
        talk.world.meta.restore(account)
        await reconnect(talk.world, "messenger")
        await talk.reaches("あります。")
        await talk.world.until(lambda: "Waiting since" in shown.plain(shown.message(root.channel, root.ts) or root))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_alert_counts_what_waits_and_what_went(database_url: str) -> None:
    """CT-31, CT-35: how many replies wait now, and in the end how many were sent."""
    async with talking(database_url) as talk:
        world = talk.world
        world.meta.revoke(world.account("messenger"), 460)
        for text in ("one", "two", "three"):
            await talk.says(text)

        def alert() -> str:
            return "".join(world.slack.plain(each) for each in world.roots(ALERTS))

        await world.forward(lambda: "replies wait (3)" in alert())
        world.meta.restore(world.account("messenger"))
        await reconnect(world, "messenger")
        await talk.reaches("one", "two", "three")
        await world.until(lambda: "3 replies sent" in alert())
