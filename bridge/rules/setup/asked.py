"""Somebody wants something set up: it is done whole, or not at all and they read why.

Rule 1: `bridge.roles.authorise` is asked here, when it is decided: a window may have been open for long.
Rule 2: what somebody else has changed since they looked is not written over.
Rule 3: asked for twice is done once; who asks for what is so already reads just that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from bridge import lanes, roles, settings
from bridge.model.decision import Decision, Denied, Wait
from bridge.model.effects import LearnPerson, Queued
from bridge.model.ids import AccountId
from bridge.model.setup import AnswerAsker, Change, LanguageChange, SettingsChange, Setup, SetupAsked, WishChange
from bridge.model.state import Account, Known, Said, Value, Wish, Workspace
from bridge.roles import Action
from bridge.rules.base import Context
from bridge.wording import Wording, languages

GONE = Said(key="set_up.no_account")
WISHES = {Change.PAUSE: Wish.PAUSED, Change.RESUME: Wish.ON, Change.REMOVE: Wish.REMOVED}


@dataclass(frozen=True, kw_only=True)
class House:
    """What the rules look at: the workspace, all of its accounts, who is known. refs: how the desk reads what people type."""

    workspace: Workspace
    accounts: Sequence[Account]
    known: Known
    refs: settings.Refs

    def account(self, id: AccountId | None) -> Account | None:
        """One of them."""
        return next((each for each in self.accounts if each.id == id), None)


def decide(fact: SetupAsked, house: House, context: Context, *, waited: bool) -> Decision:
    """What becomes of it. *waited*: the time to learn who it is is over."""
    account = house.account(fact.account)
    if fact.account is not None and account is None:
        return Decision(effects=answered(fact, GONE))
    about = house.accounts if account is None else (account,)
    unknown = missing(fact, about, house.known)
    if unknown and not waited:
        return Decision(
            wait=Wait(until=context.moment.steady + context.rules.fact_wait, missing="person"), effects=unknown
        )
    ruling = roles.authorise(fact.person, Action.SET_UP, about, house.known)
    if isinstance(ruling, Denied):
        return Decision(effects=answered(fact, ruling.said))
    match fact.change:
        case Change.LANGUAGE:
            return _language(fact, house)
        case _ if account is None:
            return Decision(effects=answered(fact, GONE))
        case Change.PAUSE | Change.RESUME | Change.REMOVE:
            return _wish(fact, account, WISHES[fact.change])
        case Change.SETTINGS | Change.ADD | Change.DROP:
            return _settings(fact, account, house, context)
        case _:
            assert_never(fact.change)


def missing(fact: SetupAsked, accounts: Sequence[Account], known: Known) -> tuple[Queued, ...]:
    """What asks the desk who it is, where that matters."""
    unknown = [roles.unknown_of(fact.person, Action.SET_UP, each, known)[0] for each in accounts]
    who = known.people.get(fact.person)
    asked = all(unknown) if unknown else who is None or who.admin is None
    return (lanes.queue(LearnPerson(workspace=fact.workspace, person=fact.person), position=0),) if asked else ()


def answered(fact: SetupAsked, said: Said) -> tuple[Queued, ...]:
    """Tell whoever asked."""
    told = AnswerAsker(
        workspace=fact.workspace, person=fact.person, said=said, at=fact.at, place=fact.place, handle=fact.handle
    )
    return (lanes.queue(told, position=lanes.micros(fact.at)),)


def done(fact: SetupAsked, changes: tuple[SettingsChange | WishChange | LanguageChange, ...], said: Said) -> Decision:
    """It is changed, and whoever asked reads it."""
    return Decision(setup=(Setup(who=fact.person, changes=changes),), effects=answered(fact, said))


def _language(fact: SetupAsked, house: House) -> Decision:
    language = fact.values.get("language", "").strip().lower()
    if language not in languages():
        return Decision(
            effects=answered(fact, Said(key="set_up.no_language", values={"languages": ", ".join(languages())}))
        )
    change = LanguageChange(workspace=fact.workspace, before=house.workspace.language, language=language)
    changes = () if language == house.workspace.language else (change,)
    return done(fact, changes, Said(key="set_up.language", values={"language": Wording(language).say("language.name")}))


def _is(account: Account, wish: Wish, *, already: bool) -> Said:
    """What they read of an account that is so now, or was so before."""
    named: Mapping[str, Value] = {"account": account.name}
    match wish:
        case Wish.PAUSED:
            return Said(key="set_up.paused_already" if already else "set_up.paused", values=named)
        case Wish.ON:
            return Said(key="set_up.on_already" if already else "set_up.resumed", values=named)
        case Wish.REMOVED:
            return Said(key="set_up.removed_already" if already else "set_up.removed", values=named)
        case _:
            assert_never(wish)


def _wish(fact: SetupAsked, account: Account, wish: Wish) -> Decision:
    if account.wish is wish:
        return Decision(effects=answered(fact, _is(account, wish, already=True)))
    if account.wish is Wish.REMOVED:
        return Decision(effects=answered(fact, Said(key="set_up.is_removed", values={"account": account.name})))
    return done(fact, (WishChange(account=account, wish=wish),), _is(account, wish, already=False))


def _settings(fact: SetupAsked, account: Account, house: House, context: Context) -> Decision:
    named: dict[str, Value] = {"account": account.name}
    if account.wish is Wish.REMOVED:
        return Decision(effects=answered(fact, Said(key="set_up.is_removed", values=named)))
    stands = settings.shown(account.name, account.settings)
    other = [name for name, text in fact.seen.items() if settings.as_text(stands.get(name)) != text]
    if other:
        return Decision(
            effects=answered(fact, Said(key="set_up.changed_meanwhile", values=named | {"setting": other[0]}))
        )
    pairs = {name: _resulting(fact.change, stands.get(name), text) for name, text in fact.values.items()}
    try:
        changed = settings.change(
            account, pairs, who=fact.person, refs=house.refs, wire=context.rules.wire[account.platform]
        )
    except settings.SettingError as error:
        return Decision(effects=answered(fact, Said(key="set_up.refused", values=named | {"reason": str(error)})))
    if changed.audit is None:
        return Decision(effects=answered(fact, Said(key="set_up.same", values=named)))
    change = SettingsChange(
        account=account,
        name=changed.name,
        settings=changed.settings,
        before=changed.audit.before,
        after=changed.audit.after,
    )
    return done(fact, (change,), Said(key="set_up.changed", values=named))


def _resulting(change: Change, stands: object, text: str) -> str:
    """The text that a list is to have afterwards; of anything else what is given."""
    if change is Change.SETTINGS:
        return text
    there = [str(each) for each in stands] if isinstance(stands, list) else []
    given = [each.strip() for each in text.split(",") if each.strip()]
    if change is Change.ADD:
        return ",".join(dict.fromkeys([*there, *given]))
    return ",".join(each for each in there if each not in given)
