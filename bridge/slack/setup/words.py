"""Each word of ``/bridge`` that sets up or tells what is set up: an answer, or what is wanted. Pure.

Rule 1: what only reads is answered to whoever may know it; what changes something is refused here already to who may not,
and ruled on again when it is decided.
Rule 2: whoever is not understood reads what there is, and what they may have meant.
"""

from collections.abc import Callable, Sequence

from bridge.model.change import replace
from bridge.model.ids import PlaceRef
from bridge.model.setup import Change
from bridge.model.sheet import Managed
from bridge.model.state import Account
from bridge.roles import Action
from bridge.rules.setup.names import plain
from bridge.slack import refs
from bridge.slack.phrase import Json, Link, Words
from bridge.slack.setup import accounts, audited, checked, guide, people, spoken, telling, timetable, vocabulary, worded
from bridge.slack.setup.room import EDIT, Opening, Room, Want, saying
from bridge.slack.setup.spoken import Command
from bridge.wording import Wording, languages

Answer = Json | Want | Opening
RESTORE = Change.RESTORE.value


def accounts_word(room: Room) -> Answer:
    """``accounts``: every account."""
    return accounts.listing(room)


def account_word(room: Room) -> Answer:
    """``account NAME``, and what is to be done with it."""
    every = [*room.survey.accounts, *room.survey.removed]
    name, verb = spoken.with_verb(room.asked.rest, every)

    def again(name: str) -> str:
        return f"account {name} {verb or ''}".strip()

    if not room.asked.rest:
        return (
            accounts.one(room, room.survey.managed[0])
            if len(every) == 1 == len(room.survey.managed)
            else accounts.choose(room, again)
        )
    meant = spoken.which(name, room.survey.accounts)
    if meant.account is None and not meant.several:
        before = spoken.which(name, room.survey.removed)
        if before.account is not None:
            return _before(room, before.account, verb)
    if not name and verb == RESTORE and len(room.restorable) == 1:
        return _before(room, room.restorable[0].account, verb)
    if not name and len(room.survey.accounts) == 1:
        account = room.survey.accounts[0]
    elif not name:
        return accounts.choose(room, again)
    elif meant.account is None:
        slip = None if verb or meant.several else spoken.verb_slip(room.asked.rest, room.survey.accounts)
        return accounts.not_one(room, meant, name, again) if slip is None else mistyped(room, f"account {slip}")
    else:
        account = meant.account
    return _done(room, account, verb)


def _before(room: Room, account: Account, verb: str | None) -> Answer:
    """Answer about one that was removed."""
    if verb != RESTORE:
        return accounts.removed(room, account)
    refused = room.refused(account)
    return Want(change=Change.RESTORE, account=account) if refused is None else saying(refused)


def _done(room: Room, account: Account, verb: str | None) -> Answer:
    managed = next(each for each in room.survey.managed if each.account.id == account.id)
    if verb is None:
        return accounts.one(room, managed)
    if (refused := room.refused(account)) is not None:
        return saying(refused)
    if verb == "edit":
        return Opening(window=EDIT, account=account, otherwise=accounts.editing(room, account))
    if verb in accounts.VERBS:
        return accounts.VERBS[verb](room, account)
    return Want(change=Change(verb), account=account)


def connect_word(room: Room) -> Answer:
    """``connect``: the link to the login; its conversations come to where it was typed, unless they choose another place."""
    if (refused := room.refused(action=Action.CONNECT)) is not None:
        return saying(refused)
    workspace, asked = room.survey.workspace.id, room.asked
    url = None if room.links is None else room.links.connect(workspace, asked.person, asked.place)
    if url is None:
        return saying(room.said("usage.connect_nowhere"))
    return saying(room.said("usage.connect", link=Link(url=url, label=room.wording.say("button.connect"))))


def people_word(room: Room) -> Answer:
    """``agents``, ``leads``, ``owners``: who they are; ``add`` and ``remove`` name somebody."""
    word, naming = room.asked.word, people.read(room.asked.rest)
    adds = naming.change is not None or naming.everyone
    if not adds and not naming.account:
        return people.listing(room, word, room.survey.accounts) if room.survey.accounts else accounts.listing(room)
    if naming.unread:
        return saying(room.said("command.not_mentioned", name=Words(text=spoken.typed(naming.unread[0]))))
    unknown = not adds and spoken.which(naming.account, room.survey.accounts).account is None
    if unknown and (slip := people.slip(room.asked.rest)) is not None:
        return mistyped(room, f"{word} {slip}")
    account = accounts.about(room, naming.account, lambda each: people.again(word, naming, each))
    if isinstance(account, dict):
        return account
    if not adds:
        return people.listing(room, word, [account])
    if not naming.refs and not naming.everyone:
        return saying(room.said("command.whom", word=word, account=room.handle(account)))
    if (refused := room.refused(account)) is not None:
        return saying(refused)
    if naming.everyone and word == "owners":
        return saying(room.said("command.owners_everyone", account=room.name(account), typed=room.handle(account)))
    if naming.groups and word == "owners":
        return saying(room.said("command.owners_people"))
    if naming.change is None:
        return Want(change=Change.SETTINGS, account=account, values={word: ""})
    added = naming.change is Change.ADD
    return Want(
        change=naming.change,
        account=account,
        values={word: naming.refs},
        people=naming.people if added else (),
        groups=naming.groups if added else (),
    )


def setup_word(room: Room) -> Answer:
    """Alone, or ``setup``: what is missing, in order."""
    return guide.drawn(room)


def check_word(room: Room) -> Answer:
    """``check``: every account; with a name, or by a button, that one."""
    if not room.survey.accounts:
        return accounts.listing(room)
    some = checking(room)
    return some if isinstance(some, dict) else checked.drawn(room, some)


def checking(room: Room) -> Sequence[Managed] | Json:
    """Return the accounts that are to be checked, or what is said where none is called so."""
    asked, there = room.asked, room.survey.managed
    if asked.account is not None:
        found = [each for each in there if each.account.id == asked.account]
        return found or saying(room.said("set_up.no_account"))
    if not asked.rest:
        return there
    meant = spoken.which(asked.rest, room.survey.accounts)
    if meant.account is None:
        return accounts.not_one(room, meant, asked.rest, lambda each: f"check {each}")
    return [each for each in there if each.account.id == meant.account.id]


def channel_word(room: Room) -> Answer:
    """``channel``: what is shown here; ``here`` and ``alerts`` with an account's name bring it here."""
    setting, name = _of_channel(room)
    if setting is None:
        if room.asked.rest:
            return _channel_slip(room)
        return telling.channel(room) if refs.place(room.asked.place) else saying(room.said("command.channel_only"))
    if refs.place(room.asked.place) is None:
        return saying(room.said("command.channel_only"))
    verb = room.asked.rest.split()[0]
    account = accounts.about(room, name.strip(), lambda each: f"channel {verb} {each}")
    if isinstance(account, dict):
        return account
    if (refused := room.refused(account)) is not None:
        return saying(refused)
    place = room.asked.place
    return Want(change=Change.SETTINGS, account=account, values={setting: place}, places=(place,))


def _of_channel(room: Room) -> tuple[str | None, str]:
    """Return which setting is to name the channel, and whose; None: none."""
    verb, _, name = room.asked.rest.partition(" ")
    verb = vocabulary.CHANNEL.get(verb, verb.lower())
    return CHANNEL.get(verb), name


def _channel_slip(room: Room) -> Json:
    """Say what may have been meant by what is no ``here`` or ``alerts``."""
    first, _, rest = room.asked.rest.partition(" ")
    if (verb := spoken.slip(first, CHANNEL)) is not None:
        return mistyped(room, f"channel {verb} {spoken.pasted(rest)}".strip())
    if (meant := spoken.which(room.asked.rest, room.survey.accounts).account) is not None:
        return mistyped(room, f"channel here {room.handle(meant)}")
    given = Words(text=spoken.typed(spoken.pasted(room.asked.rest)))
    return saying(room.said("command.not_read", given=given), room.said("command.channel_help", account=room.example))


def mistyped(room: Room, command: str) -> Json:
    """Say which command may have been meant, to be pasted."""
    return saying(room.said("command.meant", command=command.replace("`", "ˋ")))


def hours_word(room: Room) -> Answer:
    """``hours``: when each account is open; with a name and hours, perhaps a zone, when it is from now on."""
    return timetable.answer(room)


def audit_word(room: Room) -> Answer:
    """``audit``: the last changes, for whoever may set up."""
    return audited.audit(room) if room.may(action=Action.AUDIT) else saying(room.who_sees())


def replies_word(room: Room) -> Answer:
    """``replies``: the saved ones."""
    return telling.replies(room)


def about_word(room: Room) -> Answer:
    """``about``: which version this is."""
    return telling.about(room)


def language_word(room: Room) -> Answer:
    """``language``: which one it is; with a word, which it shall be."""
    if room.asked.rest:
        own = {plain(worded.language(each, Wording(reader))): each for each in languages() for reader in languages()}
        wanted = own.get(plain(room.asked.rest), room.asked.rest)
        return Want(change=Change.LANGUAGE, values={"language": wanted})
    spoken_here = worded.language(room.survey.workspace.language, room.wording)
    return saying(room.said("command.language", language=spoken_here, languages=room.wording.listed(languages())))


Word = Callable[[Room], Answer]
WORDS: dict[str, Word] = {
    "about": about_word,
    "audit": audit_word,
    "channel": channel_word,
    "check": check_word,
    "hours": hours_word,
    "replies": replies_word,
    "setup": setup_word,
    "account": account_word,
    "accounts": accounts_word,
    "agents": people_word,
    "connect": connect_word,
    "language": language_word,
    "leads": people_word,
    "owners": people_word,
}
CHANNEL = {"here": "channel", "alerts": "alerts_channel"}
"""Which setting is to name the channel where it was typed."""
OPEN = frozenset({"about", "audit", "connect", "replies"})
"""Words that tell nothing of what is set up, or say by themselves who may."""


def understood(asked: Command, accounts: Sequence[Account]) -> Command:
    """Return a command as it is meant: ``account NAME check`` is ``check NAME``, and ``accounts NAME`` is ``account NAME``."""
    if asked.word not in ("account", "accounts") or not asked.rest:
        return asked
    name, verb = spoken.with_verb(asked.rest, accounts)
    return replace(asked, word="check", rest=name) if verb == "check" else replace(asked, word="account")


def looked_in(room: Room) -> tuple[PlaceRef, ...]:
    """Return the channels that are looked at for an answer besides those of the accounts."""
    asks = room.asked.word == "channel" and _of_channel(room)[0] is None
    place = refs.place(room.asked.place) if asks else None
    return () if place is None else (place,)


def looked_at(room: Room) -> Sequence[Account]:
    """Return the accounts whose channels are looked at for an answer; of those that are checked the network is asked as well."""
    match room.asked.word:
        case "setup":
            return room.survey.accounts
        case "check":
            some = checking(room)
            return () if isinstance(some, dict) else [each.account for each in some]
        case "channel":
            here = room.asked.place
            return [
                each for each in room.survey.accounts if here in (each.settings.channel, each.settings.alerts_channel)
            ]
        case _:
            return ()
