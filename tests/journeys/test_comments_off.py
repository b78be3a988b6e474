"""Comments that were shown while the account wanted them: what becomes of them is heard also when it does not any more."""

from __future__ import annotations

import pytest

from tests.journeys.commenting import ASKED, commented
from tests.journeys.seen import decided
from tests.journeys.test_unsend import shows, tables

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@SQLITE
async def test_a_comment_that_is_deleted_when_comments_are_off_is_gone_everywhere(database_url: str) -> None:
    """M-17, promise 6: from Slack, from its card, and from every table; a new one is not shown."""
    async with commented(database_url, "messenger") as (talk, comment):
        world = talk.world
        await world.until(lambda: len(shows(world, ASKED)) == 2)
        await world.calm()
        await world.set("messenger", comments=False)
        await world.meta.change_comment(comment, "remove")
        await world.until(lambda: shows(world, ASKED) == [])
        await world.calm()
        assert tables(world, ASKED) == []
        await world.meta.comment(talk.customer.account, "not wanted", by=talk.customer)
        await decided(world)
        await world.calm()
        assert shows(world, "not wanted") == []


@SQLITE
async def test_a_comment_that_is_changed_when_comments_are_off_is_changed_in_the_thread(database_url: str) -> None:
    """M-17, promise 6: what the customer has changed stands nowhere any more as it was."""
    async with commented(database_url, "messenger") as (talk, comment):
        world = talk.world
        await world.until(lambda: len(shows(world, ASKED)) == 2)
        await world.calm()
        await world.set("messenger", comments=False)
        await world.meta.change_comment(comment, "edited", text="いくらですか")
        await world.until(lambda: shows(world, "いくらですか") != [] and shows(world, ASKED) == [])
