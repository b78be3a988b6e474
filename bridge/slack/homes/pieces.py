"""Blocks of a page, and what they are made of. Pure."""

from datetime import datetime

from bridge.model.desk import NOWHERE
from bridge.model.sheet import Sheet
from bridge.model.word import Word
from bridge.ports import Links
from bridge.rules.desk.home import may_connect
from bridge.slack.phrase import Filling, Json, Phrase, mrkdwn, phrase
from bridge.wording import Wording

MOST_BLOCKS = 100
"""Of a view (docs.slack.dev, Blocks)."""
MOST_HEADING = 150
"""Characters of a header block."""
CONNECT = "setup:connect"
"""The id of the button that leads to a login for a new account; a press of it asks nothing of us."""


class Ways(Word, kw_only=True):
    """What every part of a page is drawn from. windows: ids of the buttons that open one. mail: whether a mail server is set."""

    sheet: Sheet
    wording: Wording
    links: Links | None
    now: datetime
    windows: frozenset[str] = frozenset()
    mail: bool = True

    def said(self, key: str, **values: Filling) -> Phrase:
        """Return a sentence."""
        return phrase(self.wording, key, values)

    def to_connect(self) -> str | None:
        """Return where the reader connects an account; None: they may not, or nobody could."""
        if self.links is None or not may_connect(self.sheet.person, [each.account for each in self.sheet.managed]):
            return None
        return self.links.connect(self.sheet.workspace.id, self.sheet.person.ref, NOWHERE)


def heading(words: str) -> Json:
    """Return a heading, for eyes and for screen readers."""
    return {"type": "header", "text": {"type": "plain_text", "text": words[:MOST_HEADING], "emoji": True}}


def text(words: Phrase, accessory: Json | None = None) -> Json:
    """Return sentences as a section, with a button beside them."""
    block: Json = {"type": "section", "text": {"type": "mrkdwn", "text": mrkdwn(words), "verbatim": True}}
    return block if accessory is None else {**block, "accessory": accessory}


def small(words: Phrase) -> Json:
    """Return a line in small letters."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": mrkdwn(words), "verbatim": True}]}


def button(label: str, action: str, *, value: str | None = None, url: str | None = None, first: bool = False) -> Json:
    """Return a button. first: the one to press."""
    made: Json = {"type": "button", "action_id": action, "text": {"type": "plain_text", "text": label, "emoji": True}}
    made |= {"value": value} if value is not None else {}
    made |= {"url": url} if url is not None else {}
    return made | ({"style": "primary"} if first else {})
