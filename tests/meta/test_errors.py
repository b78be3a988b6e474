"""The table of Meta's refusals, row by row as Meta's pages and our fact sheet name them; pure."""

import pytest

from bridge.meta.errors import verdict
from bridge.model.outcomes import Held, Later, Outcome, Refused, Scope, Unsure

LATER = {
    Scope.ROW: "1 1/99 2 2/1545133 1200 2018321",
    Scope.TARGET: "613 613/2534040",
    Scope.PARENT: "17 32 80001 80002 80006",
    Scope.TOP: "4 341",
}
HELD = {
    "reauth.token_invalid": "102 190 190/467",
    "reauth.app_deauthorised": "190/458",
    "reauth.checkpoint": "190/459",
    "reauth.password_changed": "190/460",
    "reauth.token_expired": "190/463",
    "reauth.unconfirmed": "190/464",
    "reauth.role_lost": "190/492",
    "reauth.permission_revoked": "10 200 201 299",
    "reauth.page_link": "100/2534013",
    "reauth.two_factor": "10/2534077",
    "restricted": "10/1893063",
    "restricted.policy": "368",
    "restricted.blocked": "100/2534029",
    "restricted.commerce": "2022",
    "setup.not_eligible": "36103",
    "setup.connected_tools": "200/2534041",
}
REFUSED = {
    "terms": "2/2018344",
    "opt_in": "4/2018354 9/2018352 613/1893016 10/1404170 10/1893015",
    "tag_misuse": "613/2018338",
    "window": "10/2018278 10/2018065 10/2534022",
    "unreachable": "10/2018108 551 551/1545041 200/1545041",
    "permission": "10/2018336",
    "bad_request": "100 100/2018014 100/2534015 2500",
    "not_found": "100/33",
    "no_customer": "100/2018001 100/2534014 9010",
    "media_fetch": "100/2018008 100/2018294",
    "media_kind": "100/2018047",
    "media_expired": "100/2018074",
    "media_too_large": "100/2018109",
    "private_reply_used": "100/2534025",
    "other_app": "100/2534037 2018300",
    "media_several": "2534068",
    "thread_deleted": "2534001",
    "development": "200/2018028 200/2018027 200/2018021",
    "no_profile": "230 2018218 2018247",
    "duplicate": "506 506/1609005",
    "history_gone": "9000001",
    "other": "80007 424242",
}
ROWS: list[tuple[str, object]] = [
    ("1/1357046", "unsure"),
    *((name, scope) for scope, names in LATER.items() for name in names.split()),
    *((name, cause) for cause, names in HELD.items() for name in names.split()),
    *((name, f"error.{why}") for why, names in REFUSED.items() for name in names.split()),
]


def said(name: str) -> dict[str, dict[str, int | str]]:
    """Meta's answer, in words that nobody may decide on."""
    code, _, subcode = name.partition("/")
    error: dict[str, int | str] = {"message": "エラー", "code": int(code)}
    return {"error": error | ({"error_subcode": int(subcode)} if subcode else {})}


def meaning(outcome: Outcome) -> object:
    """What it comes to."""
    match outcome:
        case Later(scope=scope):
            return scope
        case Held(cause=cause):
            return cause
        case Refused(why=why):
            return f"error.{why}"
        case Unsure():
            return "unsure"
        case _:
            raise AssertionError(outcome)


@pytest.mark.parametrize(("name", "expected"), ROWS)
@pytest.mark.parametrize("status", [400, 401, 403, 429])
def test_every_code_has_one_meaning_whatever_the_status(name: str, expected: object, status: int) -> None:
    """ZM-09, I-10: the status of no code is documented, so the code alone decides."""
    assert meaning(verdict(status, said(name), sending=True)) == expected


@pytest.mark.parametrize("name", [name for name, _ in ROWS])
def test_what_meta_says_in_trouble_does_not_tell_whether_a_message_went(name: str) -> None:
    """Promise 2: a 5xx to a send is *perhaps*, whatever code stands in it; a read may simply be made again."""
    assert meaning(verdict(503, said(name), sending=True)) == "unsure"
    assert verdict(503, said(name)) == verdict(400, said(name)) or meaning(verdict(503, said(name))) == "unsure"


@pytest.mark.parametrize("subcode", [4, 17, 102, 190, 200, 368, 551])
def test_a_short_subcode_is_no_code(subcode: int) -> None:
    """Only the long subcodes mean the same under every code."""
    assert verdict(400, said(f"100/{subcode}")) == Refused(code=f"100/{subcode}", why="bad_request")
    assert meaning(verdict(400, said(f"1/{subcode}"))) is Scope.ROW
    assert meaning(verdict(400, said("7/2018300"))) == "error.other_app"
