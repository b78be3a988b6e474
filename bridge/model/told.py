"""Effects by which incidents are told: in an alerts channel, and to the people who have to mend them."""

from __future__ import annotations

from bridge.model.effect import Effect
from bridge.model.ids import IncidentId, PersonRef, PlaceRef, PostRef
from bridge.model.pins import PinAlert


class PostAlert(Effect, kw_only=True):
    """Announce an incident in its place."""

    incident: IncidentId
    place: PlaceRef
    plain: bool = False
    """The desk refused it as drawn: as plain text."""


class EditAlert(Effect, kw_only=True):
    """Make an announced incident say what is true now."""

    incident: IncidentId
    place: PlaceRef


class PostStage(Effect, kw_only=True):
    """Say under an announced incident how far it has come: an edit notifies nobody.

    loud: in the channel as well. plain: the desk refused it as drawn.
    """

    incident: IncidentId
    place: PlaceRef
    stage: str
    loud: bool = False
    plain: bool = False


class TellOwner(Effect, kw_only=True):
    """Tell one person directly of an incident, as it is when the message goes. over: that it is mended.

    again: their last message about it, which says what is true now in place of what it said; nobody hears of that.
    """

    incident: IncidentId
    person: PersonRef
    over: bool = False
    again: PostRef | None = None


class TellOutside(Effect, kw_only=True):
    """Tell of an incident by another way than the desk, which is what fails. sink: which way. over: that it is mended."""

    incident: IncidentId
    sink: str
    over: bool = False


OfIncident = PostAlert | EditAlert | PostStage | TellOwner | TellOutside | PinAlert
"""Effects that are worded from an incident."""
