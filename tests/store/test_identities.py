"""Customers under the ids of an account's other login, as the database has them."""

from __future__ import annotations

import sqlalchemy as sa

from bridge.model.decision import Decision
from bridge.model.ids import RemoteId
from bridge.model.state import Login
from bridge.store import conversations, identities, schema
from tests.store.factories import NOON, PSID, House, applied, furnish, heard, met, said, shows, threaded
from tests.store.test_conversations import everything, lanes_of


def test_an_erasure_forgets_the_ids_of_both_logins(home: House) -> None:
    """What was heard under the id of the earlier login goes too; whoever writes under either is somebody new."""
    with home.open() as tx:
        scene = threaded(tx, furnish(tx))
        message = said(tx, scene, "secret", remote_id=RemoteId("m_1"))
        scene = applied(tx, scene, Decision(messages=(message,), effects=(shows(scene, message),)))
        identities.login_changed(tx.connection, scene.account, Login.INSTAGRAM)
        tx.connection.execute(sa.update(schema.account).values(login="instagram"))
        identities.join(tx.connection, met(tx, "I-2001"), scene)
        tx.facts.keep([heard(f"meta:{each}", f"meta:{each}:1", b"secret") for each in (PSID, "I-2001")], NOON)
        assert met(tx).customer.id == met(tx, "I-2001").customer.id == scene.customer.id
    with home.open() as tx:
        conversations.erase(tx.connection, scene.conversation.id, home.moment, who="cli", heard=lanes_of)
    left = everything(home)
    for word in ("secret", repr(PSID), f":{PSID}", "I-2001"):
        assert word not in left, word
    with home.open() as tx:
        assert met(tx).customer.id != scene.customer.id
