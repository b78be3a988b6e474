"""The card says what is true of the account, as soon as it is."""

import pytest

from bridge.model.state import CardField, Wish
from tests.journeys.hands import begun, reconnect, talking
from tests.journeys.house import SECOND
from tests.journeys.world import ALERTS, DAY, HOUR, World

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@SQLITE
async def test_a_paused_account_stands_on_its_cards_until_it_is_resumed(database_url: str) -> None:
    """ZI-31, ZM-20: disabled and enabled again, nothing is lost; the card says which."""
    async with talking(database_url) as talk:
        await talk.world.wish("messenger", Wish.PAUSED)
        await talk.world.until(lambda: "is paused" in talk.card())
        await talk.world.wish("messenger", Wish.ON)
        await talk.world.until(lambda: "Waiting since" in talk.card())


@SQLITE
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


@SQLITE
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


@SQLITE
async def test_a_card_tells_what_came_without_words(database_url: str) -> None:
    """UX: never empty; a voice message says so, words after it stand there instead, and come back when they are unsent."""
    async with World.open(database_url) as world:
        yuki = world.customer("instagram", name="Yuki", username="yuki_333")
        await world.meta.story_mention(yuki)
        root = await world.root("mentioned you in a story")

        def card() -> str:
            now = world.slack.message(root.channel, root.ts)
            return "" if now is None else world.slack.plain(now)

        assert "mentioned you in a story" in card()
        mid = await world.meta.write(yuki, "in blue?")
        await world.until(lambda: "“in blue?”" in card())
        assert "mentioned" not in card()
        await world.meta.unsend(yuki, mid)
        await world.until(lambda: "mentioned you in a story" in card())
        assert "in blue" not in card()
        await world.meta.attach(yuki, "image", None, text="this one")
        await world.until(lambda: "“this one”" in card())


@SQLITE
async def test_a_card_shows_the_fields_that_its_account_names_as_soon_as_they_are_set(database_url: str) -> None:
    """CT-02, CT-03, M-12: what the profile gives, and no folder; a toggle changes the cards that stand."""
    async with talking(database_url, "instagram", customer={"name": "Yuki", "username": "yuki_333"}) as talk:
        talk.customer.verified, talk.customer.follows, talk.customer.followers = True, False, 1_204
        await talk.world.until(lambda: "42 followers · follows you" in talk.card())
        talk.world.clock.move(DAY - 2 * HOUR)
        await talk.world.meta.write(talk.customer, "still there?")
        await talk.world.calm()
        talk.world.clock.move(3 * HOUR)
        await talk.world.ticked()
        await talk.world.meta.write(talk.customer, "hello?")
        await talk.world.until(lambda: "verified · 1,204 followers · does not follow you" in talk.card())
        await talk.world.set("instagram", card_fields=(CardField.USERNAME,))
        await talk.world.until(lambda: "followers" not in talk.card())
        assert talk.card().startswith("Yuki · Instagram: Yuki  @yuki_333\n")
        assert "hello?" not in talk.card()
        assert "Waiting since" in talk.card()
        await talk.world.set("instagram", card_fields=None)
        await talk.world.until(lambda: "“hello?”" in talk.card())
        assert "Instagram · Shop Hanako" in talk.card()


@SQLITE
async def test_a_card_names_both_closes_and_warns_before_the_last(database_url: str) -> None:
    """ZI-35, CT-38, UX: with the Human Agent feature both; an hour before the last one the card of who waits says so."""
    async with World.open(database_url) as world:
        await world.set("messenger", human_agent=True)
        both = await begun(world, "messenger", name="Yuki")
        one = await begun(world, "instagram", "one only", name="Ren", username="ren")
        assert "or until" in both.card()
        assert "with the human-agent tag" in both.card()
        assert "human-agent" not in one.card()
        world.clock.move(DAY - HOUR)
        await world.until(lambda: "🟠" in one.card())
        assert "closes" in one.card()
        assert "🟠" not in both.card()
        world.clock.move(HOUR)
        await world.until(lambda: "⚫ Closed" in one.card())
        await world.until(lambda: "🟡 Human-agent window until" in both.card())
        assert "🔴 Waiting since" in both.card()
        world.clock.move(6 * DAY - HOUR)
        await world.until(lambda: "🟠 Waiting since" in both.card())
        assert "human-agent window closes" in both.card()
        world.clock.move(HOUR)
        await world.until(lambda: "⚫ Closed" in both.card())


@SQLITE
async def test_a_card_is_drawn_once_for_many_changes(database_url: str) -> None:
    """Messages, an edit and an unsend within a moment cost one call, or two; what did not change costs none."""
    async with World.open(database_url, times={"card_pause": 2 * SECOND}) as world:
        talk = await begun(world, "instagram", name="Yuki", username="yuki_333")

        def drawn() -> int:
            calls = [each for each in world.slack.calls if each.method == "chat.update" and each.ok]
            return len([each for each in calls if each.arguments["ts"] == talk.root.ts])

        await world.calm()
        assert drawn() == 0, "it was put up as it is"
        before = drawn()
        mids = [await world.meta.write(talk.customer, f"number {number}") for number in range(20)]
        await world.meta.edit(talk.customer, mids[18], "number 18, corrected")
        await world.meta.unsend(talk.customer, mids[19])
        await world.until(lambda: "number 18, corrected" in talk.card())
        await world.calm()
        assert 1 <= drawn() - before <= 4
        settled = drawn()
        await world.set("instagram", seen=True)
        await world.ticked()
        await world.calm()
        assert drawn() == settled
