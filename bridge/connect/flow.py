"""What a login brings, and what stands in the way of each account. Pure.

Rule: a lack is one account's. What lacks nothing can be connected beside what does.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final

from bridge.meta.login import Refusal, Standing, Whose, scopes_of
from bridge.meta.oauth import FACEBOOK_SCOPES, INSTAGRAM_SCOPES, PERSONAL, LoggedIn, Own, Page
from bridge.model.change import asdict, replace
from bridge.model.ids import AccountId, WorkspaceId
from bridge.model.state import Account, Health, Login, Platform, Wish
from bridge.model.word import Word, field

TASKS: Final = ("MESSAGING", "MODERATE")
"""What somebody must be allowed to do on a Page: to write for it, and to let webhooks come.

https://developers.facebook.com/docs/pages-api/overview
"""
NEW_PAGES: Final = "PROFILE_PLUS_"
"""How the same tasks begin where a Page has the newer experience."""
WHOLE: Final = f"{NEW_PAGES}FULL_CONTROL"


class Lack(Word, kw_only=True):
    """Why something cannot be. name: of the two sentences ``lack.…`` and ``mend.…``; values: what they need."""

    name: str
    values: Mapping[str, str] = field(default_factory=dict)


class Candidate(Word, kw_only=True):
    """An account that a login leads to. page: the Page through which an Instagram account is reached.

    remote_id: None where there is none yet: a Page without Instagram. known: as it is connected here already.
    """

    HIDDEN: ClassVar = frozenset({"token"})

    platform: Platform
    login: Login
    remote_id: str | None
    name: str
    page: str | None = None
    username: str | None = None
    token: str | None = None
    known: Account | None = None
    lack: Lack | None = None

    @property
    def key(self) -> str:
        """How forms and findings call it."""
        return f"{self.platform.value}:{self.remote_id or ''}"

    @property
    def whose(self) -> Whose:
        """As Meta is asked about it."""
        comments = self.known is not None and self.known.settings.comments
        return Whose(platform=self.platform, login=self.login, remote_id=self.remote_id or "", comments=comments)

    @property
    def renews(self) -> bool:
        """Whether it is connected here already."""
        return self.known is not None and self.known.wish is not Wish.REMOVED


class Came(Word, kw_only=True):
    """Who has come back from Meta, by which login, and what they granted."""

    login: Login
    person: str
    name: str | None
    scopes: frozenset[str] | None
    expires_at: datetime | None = None
    data_access_expires_at: datetime | None = None
    own: Own | None = None

    @classmethod
    def of(cls, login: Login, found: LoggedIn, own: Own | None = None) -> Came:
        """From Meta's answers."""
        return cls(
            login=login,
            person=found.person,
            name=found.name,
            scopes=found.scopes,
            expires_at=found.expires_at,
            data_access_expires_at=found.data_access_expires_at,
            own=own,
        )

    @property
    def called(self) -> str:
        """Their name, or else the id."""
        return self.name or self.person

    def json(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "login": self.login.value,
            "person": self.person,
            "name": self.name,
            "scopes": None if self.scopes is None else sorted(self.scopes),
            "expires_at": _told(self.expires_at),
            "data_access_expires_at": _told(self.data_access_expires_at),
            "own": None if self.own is None else asdict(self.own),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Came:
        """Again."""
        return cls(
            login=Login(kept["login"]),
            person=kept["person"],
            name=kept["name"],
            scopes=None if kept["scopes"] is None else frozenset(kept["scopes"]),
            expires_at=_read(kept["expires_at"]),
            data_access_expires_at=_read(kept["data_access_expires_at"]),
            own=None if kept["own"] is None else Own(**kept["own"]),
        )


def _told(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _read(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


# ── which accounts ────────────────────────────────────────────────────────────────────────────────────────


def of_pages(
    pages: Sequence[Page], came: Came, accounts: Sequence[Account], workspace: WorkspaceId
) -> tuple[Candidate, ...]:
    """Each Page, and each Instagram account with the Page it is linked with: true pairs, and no others.

    accounts: all of the installation, removed ones too.
    """
    found: list[Candidate] = []
    for page in pages:
        found.append(
            _settled(
                Candidate(
                    platform=Platform.MESSENGER,
                    login=Login.FACEBOOK,
                    remote_id=page.id,
                    name=page.name,
                    page=page.name,
                    token=page.token,
                ),
                page,
                came,
                accounts,
                workspace,
            )
        )
        linked = Candidate(
            platform=Platform.INSTAGRAM,
            login=Login.FACEBOOK,
            remote_id=page.instagram,
            name=page.username or page.name,
            page=page.name,
            username=page.username,
            token=page.token,
        )
        found.append(_settled(linked, page, came, accounts, workspace))
    return tuple(found)


def of_own(
    own: Own, came: Came, token: str, accounts: Sequence[Account], workspace: WorkspaceId
) -> tuple[Candidate, ...]:
    """The one account that logged in by itself."""
    known, elsewhere = _known(Platform.INSTAGRAM, own.id, accounts, workspace)
    candidate = Candidate(
        platform=Platform.INSTAGRAM,
        login=Login.INSTAGRAM,
        remote_id=own.id,
        name=own.name or own.username or own.id,
        username=own.username,
        token=token,
        known=known,
    )
    lack = None
    if (own.kind or "").upper() == PERSONAL:
        lack = Lack(name="personal", values={"account": called(candidate)})
    elif missing(candidate, came.scopes):
        lack = Lack(name="scopes", values={"account": called(candidate)})
    elif elsewhere:
        lack = Lack(name="elsewhere", values={"account": called(candidate)})
    return (replace(candidate, lack=lack),)


def _settled(
    candidate: Candidate, page: Page, came: Came, accounts: Sequence[Account], workspace: WorkspaceId
) -> Candidate:
    known, elsewhere = _known(candidate.platform, candidate.remote_id, accounts, workspace)
    candidate = replace(candidate, known=known)
    return replace(candidate, lack=_lack(candidate, page, came, elsewhere=elsewhere))


def _known(
    platform: Platform, remote_id: str | None, accounts: Sequence[Account], workspace: WorkspaceId
) -> tuple[Account | None, bool]:
    """The account as it is here, removed or not; and whether another workspace has it."""
    same = [each for each in accounts if each.platform is platform and each.remote_id == remote_id]
    here = next((each for each in same if each.workspace == workspace), None)
    return here, any(each.workspace != workspace and each.wish is not Wish.REMOVED for each in same)


def _lack(candidate: Candidate, page: Page, came: Came, *, elsewhere: bool) -> Lack | None:
    about = {"page": page.name, "person": came.called, "account": called(candidate)}
    if candidate.remote_id is None:
        return Lack(name="unlinked", values=about)
    lacking = tasks_lacking(page.tasks)
    if page.token is None or len(lacking) == len(TASKS):
        return Lack(name="not_admin", values=about)
    if lacking:
        return Lack(name="no_tasks", values={**about, "tasks": ", ".join(lacking)})
    if missing(candidate, came.scopes):
        return Lack(name="scopes", values=about)
    return Lack(name="elsewhere", values=about) if elsewhere else None


def tasks_lacking(tasks: Collection[str] | None) -> tuple[str, ...]:
    """What somebody may not do on a Page, of what they must; nothing where their tasks are not told."""
    if tasks is None:
        return ()
    plain = {task.removeprefix(NEW_PAGES) for task in tasks}
    return () if WHOLE in tasks else tuple(task for task in TASKS if task not in plain)


def missing(candidate: Candidate, granted: Collection[str] | None) -> tuple[str, ...]:
    """The permissions without which an account's messages do not flow; nothing where it is not told."""
    return () if granted is None else tuple(each for each in scopes_of(candidate.whose) if each not in granted)


def missing_altogether(came: Came) -> tuple[str, ...]:
    """Every permission that was asked for and not granted."""
    asked = INSTAGRAM_SCOPES if came.login is Login.INSTAGRAM else FACEBOOK_SCOPES
    return () if came.scopes is None else tuple(each for each in asked if each not in came.scopes)


def effect_of(scope: str) -> str:
    """The key of what does not work without a permission."""
    return "scope.comments" if scope.endswith("_comments") else f"scope.{scope}"


def called(candidate: Candidate) -> str:
    """What people call it."""
    if candidate.known is not None:
        return candidate.known.name
    if candidate.platform is Platform.INSTAGRAM and candidate.username:
        return f"@{candidate.username}"
    return candidate.name


def behind(candidates: Sequence[Candidate], account: Account, came: Came) -> Candidate | Lack:
    """The account that a link is for, of those that a login leads to."""
    for each in candidates:
        if each.platform is account.platform and each.remote_id == account.remote_id:
            return each
    wrong = "wrong_account" if came.login is Login.INSTAGRAM else "wrong_login"
    person = f"@{came.own.username}" if came.own is not None and came.own.username else came.called
    return Lack(name=wrong, values={"account": account.name, "person": person})


# ── how connecting one ended ──────────────────────────────────────────────────────────────────────────────


class Verdict(Word, kw_only=True):
    """How Meta's answers leave an account; *failed*: they let nothing be kept."""

    health: Health = Health.READY
    cause: str | None = None
    failed: Refusal | None = None


def verdict(lacking: Collection[str], refused: Refusal | None) -> Verdict:
    """From what its token lacks, and what reading its conversations brought."""
    if refused is not None and refused.standing is Standing.NOT_ELIGIBLE:
        return Verdict(health=Health.NOT_ELIGIBLE, cause="not_eligible")
    if refused is not None and refused.standing is not Standing.PENDING:
        return Verdict(failed=refused)
    if refused is not None or lacking:
        return Verdict(health=Health.PENDING, cause="permission")
    return Verdict()


class Result(Word, kw_only=True):
    """How one account came out. standing: ready, renewed, pending, not_eligible or failed.

    why, code: of a failure; the key of the catalogue that agents' sentences stand in. noticed: a notice about it is on its way to its channel. switched: what became of a
    connection by the other login: ``ended``, or ``page`` where its Page needs it still.
    """

    name: str
    standing: str
    account: AccountId | None = None
    channel: str | None = None
    why: str | None = None
    code: str = ""
    noticed: bool = False
    switched: str | None = None


def standing_of(health: Health, *, renewed: bool) -> str:
    """The word for how an account came out."""
    match health:
        case Health.READY:
            return "renewed" if renewed else "ready"
        case Health.NOT_ELIGIBLE:
            return "not_eligible"
        case _:
            return "pending"
