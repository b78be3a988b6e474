"""``/bridge channel``, ``replies`` and ``about``: what is so, and how it is changed. Pure."""

from bridge import __version__
from bridge.model.listed import Listed
from bridge.roles import Action
from bridge.slack.lists import nothing_yours
from bridge.slack.phrase import Filling, Json, Phrase, Place, Words
from bridge.slack.setup import checked
from bridge.slack.setup.accounts import in_blocks
from bridge.slack.setup.room import Page, Room, saying
from bridge.split import head

MOST_VALUE = 80
"""Characters that are shown of what a setting was and is."""
MOST_LISTED = 100


def channel(room: Room) -> Json:
    """Return what is shown in the channel where it was typed, and how another account comes to it."""
    here = room.asked.place
    named: dict[str, Filling] = {"channel": Place(channel=here)}
    shown = [each for each in room.survey.accounts if each.settings.channel == here]
    told = [each for each in room.survey.accounts if each.settings.alerts_channel == here]
    page = Page()
    key = "command.channel_shows" if shown else "command.channel_shows_none"
    page.say(room.said(key, accounts=room.called(shown), **named))
    page.say(
        room.said("command.channel_alerts", accounts=room.called(told), **named)
        if told
        else room.said("command.channel_alerts_none", **named)
    )
    # with nothing of customers there it may be a channel that another company reads, too
    for each in checked.place(room, here, insisted=all(one.settings.shared_channel for one in shown)):
        page.say(each)
    page.small(room.said("command.channel_help", account=room.example) if room.may() else room.who_may())
    return page.json()


def replies(room: Room) -> Json:
    """Return the saved replies of the accounts that the asker may answer, and how there come to be more."""
    if not any(room.may(each, action=Action.ANSWER) for each in room.survey.accounts):
        none = Listed(yours=False, ask=room.to_ask, connected=bool(room.survey.accounts))
        return saying(nothing_yours(none, room.wording))
    if not room.replies:
        return saying(room.said("command.replies_none"))
    page = Page()
    page.heading(room.wording.say("command.replies"))
    names = {each.id: each for each in room.survey.accounts}
    lines: list[Phrase] = []
    for each in room.replies[:MOST_LISTED]:
        account = names.get(each.account)
        whose = "" if account is None else account.name
        start = head(" ".join(each.text.split()), MOST_VALUE)
        lines.append(
            (Words(text=each.name, bold=True), f" ({each.language}) · ", Words(text=whose), " · ", Words(text=start))
        )
    for some in in_blocks(lines):
        page.say(*some)
    if len(room.replies) > MOST_LISTED:
        page.small(room.said("list.more", count=MOST_LISTED))
    page.small(room.said("command.replies_help"))
    return page.json()


def about(room: Room) -> Json:
    """Return which version this is, what it promises, and where more is written."""
    return saying(
        room.said("command.about", version=__version__),
        room.said("command.about_promises"),
        room.said("command.about_docs"),
    )
