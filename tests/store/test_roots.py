"""What waits for a root goes on when it stands, and costs next to nothing until then."""

from bridge import lanes
from bridge.model.decision import Moment
from bridge.model.effects import PostLine, PostRoot, RedrawCard
from bridge.model.ids import PostRef
from bridge.model.state import Said
from bridge.rules.desk.posting import ROOTLESS
from bridge.store.posts import record_post, record_seen
from tests.store.factories import HOUR, MINUTE, NOON, PLACE, House, furnish, met, outbox_rows, set_row, threaded

EARLIER = PostRef("C1:0.1")


def test_what_waits_for_a_root_goes_on_when_it_stands(home: House) -> None:
    """The card, and the line in an earlier thread; what waits for something else, or for another root, goes on waiting."""
    with home.open() as tx:
        scene = threaded(tx, furnish(tx), ref=None)
        workspace, talk, thread = scene.workspace.id, scene.conversation.id, scene.conversation.thread
        assert thread is not None
        record_post(tx.connection, workspace=workspace, row=1, ref=EARLIER, kind="root", at=NOON, conversation=talk)
        root = PostRoot(workspace=workspace, conversation=talk, thread=thread.id)
        card = RedrawCard(workspace=workspace, conversation=talk)
        strange = RedrawCard(workspace=workspace, conversation=met(tx, "other").conversation.id)
        line = PostLine(workspace=workspace, conversation=talk, said=Said(key="thread.goes_on"), root=EARLIER)
        for effect in (root, card, line, strange):
            tx.effects.add([lanes.queue(effect, position=0, place=PLACE)], NOON)
        row, *waiting = outbox_rows(tx)
        for each in waiting:
            set_row(tx, each.id, not_before=NOON + HOUR, reason=ROOTLESS)
        set_row(tx, row.id, state="working")
        tx.posted(row, PostRef("C1:9.9"), tx.scenes.about([row])[row.id], Moment(now=NOON, steady=NOON + MINUTE))
        assert [each.since for each in outbox_rows(tx)[1:]] == [NOON + MINUTE, NOON + MINUTE, NOON + HOUR]
        for each in waiting:
            set_row(tx, each.id, not_before=NOON + HOUR, reason="paused")
        record_seen(tx.connection, [(row.id, PostRef("C1:9.9"))], NOON + MINUTE)
        assert [each.since for each in outbox_rows(tx)[1:]] == [NOON + HOUR] * 3
