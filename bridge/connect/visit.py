"""Who has come, by which link, in which browser: what every page needs before it shows anything."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from aiohttp import web

from bridge.connect.flow import Came, Lack, Result
from bridge.connect.links import Ticket
from bridge.connect.work import House
from bridge.meta.oauth import MetaOAuth
from bridge.model.change import asdict
from bridge.model.state import Account, Login, Wish
from bridge.model.word import Word, field
from bridge.secrets import Sealer, SealError
from bridge.store.logins import TOKENS_FOR, Session

COOKIE: Final = "connect_"
"""Before the link's own name: two links in one browser are in nobody's way."""
LETTERS: Final = {Login.FACEBOOK: "f", Login.INSTAGRAM: "i"}
LOGINS: Final = {letter: login for login, letter in LETTERS.items()}


class Stop(Exception):
    """The flow cannot go on from here: a page says why. status: of the answer."""

    def __init__(self, lack: Lack, status: int = 200) -> None:
        super().__init__(lack.name)
        self.lack = lack
        self.status = status


class Browser(Word, kw_only=True):
    """What ties a browser to the login that began in it. link: sealed, as it was opened."""

    HIDDEN: ClassVar = frozenset({"secret", "verifier", "link"})

    secret: str
    verifier: str
    link: str

    @property
    def mark(self) -> str:
        """What is kept of it."""
        return hashlib.sha256(self.secret.encode()).hexdigest()


class Visit(Word, kw_only=True):
    """One request, with everything that its link says. account: the one to log in to again."""

    HIDDEN: ClassVar = frozenset({"link"})

    ticket: Ticket
    link: str
    browser: Browser
    language: str
    house: House
    account: Account | None
    session: Session | None

    @property
    def login(self) -> Login | None:
        """The login that is meant, where there is no choice."""
        return self.ticket.login or (self.account.login if self.account is not None else None)

    @property
    def mine(self) -> Session | None:
        """How far this very browser has come."""
        session = self.session
        return session if session is not None and session.state.get("browser") == self.browser.mark else None


class Progress(Word, kw_only=True):
    """What is known of a login so far, as it stands in its session."""

    came: Came
    results: tuple[tuple[str, Result], ...] = ()
    wanted: dict[str, dict[str, str]] = field(default_factory=dict)
    alerts: str = ""
    confirmed: tuple[str, ...] = ()
    code: str = ""

    def json(self, browser: Browser) -> dict[str, Any]:
        """As it is kept."""
        return {
            "browser": browser.mark,
            "came": self.came.json(),
            "results": [[key, asdict(result)] for key, result in self.results],
            "wanted": self.wanted,
            "alerts": self.alerts,
            "confirmed": list(self.confirmed),
            "code": self.code,
        }

    @classmethod
    def of(cls, session: Session) -> Progress:
        """Again."""
        kept = session.state
        return cls(
            came=Came.from_json(kept["came"]),
            results=tuple((key, Result(**result)) for key, result in kept["results"]),
            wanted=kept["wanted"],
            alerts=kept["alerts"],
            confirmed=tuple(kept["confirmed"]),
            code=kept["code"],
        )


class Cookies:
    """Reads and writes what a browser holds: sealed, for this origin's own pages, never for scripts."""

    def __init__(self, *, sealer: Sealer, public_url: str) -> None:
        address = urlsplit(public_url)
        self._sealer = sealer
        self._path = f"{address.path}/meta"
        self._secure = address.scheme == "https"

    def read(self, request: web.Request, nonce: str) -> Browser | None:
        """What the browser holds for a link."""
        try:
            kept = json.loads(self._sealer.open(request.cookies.get(f"{COOKIE}{nonce}", "")))
            return Browser(secret=kept["s"], verifier=kept["v"], link=kept["k"])
        except (SealError, ValueError, KeyError, TypeError):
            return None

    def write(self, response: web.Response, nonce: str, browser: Browser) -> None:
        """Let the browser hold it until nothing of the link's is kept any more. Lax: it must come back with it from Meta."""
        kept = {"s": browser.secret, "v": browser.verifier, "k": browser.link}
        response.set_cookie(
            f"{COOKIE}{nonce}",
            self._sealer.seal(json.dumps(kept)),
            max_age=int(TOKENS_FOR.total_seconds()),
            path=self._path,
            secure=self._secure,
            httponly=True,
            samesite="Lax",
        )


def new_browser(link: str) -> Browser:
    """One that has just come; the verifier as RFC 7636 wants it, 43 characters or more."""
    return Browser(secret=secrets.token_urlsafe(24), verifier=secrets.token_urlsafe(48), link=link)


def state_of(ticket: Ticket, browser: Browser, login: Login) -> str:
    """What Meta gives back with its answer: which link, which browser, which login."""
    return f"{ticket.nonce}.{browser.secret}.{LETTERS[login]}"


def read_state(state: str) -> tuple[str, str, Login] | None:
    """The link's own name, the browser's secret and the login again; None for what is none of ours."""
    nonce, _, rest = state.partition(".")
    secret, _, letter = rest.rpartition(".")
    plain = nonce.isascii() and nonce.replace("-", "").replace("_", "").isalnum()
    return (nonce, secret, LOGINS[letter]) if plain and secret and letter in LOGINS else None


def same_browser(browser: Browser, secret: str) -> bool:
    """Whether the one that comes back is the one that left."""
    return hmac.compare_digest(browser.secret.encode("utf-8", "surrogatepass"), secret.encode("utf-8", "surrogatepass"))


def dialogs(visit: Visit, oauth: MetaOAuth, redirect: str, *, again: bool = False) -> dict[str, str]:
    """Where each login that this link may use begins. Stop: none of them is set up."""
    wanted = [visit.login] if visit.login is not None else [Login.FACEBOOK, Login.INSTAGRAM]
    able = [login for login in wanted if not oauth.apps.missing(login)]
    if not able:
        names = [name for login in wanted[:1] for name in oauth.apps.missing(login)]
        raise Stop(Lack(name="unconfigured", values={"settings": ", ".join(f"`{name}`" for name in names)}), 503)
    comments = visit.account is not None and visit.account.settings.comments
    found = {
        login.value: oauth.dialog(
            login,
            redirect=redirect,
            state=state_of(visit.ticket, visit.browser, login),
            verifier=visit.browser.verifier,
            again=again,
            comments=comments,
        )
        for login in able
    }
    return {login.value: found.get(login.value, "") for login in Login}


def account_of(ticket: Ticket, house: House) -> Account | None:
    """The account that a link is for. Stop: it is gone, or was never of this workspace."""
    if house.workspace is None:
        raise Stop(Lack(name="link_broken"), 400)
    if ticket.account is None:
        return None
    for account in house.accounts:
        if account.id == ticket.account and account.workspace == ticket.workspace and account.wish is not Wish.REMOVED:
            return account
    raise Stop(Lack(name="account_gone"), 410)
