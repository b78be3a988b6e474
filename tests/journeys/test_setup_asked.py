"""The window of settings: what it asks first, what it keeps, and people who are chosen in it."""

from __future__ import annotations

import pytest

from bridge.demo.slack.model import View
from tests.journeys.hands import talking
from tests.journeys.test_setup_windows import opened, reads, sends_in, shown, stands, turned_to, words
from tests.journeys.world import AKI, GUEST, KEN


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_that_a_machine_writes_is_left_unsaid_only_once_somebody_was_asked(database_url: str) -> None:
    """ZI-24, ZI-25: with the sentence about laws; cancelled nothing is changed and what was typed is still there."""
    async with talking(database_url) as talk:
        world = talk.world
        world.slack.world.users[AKI].admin = True
        view = await turned_to(world, await opened(world, "setup:edit"), "automatic")
        await world.until(lambda: any(block.get("block_id") == "disclosure" for block in view.blocks))
        wrong = await sends_in(world, view, disclosure="off", holidays="Mars")
        assert set(wrong) == {"holidays"}
        assert await sends_in(world, view, holidays="JP", zone="Asia/Tokyo") == {}
        asked = await shown(world, "setup:undisclosed")
        assert "AI Act" in words(world, asked)
        assert "saved together with it" in words(world, asked)
        await world.slack.close_view(AKI, asked.id)
        assert stands(world, "disclosure") is not False
        assert view.state["holidays"]["holidays"]["value"] == "JP"
        assert await sends_in(world, view) == {}
        assert await sends_in(world, await shown(world, "setup:undisclosed")) == {}
        line = world.slack.plain((await reads(world, "is changed")).said).replace("*", "")
        assert "• Say that a machine writes: On → Off" in line
        assert "• Time zone: UTC → Asia/Tokyo" in line
        assert (stands(world, "disclosure"), stands(world, "holidays")) == (False, "JP")
        assert not world.slack.world.views


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_is_too_much_to_go_on_is_said_in_the_window_and_stays(database_url: str) -> None:
    """ZI-24: nothing that was typed is lost, and nobody has to close the window to read why."""
    async with talking(database_url) as talk:
        world = talk.world
        world.slack.world.users[AKI].admin = True
        view = await turned_to(world, await opened(world, "setup:edit"), "automatic")
        await world.until(lambda: any(block.get("block_id") == "disclosure" for block in view.blocks))
        typed = {"auto_first_text": "x" * 2_990}
        for name in ("part", "part.1"):
            assert await world.slack.click_view(AKI, view.id, name, value="basics", typed=typed) == 200
            await world.until(lambda: "Too much was typed" in words(world, view))
            await world.until(lambda: not any(block.get("block_id") == name for block in view.blocks))  # noqa: B023
        assert words(world, view).count("Too much was typed") == 1
        chooser = next(block for block in view.blocks if block.get("block_id") == "part.2")
        assert chooser["element"]["initial_option"]["value"] == "automatic"
        assert not any("Too much" in each for each in world.told(AKI))
        wrong = await sends_in(world, view, holidays="Mars")
        assert set(wrong) == {"holidays", "auto_first_text"}
        assert await sends_in(world, view, holidays="", auto_first_text="Hello!") == {}
        await reads(world, "is changed")
        assert stands(world, "auto_first_text") == "Hello!"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_aliases_are_given_to_people_who_are_chosen(database_url: str) -> None:
    """ZI-24, ZI-25: nobody types an id; agents have a field with their name, others are chosen; an emptied field takes it away."""
    async with talking(database_url) as talk:
        world = talk.world
        world.slack.world.users[AKI].admin = True
        await world.set("messenger", agents=(AKI, KEN), aliases=((KEN, "Momo"),))

        async def people() -> View:
            view = await turned_to(world, await opened(world, "setup:edit"), "people")
            await world.until(lambda: any(block.get("block_id") == "aliases.who" for block in view.blocks))
            return view

        view = await people()
        ken, aki = f"aliases.000.{KEN}", f"aliases.001.{AKI}"
        labels = {block["block_id"]: block["label"]["text"] for block in view.blocks if block["type"] == "input"}
        assert labels[aki].startswith("Alias of ")
        wrong = await sends_in(world, view, **{ken: "Momo, the cat", "aliases.as": "Hana"})
        assert "no comma" in wrong[ken]
        assert set(wrong) == {ken, "aliases.who"}
        assert await sends_in(world, view, **{ken: "Momo", aki: "Hana", "aliases.as": ""}) == {}
        line = world.slack.plain((await reads(world, "is changed")).said).replace("*", "")
        assert line.count("Aliases: ") == 1
        assert stands(world, "aliases") == [[KEN, "Momo"], [AKI, "Hana"]]
        view = await people()
        assert await sends_in(world, view, **{ken: "", "aliases.who": GUEST, "aliases.as": "Sora"}) == {}
        await world.until(lambda: stands(world, "aliases") == [[AKI, "Hana"], [GUEST, "Sora"]])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("half", "other"),
    [({"aliases.who": GUEST}, {"aliases.as": "Sora"}), ({"aliases.as": "Sora"}, {"aliases.who": GUEST})],
)
async def test_an_alias_that_is_half_given_is_kept_while_another_part_is_shown(
    database_url: str, half: dict[str, str], other: dict[str, str]
) -> None:
    """ZI-24: whoever chooses another part finds it again, and cannot save as if it had not been begun."""
    async with talking(database_url) as talk:
        world = talk.world
        world.slack.world.users[AKI].admin = True

        def there(view: View, name: str) -> bool:
            return any(block.get("block_id") == name for block in view.blocks)

        view = await turned_to(world, await opened(world, "setup:edit"), "people")
        await world.until(lambda: there(view, "aliases.who"))
        before = view.hash
        assert await world.slack.click_view(AKI, view.id, "part", value="answers", typed=half) == 200
        await world.until(lambda: view.hash != before and there(view, "ceiling"))
        assert "Changed and not saved yet: People" in words(world, view)
        wrong = await sends_in(world, view, ceiling="900")
        assert "An alias is only half given" in wrong["part"]
        view = await turned_to(world, view, "people")
        await world.until(lambda: there(view, "aliases.who"))
        assert await sends_in(world, view, **other) == {}
        await world.until(lambda: stands(world, "aliases") == [[GUEST, "Sora"]])
        assert stands(world, "ceiling") == 900
