"""``/bridge`` alone: what is missing, in order, each with the one button that leads on. Pure.

Rule 1: a step is offered when those that it rests on are done, and not before.
Rule 2: what may be left out is called so, and stands behind what may not.
"""

from collections.abc import Sequence
from enum import Enum

from bridge.model.sheet import Managed
from bridge.model.state import Account, Health
from bridge.model.word import Word
from bridge.slack import alerts
from bridge.slack.homes import accounts as homes
from bridge.slack.homes.pieces import CONNECT, button
from bridge.slack.phrase import Json, Phrase, Place, lines
from bridge.slack.setup import checked
from bridge.slack.setup.room import AGAIN, EDIT, Page, Room
from bridge.split import head

MOST_LABEL = 40
"""Characters of a name on a button, which holds 75 (docs.slack.dev, Button element)."""


class Stand(Enum):
    """How far a step has come; the sign before it never stands alone."""

    DONE = "✅"
    OFFERED = "👉"
    LATER = "🔒"
    FREE = "➕"


class Step(Word, kw_only=True):
    """One step, with its one button where it can be done now."""

    stand: Stand
    words: Phrase
    press: Json | None = None


def drawn(room: Room) -> Json:
    """Return the steps; when nothing is missing one line, and what may be set besides."""
    steps = [_installed(room), *_needed(room)]
    page = Page()
    page.heading(room.wording.say("begin.title"))
    if room.survey.no_worker:
        page.say(("💔 ", *room.said("command.check_no_worker")))
    done = all(each.stand is Stand.DONE for each in steps)
    if done and not room.survey.no_worker:
        page.say(room.said("begin.done"))
    for each in [] if done else steps:
        page.say((f"{each.stand.value} ", *each.words), beside=each.press)
    free = [each for each in _free(room) if each.stand is Stand.FREE]
    if room.survey.accounts and free:
        page.say(room.said("begin.besides"))
        for each in free:
            page.say((f"{each.stand.value} ", *each.words), beside=each.press)
    for one in [] if room.survey.accounts else room.restorable[: homes.MOST_REMOVED]:
        page.say(homes.taken_back(room.ways, one), beside=homes.back(room.ways, one))
    if room.survey.accounts and not room.may():
        page.small(room.who_may())
    return page.json()


def _installed(room: Room) -> Step:
    return Step(stand=Stand.DONE, words=room.said("begin.installed", workspace=room.survey.workspace.name))


def _needed(room: Room) -> list[Step]:
    """Return the steps without which no message flows, then those without which trouble is found late."""
    accounts = room.survey.accounts
    connected = Step(stand=Stand.DONE, words=room.said("begin.connected", accounts=room.called(accounts[:10])))
    if not accounts:
        connected = _to_connect(room)
    elif broken := [each for each in room.survey.managed if each.account.health is not Health.READY]:
        connected = _to_mend(room, broken)
    shut = [each for each in accounts if _shut(room, each)]
    heard = [each for each in accounts if each.id in room.survey.heard]
    ready = bool(accounts) and not shut
    return [
        connected,
        _channels(room, accounts, shut),
        _agents(room, accounts, ready=ready),
        _alerts(room, accounts, ready=ready),
        _first(room, accounts, heard, ready=ready and connected.stand is Stand.DONE),
    ]


def _to_connect(room: Room) -> Step:
    words = room.said("begin.connect")
    url = (
        None if room.links is None else room.links.connect(room.survey.workspace.id, room.person.ref, room.asked.place)
    )
    if not room.may():
        return Step(stand=Stand.OFFERED, words=lines([words, room.who_may()]))
    if url is None:
        return Step(stand=Stand.OFFERED, words=lines([words, room.said("usage.connect_nowhere")]))
    made = button(room.wording.say("button.connect"), CONNECT, url=url, first=True)
    return Step(stand=Stand.OFFERED, words=words, press=made)


def _to_mend(room: Room, broken: Sequence[Managed]) -> Step:
    """An account that cannot send comes before everything that needs it; why, in the words of its alert."""
    ways, first = room.ways, broken[0]
    url = homes.reconnect(ways, first) if room.may(first.account) else None
    made = None if url is None else button(room.wording.say("button.reconnect"), alerts.RECONNECT, url=url, first=True)
    words = [line for each in broken[:5] for line in homes.standing(ways, each, url)[1:3]]
    return Step(stand=Stand.OFFERED, words=lines(words), press=made)


def _shut(room: Room, account: Account) -> list[Phrase]:
    """What keeps an account's channel from being written in: by Slack's word now, else by what is told of it."""
    settings = account.settings
    if settings.channel in room.states:
        return checked.place(room, settings.channel, insisted=settings.shared_channel)
    managed = next(each for each in room.survey.managed if each.account.id == account.id)
    told = any(each.incident.kind == "place" for each in managed.troubles)
    return [room.said("command.place_not_in", channel=Place(channel=settings.channel))] if told else []


def _channels(room: Room, accounts: Sequence[Account], shut: Sequence[Account]) -> Step:
    if not accounts:
        return Step(stand=Stand.LATER, words=room.said("begin.channel_later"))
    if shut:
        why = [each for account in shut for each in _shut(room, account)]
        return Step(stand=Stand.OFFERED, words=lines(list(dict.fromkeys(why))), press=_again(room))
    return Step(stand=Stand.DONE, words=room.said("begin.channel"))


def _agents(room: Room, accounts: Sequence[Account], *, ready: bool) -> Step:
    """Who answers: named somebody, or everybody, which is an answer as well once somebody said so or customers were heard."""
    if not ready:
        return Step(stand=Stand.LATER, words=room.said("begin.agents_later"))
    open_ones = [each for each in accounts if not each.settings.agents and not each.settings.agent_groups]
    new = [each for each in open_ones if each.id not in room.survey.heard | room.survey.chosen]
    if not open_ones:
        return Step(stand=Stand.DONE, words=room.said("begin.agents"))
    if not new:
        return Step(stand=Stand.DONE, words=_everyone(room, open_ones))
    words = room.said("begin.agents_choose", accounts=room.called(new[:10]), account=room.handle(new[0]))
    return Step(stand=Stand.OFFERED, words=words, press=_edit(room, new[0]))


def _everyone(room: Room, accounts: Sequence[Account]) -> Phrase:
    return room.said("begin.agents_everyone", accounts=room.called(accounts[:10]), account=room.handle(accounts[0]))


def _alerts(room: Room, accounts: Sequence[Account], *, ready: bool) -> Step:
    if not ready:
        return Step(stand=Stand.LATER, words=room.said("begin.alerts_later"))
    bare = [] if room.ops else [each for each in accounts if each.settings.alerts_channel is None]
    if not bare:
        return Step(stand=Stand.DONE, words=room.said("begin.alerts"))
    words = room.said("begin.alerts_choose", accounts=room.called(bare[:10]), account=room.handle(bare[0]))
    return Step(stand=Stand.OFFERED, words=words, press=_edit(room, bare[0]))


def _first(room: Room, accounts: Sequence[Account], heard: Sequence[Account], *, ready: bool) -> Step:
    """The first message that is heard proves all that is before it."""
    if not ready:
        return Step(stand=Stand.LATER, words=room.said("begin.first_later"))
    if heard:
        return Step(stand=Stand.DONE, words=room.said("begin.first"))
    return Step(
        stand=Stand.OFFERED, words=room.said("begin.first_try", accounts=room.called(accounts[:10])), press=_again(room)
    )


def _free(room: Room) -> list[Step]:
    accounts = room.survey.accounts
    tagless = [each for each in accounts if not each.settings.human_agent]
    always = [each for each in accounts if not each.settings.hours]
    found = []
    if tagless:
        words = room.said("begin.human_agent", accounts=room.called(tagless[:10]))
        found.append(Step(stand=Stand.FREE, words=words, press=_edit(room, tagless[0])))
    if always:
        words = room.said("begin.hours", accounts=room.called(always[:10]), account=room.handle(always[0]))
        found.append(Step(stand=Stand.FREE, words=words, press=_edit(room, always[0])))
    return found


def _edit(room: Room, account: Account) -> Json | None:
    """Return the button to an account's settings; where there are several it says whose."""
    if not room.may(account):
        return None
    if len(room.survey.accounts) == 1:
        return room.press("button.edit_account", EDIT, account)
    label = room.wording.say("button.edit_named", account=head(account.name, MOST_LABEL))
    return button(label, EDIT, value=str(account.id))


def _again(room: Room) -> Json:
    return room.press("button.look_again", AGAIN)
