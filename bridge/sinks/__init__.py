"""What leaves the house by other ways than the desk and the network: where the desk itself is what fails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from bridge.model.decision import Job
from bridge.model.effects import PutTicket, RedactTicket, TellOutside
from bridge.model.outcomes import Outcome, Refused
from bridge.model.word import Word


class Sink(Protocol):
    """One way out. It does an effect once and says how it ended; it never raises."""

    async def tell(self, job: Job) -> Outcome:
        """TellOutside, or what is about a ticket; may be repeated: whoever gets it knows a repeat by its id."""
        ...


class Sinks(Word, kw_only=True):
    """`bridge.ports.Outside`: those that are set, by name."""

    ways: Mapping[str, Sink]
    tickets: Sink | None = None
    """Where those go that accounts have."""

    async def tell(self, job: Job) -> Outcome:
        """By the one that the effect names."""
        if isinstance(job.effect, PutTicket | RedactTicket) and self.tickets is not None:
            return await self.tickets.tell(job)
        way = self.ways.get(job.effect.sink) if isinstance(job.effect, TellOutside) else None
        return Refused(code="not_set", why="desk_other") if way is None else await way.tell(job)
