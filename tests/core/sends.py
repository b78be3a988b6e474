"""One send to the customer, and what its end makes true: shared by the tests of sends, echoes and last rulings."""

from datetime import timedelta

from bridge import threads
from bridge.model.decision import Decision
from bridge.model.effects import SendToCustomer
from bridge.model.ids import AccountId, ConversationId, MessageId
from bridge.model.outcomes import Outcome
from bridge.model.state import Conversation, Message
from tests.core.factories import DESK, HOUR, account, answer, at, conversation, scene


def send(part: int = 1) -> SendToCustomer:
    """The effect of one part."""
    return SendToCustomer(
        workspace=DESK, conversation=ConversationId(11), account=AccountId(5), message=MessageId(21), part=part
    )


def ended(
    outcome: Outcome,
    message: Message | None = None,
    part: int = 1,
    *,
    waited: timedelta = HOUR,
    human_agent: bool = False,
    state: Conversation | None = None,
) -> Decision:
    """What the end of one send makes true."""
    place = scene(message or answer(), account=account(human_agent=human_agent), conversation=state or conversation())
    return threads.ended(place, send(part), outcome, at(waited), row=501, target="network:5:sends", position=1)
