"""`threadbridge check`."""

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bridge.check import hours_of, state_of
from bridge.cli.outside import halves
from bridge.model.change import replace
from bridge.model.state import Health
from bridge.store import health
from tests.cli.stage import ALERTS, DIRECT, PAGE, SHOP, SUPPORT, Result, Stage
from tests.core.factories import account
from tests.store.factories import house


def findings(result: Result, what: str) -> list[dict[str, Any]]:
    return [each for each in result.json["checks"] if each["what"] == what]


def troubles(result: Result) -> dict[str, str]:
    return {each["what"]: each["problem"] for each in result.json["checks"] if each["problem"]}


def test_all_is_well_but_for_the_warning_about_http_on_loopback(operator: Stage) -> None:
    operator.add().ok()
    operator.add("instagram", SHOP).ok()
    result = operator("check", "--json", env={"BRIDGE_OPS_CHANNEL": ALERTS}).ok()
    assert result.json["ok"] is True
    assert [each["subject"] for each in result.json["checks"] if each["problem"]] == ["BRIDGE_PUBLIC_URL"]
    assert all(each.keys() >= {"what", "subject", "ok", "problem", "mend"} for each in result.json["checks"])
    assert "ok  token: messenger" in operator("check").ok().out


def test_without_an_account_no_message_can_flow(operator: Stage) -> None:
    result = operator("check", "--json")
    assert (result.code, result.json["ok"]) == (1, False)
    assert "no account is connected" in findings(result, "accounts")[0]["problem"]


def test_a_database_that_is_not_there_ends_with_four_and_the_findings_so_far(empty: Stage) -> None:
    result = empty("check", "--json")
    assert result.code == 4
    assert not result.json["ok"]
    assert "migrate" in findings(result, "database")[0]["mend"]
    assert findings(result, "slack token")[0]["ok"]
    assert result.err.count("\n") == 1
    assert not (empty.folder / "bridge.db").exists()


@pytest.mark.parametrize("name", ["BRIDGE_SECRET_KEY", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "META_VERIFY_TOKEN"])
def test_a_missing_setting_is_named_and_ends_with_three(operator: Stage, name: str) -> None:
    result = operator("check", "--json", env={name: ""})
    assert (result.code, result.json["ok"]) == (3, False)
    assert [(each["subject"], bool(each["mend"])) for each in result.json["checks"] if not each["ok"]] == [(name, True)]
    assert name in result.err
    assert result.err.count("\n") == 1


def test_a_setting_that_cannot_be_read_is_a_finding_as_well(operator: Stage) -> None:
    result = operator("check", "--json", env={"BRIDGE_PORT": "many"})
    assert (result.code, result.json["ok"]) == (3, False)
    assert "BRIDGE_PORT" in result.json["checks"][0]["problem"]
    assert "in the environment or in .env" in result.json["checks"][0]["mend"]


def test_alerts_that_have_no_place_of_their_own_are_a_warning(operator: Stage) -> None:
    """Where the account's channel is closed, nobody would hear of it."""
    operator.add().ok()
    assert findings(operator("check", "--json").ok(), "alerts channel")[0]["warning"]
    assert not troubles(operator("check", "--json", env={"BRIDGE_OPS_CHANNEL": ALERTS}).ok()).get("alerts channel")
    operator("accounts", "set", f"messenger:{PAGE}", f"alerts_channel={ALERTS}").ok()
    assert "alerts channel" not in troubles(operator("check", "--json").ok())


def test_a_token_of_another_workspace_than_the_databases_ends_with_three(operator: Stage) -> None:
    operator.add().ok()
    elsewhere = replace(operator.slack.world.names, team_id="T0ELSEWHERE")
    operator.there(lambda: setattr(operator.slack.world, "names", elsewhere))
    result = operator("check", "--json")
    assert result.code == 3
    assert "T0ELSEWHERE" in result.err
    (finding,) = findings(result, "workspace")
    assert finding["problem"].endswith("the database to T0DEMO")
    assert finding["mend"] == "set that workspace's token, or another BRIDGE_DATABASE_URL"


def test_a_token_that_died_is_found_with_its_cause(operator: Stage) -> None:
    """CT-36"""
    operator.add().ok()
    operator.there(lambda: operator.meta.revoke(operator.meta.accounts[PAGE], 460))
    result = operator("check", "--json")
    assert result.code == 1
    assert "password" in findings(result, "token")[0]["problem"]


def test_a_login_that_ends_within_a_fortnight_is_a_warning(operator: Stage) -> None:
    """ZM-14"""
    operator.add().ok()
    assert findings(operator("check", "--json").ok(), "login") == []
    operator("accounts", "set", f"messenger:{PAGE}", "reauth_days=7").ok()
    (found,) = findings(operator("check", "--json").ok(), "login")
    assert (found["subject"], found["ok"], found["warning"]) == (f"messenger:{PAGE}", True, True)
    assert "it ends on" in found["problem"]
    assert "accounts connect" in found["mend"]


@pytest.mark.parametrize(
    ("health", "cause", "says", "mend"),
    [
        (
            Health.NEEDS_REAUTHENTICATION,
            "token_expired",
            "it needs re-authentication: Its login has run out.",
            "Log in",
        ),
        (Health.NEEDS_REAUTHENTICATION, "checkpoint", "confirm who they are", "logs in at facebook.com"),
        (Health.NEEDS_REAUTHENTICATION, "secret_changed", "secret was changed", "META_APP_SECRET"),
        (Health.RESTRICTED, "policy", "it may not send for now: Instagram found a breach", "Account quality"),
        (Health.RESTRICTED, "", "Instagram has restricted it", "Account quality"),
        (Health.PENDING, "permission", "it waits for Meta's permission: Instagram has not granted", "App Review"),
        (Health.PENDING, "connected_tools", "it may not send: Message access is switched off", "allows access"),
        (Health.NOT_ELIGIBLE, "not_eligible", "it is not eligible yet: Instagram does not offer", "asks every day"),
    ],
)
def test_an_account_that_cannot_send_is_explained_in_the_words_of_its_alert(
    health: Health, cause: str, says: str, mend: str
) -> None:
    """I-01, M-03, ZM-09…ZM-13, CT-36: the cause, and its own way to mend it."""
    finding = state_of(replace(account(), health=health, cause=cause))
    assert not finding.ok
    assert says in (finding.problem or "")
    assert mend in (finding.mend or "")


def test_what_the_settings_of_the_meta_app_lack_is_a_warning(operator: Stage) -> None:
    """M-15"""
    operator.add().ok()
    assert "META_APP_ID" in operator("check", env={"META_APP_ID": ""}).ok().out
    assert "INSTAGRAM_APP_SECRET" not in operator("check").ok().out
    operator.add("instagram", DIRECT, "--login", "instagram").ok()
    assert "INSTAGRAM_APP_SECRET" in operator("check").ok().out
    assert "INSTAGRAM_APP_SECRET" not in operator("check", env={"INSTAGRAM_APP_SECRET": "given"}).ok().out


def test_a_lost_subscription_is_found(operator: Stage) -> None:
    operator.add().ok()
    operator.meta.accounts[PAGE].subscribed_fields.clear()
    result = operator("check", "--json")
    assert result.code == 1
    assert "messages" in findings(result, "webhooks")[0]["problem"]


def test_what_an_earlier_version_did_not_subscribe_to_is_a_warning(operator: Stage) -> None:
    """I-11: messages flow; the eyes do not, until `accounts add` has run once more."""
    operator.add().ok()
    operator.meta.accounts[PAGE].subscribed_fields.remove("message_reads")
    (finding,) = findings(operator("check", "--json").ok(), "webhooks")
    assert (finding["warning"], finding["problem"]) == (True, "not subscribed to: message_reads")
    assert "threadbridge accounts add" in finding["mend"]
    operator.add().ok()
    assert "webhooks" not in troubles(operator("check", "--json").ok())


def test_who_is_always_open_is_never_away() -> None:
    """CT-16: `auto_away=on` without hours says nothing, ever."""
    bare = replace(account().settings, auto_away=True)
    (finding,) = hours_of(replace(account(), settings=bare))
    assert finding.warning
    assert "no hours" in (finding.problem or "")
    assert hours_of(replace(account(), settings=replace(bare, hours="Mon 09:00-18:00"))) == hours_of(account()) == []


@pytest.mark.parametrize(
    ("trouble", "says"),
    [("archive", "archived"), ("remove_bot", "not a member"), ("delete_channel", "does not show it")],
)
def test_a_channel_that_takes_nothing_is_found(operator: Stage, trouble: str, says: str) -> None:
    operator.add().ok()
    operator.there(lambda: getattr(operator.slack, trouble)(SUPPORT))
    result = operator("check", "--json")
    assert result.code == 1
    assert says in findings(result, "channel")[0]["problem"]


def test_what_somebody_should_look_at_is_a_warning_and_fails_nothing(operator: Stage) -> None:
    operator.add("messenger", PAGE, "--alerts-channel", ALERTS).ok()
    operator.there(lambda: operator.slack.share_channel(SUPPORT))
    operator.there(lambda: operator.slack.archive(ALERTS))
    result = operator("check", "--json", env={"BRIDGE_GRAPH_VERSION": "v21.0"}).ok()
    told = troubles(result)
    assert "another company" in told["channel"]
    assert "archived" in told["alerts channel"]
    assert "2027-01-21" in told["graph version"]


def test_who_is_named_and_is_no_longer_there_is_a_warning(operator: Stage) -> None:
    """ZM-17: people who have left, by setting, and groups with nobody in them; as far as it was learnt."""
    operator.add("messenger", PAGE, "--owner", "U0AKI", "--agent", "S0TEAM", "--agent", "U0AKI").ok()
    assert not {"owners", "agents"} & set(troubles(operator("check", "--json").ok()))
    with sqlite3.connect(operator.folder / "bridge.db") as database:
        columns = "workspace, ref, kind, name, learnt_at"
        database.execute(f"INSERT INTO person ({columns}) VALUES ('T0DEMO', 'U0AKI', 'gone', 'Aki', 0)")  # noqa: S608
        database.execute("""INSERT INTO group_member (workspace, "group", person) VALUES ('T0DEMO', 'S0TEAM', '')""")
    found = findings(operator("check", "--json").ok(), "agents") + findings(operator("check", "--json").ok(), "owners")
    assert all(each["warning"] for each in found)
    assert sorted(each["problem"] for each in found) == [
        "U0AKI is no longer in the workspace, and named in its agents",
        "U0AKI is no longer in the workspace, and named in its owners",
        "nobody belongs to S0TEAM, which is named in its agents",
    ]


def test_a_clock_that_differs_from_slacks_is_a_warning(operator: Stage) -> None:
    operator.add().ok()
    late = operator.clock.time() - timedelta(seconds=40).total_seconds()
    operator.there(lambda: setattr(operator.slack.world, "clock", lambda: late))
    result = operator("check", "--json").ok()
    assert "ahead of" in troubles(result)["clock"]


def test_a_scope_that_the_token_lacks_is_named(operator: Stage) -> None:
    operator.add().ok()
    install = operator.slack.world.install
    operator.there(lambda: setattr(install, "scopes", install.scopes - {"reactions:write"}))
    result = operator("check", "--json")
    assert result.code == 1
    assert "reactions:write" in troubles(result)["slack scopes"]


def test_a_token_sealed_with_a_lost_key_is_found_and_an_old_key_opens_it(operator: Stage) -> None:
    operator.add().ok()
    fresh = operator("keygen").ok().out.strip()
    result = operator("check", "--json", env={"BRIDGE_SECRET_KEY": fresh})
    assert result.code == 1
    assert "does not open" in troubles(result)["secret key"]
    operator("check", env={"BRIDGE_SECRET_KEY": f"{fresh},{operator.env['BRIDGE_SECRET_KEY']}"}).ok()


def test_a_slack_that_revoked_the_token_is_named_once(operator: Stage) -> None:
    operator.add().ok()
    operator.there(operator.slack.revoke_token)
    result = operator("check", "--json")
    assert result.code == 1
    assert "token_revoked" in troubles(result)["slack token"]
    assert not findings(result, "channel")


BY_SOCKET = {"SLACK_APP_TOKEN": "xapp-demo", "SLACK_SIGNING_SECRET": ""}


def test_by_sockets_no_signing_secret_is_needed_and_the_apps_token_is_tried(operator: Stage) -> None:
    """Nothing that comes over a socket is signed; whether Slack would open one is asked."""
    operator.add().ok()
    result = operator("check", "--json", env=BY_SOCKET).ok()
    assert findings(result, "socket")[0]["ok"]
    assert "SLACK_SIGNING_SECRET" not in {each["subject"] for each in result.json["checks"]}


@pytest.mark.parametrize(("token", "says"), [("xapp-other", "invalid_auth"), ("xoxb-demo", "not_allowed_token_type")])
def test_why_slack_opens_no_socket_is_said(operator: Stage, token: str, says: str) -> None:
    operator.add().ok()
    result = operator("check", "--json", env={**BY_SOCKET, "SLACK_APP_TOKEN": token})
    assert result.code == 1
    (found,) = findings(result, "socket")
    assert says in found["problem"]
    assert "Basic Information" in found["mend"]
    assert token not in result.out


BY_OAUTH = {"SLACK_BOT_TOKEN": "", "SLACK_CLIENT_ID": "100.200", "SLACK_CLIENT_SECRET": "slack-client-secret"}


def test_by_oauth_each_workspace_is_looked_at_with_its_own_token(operator: Stage) -> None:
    """What nobody has installed yet, or has removed, is wrong where there are accounts; the mend is a page."""
    nowhere = operator("check", "--json", env=BY_OAUTH)
    assert "/slack/install" in findings(nowhere, "workspace")[0]["mend"]
    refused = operator("accounts", "connect", env=BY_OAUTH)
    assert refused.code == 1
    assert "/slack/install" in refused.err
    operator.add().ok()
    (gone,) = findings(operator("check", "--json", env=BY_OAUTH), "workspace")
    assert (gone["subject"], gone["ok"]) == ("T0DEMO", False)


def test_a_mail_server_is_there_for_alerts_or_for_tickets() -> None:
    """ZI-04: with tickets by e-mail it needs nobody to alert; an address for alerts needs it whatever there is."""
    assert halves(mail=True, to=False, tickets=True) == halves(mail=True, to=True, tickets=False) == []
    for mail, to, tickets in ((True, False, False), (False, True, True), (False, True, False)):
        (found,) = halves(mail=mail, to=to, tickets=tickets)
        assert (found.ok, found.warning) == (True, True)
        assert found.subject == ("BRIDGE_SMTP_URL" if mail else "BRIDGE_ALERT_EMAIL")


def test_an_account_with_tickets_by_mail_has_no_warning_about_the_mail_server(operator: Stage) -> None:
    mail = {"BRIDGE_SMTP_URL": "smtp://127.0.0.1:9"}
    operator.add().ok()
    said = "nothing goes by it without BRIDGE_ALERT_EMAIL"
    assert said in operator("check", env=mail).out
    operator("accounts", "set", f"messenger:{PAGE}", "ticket_sink=mailto:help@example.com", env=mail).ok()
    assert said not in operator("check", env=mail).out


def test_processes_among_which_none_works_or_none_hears_are_found(operator: Stage) -> None:
    """I-03: with nothing running, as before the first start, nothing is said of it; what died half a minute ago does not count."""
    operator.add().ok()
    ops, now = {"BRIDGE_OPS_CHANNEL": ALERTS}, datetime.now(UTC)

    def told(*beats: tuple[str, timedelta]) -> tuple[int, list[str]]:
        with house(operator.env["BRIDGE_DATABASE_URL"]) as home, home.open() as tx:
            for role, ago in beats:
                health.beat(tx.connection, f"here:{role}", role, now - ago)
        result = operator("check", "--json", env=ops)
        return result.code, [each["problem"].partition(":")[0] for each in findings(result, "process")]

    fresh = timedelta(0)
    assert told() == (0, [])
    assert told(("web", fresh), ("worker", 2 * health.DEAD_AFTER)) == (1, ["no worker is alive"])
    assert told(("worker", fresh)) == (0, [])
    assert told(("web", 2 * health.DEAD_AFTER)) == (1, ["no web process is alive"])
    assert told(("all", fresh)) == (0, [])
