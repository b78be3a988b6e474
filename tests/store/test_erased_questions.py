"""An erased conversation leaves no question behind that quotes an answer."""

from bridge.model.decision import Decision
from bridge.model.state import ReplyState, Said
from bridge.store import conversations
from tests.store.factories import House, applied, furnish, reply


def test_an_erasure_takes_a_question_with_it_that_quotes_the_answer(home: House) -> None:
    """Promise 6: it stands in an agent's direct messages; one that asks no longer quotes nothing."""
    with home.open() as tx:
        scene = furnish(tx)
        states = (ReplyState.ASKING, ReplyState.UNSURE, ReplyState.NOTE)
        reasons = [Said(key="reply.question_mention", values={"line": f"D1:1.{number}"}) for number in range(3)]
        asked = tuple(
            reply(tx, scene, state=state, reason=reason) for state, reason in zip(states, reasons, strict=True)
        )
        applied(tx, scene, Decision(messages=asked))
    with home.open() as tx:
        done = conversations.erase(tx.connection, scene.conversation.id, home.moment, who="cli", heard=lambda *_: [])
    assert done is not None
    assert done.posts == ("D1:1.0", "D1:1.1")
