"""What is shown at each step of connecting an account, and of whatever stands in its way."""

from __future__ import annotations

from typing import Any, Final

import structlog
from aiohttp import web

from bridge.connect.choosing import Choosing, Form, Unfit
from bridge.connect.flow import Candidate, Lack, effect_of, missing_altogether
from bridge.connect.show import page
from bridge.connect.visit import Progress, Visit, dialogs
from bridge.connect.work import Work
from bridge.meta.login import Refusal, Standing
from bridge.meta.oauth import MetaOAuth
from bridge.secrets import Sealer, SealError
from bridge.settings import subject
from bridge.store.logins import Session

GUIDE: Final = (
    "guide.professional",
    "guide.page",
    "guide.linked",
    "guide.admin",
    "guide.tools",
    "guide.channel",
)
"""What must be so beforehand, in this order: each step needs the one before."""


log = structlog.get_logger(__name__)


class Steps:
    """Shows; changes nothing. here, redirect: the addresses of the pages, and of where Meta sends people back."""

    def __init__(
        self, *, work: Work, oauth: MetaOAuth, choosing: Choosing, sealer: Sealer, here: str, redirect: str
    ) -> None:
        self._work = work
        self._oauth = oauth
        self._choosing = choosing
        self._sealer = sealer
        self._here = here
        self._redirect = redirect

    def shown(self, visit: Visit, template: str, *, status: int = 200, **values: Any) -> web.Response:
        """A page of the flow, with what all of them need."""
        workspace = visit.house.workspace
        common = {"workspace": workspace.name if workspace else "", "here": self._here, "link": visit.link}
        return page(template, visit.language, status=status, **common, **values)

    def lacking(
        self,
        language: str,
        lack: Lack,
        *,
        visit: Visit | None = None,
        status: int = 200,
        again: bool = False,
        scopes: tuple[str, ...] = (),
        log_in: bool = False,
    ) -> web.Response:
        """Say what stands in the way, and how it is mended. again: looking again may help; log_in: another login may."""
        log.info("connecting.lack", lack=lack.name)
        ways = {"facebook": "", "instagram": ""}
        if visit is not None and log_in:
            ways = dialogs(visit, self._oauth, self._redirect, again=lack.name != "denied")
        workspace = visit.house.workspace if visit is not None else None
        return page(
            "lack", language, status=status, lack=lack, again=again, dialogs=ways, scopes=_explained(scopes),
            workspace=workspace.name if workspace else "", here=self._here, link=visit.link if visit else "",
        )  # fmt: skip

    async def start(self, visit: Visit) -> web.Response:
        """What will happen, which login is expected, and what must be so beforehand."""
        before = None if visit.account is None else await self._work.person_behind(visit.account)
        return self.shown(
            visit,
            "start",
            account=visit.account,
            before=before.name if before is not None else None,
            switching=visit.account is not None and visit.login is not visit.account.login,
            dialogs=dialogs(visit, self._oauth, self._redirect),
            guide=GUIDE,
        )

    async def ask(self, visit: Visit, session: Session) -> web.Response:
        """Another person has come than last time: whether that is meant."""
        assert visit.account is not None  # noqa: S101 - only a known account is asked about
        before = await self._work.person_behind(visit.account)
        return self.shown(
            visit,
            "ask",
            account=visit.account,
            person=Progress.of(session).came.called,
            before=(before.name or before.remote_id) if before is not None else "–",
            dialogs=dialogs(visit, self._oauth, self._redirect, again=True),
        )

    async def pick(
        self, visit: Visit, session: Session, *, wrong: Unfit | None = None, form: Form | None = None
    ) -> web.Response:
        """Which accounts, under which names, into which channels; and why others cannot be had yet."""
        progress = Progress.of(session)
        found = await self.candidates(visit, session)
        if isinstance(found, Refusal):
            return self.refused(visit, found)
        if not found:
            lack = Lack(name="no_page", values={"person": progress.came.called})
            return self.lacking(visit.language, lack, visit=visit, again=True, log_in=True)
        shown = await self._choosing.shown(visit, found, form)
        return self.shown(
            visit,
            "pick",
            person=progress.came.called,
            wrong=wrong,
            scopes=_explained(missing_altogether(progress.came)),
            dialogs=dialogs(visit, self._oauth, self._redirect, again=True),
            **shown,
        )

    async def check(self, visit: Visit, session: Session) -> web.Response:
        """How each account came out, and what only a person can look at."""
        progress = Progress.of(session)
        found = await self._choosing.results(visit, progress)
        return self.shown(
            visit,
            "check",
            found=found,
            failed=any(result.standing == "failed" for _, result in progress.results),
            items=self._choosing.items(progress),
            hint=any(key.startswith("instagram:") for key, _ in progress.results),
        )

    async def done(self, visit: Visit, session: Session) -> web.Response:
        """That it is done, and what is still to be looked at."""
        progress = Progress.of(session)
        found = await self._choosing.results(visit, progress)
        left = [item for item in self._choosing.items(progress) if item not in progress.confirmed]
        return self.shown(
            visit,
            "done",
            account=visit.account,
            person=progress.came.called,
            found=found,
            left=[] if visit.account is not None else left,
            others=await self._work.others_behind([each for _, each in progress.results]),
        )

    def refused(self, visit: Visit, refusal: Refusal, *, coming_back: bool = False) -> web.Response:
        """What Meta refused, or that it said nothing."""
        silent = refusal.standing is Standing.NO_ANSWER
        names = {"connect.code_used": "code_used", "connect.other_meta_app": "other_app"}
        name = ("silent_login" if coming_back else "silent") if silent else names.get(refusal.why, "refused")
        about = {} if visit.account is None else {"name": visit.account.name, "key": subject(visit.account)}
        why = self._choosing.sentence(visit, refusal.why, code=refusal.code, **about)
        again = silent and not coming_back
        return self.lacking(
            visit.language, Lack(name=name, values={"why": why}), visit=visit, again=again, log_in=not again
        )

    async def candidates(self, visit: Visit, session: Session) -> tuple[Candidate, ...] | Refusal:
        """The accounts that the login of a session leads to, as they are now."""
        try:
            token = self._sealer.open(session.sealed or "")
        except SealError:
            return Refusal(why="connect.code_used")
        return await self._work.candidates(Progress.of(session).came, token, visit.ticket.workspace)


def _explained(scopes: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"name": scope, "effect": effect_of(scope)} for scope in scopes]
