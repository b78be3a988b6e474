"""What customers answer when they are asked whether they are content."""

from __future__ import annotations

from bridge.model.fact import FromNetwork
from bridge.model.ids import MessageId, RemoteId


class CustomerRated(FromNetwork, kw_only=True):
    """A customer tapped one of our answers below the message *question*: how content they are, from 1 to 5."""

    remote_id: RemoteId
    question: MessageId
    score: int
