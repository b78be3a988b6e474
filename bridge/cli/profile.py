"""`threadbridge accounts profile`: what customers see of an account before they write."""

from __future__ import annotations

from typing import Any

import click

from bridge.chosen import graph_of
from bridge.cli.answers import CommandError, as_json, emit, fields
from bridge.cli.base import ACCOUNT, AccountName, Bench, find_account, operator, with_bench
from bridge.cli.comments import token_of
from bridge.cli.connect import sentence
from bridge.meta import profile as meta
from bridge.meta.graph import GraphRequest
from bridge.meta.login import MetaLogin, Refusal
from bridge.meta.profile import MOST_QUESTION, MOST_TITLE, Entry, Profile, ProfileError
from bridge.model.state import Account
from bridge.settings import Audit, subject
from bridge.store import accounts as stored


@click.command(short_help="Set what customers see before they write.")
@click.argument("account", type=ACCOUNT)
@click.option("--greeting", help="Shown before the first message; Messenger alone. Empty: none.")
@click.option(
    "--ice-breaker", "questions", multiple=True, metavar="QUESTION[=PAYLOAD]", help="To tap instead of writing."
)
@click.option("--no-ice-breakers", is_flag=True, help="Take the questions away.")
@click.option("--menu", "menu", multiple=True, metavar="TITLE[=PAYLOAD|=https://...]", help="An item of the menu.")
@click.option("--no-menu", is_flag=True, help="Take the menu away.")
@click.option("--show", is_flag=True, help="Change nothing.")
@as_json
def profile(account: AccountName, *, show: bool, as_json: bool, **given: Any) -> None:
    """Set the greeting, the questions to tap and the menu of an account; without options, show them.

    What is given replaces all of its kind; what is not given stays. A tap comes into the thread as what it says.
    """
    wanted = _wanted(**given)
    if show and wanted != Profile():
        raise click.UsageError("--show changes nothing: leave the others out")

    async def work(bench: Bench) -> tuple[Account, Profile]:
        found = await bench.read(lambda conn: find_account(conn, account))
        _check(found, wanted)
        bench.config.require(("BRIDGE_SECRET_KEY", "META_APP_SECRET"))
        token = await token_of(bench, found)
        if token is None:
            raise CommandError(f"{account} has no token that can be opened: `threadbridge accounts add` renews it")
        graph = graph_of(bench.config)
        login = MetaLogin(http=bench.http, graph=graph)
        for request in meta.requests(graph, found, token, wanted):
            await _done(login, request, found)
        if wanted != Profile():
            await bench.write(lambda hand: stored.audit(hand, found, _line(found, wanted)))
        said = await _done(login, meta.look(graph, found, token), found)
        return found, meta.read(said)

    found, there = with_bench(work)
    document = _document(found, there)
    if as_json:
        emit(document)
    else:
        fields(document | {"ice_breakers": _shown(there.questions), "menu": _shown(there.menu)})


def _wanted(
    *, greeting: str | None, questions: tuple[str, ...], no_ice_breakers: bool, menu: tuple[str, ...], no_menu: bool
) -> Profile:
    if (questions and no_ice_breakers) or (menu and no_menu):
        raise click.UsageError("the same thing cannot be set and taken away")
    try:
        asked = tuple(meta.entry(each, most=MOST_QUESTION, may_open=False) for each in questions)
        items = tuple(meta.entry(each, most=MOST_TITLE, may_open=True) for each in menu)
    except ProfileError as error:
        raise CommandError(str(error), code=2) from None
    return Profile(
        greeting=None if greeting is None else greeting.strip(),
        questions=asked if asked or no_ice_breakers else None,
        menu=items if items or no_menu else None,
    )


def _check(account: Account, wanted: Profile) -> None:
    try:
        meta.check(account.platform, wanted)
    except ProfileError as error:
        raise CommandError(str(error), code=2) from None


async def _done(login: MetaLogin, request: GraphRequest, account: Account) -> Any:
    said = await login.ask(request)
    if isinstance(said, Refusal):
        code = f" (Meta's code {said.code})" if said.code else ""
        raise CommandError(f"{subject(account)}: {sentence(said.why, account.platform, account.name)}{code}")
    return said


def _line(account: Account, wanted: Profile) -> Audit:
    """Which of it was changed, and how many there are: the words stand on the network alone."""
    counts = {"greeting": wanted.greeting, "ice_breakers": wanted.questions, "menu": wanted.menu}
    after = {name: len(value) for name, value in counts.items() if value is not None}
    return Audit(who=operator(), action="account.profile", object=subject(account), before={}, after=after)


def _document(account: Account, there: Profile) -> dict[str, Any]:
    return {
        "account": subject(account),
        "greeting": there.greeting,
        "ice_breakers": [_entry(each) for each in there.questions or ()],
        "menu": [_entry(each) for each in there.menu or ()],
    }


def _entry(each: Entry) -> dict[str, str | None]:
    what = {"url": each.url} if each.url is not None else {"payload": each.payload}
    return {"title": each.title, **what}


def _shown(entries: tuple[Entry, ...] | None) -> str:
    return ", ".join(f"{each.title}={each.url or each.payload}" for each in entries or ())
