"""What may go wrong in the demo, each a switch: ordered by the page's menu or a scene's `fault`, and mended again."""

from collections.abc import Awaitable, Callable
from typing import Final

from bridge.demo.cast import Cast, Role, role_of
from bridge.demo.faults import Fault
from bridge.model.word import Word

SLOW_SECONDS: Final = 6.0
OF_THE_LOGIN: Final = "shop"
"""The account whose login ends when its password is changed."""

Reconnect = Callable[[Role, str], Awaitable[None]]


class Trouble(Word, kw_only=True):
    """One switch of the menu."""

    key: str
    name: str
    about: str


TROUBLES: Final = (
    Trouble(key="meta_slow", name="Meta is slow", about="Every answer of Meta takes 6 seconds."),
    Trouble(key="meta_refuses", name="Meta refuses", about="Replies come back: the person is not available."),
    Trouble(key="meta_drops", name="Meta drops the answer", about="Replies arrive, but nobody tells the bridge."),
    Trouble(key="slack_down", name="Slack is down", about="Every call to Slack fails with 503."),
    Trouble(key="password", name="The password was changed", about="Shop Hanako's login ends. Off: logged in again."),
)


class Troubles:
    """The switches, and how each is turned.

    reconnect: gives the bridge an account's new token, as its operator would.
    """

    def __init__(self, cast: Cast, reconnect: Reconnect) -> None:
        self._cast = cast
        self._reconnect = reconnect
        self._of_meta: dict[str, list[Fault]] = {}
        self._slack_down: Fault | None = None
        self._logins = 0
        self.on: set[str] = set()

    async def order(self, key: str) -> None:
        """Turn one on; one that is on already stays on, KeyError where there is none."""
        named(key)
        if key in self.on:
            return
        self.on.add(key)
        meta = self._cast.meta
        match key:
            case "meta_slow":
                slow = meta.faults.add(method="messages", kind="latency", seconds=SLOW_SECONDS, times=None)
                self._of_meta[key] = [slow]
            case "meta_refuses":
                gone = meta.faults.add(method="messages", kind="error", error="551/1545041", status=400, times=None)
                self._of_meta[key] = [gone]
            case "meta_drops":
                meta.echoes = "late"
                self._of_meta[key] = [
                    meta.faults.add(method="messages", kind="drop_after", times=None),
                    meta.faults.add(method="conversations", kind="error", error="2", status=500, times=None),
                ]
            case "slack_down":
                self._slack_down = self._cast.slack.faults.add(method="*", kind="status", status=503, times=None)
            case _:
                meta.revoke(self._cast.accounts[OF_THE_LOGIN], subcode=460)

    async def mend(self, key: str) -> None:
        """Turn one off; one that is off already stays off, KeyError where there is none."""
        named(key)
        if key not in self.on:
            return
        self.on.discard(key)
        meta = self._cast.meta
        for fault in self._of_meta.pop(key, []):
            meta.faults.remove(fault)
        if key == "meta_drops":
            meta.echoes = "after"
            meta.release_echoes()
        elif key == "slack_down" and self._slack_down is not None:
            self._cast.slack.faults.remove(self._slack_down)
        elif key == "password":
            await self._log_in_again()

    async def mend_all(self) -> None:
        """Turn all off."""
        for key in sorted(self.on):
            await self.mend(key)

    async def _log_in_again(self) -> None:
        self._logins += 1
        account, role = self._cast.accounts[OF_THE_LOGIN], role_of(OF_THE_LOGIN)
        self._cast.meta.restore(account, token=f"EAAG-again-{self._logins}")
        await self._reconnect(role, account.token)


def named(key: str) -> Trouble:
    """Return a switch by its key; KeyError where there is none."""
    found = {trouble.key: trouble for trouble in TROUBLES}
    return found[key]
