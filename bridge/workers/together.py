"""What goes in one post with a claimed row: ruled like it, as far as it fits; the rest waits again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bridge import threads
from bridge.model.decision import Beside, Drop, Go
from bridge.ports import About, Ending, OutboxRow, Transaction
from bridge.rules.base import Context
from bridge.rules.desk import joining

BESIDE = "beside another"


def beside(
    tx: Transaction,
    first: About,
    waiting: Sequence[OutboxRow],
    about: Mapping[int, About],
    context: Context,
) -> list[tuple[OutboxRow, Beside]]:
    """Those of the *waiting* that go with the first, in order; what does not go is left as it was."""
    if first.scene is None or first.scene.message is None:
        leave(tx, waiting)
        return []
    shown = [first.scene.message]
    taken: list[tuple[OutboxRow, Beside]] = []
    for number, row in enumerate(waiting):
        found = about.get(row.id)
        scene = None if found is None else found.scene
        ruling = Drop(why="what it is about is gone") if scene is None else threads.due(scene, row.effect, context)
        if isinstance(ruling, Drop):
            tx.effects.finish(row, Ending(state="dropped", reason=ruling.why))
            continue
        if (
            not isinstance(ruling, Go)
            or scene is None
            or scene.message is None
            or not joining.fits(shown, scene.message)
        ):
            leave(tx, waiting[number:])
            break
        shown.append(scene.message)
        taken.append((row, Beside(row=row.id, scene=scene)))
    return taken


def leave(tx: Transaction, waiting: Sequence[OutboxRow]) -> None:
    """They wait again, each for itself."""
    if waiting:
        tx.effects.finish_all([(row, Ending(state="ready", reason=BESIDE)) for row in waiting])
