"""What becomes of who has logged in when their data is erased."""

from bridge.model.change import replace
from bridge.model.decision import Decision
from bridge.model.ids import IncidentId
from bridge.model.incident import BY_LOGIN
from bridge.model.state import Incident
from bridge.store.logins import SqlLogins, person_of
from tests.store.factories import HOUR, NOON, PLACE, TEAM, House, furnish


def test_an_erasure_has_the_message_redrawn_that_told_of_several(home: House) -> None:
    """Of five logins mended in one message, the line of each names who has logged in."""
    with home.open() as tx:
        furnish(tx)
        who = person_of(tx.connection, TEAM, "facebook", "100", name="K. Sato", at=NOON)
        digest = Incident(
            id=IncidentId(7),
            workspace=TEAM,
            key="many",
            kind="many",
            place=PLACE,
            account=None,
            values={},
            opened_at=NOON,
        )
        mended = replace(digest, id=IncidentId(8), key="reauth:1", kind="reauth", within=digest.id, closed_at=NOON)
        mended = replace(mended, values={"by": f"{BY_LOGIN}{who}"})
        tx.apply(None, Decision(incidents=(digest, mended)), NOON)
        told = SqlLogins(tx.connection).erase("100", "c0de", NOON, NOON + HOUR)
    assert sorted((each.id, each.values.get("by")) for each in told) == [(7, None), (8, "")]
