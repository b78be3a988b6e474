"""The pages by which an account is connected: `/meta/connect` with its steps, and `/meta/callback`, where Meta sends people back.

    start ─► Meta's dialog ─► callback ─► pick ─► check ─► done         a new account
                                   └────► done, or ask                  a known one again

Rule 1: a link is used up when a login by it is finished; only the browser that did it goes on.
Rule 2: what is found wrong has a sentence and its mend, and the next try begins there, not at the start.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Final
from urllib.parse import parse_qsl, quote
from weakref import WeakValueDictionary

import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bridge import incoming
from bridge.connect.choosing import Choosing, Form, Unfit
from bridge.connect.flow import Candidate, Lack, Result, behind, missing
from bridge.connect.links import PATH, BadLink, Links, Ticket
from bridge.connect.show import see_other
from bridge.connect.steps import Steps
from bridge.connect.visit import (
    Cookies,
    Progress,
    Stop,
    Visit,
    account_of,
    new_browser,
    read_state,
    same_browser,
)
from bridge.connect.work import Choice, Work
from bridge.meta.login import Refusal
from bridge.model.change import replace
from bridge.model.errors import StoreUnavailable
from bridge.model.state import Account, Login
from bridge.ports import Clock
from bridge.secrets import Sealer
from bridge.store.hand import Hand
from bridge.store.logins import Session, keep_session, session_of
from bridge.wording.pages import preferred

CALLBACK: Final = "/meta/callback"
LARGEST: Final = 64 * 1024
"""Bytes of a form."""
ASK, PICK, RENEW, CHECK, DONE = "ask", "pick", "renew", "check", "done"

log = structlog.get_logger(__name__)


class Pages:
    """The handlers. language: spoken where neither the browser nor the workspace says one."""

    def __init__(
        self,
        *,
        work: Work,
        steps: Steps,
        links: Links,
        sealer: Sealer,
        choosing: Choosing,
        public_url: str,
        clock: Clock,
        language: str,
    ) -> None:
        self._work = work
        self._steps = steps
        self._links = links
        self._sealer = sealer
        self._choosing = choosing
        self._cookies = Cookies(sealer=sealer, public_url=public_url)
        self._here, self._redirect = addresses(public_url)
        self._clock = clock
        self._language = language
        self._busy: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Hang the pages where the contract has them. Not for HEAD: who only looks ahead must use nothing up."""
        router.add_get(PATH, self.open, allow_head=False)
        router.add_post(PATH, self.act)
        router.add_get(CALLBACK, self.back, allow_head=False)

    # ── the three requests ────────────────────────────────────────────────────────────────────────────────

    async def open(self, request: web.Request) -> web.Response:
        """Show the step at which somebody is."""
        return await self._answered(request, request.query.get("link", ""), self._step)

    async def act(self, request: web.Request) -> web.Response:
        """Do what a form asks for."""
        raw = await incoming.body(request, LARGEST)
        if isinstance(raw, web.Response):
            return raw
        try:
            form = Form(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=2000))
        except ValueError:
            return web.Response(status=400)

        async def work(visit: Visit) -> web.Response:
            return await self._act(visit, form)

        return await self._answered(request, form.one("link"), work)

    async def back(self, request: web.Request) -> web.Response:
        """Take somebody in who comes back from Meta."""
        query = {name: request.query.get(name, "") for name in ("state", "code", "error")}
        read = read_state(query["state"])
        browser = None if read is None else self._cookies.read(request, read[0])
        if read is None or browser is None or not same_browser(browser, read[1]):
            return self._steps.lacking(self._language_of(request, None), Lack(name="browser"), status=400)
        login = read[2]

        async def work(visit: Visit) -> web.Response:
            return await self._back(visit, login, query)

        return await self._answered(request, browser.link, work, returning=True)

    async def _answered(
        self,
        request: web.Request,
        link: str,
        work: Callable[[Visit], Awaitable[web.Response]],
        *,
        returning: bool = False,
    ) -> web.Response:
        """Find out who has come, let one at a time go on by a link, and turn whatever stands in the way into a page."""
        language, visit = self._language_of(request, None), None
        try:
            ticket = self._links.read(link)
            async with self._busy.setdefault(ticket.nonce, asyncio.Lock()):
                visit = await self._visit(request, ticket, link, returning=returning)
                response = await work(visit)
            self._cookies.write(response, visit.ticket.nonce, visit.browser)
        except BadLink:
            return self._steps.lacking(language, Lack(name="link_broken"), status=400)
        except Stop as stop:
            return self._steps.lacking(
                visit.language if visit else language, stop.lack, visit=visit, status=stop.status
            )
        except (StoreUnavailable, SQLAlchemyError) as error:
            log.error("connecting.no_database", error=type(error).__name__)  # noqa: TRY400 - its text may hold names
            return self._steps.lacking(language, Lack(name="database"), status=503)
        return response

    async def _visit(self, request: web.Request, ticket: Ticket, link: str, *, returning: bool) -> Visit:
        house = await self._work.house(ticket.workspace)
        session = await self._work.session(ticket.nonce)
        browser = self._cookies.read(request, ticket.nonce) or new_browser(link)
        visit = Visit(
            ticket=ticket,
            link=link,
            browser=browser,
            language=self._language_of(request, house.workspace.language if house.workspace else None),
            house=house,
            account=None,
            session=session,
        )
        if session is not None and session.used_at is not None and visit.mine is None:
            raise Stop(Lack(name="link_used"), 410)
        if visit.mine is None and self._links.expired(ticket, returning=returning):
            raise Stop(Lack(name="link_expired"), 410)
        return replace(visit, account=account_of(ticket, house))

    def _language_of(self, request: web.Request, otherwise: str | None) -> str:
        return preferred(request.headers.get("Accept-Language", ""), otherwise or self._language)

    # ── showing ───────────────────────────────────────────────────────────────────────────────────────────

    async def _step(self, visit: Visit) -> web.Response:
        session = visit.mine
        if session is None:
            return await self._steps.start(visit)
        match session.step:
            case step if step == DONE:
                raise Stop(Lack(name="link_used"), 410)
            case step if step == CHECK:
                return await self._steps.check(visit, session)
            case step if step == PICK:
                return await self._steps.pick(visit, session)
            case step if step == ASK:
                return await self._steps.ask(visit, session)
            case _:
                return await self._steps.start(visit)

    # ── coming back ───────────────────────────────────────────────────────────────────────────────────────

    async def _back(self, visit: Visit, login: Login, query: Mapping[str, str]) -> web.Response:
        digest = hashlib.sha256(query["code"].encode("utf-8", "surrogatepass")).hexdigest()
        mine = visit.mine
        if mine is not None and mine.step == DONE:
            return await self._steps.done(visit, mine)
        if mine is not None and Progress.of(mine).code == digest:
            return see_other(self._address(visit))
        if query["error"]:
            return self._steps.lacking(visit.language, Lack(name="denied"), visit=visit, log_in=True)
        if not query["code"]:
            return self._steps.lacking(visit.language, Lack(name="code_used"), visit=visit, log_in=True)
        came = await self._work.came(login, query["code"], redirect=self._redirect, verifier=visit.browser.verifier)
        if isinstance(came, Refusal):
            return self._steps.refused(visit, came, coming_back=True)
        progress = Progress(came=came[0], code=digest)
        session = self._session(visit, progress, came[1], step=RENEW if visit.account is not None else PICK)
        if visit.account is not None:
            return await self._renew(visit, session)
        await self._work.keep(replace(session, used_at=self._clock.now()))
        return see_other(self._address(visit))

    def _session(self, visit: Visit, progress: Progress, token: str, *, step: str) -> Session:
        before, ticket = visit.mine, visit.ticket
        return Session(
            id=ticket.nonce,
            workspace=ticket.workspace,
            account=ticket.account,
            person=ticket.person,
            step=step,
            created_at=before.created_at if before is not None else self._clock.now(),
            expires_at=ticket.expires_at,
            used_at=before.used_at if before is not None else None,
            state=progress.json(visit.browser),
            sealed=self._sealer.seal(token),
        )

    async def _renew(self, visit: Visit, session: Session, *, sure: bool = False) -> web.Response:
        """Log in to a known account again: done at once, unless something stands in the way or somebody else has come."""
        account, progress = visit.account, Progress.of(session)
        assert account is not None  # noqa: S101 - asked for by the link
        found = await self._steps.candidates(visit, session)
        if isinstance(found, Refusal):
            await self._work.keep(session)
            return self._steps.refused(visit, found)
        candidate = behind(found, account, progress.came)
        lack = candidate if isinstance(candidate, Lack) else candidate.lack
        if isinstance(candidate, Lack) or lack is not None:
            assert lack is not None  # noqa: S101 - one of the two
            await self._work.keep(session)
            scopes = missing(candidate, progress.came.scopes) if isinstance(candidate, Candidate) else ()
            again = lack.name in ("unlinked", "not_admin", "no_tasks", "elsewhere")
            return self._steps.lacking(visit.language, lack, visit=visit, again=again, scopes=scopes, log_in=True)
        before = await self._work.person_behind(account)
        other = before is not None and before.app == progress.came.login and before.remote_id != progress.came.person
        if other and not sure:
            await self._work.keep(replace(session, step=ASK))
            return await self._steps.ask(visit, session)
        return await self._renewed(visit, session, candidate, account)

    async def _renewed(self, visit: Visit, session: Session, candidate: Candidate, account: Account) -> web.Response:
        progress = Progress.of(session)
        ended = replace(session, step=DONE, used_at=self._clock.now(), sealed=None)

        def also(hand: Hand) -> None:
            there = session_of(hand.conn, session.id)
            if there is not None and there.used_at is not None and there.state.get("browser") != visit.browser.mark:
                raise Stop(Lack(name="link_used"), 410)
            keep_session(hand.conn, ended)

        result = await self._work.connect(
            candidate,
            Choice(name=account.name, settings=account.settings),
            progress.came,
            workspace=account.workspace,
            who=_who(visit.ticket),
            also=also,
        )
        if result.standing == "failed":
            await self._work.keep(session)
            return self._steps.refused(visit, Refusal(why=result.why or "", code=result.code))
        ended = replace(ended, state=replace(progress, results=((candidate.key, result),)).json(visit.browser))
        await self._work.keep(ended)
        return await self._steps.done(visit, ended)

    # ── acting ────────────────────────────────────────────────────────────────────────────────────────────

    async def _act(self, visit: Visit, form: Form) -> web.Response:
        session = visit.mine
        if session is None:
            raise Stop(Lack(name="browser"), 400)
        match session.step, form.one("act"):
            case step, "again" if step in (RENEW, ASK) and session.sealed is not None:
                return await self._renew(visit, session)
            case step, "go" if step == ASK and session.sealed is not None:
                return await self._renew(visit, session, sure=True)
            case step, "pick" if step == PICK:
                return await self._picked(visit, session, form)
            case step, "retry" if step == CHECK:
                return await self._retried(visit, session)
            case step, "finish" if step == CHECK:
                progress = Progress.of(session)
                progress = replace(progress, confirmed=self._choosing.ticked(progress, form))
                await self._work.confirm(progress.results, progress.confirmed, who=_who(visit.ticket))
                ended = replace(session, step=DONE, sealed=None, state=progress.json(visit.browser))
                await self._work.keep(ended)
                return await self._steps.done(visit, ended)
        return see_other(self._address(visit))

    async def _picked(self, visit: Visit, session: Session, form: Form) -> web.Response:
        found = await self._steps.candidates(visit, session)
        if isinstance(found, Refusal):
            return self._steps.refused(visit, found)
        chosen = await self._choosing.chosen(visit, found, form)
        if isinstance(chosen, Unfit):
            response = await self._steps.pick(visit, session, wrong=chosen, form=form)
            response.set_status(422)
            return response
        progress = Progress.of(session)
        wanted = {each.key: each.kept for each in chosen}
        return await self._connected(visit, session, replace(progress, wanted=wanted, alerts=form.one("alerts")), found)

    async def _retried(self, visit: Visit, session: Session) -> web.Response:
        found = await self._steps.candidates(visit, session)
        if isinstance(found, Refusal):
            return self._steps.refused(visit, found)
        return await self._connected(visit, session, Progress.of(session), found)

    async def _connected(
        self, visit: Visit, session: Session, progress: Progress, found: tuple[Candidate, ...]
    ) -> web.Response:
        """Connect what was chosen and does not stand yet, one after another; what stands is kept, whatever comes later."""
        results: dict[str, Result] = dict(progress.results)
        for key, wanted in progress.wanted.items():
            candidate = next((each for each in found if each.key == key), None)
            if candidate is None or (key in results and results[key].standing != "failed"):
                continue
            choice = self._choosing.choice(visit, candidate, wanted, progress.alerts)
            results[key] = await self._work.connect(
                candidate, choice, progress.came, workspace=visit.ticket.workspace, who=_who(visit.ticket)
            )
            progress = replace(progress, results=tuple(results.items()))
            session = replace(session, step=CHECK, state=progress.json(visit.browser))
            await self._work.keep(session)
        return see_other(self._address(visit))

    def _address(self, visit: Visit) -> str:
        return f"{self._here}?link={quote(visit.link, safe='=')}"


def _who(ticket: Ticket) -> str:
    """Who the audit says it was."""
    return ticket.person or "link"


def addresses(public_url: str) -> tuple[str, str]:
    """Where the pages are, and where Meta sends people back."""
    return f"{public_url}{PATH}", f"{public_url}{CALLBACK}"
