"""Health, readiness and figures, on a real database; and what a log line may hold."""

import ast
import io
import json
import logging
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer, make_mocked_request
from prometheus_client import CollectorRegistry

from bridge import web as web_of_ours
from bridge.lanes import desk_target
from bridge.model.ids import WorkspaceId
from bridge.store import health
from bridge.store.migrations import migrate
from bridge.store.store import SqlStore, open_store
from bridge.telemetry import LOGGED, Metrics, log_to
from bridge.web import UNREACHED_AFTER, Vitals, timed
from tests.store.tools import Times, send


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    url = f"sqlite:///{tmp_path / 'bridge.db'}"
    migrate(url)
    opened = await open_store(url, clock=Times())
    yield opened
    await opened.close()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(CollectorRegistry())


def vitals_of(store: SqlStore, metrics: Metrics, role: str = "all", folder: Path | None = None) -> Vitals:
    return Vitals(store=store, clock=Times(), metrics=metrics, role=role, folder=folder)


async def test_it_is_ready_when_everything_is_there(store: SqlStore, metrics: Metrics, tmp_path: Path) -> None:
    app = web.Application()
    vitals = vitals_of(store, metrics, folder=tmp_path)
    vitals.add_health(app.router)
    async with TestClient(TestServer(app)) as client:
        for path in ("/healthz", "/readyz"):
            answer = await client.get(path)
            assert answer.status == 200
            assert (await answer.json())["ok"] is True


async def test_it_is_not_ready_without_its_database(store: SqlStore, metrics: Metrics, tmp_path: Path) -> None:
    for name in os.listdir(tmp_path):  # noqa: PTH208 - a path's own would be taken for slow here
        os.unlink(tmp_path / name)  # noqa: PTH108 - likewise
    assert (await vitals_of(store, metrics).readiness()).problems == ["the database does not answer"]


async def test_it_is_not_ready_for_another_version_of_its_tables(store: SqlStore, metrics: Metrics) -> None:
    await store.write(lambda tx: tx.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'"))
    (problem,) = (await vitals_of(store, metrics).readiness()).problems
    assert "9999" in problem


async def test_it_is_not_ready_while_slack_refuses_the_token(store: SqlStore, metrics: Metrics) -> None:
    team = WorkspaceId("T1")
    await store.write(lambda tx: tx.effects.hold(f"{desk_target(team)}:place:C1", "place:C1"))
    assert not (await vitals_of(store, metrics).readiness()).problems
    await store.write(lambda tx: tx.effects.hold(desk_target(team), "desk:T1"))
    (problem,) = (await vitals_of(store, metrics).readiness()).problems
    assert "Slack" in problem


async def test_it_is_not_ready_when_slack_has_had_no_socket_for_half_a_minute(
    store: SqlStore, metrics: Metrics
) -> None:
    """A socket that is opened anew is no reason to be taken out of service; one that cannot be is."""
    vitals = vitals_of(store, metrics)
    for seconds, problems in ((0.0, 0), (UNREACHED_AFTER - 1, 0), (UNREACHED_AFTER + 1, 1)):
        vitals.unreached = lambda seconds=seconds: seconds
        found = (await vitals.readiness()).problems
        assert ["no socket to Slack" in each for each in found] == [True] * problems


async def test_a_web_process_is_ready_only_with_a_living_worker(store: SqlStore, metrics: Metrics) -> None:
    vitals = vitals_of(store, metrics, "web")
    assert "no worker" in (await vitals.readiness()).problems[0]
    for age, ready in ((timedelta(0), True), (health.DEAD_AFTER + timedelta(seconds=5), False)):
        at = datetime.now(UTC) - age
        await store.write(lambda tx, at=at: health.beat(tx.connection, "elsewhere:1", "worker", at))  # type: ignore[misc]
        assert (not (await vitals.readiness()).problems) is ready
    await store.write(lambda tx: health.leave(tx.connection, "elsewhere:1"))
    assert (await vitals.readiness()).problems


async def test_a_loop_that_hangs_is_told(store: SqlStore) -> None:
    seconds = iter([0.0, 59.0, 61.0])
    metrics = Metrics(CollectorRegistry(), monotonic=lambda: next(seconds))
    metrics.beat("decide")
    vitals = vitals_of(store, metrics)
    assert (await vitals.readiness()).problems == []
    assert (await vitals.readiness()).problems == ["a loop of this process is stuck"]


@pytest.mark.parametrize(
    ("free", "problems", "warnings"),
    [
        (64 * 1024 * 1024 - 1, ["the disk is full"], []),
        (10**10 - 1, [], ["9 % of the disk is free"]),
        (10**10, [], []),
    ],
)
async def test_a_disk_is_told_of_before_it_is_full(
    store: SqlStore, metrics: Metrics, tmp_path: Path, free: int, problems: list[str], warnings: list[str]
) -> None:
    left = SimpleNamespace(free=free, total=100 * 10**9)
    vitals = Vitals(store=store, clock=Times(), metrics=metrics, role="all", folder=tmp_path, room=lambda _: left)
    found = await vitals.readiness()
    assert (found.problems, found.warnings) == (problems, warnings)
    shown = await vitals.figures(make_mocked_request("GET", "/metrics"))
    assert f"threadbridge_disk_free_ratio {free / 100e9}" in str(shown.text)


async def test_how_far_the_steady_clock_has_come_is_kept_and_the_furthest_counts(store: SqlStore) -> None:
    now = Times().at
    for hours in (1, 3, 2):
        await store.write(lambda tx: health.tell_steady(tx.connection, now + timedelta(hours=hours)))  # noqa: B023
    await store.write(lambda tx: health.beat(tx.connection, "p", "all", now + timedelta(days=9)))
    assert await store.write(lambda tx: health.steady(tx.connection)) == now + timedelta(hours=3)


async def test_the_figures_show_both_queues_and_what_was_counted(
    store: SqlStore, metrics: Metrics, tmp_path: Path
) -> None:
    await store.write(lambda tx: tx.effects.add([send(1), send(2)], Times().at - timedelta(seconds=30)))
    metrics.ignored("own_edit")
    metrics.outcome("SendToCustomer", "Done", 0.2)
    metrics.relayed("to_desk", 0.5)
    app = web.Application()

    async def refuse(_: web.Request) -> web.Response:
        raise web.HTTPUnauthorized

    app.router.add_post("/meta/webhook", timed(metrics, "meta", refuse))
    vitals_of(store, metrics, folder=tmp_path).add_metrics(app.router)
    async with TestClient(TestServer(app)) as client:
        assert (await client.post("/meta/webhook", data=b"{}")).status == 401
        text = await (await client.get("/metrics")).text()
    for line in (
        'threadbridge_outbox_rows{state="ready"} 2.0',
        'threadbridge_queue_oldest_seconds{queue="outbox"} 30.0',
        "threadbridge_database_up 1.0",
        'threadbridge_facts_ignored_total{reason="own_edit"} 1.0',
        'threadbridge_effects_total{kind="SendToCustomer",outcome="Done"} 1.0',
        'threadbridge_ack_seconds_count{source="meta",status="401"} 1.0',
        'threadbridge_relay_seconds_count{direction="to_desk"} 1.0',
        "threadbridge_disk_free_bytes",
    ):
        assert line in text


def test_a_log_line_holds_ids_and_nothing_that_somebody_said() -> None:
    before = structlog.get_config()
    root, handlers, level = logging.getLogger(), logging.getLogger().handlers, logging.getLogger().level
    out = io.StringIO()
    try:
        log_to("info", out)
        structlog.get_logger().info(
            "send.done", row=7, text="hello Yuki", name="Yuki", why="token xoxb-1-2 EAAabcdefghij"
        )
        structlog.get_logger().debug("send.quiet", row=8)
        logging.getLogger("slack_sdk").warning("body: %s", "hello Yuki")
        logging.getLogger("bridge.slack.sdk").warning("body: %s", "hello Yuki")
    finally:
        structlog.configure(**before)
        root.handlers, root.level = handlers, level
    first, second, third = map(json.loads, out.getvalue().splitlines())
    assert first.items() >= {"event": "send.done", "row": 7, "level": "info"}.items()
    assert (second["event"], second["logger"]) == ("library", "slack_sdk")
    assert (third["event"], third["logger"]) == ("library", "bridge.slack.sdk")
    assert not [word for word in ("Yuki", "hello", "xoxb", "EAA") if word in out.getvalue()]


def test_what_our_own_files_log_comes_out_in_words() -> None:
    """The library's way drops them, because of what other libraries say; only the SDK of Slack, under a name of ours, uses it."""
    ours = Path(web_of_ours.__file__).parent
    by_library = {
        str(path.relative_to(ours)) for path in ours.rglob("*.py") if "logging.getLogger(" in path.read_text("utf-8")
    }
    assert by_library == {"telemetry.py", "slack/calls.py"}


def test_every_key_that_is_logged_may_be_logged() -> None:
    calls = [
        node
        for path in sorted(Path(web_of_ours.__file__).parent.rglob("*.py"))
        if "demo" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {f"log.{how}" for how in ("info", "warning", "error")}
    ]
    assert len(calls) > 5
    assert not {keyword.arg for call in calls for keyword in call.keywords} - LOGGED
