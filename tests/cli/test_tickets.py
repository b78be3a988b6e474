"""Tickets at the command line."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from tests.cli.stage import OTHER, PAGE, Stage

NAME = f"messenger:{PAGE}"
SECRET = f"whsec_{base64.b64encode(b'k' * 32).decode()}"


def test_where_tickets_go_is_set_with_a_secret_that_nobody_sees_again(operator: Stage, tmp_path: Path) -> None:
    """ZI-26, ZI-27: from standard input or a file, never from an argument; what is shown, kept and printed holds none of it."""
    operator.add().ok()
    page, secret = NAME, SECRET
    sink = "ticket_sink=https://tickets.example.com/in"
    results = [operator("accounts", "set", page, sink, "ticket_timer=on", "ticket_secret=-", stdin=secret).ok()]
    (tmp_path / "secret").write_text(f"{secret}\n")
    assert re.search(r"^ticket_secret +– → set$", results[-1].out, re.MULTILINE)
    results.append(operator("accounts", "set", page, f"ticket_secret_FILE={tmp_path / 'secret'}").ok())
    last = operator("audit", "--json").ok().json[0]
    assert (last["before"], last["after"]) == ({"ticket_secret": "set"}, {"ticket_secret": "replaced"})
    results.append(operator("accounts", "set", page, "ticket_secret=-", stdin="whsec_c2hvcnQ="))
    assert results[-1].code == 2
    shown = operator("accounts", "show", page, "--json").ok()
    found = [shown.json[name] for name in ("ticket_timer", "ticket_sink", "ticket_secret")]
    assert found == ["60m", "https://tickets.example.com/in", "set"]
    kept = b"".join(path.read_bytes() for path in operator.folder.glob("*.db*"))
    assert not any(secret[6:] in f"{each.out}{each.err}" for each in (*results, shown))
    assert secret[6:].encode() not in kept


@pytest.mark.parametrize("how", [("ticket_secret=-", "ticket_secret_file=secret"), ("ticket_secret_file=nowhere",)])
def test_a_secret_comes_from_one_place_that_can_be_read(operator: Stage, how: tuple[str, ...]) -> None:
    """ZI-26: wrong usage, and nothing is changed."""
    operator.add().ok()
    refused = operator("accounts", "set", NAME, *how, stdin=SECRET)
    assert refused.code == 2
    assert operator("accounts", "show", NAME, "--json").ok().json["ticket_secret"] == ""


def test_what_keeps_tickets_from_getting_there_is_a_warning_with_its_mend(operator: Stage) -> None:
    """ZI-26: messages flow all the same."""

    def said() -> str:
        checked = operator("check", "--json").ok().json["checks"]
        (found,) = [each for each in checked if each["what"] == "tickets"]
        assert found["ok"]
        return str(found["problem"])

    operator.add().ok()
    assert "tickets" not in {each["what"] for each in operator("check", "--json").ok().json["checks"]}
    assert "nothing says where tickets go" in operator("accounts", "set", NAME, "ticket_timer=2h").ok().err
    assert "nothing says where tickets go" in said()
    assert "BRIDGE_SMTP_URL" in operator("accounts", "set", NAME, "ticket_sink=mailto:help@example.com").ok().err
    assert "no mail server is set" in said()
    to_us = operator("accounts", "set", NAME, "ticket_sink=https://tickets.example.com/in").ok()
    assert "nothing signs its tickets" in to_us.err
    assert "nothing signs its tickets" in said()
    operator("accounts", "set", NAME, "ticket_secret=-", stdin=SECRET).ok()
    assert said() == "None"
    operator("accounts", "set", NAME, "ticket_secret=").ok()
    assert "nothing signs its tickets" in said()


def test_this_machine_itself_is_no_ticket_system_beside_real_services(operator: Stage) -> None:
    """Plain HTTP on loopback, and only among stand-ins."""
    operator.add().ok()
    sink = "ticket_sink=http://127.0.0.1:8099/in"
    operator("accounts", "set", NAME, sink).ok()
    operator("accounts", "set", NAME, "ticket_sink=").ok()
    elsewhere = {"BRIDGE_GRAPH_URL": "https://graph.facebook.com", "BRIDGE_CLOCK_URL": ""}
    refused = operator("accounts", "set", NAME, sink, env=elsewhere)
    assert refused.code == 2
    assert "stand-ins" in refused.err


def test_a_channel_for_tickets_is_one_that_slack_knows_and_is_looked_at(operator: Stage) -> None:
    """ZI-26: none that there is not; one that takes nothing is a warning, when it is set and in `check`."""
    operator.add().ok()
    refused = operator("accounts", "set", NAME, "ticket_sink=slack:C0NOPE")
    assert refused.code == 2
    assert "knows no channel C0NOPE" in refused.err
    operator("accounts", "set", NAME, f"ticket_sink=slack:{OTHER}").ok()
    operator.there(lambda: operator.slack.archive(OTHER))
    checked = operator("check", "--json").ok().json["checks"]
    (found,) = [each for each in checked if each["what"] == "tickets' channel"]
    assert (found["subject"], found["warning"]) == (OTHER, True)
    assert "archived" in found["problem"]
    operator("accounts", "set", NAME, "ticket_sink=").ok()
    assert "is archived" in operator("accounts", "set", NAME, f"ticket_sink=slack:{OTHER}").ok().err
