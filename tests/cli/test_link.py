"""`threadbridge accounts connect`: it prints a link, or says what is missing for one."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bridge.connect.links import Links
from bridge.secrets import Sealer
from tests.cli.stage import ALERTS, PAGE, SUPPORT, Stage


def test_a_link_is_printed_and_nothing_else(operator: Stage) -> None:
    """I-03, CT-35: one line, which leads to the page; in JSON until when it is good."""
    plain = operator("accounts", "connect", "--channel", SUPPORT, "--alerts-channel", ALERTS).ok()
    assert plain.out.startswith("http://127.0.0.1:8080/meta/connect?link=")
    assert plain.out.count("\n") == 1
    operator.add().ok()
    told = operator("accounts", "connect", f"messenger:{PAGE}", "--json").ok().json
    until = datetime.fromisoformat(told["expires_at"])
    assert timedelta(minutes=55) < until - operator.clock.now() <= timedelta(hours=1)
    links = Links(sealer=Sealer([operator.env["BRIDGE_SECRET_KEY"]]), public_url=None, now=operator.clock.now)
    assert links.read(told["url"].partition("=")[2]).account == 1
    assert links.read(plain.out.strip().partition("=")[2]).channel == SUPPORT


@pytest.mark.parametrize(
    ("words", "env", "code", "said"),
    [
        ([], {"BRIDGE_PUBLIC_URL": ""}, 3, "BRIDGE_PUBLIC_URL is missing"),
        ([], {"META_APP_ID": ""}, 3, "nobody can log in yet: set META_APP_ID"),
        (["--login", "instagram"], {}, 3, "set INSTAGRAM_APP_ID and INSTAGRAM_APP_SECRET"),
        (["messenger:99"], {}, 1, "there is no account messenger:99"),
        ([f"messenger:{PAGE}", "--login", "instagram"], {}, 2, "Messenger has no Instagram Login"),
        (["--channel", "nowhere"], {}, 2, "nowhere is no id of a channel"),
        (["--channel", "C0NOWHERE"], {}, 2, "Slack knows no channel C0NOWHERE"),
        (["--workspace", "T0OTHER"], {}, 1, "not to T0OTHER"),
    ],
)
def test_what_is_missing_for_a_link_is_named(
    operator: Stage, words: list[str], env: dict[str, str], code: int, said: str
) -> None:
    refused = operator("accounts", "connect", *words, env=env)
    assert (refused.code, refused.out) == (code, "")
    assert said in refused.err
