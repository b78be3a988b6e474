"""Who the customer is: names that change, come late or never, and two people who are never taken for one."""

from __future__ import annotations

import pytest

from bridge.demo.slack import Message
from tests.journeys.hands import begun
from tests.journeys.seen import decided, over, words
from tests.journeys.world import ACCOUNTS, DAY, HOUR, MINUTE, SUPPORT, World

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def card(world: World, root: Message) -> str:
    """What the card says now."""
    now = world.slack.message(root.channel, root.ts)
    assert now is not None
    return world.slack.plain(now)


async def test_a_new_name_is_noted_once_and_history_stays(database_url: str) -> None:
    """CT-40: same thread; the card and later posts have the new name, earlier posts the old; not again after a restart."""
    async with World.open(database_url) as world:
        yuki = world.customer("instagram", name="Yuki", username="yuki333")
        await world.meta.write(yuki, "as Yuki")
        root = await world.root("as Yuki")
        await world.until(lambda: "@yuki333" in card(world, root))
        await world.meta.rename(yuki, name="Yuki Sato", username="yukisato")
        world.clock.move(DAY + HOUR)
        await world.ticked()
        await world.meta.write(yuki, "as Mrs Sato")
        await world.until(lambda: len(words(world, root)) == 3)
        assert "has a new name, was Yuki @yuki333" in words(world, root)
        await world.until(lambda: "Yuki Sato  @yukisato" in card(world, root))
        await world.stop()
        await world.start()
        world.clock.move(DAY + HOUR)
        await world.ticked()
        await world.meta.write(yuki, "really")
        await world.until(lambda: len(words(world, root)) == 4)
        await world.calm()
        assert sorted(words(world, root)) == sorted(
            ["as Yuki", "as Mrs Sato", "has a new name, was Yuki @yuki333", "really"]
        )
        assert over(world, root)[0] == "Yuki · Instagram"
        assert over(world, root)[-1] == "Yuki Sato · Instagram"
        assert len(world.roots()) == 1


@SQLITE
async def test_what_somebody_was_called_goes_with_their_words(database_url: str) -> None:
    """CT-40, I-10: an earlier name stands where customers' words stand, and nowhere else."""
    async with World.open(database_url) as world:
        yuki = world.customer("instagram", name="Yuki", username="zanzibar")
        await world.meta.write(yuki, "hello")
        root = await world.root("hello")
        await world.until(lambda: "@zanzibar" in card(world, root))
        await world.meta.rename(yuki, username="yukisato")
        world.clock.move(DAY + HOUR)
        await world.ticked()
        await world.meta.write(yuki, "again")
        await world.until(lambda: "has a new name, was @zanzibar" in words(world, root))
        await world.calm()
        assert world.rows("SELECT text FROM message WHERE kind = 'renamed'") == [("@zanzibar",)]
        elsewhere = world.rows("SELECT payload FROM outbox") + world.rows("SELECT * FROM customer")
        assert "yukisato" in str(elsewhere)
        assert "zanzibar" not in str(elsewhere)


@SQLITE
async def test_who_was_anonymous_gets_their_name_when_it_can_be_read(database_url: str) -> None:
    """CT-04, F14: asked again an hour later; the card and later posts have it, and one line joins the two."""
    async with World.open(database_url) as world:
        yuki = world.customer("instagram", name="Yuki", username="yuki333", profile="230")
        await world.meta.write(yuki, "who am I?")
        root = await world.root("who am I?")
        anonymous = over(world, root)[0].split(" · ")[0]
        assert anonymous.startswith("Anonymous ")
        await decided(world)
        yuki.profile = True
        world.clock.move(HOUR + MINUTE)
        await world.ticked()
        await world.meta.write(yuki, "it is me")
        line = f"has a name now, was {anonymous}"
        await world.until(lambda: line in words(world, root))
        await world.until(lambda: "Yuki  @yuki333" in card(world, root))
        await world.meta.write(yuki, "really")
        await world.until(lambda: over(world, root)[-1:] == ["Yuki · Instagram"])
        assert words(world, root).count(line) == 1


@SQLITE
async def test_a_profile_that_can_no_longer_be_read_leaves_the_name(database_url: str) -> None:
    """F14: consent withdrawn, or they have blocked the account; nobody becomes anonymous in the middle of a thread."""
    async with World.open(database_url) as world:
        yuki = world.customer("instagram", name="Yuki", username="yuki333")
        await world.meta.write(yuki, "one")
        root = await world.root("one")
        await world.until(lambda: "@yuki333" in card(world, root))
        yuki.profile = "230"
        world.clock.move(DAY + HOUR)
        await world.ticked()
        await world.meta.write(yuki, "two")
        await world.until(lambda: len(words(world, root)) == 2)
        await decided(world)
        await world.calm()
        assert words(world, root) == ["one", "two"]
        assert set(over(world, root)) == {"Yuki · Instagram"}
        assert "@yuki333" in card(world, root)


@SQLITE
async def test_two_of_one_name_stay_two(database_url: str) -> None:
    """CT-05: the same name and the same handle; what one writes is in one thread, what the other writes in the other."""
    async with World.open(database_url) as world:
        people = [world.customer("instagram", name="Yuki", username="yuki") for _ in range(2)]
        for number, person in enumerate(people):
            await world.meta.write(person, f"first {number}")
        roots = [await world.root(f"first {number}") for number in range(2)]
        for number, person in enumerate(people):
            await world.meta.write(person, f"second {number}")
        for number, root in enumerate(roots):
            await world.until(lambda root=root: len(words(world, root)) == 2)  # type: ignore[misc]
            assert words(world, root) == [f"first {number}", f"second {number}"]
            await world.answer(root, f"to {number}")
        for number, person in enumerate(people):
            await world.until_phone(person, [f"to {number}"])


@SQLITE
async def test_one_number_on_two_accounts_is_two_people(database_url: str) -> None:
    """CT-05: the network's ids are told apart by account, and so are their conversations."""
    async with World.open(database_url) as world:
        number = "900000000012345"
        one = world.customer("instagram", id=number, name="Yuki")
        other = world.customer("instagram_login", id=number, name="Ren")
        await world.meta.write(one, "to the shop")
        await world.meta.write(other, "to the studio")
        shop, studio = await world.root("to the shop"), await world.root("to the studio")
        assert shop.ts != studio.ts
        assert (over(world, shop), over(world, studio)) == (["Yuki · Instagram"], ["Ren · Instagram"])
        await world.answer(shop, "from the shop")
        await world.until_phone(one, ["from the shop"])
        assert world.phone(other) == []


@SQLITE
async def test_the_picture_is_found_by_either_of_its_names(database_url: str) -> None:
    """CT-02: Meta's pages and what others saw with Instagram Login differ; a field it does not know costs no name."""
    async with World.open(database_url) as world:
        world.meta.world.picture_field = "profile_picture_url"
        yuki = world.customer("instagram_login", name="Yuki", username="yuki333")
        await world.meta.write(yuki, "hello")
        root = await world.root("hello")
        assert over(world, root) == ["Yuki · Instagram"]
        assert world.slack.thread(SUPPORT, root.ts)[0].icons["image_48"].startswith(world.meta.url)
        assert "42 followers · follows you" in card(world, root)
        world.meta.world.picture_field = "portrait"
        ren = world.customer("instagram_login", name="Ren", username="ren")
        await world.meta.write(ren, "me too")
        assert over(world, await world.root("me too")) == ["Ren · Instagram"]
        assert ACCOUNTS["instagram_login"] == world.account("instagram_login").id


@SQLITE
async def test_a_picture_that_has_changed_is_read_anew(database_url: str) -> None:
    """CT-02: addresses of pictures die after some days; the next profile brings the next one."""
    async with World.open(database_url) as world:
        talk = await begun(world, "instagram", name="Yuki", username="yuki333")
        before = world.slack.thread(SUPPORT, talk.root.ts)[0].icons["image_48"]
        await world.meta.new_picture(talk.customer)
        world.clock.move(DAY + HOUR)
        await world.ticked()
        await world.meta.write(talk.customer, "new look")
        await world.calm()
        await world.meta.write(talk.customer, "see?")
        await world.until(lambda: len(talk.lines()) == 3)
        assert world.slack.thread(SUPPORT, talk.root.ts)[-1].icons["image_48"] != before
