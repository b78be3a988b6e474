"""`threadbridge run`, `demo`, `migrate`, `prune`, `keygen`, `manifest`: the service and what it stands on."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

import click

from bridge.cli.answers import CommandError, as_json, emit
from bridge.wording import languages

if TYPE_CHECKING:
    from bridge.cli.base import Bench
    from bridge.config import Config

FORGOTTEN = {
    "inbox": "raw deliveries",
    "outbox": "finished effects",
    "words": "messages' words",
}
"""What `prune` counts, in its own words."""


@click.command()
@click.option("--role", type=click.Choice(["all", "web", "worker"]), default="all", show_default=True,
              help="Web server and workers in one process, or one of them; they share one PostgreSQL database.")  # fmt: skip
def run(*, role: str) -> None:
    """Serve until SIGTERM. It never migrates: an empty or older database is an error."""
    import uvloop

    from bridge import config as configuration
    from bridge.app import Role, serve
    from bridge.cli.findings import begin
    from bridge.process import ended_by_signals
    from bridge.store.engine import is_sqlite, parse
    from bridge.telemetry import log_to

    config = configuration.read()
    config.require()
    if role != "all" and is_sqlite(parse(config.database_url)):
        raise CommandError("--role splits the work over processes, which SQLite cannot share: use PostgreSQL", 2)
    log_to(config.log_level)

    async def work() -> None:
        stop = asyncio.Event()
        with ended_by_signals(stop):
            await serve(config, cast("Role", role), stop=stop, ready=_ready, first=lambda: begin(config))

    try:
        uvloop.run(work())
    except* OSError as errors:
        raise _unheard(config, errors) from None


def _ready(address: str) -> None:
    import structlog

    from bridge.process import settle_down

    settle_down()
    parts = urlsplit(address)
    structlog.get_logger("bridge").info("service.ready", host=parts.hostname, port=parts.port)


def _unheard(config: Config, errors: BaseExceptionGroup[OSError]) -> Exception:
    """Why the door could not be opened, where that was it."""
    import errno
    import os

    leaf: BaseException = errors
    while isinstance(leaf, BaseExceptionGroup):
        leaf = leaf.exceptions[0]
    if isinstance(leaf, OSError) and leaf.errno in {errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES}:
        where = f"{config.host}:{config.port}" + (f" or {config.metrics_port}" if config.metrics_port else "")
        return CommandError(
            f"{where} cannot be listened on ({os.strerror(leaf.errno)}): set another BRIDGE_PORT or BRIDGE_HOST"
        )
    return cast("Exception", errors)


@click.command(short_help="Serve beside stand-ins of Slack and Meta.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Where to serve the page (0: the usual one).")
@click.option(
    "--script", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Play this scene, then end."
)
@click.option("--headless", is_flag=True, help="Open nothing and play at full speed.")
@click.option("--language", type=click.Choice(languages()), help="What agents and the page read; else BRIDGE_LANGUAGE.")
def demo(*, port: int, script: Path | None, headless: bool, language: str | None) -> int:
    """Serve beside stand-ins of Slack and Meta, on a database of its own; prints the address to open."""
    import uvloop

    from bridge.demo.server import run_demo

    return uvloop.run(run_demo(port, script, headless, language=language or house_language()))


def house_language() -> str:
    """What the installation is set to; English where its settings are not usable, for the demo runs without any."""
    from bridge import config as configuration

    try:
        return configuration.read().language
    except configuration.ConfigError:
        return "en"


@click.command(short_help="Bring the database to this version's tables.")
@as_json
def migrate(*, as_json: bool) -> None:
    """Bring the database to this version's tables; safe to repeat."""
    from bridge import config as configuration
    from bridge.store import migrations

    config = configuration.read()
    before = migrations.version(config.database_url)
    migrations.migrate(config.database_url)
    if as_json:
        emit({"before": before, "after": migrations.REVISION})
    elif before == migrations.REVISION:
        click.echo(f"The database is at {migrations.REVISION} already.")
    else:
        click.echo(f"The database is at {migrations.REVISION} now.")


@click.command()
@as_json
def prune(*, as_json: bool) -> None:
    """Apply the retention times now."""
    from bridge.cli.base import with_bench
    from bridge.model.change import asdict
    from bridge.store.prune import Pruned
    from bridge.store.prune import prune as apply

    async def work(bench: Bench) -> Pruned:
        config = bench.config
        done = await apply(bench.store, bench.clock.now(), raw=config.retention_raw, words=config.retention_words)
        await bench.store.checkpoint()
        return done

    done = asdict(with_bench(work))
    if as_json:
        emit(done)
    else:
        click.echo("Forgotten: " + ", ".join(f"{count} {FORGOTTEN[name]}" for name, count in done.items()) + ".")


@click.command()
def keygen() -> None:
    """Print a fresh BRIDGE_SECRET_KEY."""
    from bridge.secrets import keygen as make

    click.echo(make())


@click.command(short_help="Print the Slack app's manifest.")
@click.option(
    "--socket-mode", is_flag=True, help="By sockets: no request URL. So without this where SLACK_APP_TOKEN is set."
)
@click.option("--oauth", is_flag=True, help="To be installed by OAuth. So without this where SLACK_CLIENT_ID is set.")
def manifest(*, socket_mode: bool, oauth: bool) -> None:
    """Print the Slack app's manifest with this installation's URLs; BRIDGE_PUBLIC_URL says where it is reached."""
    from bridge import config as configuration
    from bridge.check import manifest_text
    from bridge.cli.manifest import filled

    config = configuration.read()
    by_sockets, by_oauth = socket_mode or bool(config.slack_app_token), oauth or config.by_oauth
    if config.public_url is None and (by_oauth or not by_sockets):
        raise configuration.ConfigError(
            f"BRIDGE_PUBLIC_URL is missing, {configuration.WHERE}: set the address at which Slack reaches this service"
        )
    text = filled(manifest_text(), url=config.public_url, by_sockets=by_sockets, by_oauth=by_oauth)
    click.echo(text, nl=False)
