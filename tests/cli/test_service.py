"""`threadbridge run`, and commands beside it."""

import contextlib
import dataclasses
import http.client
import json
import random
import socket
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bridge.model.change import replace
from bridge.store import schema
from tests.cli.stage import ALERTS, PAGE, SHOP, SUPPORT, Service, Stage
from tests.postgres import Postgres
from tests.store.factories import add_workspace, house


def soon(look: Callable[[], Any], seconds: float = 20.0) -> Any:
    """What *look* gives as soon as it is true; nothing here moves the clock."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
    raise AssertionError("not in time")


def ask(service: Service, path: str) -> tuple[int, str]:
    address = urlsplit(service.url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port or 80, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def posts(operator: Stage, text: str, *, reply: bool | None = None) -> list[str]:
    """The time stamps of what stands in the channel and holds *text*: roots, replies, or both."""
    standing = operator.there(lambda: list(operator.slack.world.messages.get(SUPPORT, {}).values()))
    found = [each for each in standing if text in json.dumps(each.blocks, ensure_ascii=False) or text in each.text]
    return [each.ts for each in found if reply in (None, each.is_reply)]


def test_it_serves_until_it_is_told_to_end_and_then_ends_well(operator: Stage) -> None:
    operator.add().ok()
    with operator.service() as service:
        assert ask(service, "/healthz")[0] == 200
        assert soon(lambda: ask(service, "/readyz")[0] == 200)
        assert 'threadbridge_outbox_rows{state="ready"} 0.0' in ask(service, "/metrics")[1]
        assert service.stop() == 0
    said = [json.loads(line) for line in service.lines if line.startswith("{")]
    assert {"BRIDGE_PUBLIC_URL"} == {line["subject"] for line in said if line["event"] == "check"}
    secrets = [operator.env[name] for name in ("BRIDGE_SECRET_KEY", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET")]
    secrets += [operator.env["META_APP_SECRET"], operator.meta.accounts[PAGE].token]
    assert not [secret for secret in secrets if any(secret in line for line in service.lines)]


def test_the_house_language_and_a_fresh_bot_are_taken_up_at_the_start(operator: Stage) -> None:
    operator.add().ok()
    names = replace(operator.slack.world.names, bot_user_id="U0NEWBOT")
    operator.there(lambda: setattr(operator.slack.world, "names", names))
    with operator.service(env={"BRIDGE_LANGUAGE": "ja"}) as begun, house(operator.env["BRIDGE_DATABASE_URL"]) as home:
        row = home.one(schema.workspace)
    assert not [line for line in begun.lines if '"library"' in line]  # a start that is well warns of nothing
    assert (row.id, row.language, row.bot_person) == ("T0DEMO", "ja", "U0NEWBOT")


def test_figures_have_a_port_of_their_own_where_one_is_set(operator: Stage) -> None:
    port = _nobodys_port()
    with operator.service(env={"BRIDGE_METRICS_PORT": str(port)}) as service:
        assert ask(service, "/metrics")[0] == 404
        assert ask(dataclasses.replace(service, url=f"http://127.0.0.1:{port}"), "/metrics")[0] == 200


def _nobodys_port() -> int:
    """A free port below those that the system hands out, so that no other test is given it meanwhile."""
    for port in random.sample(range(20_000, 30_000), 50):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("no port is free")


def test_a_second_one_on_the_same_file_is_wrong_usage(operator: Stage) -> None:
    with operator.service():
        second = operator("run")
    assert second.code == 2
    assert second.err.splitlines()[-1].startswith("threadbridge: another")


def test_it_never_migrates(empty: Stage) -> None:
    refused = empty("run")
    assert refused.code == 4
    assert "threadbridge migrate" in refused.err
    assert not (empty.folder / "bridge.db").exists()


def test_sqlite_is_not_shared_by_roles(operator: Stage) -> None:
    assert operator("run", "--role", "web").code == 2


def test_a_token_of_another_workspace_does_not_serve(operator: Stage) -> None:
    operator.add().ok()
    elsewhere = replace(operator.slack.world.names, team_id="T0ELSEWHERE")
    operator.there(lambda: setattr(operator.slack.world, "names", elsewhere))
    refused = operator("run")
    assert refused.code == 3
    assert "T0ELSEWHERE" in refused.err.splitlines()[-1]


def test_a_port_that_is_taken_is_named(operator: Stage) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = operator("run", env={"BRIDGE_PORT": port})
    assert refused.code == 1
    assert port in refused.err.splitlines()[-1]


def test_two_ways_of_installing_at_once_are_refused(operator: Stage) -> None:
    refused = operator("run", env={"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "s"})
    assert refused.code == 3
    assert "SLACK_CLIENT_ID" in refused.err
    assert "SLACK_BOT_TOKEN" in refused.err


def test_with_oauth_it_starts_without_any_workspace_and_offers_the_page(operator: Stage) -> None:
    """CT-28: installing is what brings the first workspace; `check` says so until then."""
    env = {"SLACK_BOT_TOKEN": "", "SLACK_CLIENT_ID": "100.200", "SLACK_CLIENT_SECRET": "slack-client-secret"}
    with operator.service(env=env) as service:

        async def begin() -> str:
            async with (
                aiohttp.ClientSession() as http,
                http.get(f"{service.url}/slack/install", allow_redirects=False) as answer,
            ):
                return str(answer.headers["Location"])

        there = operator.wait(begin())
    assert there.startswith(f"{operator.slack.url}/oauth/v2/authorize?client_id=100.200&scope=")
    assert "redirect_uri=http%3A%2F%2F127.0.0.1%3A8080%2Fslack%2Foauth_redirect" in there
    assert operator("check", env=env).code == 1


def test_commands_work_beside_it_and_are_heeded(operator: Stage) -> None:
    """ZI-31, ZI-32"""
    operator.add().ok()
    with operator.service():
        yuki = operator.there(lambda: operator.meta.add_customer(operator.meta.accounts[PAGE], name="Yuki Tanaka"))
        operator.wait(operator.meta.write(yuki, "Do you have it in blue?"))
        soon(lambda: posts(operator, "in blue", reply=True))
        (talk,) = operator("conversations", "list", "--json", "--account", f"messenger:{PAGE}").ok().json
        assert (talk["customer"], talk["work"], talk["window"]) == (yuki.id, "waiting", "standard")
        assert talk["standard_close"].endswith("Z")
        listed = operator("conversations", "list").ok()
        assert "Yuki" not in listed.out
        assert "blue" not in listed.out
        shown = operator("conversations", "show", yuki.id).ok()
        assert "Yuki Tanaka: Do you have it in blue?" in shown.out
        exported = operator("conversations", "export", "--json").ok()
        assert exported.json[0]["messages"][0]["text"] == "Do you have it in blue?"
        audit = operator("audit", "--json").ok().json
        assert [line["object"] for line in audit if line["action"] == "conversation.export"] == [
            f"conversation:{talk['id']}"
        ]
        operator("accounts", "pause", f"messenger:{PAGE}").ok()
        operator.wait(operator.meta.write(yuki, "Or in green?"))
        soon(lambda: "green" in operator("conversations", "show", yuki.id).ok().out)
        assert not posts(operator, "in green", reply=True)
        operator("accounts", "resume", f"messenger:{PAGE}").ok()
        soon(lambda: posts(operator, "in green", reply=True))
        soon(lambda: operator("outbox", "list", "--json").ok().json == [])
        erased = operator("conversations", "erase", yuki.id, "--json").ok().json
        assert (erased["id"], erased["messages"], erased["posts"]) == (talk["id"], 2, 3)
        soon(lambda: not posts(operator, "in blue") and not posts(operator, "in green"))
        assert operator("conversations", "show", yuki.id).code == 1
    kept = b"".join(path.read_bytes() for path in operator.folder.glob("bridge.db*"))
    assert b"in blue" not in kept
    assert b"in green" not in kept
    assert b"Yuki Tanaka" not in kept


def test_roles_share_a_postgresql_database(empty: Stage, postgres: Postgres) -> None:
    database = postgres.create()
    empty.env["BRIDGE_DATABASE_URL"] = postgres.url(database)
    empty("migrate").ok()
    empty.add().ok()
    with empty.service("--role", "web") as web:
        refused = ask(web, "/readyz")
        assert refused[0] == 503
        assert "no worker" in refused[1]
        with empty.service("--role", "worker") as worker:
            soon(lambda: ask(web, "/readyz")[0] == 200)
            empty.slack.request_url, empty.meta.webhook_url = f"{web.url}/slack/events", f"{web.url}/meta/webhook"
            ken = empty.there(lambda: empty.meta.add_customer(empty.meta.accounts[PAGE], name="Ken"))
            empty.wait(empty.meta.write(ken, "Are you open?"))
            soon(lambda: posts(empty, "Are you open?", reply=True))
            soon(lambda: empty("outbox", "list", "--json").ok().json == [])
            empty("check").ok()
            assert worker.stop() == 0
        assert len(empty("conversations", "list", "--json").ok().json) == 1
        alone = empty("check")
        assert (alone.code, "no worker is alive: what comes in is kept" in alone.out) == (1, True)
        soon(lambda: ask(web, "/readyz")[0] == 503)
    postgres.drop(database)


def test_a_channel_that_check_finds_shared_is_announced_once(operator: Stage) -> None:
    """Slack's event was missed: the alerts channel hears of it, once, however often it is found."""
    operator.add("messenger", PAGE, "--alerts-channel", ALERTS).ok()
    operator.there(lambda: operator.slack.share_channel(SUPPORT))

    def told() -> list[str]:
        standing = operator.there(lambda: list(operator.slack.world.messages[ALERTS].values()))
        return [each.ts for each in standing if "another company reads" in each.text]

    with operator.service():
        operator("check").ok()
        soon(told)
        operator("check").ok()
        soon(lambda: not operator("inbox", "list", "--json").json)
        assert len(told()) == 1
        operator("accounts", "set", f"messenger:{PAGE}", "shared_channel=on").ok()
        soon(
            lambda: operator.there(lambda: "Mended" in next(iter(operator.slack.world.messages[ALERTS].values())).text)
        )
        assert "another company" not in operator("check").ok().out


def test_one_token_does_not_serve_several_workspaces(operator: Stage) -> None:
    """A database that was served by OAuth, switched back to one token: exit 3 names both ways out, and so does `check`."""
    operator.add().ok()
    operator.add("instagram", SHOP).ok()
    with house(operator.env["BRIDGE_DATABASE_URL"]) as home, home.open() as tx:
        add_workspace(tx, "T0OTHER")
        tx.connection.execute(
            schema.account.update().where(schema.account.c.remote_id == SHOP).values(workspace="T0OTHER")
        )
    refused = operator("run")
    assert refused.code == operator("check").code == 3
    for words in ("T0DEMO, T0OTHER", "SLACK_CLIENT_ID", "accounts remove"):
        assert words in refused.err.splitlines()[-1]
    operator("accounts", "remove", f"instagram:{SHOP}").ok()
    with operator.service() as service:
        assert ask(service, "/readyz")[0] == 200
