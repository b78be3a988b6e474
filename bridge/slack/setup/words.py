"""Each word of ``/bridge`` that sets up or tells what is set up: an answer, or what is wanted. Pure.

Rule 1: what only reads is answered to whoever may know it; what changes something is refused here already to who may not,
and ruled on again when it is decided.
Rule 2: whoever is not understood reads what there is, and what they may have meant.
"""

from collections.abc import Callable

from bridge.model.setup import Change
from bridge.model.state import Account
from bridge.slack.phrase import Json, Link, Words
from bridge.slack.setup import accounts, people, spoken
from bridge.slack.setup.room import Room, Want, saying
from bridge.wording import Wording, languages

Answer = Json | Want


def accounts_word(room: Room) -> Answer:
    """``accounts``: every account; with a name, that one."""
    return account_word(room) if room.asked.rest else accounts.listing(room)


def account_word(room: Room) -> Answer:
    """``account NAME``, and what is to be done with it."""
    every = [*room.survey.accounts, *room.survey.removed]
    if not room.asked.rest:
        return (
            accounts.one(room, room.survey.managed[0]) if len(every) == 1 == len(room.survey.managed) else _choose(room)
        )
    name, verb = spoken.with_verb(room.asked.rest, every)
    meant = spoken.which(name, room.survey.accounts)
    if meant.account is None and not meant.several:
        before = spoken.which(name, room.survey.removed)
        if before.account is not None:
            return accounts.removed(room, before.account)
    if not name and len(room.survey.accounts) == 1:
        account = room.survey.accounts[0]
    elif not name:
        return _choose(room)
    elif meant.account is None:
        return accounts.not_one(room, meant, name)
    else:
        account = meant.account
    return _done(room, account, verb)


def _choose(room: Room) -> Json:
    return accounts.choose(room, room.survey.accounts, f"{room.asked.word} {room.asked.rest}".strip())


def _done(room: Room, account: Account, verb: str | None) -> Answer:
    managed = next(each for each in room.survey.managed if each.account.id == account.id)
    if verb in (None, "check"):
        return accounts.one(room, managed)
    if (refused := room.refused(account)) is not None:
        return saying(refused)
    if verb in accounts.VERBS:
        return accounts.VERBS[verb](room, account)
    return Want(change=Change(verb), account=account)


def connect_word(room: Room) -> Answer:
    """``connect``: the link to the login; its conversations come to where it was typed, unless they choose another place."""
    if (refused := room.refused()) is not None:
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
    account = about(room, naming.account)
    if isinstance(account, dict):
        return account
    if not adds:
        return people.listing(room, word, [account])
    if naming.unread:
        return saying(room.said("command.not_mentioned", name=Words(text=spoken.typed(naming.unread[0]))))
    if not naming.refs and not naming.everyone:
        return saying(room.said("command.whom", word=word))
    if (refused := room.refused(account)) is not None:
        return saying(refused)
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


def about(room: Room, name: str) -> Account | Json:
    """Return the account that is meant: the one named, the only one, or the only one that is shown where it was typed."""
    there = room.survey.accounts
    if name:
        meant = spoken.which(name, there)
        return meant.account or accounts.not_one(room, meant, name)
    if len(there) == 1:
        return there[0]
    here = [each for each in there if each.settings.channel == room.asked.place]
    return here[0] if len(here) == 1 else _choose(room)


def language_word(room: Room) -> Answer:
    """``language``: which one it is; with a word, which it shall be."""
    if room.asked.rest:
        return Want(change=Change.LANGUAGE, values={"language": room.asked.rest})
    spoken_here = Wording(room.survey.workspace.language).say("language.name")
    return saying(room.said("command.language", language=spoken_here, languages=", ".join(languages())))


Word = Callable[[Room], Answer]
WORDS: dict[str, Word] = {
    "account": account_word,
    "accounts": accounts_word,
    "agents": people_word,
    "connect": connect_word,
    "language": language_word,
    "leads": people_word,
    "owners": people_word,
}
OPEN = frozenset({"connect"})
"""Words that tell nothing of what is set up, so that whoever may not is told by whom it can be done."""
