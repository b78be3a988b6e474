"""What an agent reads on their page: what is theirs, who else waits, what closes soon. Pure."""

from bridge.model.facts import Act
from bridge.model.listed import Found, Listed
from bridge.model.state import Work
from bridge.rules.desk.home import AT_MOST
from bridge.slack import buttons
from bridge.slack.homes.pieces import Ways, button, heading, small, text
from bridge.slack.lists import line, nothing_yours
from bridge.slack.phrase import Json


def blocks(ways: Ways) -> list[Json]:
    """Return the three lists; for who may answer nothing, a sentence that says who can change that."""
    sheet = ways.sheet
    if not sheet.mine.yours:
        return [] if sheet.managed else [text(nothing_yours(sheet.mine, ways.wording))]
    return [
        *_list(ways, sheet.mine, "home.mine", "list.mine_none", "mine"),
        *_list(
            ways, sheet.waiting, "home.waiting", "home.waiting_none" if sheet.mine.found else "list.queue_none", "queue"
        ),
        *_list(ways, sheet.closing, "home.closing", "list.closing_none", "closing"),
    ]


def _list(ways: Ways, listed: Listed, title: str, none: str, word: str) -> list[Json]:
    """Return a heading, the conversations, and how all of them are shown where these are the first only."""
    rows = [_row(ways, listed, found) for found in listed.found[:AT_MOST]] or [text(ways.said(none))]
    more = [small(ways.said("home.more", count=len(rows), word=word))] if listed.more else []
    return [heading(ways.wording.say(title)), *rows, *more]


def _row(ways: Ways, listed: Listed, found: Found) -> Json:
    talk = found.scene.conversation
    unowned = talk.owner is None and talk.owner_group is None and talk.work is Work.WAITING
    take = button(ways.wording.say("button.take"), Act.TAKE.value, value=buttons.of_conversation(talk.id))
    return text(line(ways.sheet.workspace, listed, found, "", ways.wording, ways.now), take if unowned else None)
