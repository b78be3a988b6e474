"""What Meta's refusals mean, in the core's words: the one table. Pure.

Decided on code and subcode alone: texts are localised, and the HTTP status is not documented for any code.
https://developers.facebook.com/docs/messenger-platform/error-codes
https://developers.facebook.com/docs/graph-api/guides/error-handling
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from bridge.meta.loose import Json, obj, whole
from bridge.model.answer import Answer
from bridge.model.change import replace
from bridge.model.outcomes import Held, Later, Refused, Scope, Unsure

Verdict = Later | Held | Refused | Unsure
MOST_TRACE: Final = 100
"""Characters of an id that is kept as it came."""

OUTAGE: Final = timedelta(seconds=5)
"""When the network is tried again after nothing was heard of it."""

LIMITED: Final = timedelta(minutes=5)
"""How long a used-up budget rests where Meta does not say for how long: calling on would lengthen the block."""

REAUTH: Final = "reauth"
"""The kind of the incidents that a login mends; the details are the wording catalogue's ``cause.reauth.*``."""


def _later(seconds: float, scope: Scope) -> Later:
    return Later(after=timedelta(seconds=seconds), why="", scope=scope)


def _reauth(cause: str) -> Held:
    return Held(cause=f"{REAUTH}.{cause}", scope=Scope.PARENT)


def _restricted(cause: str) -> Held:
    return Held(cause=cause, scope=Scope.TARGET)


def _refused(why: str) -> Refused:
    return Refused(code="", why=why)


TABLE: Final[Mapping[str, Verdict]] = {
    # Passing faults, of this row alone.
    "1": Later(after=timedelta(seconds=5), why="", scope=Scope.ROW, last="unknown"),
    "1/1357046": Unsure(why=""),  # Meta's reply was invalid: what was sent may have been delivered all the same
    "2": _later(2, Scope.ROW),
    "1200": _later(2, Scope.ROW),
    "2018321": _later(60, Scope.ROW),  # Messenger's automatic questions are still running
    # Limits: of the app, of the account, of its sends.
    "4": Later(after=LIMITED, why="", scope=Scope.TOP),
    "341": Later(after=LIMITED, why="", scope=Scope.TOP),
    "17": _later(60, Scope.PARENT),
    "32": _later(60, Scope.PARENT),
    "80001": Later(after=LIMITED, why="", scope=Scope.PARENT),
    "80002": Later(after=LIMITED, why="", scope=Scope.PARENT),
    "80006": Later(after=LIMITED, why="", scope=Scope.PARENT),
    "613": _later(10, Scope.TARGET),
    # The login.
    "102": _reauth("token_invalid"),
    "190": _reauth("token_invalid"),
    "190/458": _reauth("app_deauthorised"),
    "190/459": _reauth("checkpoint"),
    "190/460": _reauth("password_changed"),
    "190/463": _reauth("token_expired"),
    "190/464": _reauth("unconfirmed"),
    "190/467": _reauth("token_invalid"),
    "190/492": _reauth("role_lost"),
    "10": _reauth("permission_revoked"),
    "200": _reauth("permission_revoked"),
    "100/2534013": _reauth("page_link"),
    "10/2534077": _reauth("two_factor"),
    # The account may not send.
    "10/1893063": _restricted("restricted"),
    "368": _restricted("restricted.policy"),
    "100/2534029": _restricted("restricted.blocked"),
    "2022": _restricted("restricted.commerce"),
    "36103": _restricted("setup.not_eligible"),
    "200/2534041": _restricted("setup.connected_tools"),
    # This answer may not go.
    "10/2018278": _refused("window"),
    "10/2018065": _refused("window"),
    "10/2534022": _refused("window"),
    "10/2018108": _refused("unreachable"),
    "10/1404170": _refused("opt_in"),
    "10/1893015": _refused("opt_in"),
    "10/2018336": _refused("permission"),
    "2018300": _refused("other_app"),
    "100/2534037": _refused("other_app"),
    "551": _refused("unreachable"),
    "200/1545041": _refused("unreachable"),
    "200/2018028": _refused("development"),
    "200/2018027": _refused("development"),
    "200/2018021": _refused("development"),
    "230": _refused("no_profile"),
    "2018218": _refused("no_profile"),
    "2018247": _refused("no_profile"),
    "9010": _refused("no_customer"),
    "100/2018001": _refused("no_customer"),
    "100/2534014": _refused("no_customer"),
    "613/2018338": _refused("tag_misuse"),  # concerns this person alone, so the account's other answers go on
    "613/1893016": _refused("opt_in"),
    "4/2018354": _refused("opt_in"),
    "9/2018352": _refused("opt_in"),
    "2/2018344": _refused("terms"),
    "100": _refused("bad_request"),
    "100/33": _refused("not_found"),
    "100/2018008": _refused("media_fetch"),
    "100/2018294": _refused("media_fetch"),
    "100/2018047": _refused("media_kind"),
    "100/2018074": _refused("media_expired"),
    "100/2018109": _refused("media_too_large"),
    "2534068": _refused("media_several"),
    "100/2534025": _refused("private_reply_used"),
    "2534001": _refused("thread_deleted"),
    "506": _refused("duplicate"),
    "9000001": _refused("history_gone"),
    "2500": _refused("bad_request"),
}
"""Rows by ``code/subcode``, by code alone, or (from seven digits on) by a subcode that comes under any code."""

SUBCODE_DIGITS: Final = 7
"""Shorter subcodes mean something else under each code."""

UNTAGGED_ONLY: Final = frozenset({"10", "200"})
"""A tagged answer that is refused so lacks the Human Agent feature, which says nothing about the login."""


def code_of(error: Mapping[str, Json]) -> str:
    """An error's name, ``10/2018278`` or ``190``; empty when it has no code."""
    code, subcode = whole(error.get("code")), whole(error.get("error_subcode"))
    if code is None:
        return ""
    return str(code) if subcode is None else f"{code}/{subcode}"


def verdict(
    status: int, answer: Json, *, sending: bool = False, tagged: bool = False, wait: timedelta | None = None
) -> Verdict:
    """What an answer that is no success means. Total: any status and any JSON give a verdict.

    sending: what Meta says while it is in trouble itself does not tell whether the message went.
    tagged: a send outside the standard window. wait: what the answer's headers ask for.
    """
    error = obj(obj(answer).get("error"))
    name = code_of(error)
    if not name:
        return _by_status(status, wait)
    if sending and status >= 500:
        return Unsure(why=f"meta {name} ({status})")
    if tagged and name in UNTAGGED_ONLY:
        return Refused(code=name, why="permission")
    return _named(_row(name) or _unknown(status, error), name, wait)


def answered(status: int, answer: Json) -> Answer:
    """What an answer that is no success says for whoever looks into it."""
    error = obj(obj(answer).get("error"))
    code, subcode, trace = (error.get(name) for name in ("code", "error_subcode", "fbtrace_id"))
    return Answer(code=_short(code), subcode=_short(subcode), trace=_short(trace), status=status)


def _short(value: Json) -> str:
    return str(value)[:MOST_TRACE] if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _row(name: str) -> Verdict | None:
    code, _, subcode = name.partition("/")
    found = TABLE.get(name) or (TABLE.get(subcode) if len(subcode) >= SUBCODE_DIGITS else None)
    if found is not None:
        return found
    if subcode and code in ("10", "200"):
        return _refused("permission")  # new to us, and about this answer rather than about the login
    if code in TABLE:
        return TABLE[code]
    return TABLE["200"] if code.isdecimal() and 200 <= int(code) <= 299 else None


def _unknown(status: int, error: Mapping[str, Json]) -> Verdict:
    if error.get("is_transient") is True:
        return _later(5, Scope.ROW)
    if status >= 500:
        return Unsure(why="")
    return _refused("other")


def _named(found: Verdict, name: str, wait: timedelta | None) -> Verdict:
    """The row with the name of the error in it."""
    match found:
        case Later():
            limited = found.scope is not Scope.ROW and wait is not None
            return replace(found, why=f"meta {name}", after=wait if limited and wait is not None else found.after)
        case Unsure():
            return replace(found, why=f"meta {name}")
        case Held() | Refused():
            return replace(found, code=name)


def _by_status(status: int, wait: timedelta | None) -> Verdict:
    """An answer without a code of Meta's: something between us and Meta, or Meta in trouble, has spoken."""
    if status == 429:
        return Later(after=wait or timedelta(minutes=1), why="http 429", scope=Scope.TARGET)
    if 400 <= status < 500 and status != 408:
        return Refused(code=f"http {status}", why="other")
    return Unsure(why=f"http {status}")
