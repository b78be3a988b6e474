"""What the other side answered, for whoever looks into it."""

from __future__ import annotations

from bridge.model.word import Word


class Answer(Word, kw_only=True):
    """A network's own account of a refusal: numbers and ids, never words.

    trace: what the network's support asks for. status: of HTTP.
    """

    code: str
    subcode: str = ""
    trace: str = ""
    status: int = 0
