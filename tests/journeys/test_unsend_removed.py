"""What customers take back of an account that was removed: nothing is received for it, but its threads can be read."""

import pytest

from bridge.model.state import Wish
from tests.journeys.test_unsend import SQLITE, TITLE, WORD, begun, gone, lines, told, tombstones
from tests.journeys.world import World


@SQLITE
async def test_what_is_unsent_while_its_account_is_removed_is_gone_all_the_same(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """M-17, ZI-28, ZI-29: what was not known stays unknown."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world)
        remote_id = await world.meta.write(yuki, WORD)
        await told(world, root, WORD)
        account = world.account("messenger")
        fields = set(account.subscribed_fields)
        await world.wish("messenger", Wish.REMOVED)
        await world.until(lambda: not account.subscribed_fields)
        account.subscribed_fields.update(fields)  # Meta may go on telling for a while
        unknown = await world.meta.write(yuki, TITLE)
        await world.meta.unsend(yuki, unknown)
        await world.meta.unsend(yuki, remote_id)
        await world.until(lambda: len(tombstones(world, root)) == 1)
        await gone(world, lambda: caplog.text, WORD, TITLE)
        assert len(tombstones(world, root)) == 1
        assert "hello" in "".join(lines(world, root))
