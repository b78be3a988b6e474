"""Desks on which nothing happens are asked whether our token counts: each in its turn, none without need."""

from __future__ import annotations

from bridge.model.ids import WorkspaceId
from bridge.store import schema
from bridge.targets import desk_target
from bridge.workers.outages import ASKED_AFTER, Watch
from tests.store.factories import HOUR, House, add_account, add_workspace

DEAD, LEFT, QUIET = "TDEAD", "TLEFT", "TQUIET"


def asked(home: House) -> list[str]:
    """Whom we were about to ask, so far."""
    return sorted(row.workspace for row in home.all(schema.outbox) if row.kind == "ProbeToken")


def look(home: House, watch: Watch) -> None:
    """One round."""
    with home.open() as tx:
        watch.ask(tx, home.moment)


def test_a_desk_is_asked_once_each_time_that_it_was_quiet_for_a_while(home: House) -> None:
    """F15: no desk that is dead anyhow, and none that no account is routed to."""
    watch = Watch()
    with home.open() as tx:
        for number, desk in enumerate((DEAD, LEFT, QUIET)):
            add_account(tx, add_workspace(tx, desk), str(number), wish="removed" if desk == LEFT else "on")
        tx.effects.hold(desk_target(WorkspaceId(DEAD)), f"desk:{DEAD}")
    look(home, watch)
    assert asked(home) == [], "a start asks nobody"
    home.pass_time(ASKED_AFTER)
    look(home, watch)
    look(home, watch)
    assert asked(home) == [QUIET]


def test_however_long_an_answer_takes_one_question_waits(home: House) -> None:
    """What cannot go does not pile up."""
    watch = Watch()
    with home.open() as tx:
        add_account(tx, add_workspace(tx, QUIET))
    for _ in range(5):
        look(home, watch)
        home.pass_time(HOUR)
    assert asked(home) == [QUIET]
