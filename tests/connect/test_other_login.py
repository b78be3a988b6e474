"""One Instagram account by both logins: customers have other ids then, and their conversations go on all the same."""

from __future__ import annotations

import pytest

from bridge.demo.meta.world import Token
from bridge.model.state import Login
from tests.connect.stage import Office, Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


async def log_in_otherwise(house: Office, person: Visitor, login: Login, page: str | None, token: str) -> None:
    """Connect the account by the other login, as somebody does on the page."""
    meta, account = house.world.meta, house.world.account("instagram")
    account.login, account.page, account.token = login.value, page, token
    if login is Login.INSTAGRAM:
        scopes = {"instagram_business_basic", "instagram_business_manage_messages"}
        meta.world.tokens[token] = Token(
            value=token, kind="INSTAGRAM", owner=account.id, issued_at=house.world.clock.time(), scopes=scopes
        )
        meta.login.instagram_account = account.id
    await person.go(house.link("instagram", login=login))
    await person.click(login.value)
    await person.click("grant")
    assert house.row("instagram")["login"] == login.value


async def test_a_conversation_goes_on_when_its_account_is_connected_by_the_other_login_and_back(
    house: Office, person: Visitor
) -> None:
    """CT-21: joined by the handle or a quoted message, never by the name; answers go to the id of the login; a line says it."""
    world, account = house.world, house.world.account("instagram")
    hana = world.customer("instagram", name="Hana Mori", username="hana.mori")
    await world.meta.write(hana, "Is the blue one in stock?")
    talk = await world.root("Is the blue one in stock?")
    twin = world.customer("instagram", name="Ken Abe", username="ken_1")
    await world.meta.write(twin, "Hello from Ken")
    kens = await world.root("Hello from Ken")
    ai = world.customer("instagram", name="Ai", profile=False)
    asked = await world.meta.write(ai, "Nobody may read my profile")
    ais = await world.root("Nobody may read my profile")
    page, token = account.page, account.token
    await log_in_otherwise(house, person, Login.INSTAGRAM, None, "IGAA-other")
    new_hana = world.customer("instagram", name="Hana M.", username="Hana.Mori")
    await world.meta.write(new_hana, "And the red one?")
    await world.meta.write(new_hana, "In size M.")
    # What was missed is read after a login too, and either may be found before it is told.
    assert (await world.root("In size M.")).ts == talk.ts
    lines = world.lines(talk)
    joined = next(line for line in lines if "goes by another id at Instagram" in line)
    red, size = (next(line for line in lines if words in line) for words in ("And the red one?", "In size M."))
    assert lines.index(joined) < lines.index(red) < lines.index(size)
    await world.answer(talk, "Both, in M.")
    await world.until_phone(new_hana, ["Both, in M."])
    assert world.phone(hana) == []
    other = world.customer("instagram", name="Ken Abe", username="ken_2")
    await world.meta.write(other, "I am another Ken")
    assert (await world.root("I am another Ken")).ts != kens.ts
    new_ai = world.customer("instagram", name="Ai", profile=False)
    await world.meta.write(new_ai, "About what I asked", reply_to=asked)
    assert (await world.root("About what I asked")).ts == ais.ts
    assert token is not None
    await log_in_otherwise(house, person, Login.FACEBOOK, page, token)
    await world.answer(talk, "They are still here.")
    await world.until_phone(hana, ["They are still here."])
    await world.meta.write(hana, "I will come by.")
    assert (await world.root("I will come by.")).ts == talk.ts
    assert len(world.roots()) == 4
    assert sum("goes by another id" in line for line in world.lines(talk)) == 1
    await world.calm()
    assert world.rows("SELECT id FROM outbox WHERE state NOT IN ('done', 'dropped')") == []
