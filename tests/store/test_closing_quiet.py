"""An alert that came in quiet hours mentions somebody when these are over, once, though two processes look."""

from __future__ import annotations

import sqlalchemy as sa

from bridge.model.decision import Moment
from bridge.model.effects import PostStage
from bridge.store import schema
from bridge.workers import closing as ticking
from tests.store.factories import DAY, HOUR, MINUTE, NOON, SETTINGS, House, furnish, outbox_rows
from tests.store.test_closing import alerted, line, waiting
from tests.store.test_closing_ticks import TOOLS

QUIET = SETTINGS | {"zone": "UTC", "quiet": f"{NOON - 4 * HOUR:%H:%M}-{NOON + 23 * HOUR:%H:%M}", "on_call": ["U-ken"]}


def replies(home: House) -> list[str]:
    with home.open() as tx:
        return [row.effect.stage for row in outbox_rows(tx) if isinstance(row.effect, PostStage)]


def looked(home: House) -> None:
    for _ in range(2):
        with home.open() as tx:
            ticking.awake(tx, TOOLS, home.moment)


def test_who_was_told_of_silently_is_told_of_once_more_when_quiet_ends_before_the_close(home: House) -> None:
    """F2: an alert at ten, quiet until eleven, the close at noon."""
    with home.open() as tx:
        scene = furnish(tx)
        tx.connection.execute(sa.update(schema.account).values(settings=QUIET))
        talk = tx.scenes.of_conversation(scene.conversation.id)
        assert talk is not None
        home.moment = Moment(now=NOON + 22 * HOUR, steady=NOON + 22 * HOUR)
        alerted(tx, waiting(tx, talk), home)
    assert line(home).quiet
    looked(home)
    assert replies(home) == []
    home.moment = Moment(now=NOON + 23 * HOUR, steady=NOON + 23 * HOUR)
    looked(home)
    assert replies(home) == ["awake:1"]
    assert not line(home).quiet
    home.moment = Moment(now=NOON + DAY - MINUTE, steady=NOON + DAY - MINUTE)
    looked(home)
    assert replies(home) == ["awake:1"]
