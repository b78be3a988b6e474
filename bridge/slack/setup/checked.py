"""``/bridge check``: every account, whether messages can flow, what keeps them from it, and what mends it. Pure."""

from collections.abc import Mapping, Sequence

from bridge import tickets
from bridge.model.ids import PlaceRef
from bridge.model.sheet import Managed
from bridge.model.state import Account, Health, Said, Wish
from bridge.slack.homes import accounts as homes
from bridge.slack.phrase import Filling, Json, Phrase, Place, Words
from bridge.slack.probe import ChannelState, NoSlack
from bridge.slack.setup.accounts import in_blocks, line
from bridge.slack.setup.room import EDIT, Page, Room

STOPPED = "worker_stopped"
MOST_SPOKEN = 20
"""So many accounts that need somebody have a block of their own; of the others a line is told."""


def drawn(room: Room, some: Sequence[Managed]) -> Json:
    """Return what is right with these accounts, and what is wrong."""
    found = {each.account.id: wrong(room, each) for each in some}
    bad = [each for each in some if found[each.account.id]]
    page = Page()
    page.heading(room.wording.say("command.check"))
    if room.survey.no_worker:
        page.say(("💔 ", *room.said("command.check_no_worker")))
    if not room.waits and (bad or not room.survey.no_worker):
        page.say(
            room.said("command.check_all", count=len(some))
            if not bad
            else room.said("command.check_some", count=len(bad), all=len(some))
        )
    for other in room.survey.others if len(some) > 1 and room.may() else ():
        if room.survey.no_worker and other.incident.kind == STOPPED:
            continue  # "the others go on" is not so then
        page.say(*homes.words(room.ways, other, None))
    for each in bad[:MOST_SPOKEN]:
        _told(room, each, found[each.account.id], page)
    rest = [*bad[MOST_SPOKEN:], *(each for each in some if each not in bad)]
    for group in in_blocks([_line(room, each) for each in rest]):
        page.say(*group)
    for group in in_blocks(
        [room.said("command.check_removed", account=room.name(each)) for each in room.survey.removed if len(some) > 1]
    ):
        page.say(*group)
    if room.waits:
        page.small(room.said("command.check_waits"))
    page.small(room.said("command.check_help"))
    return page.json()


def _told(room: Room, managed: Managed, problems: Sequence[Phrase], page: Page) -> None:
    account = managed.account
    title: Phrase = ("⚠ ", Words(text=account.name, bold=True), f" · {room.network(account)}")
    edit = room.press("button.edit_account", EDIT, account) if room.may(account) else None
    page.say(title, *problems, *_linked(room, account), beside=edit)


def _line(room: Room, managed: Managed) -> Phrase:
    """Return an account of which nothing is wrong, or of which there is no room to say more."""
    told = line(room, managed, why=False)
    for linked in _linked(room, managed.account):
        told = (*told, " · ", *linked)
    return told


def _linked(room: Room, account: Account) -> list[Phrase]:
    examined = room.examined.get(account.id)
    if examined is None or examined.linked is None:
        return []
    return [room.said("command.check_linked" if examined.linked else "command.check_unlinked")]


def wrong(room: Room, managed: Managed) -> list[Phrase]:
    """Return what is the matter with an account: by what is told of it, by the network, by its channels, by its settings."""
    account, settings = managed.account, managed.account.settings
    known: dict[str, Filling] = {"account": room.name(account), "network": room.network(account)}
    found: list[Phrase] = []
    if account.wish is Wish.PAUSED:
        found.append(room.said("card.paused", **known))
    for each in managed.troubles:
        found += homes.words(room.ways, each, None)
    if account.health is not Health.READY and not managed.troubles:
        found += [room.said(key, **known) for key in (homes.standing_of(account), *homes.causes(account, room.wording))]
    examined = room.examined.get(account.id)
    if examined is not None and not managed.troubles:
        found += [room.said(each.key, **known, **_values(each)) for each in examined.wrong]
    found += place(room, settings.channel, insisted=settings.shared_channel)
    if settings.alerts_channel is not None and settings.alerts_channel != settings.channel:
        found += place(room, settings.alerts_channel, insisted=True)
    if settings.alerts_channel is None and not room.ops:
        found.append(room.said("command.check_no_alerts", typed=room.handle(account), **known))
    sink = tickets.place_of(settings.ticket_sink)
    if sink is not None and sink not in (settings.channel, settings.alerts_channel):
        found += place(room, sink, insisted=True)
    found += homes.tickets_stay(room.ways, managed)
    if settings.auto_away and not settings.hours:
        found.append(room.said("command.check_away", typed=room.handle(account), **known))
    return found


def place(room: Room, where: PlaceRef, *, insisted: bool = False) -> list[Phrase]:
    """Return what keeps the bridge from writing in a channel, as far as Slack said."""
    state = room.states.get(where)
    named: dict[str, Filling] = {"channel": Place(channel=where)}
    match state:
        case NoSlack(code=code) if code:
            return [room.said("command.place_hidden", **named)]
        case ChannelState(archived=True):
            return [room.said("command.place_archived", **named)]
        case ChannelState(member=False):
            return [room.said("command.place_not_in", **named)]
        case ChannelState(writable=False):
            return [room.said("command.place_read_only", **named)]
        case ChannelState(outside=True) if not insisted:
            return [room.said("command.place_shared", **named)]
        case _:
            return []


def _values(said: Said) -> Mapping[str, Filling]:
    return {name: Words(text=value) if isinstance(value, str) else value for name, value in said.values.items()}
