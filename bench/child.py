"""What runs beside the benchmark in processes of its own: the service, the floors, what stands for the others, the load."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import uvloop

from bench import cast
from bench.spawn import LONGEST_LINE, Json

Answer = Callable[[Json], Awaitable[Json]]


async def service(given: Json, talk: Talk) -> None:
    """The bridge, unchanged; only addresses, pace and rests differ."""
    from bridge.app import serve
    from bridge.chosen import rules_of
    from bridge.model.change import replace
    from bridge.process import settle_down
    from bridge.telemetry import log_to

    log_to("warning", sys.stderr)
    config = cast.config(
        given["database"], given.get("other", cast.NOBODY), slack=given.get("slack"), paced=given.get("paced", False)
    )
    times: dict[str, Any] = {name: timedelta(seconds=seconds) for name, seconds in given.get("times", {}).items()}
    rules = replace(rules_of(config), rest=timedelta(0), **times)
    stop = asyncio.Event()

    def ready(url: str) -> None:
        settle_down()
        talk.say({"url": url})

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(serve(config, given["role"], stop=stop, ready=ready, rules=rules))
        await talk.serve(_nothing)
        stop.set()


async def floor(given: Json, talk: Talk) -> None:
    """The least that a webhook does: read, verify, answer."""
    from bench import floors

    async with floors.serving(floors.SIGNED[given["kind"]]) as url:
        talk.say({"url": url})
        await talk.serve(_nothing)


async def others(_: Json, talk: Talk) -> None:
    """What stands for Slack and for Meta."""
    from bench import floors

    stand = floors.Others()
    async with floors.serving(stand.answer) as url:
        talk.say({"url": url})
        await talk.serve(stand.tell)


async def load(_: Json, talk: Talk) -> None:
    """Who makes the requests."""
    from bench.load import Load

    talk.say({})
    await talk.serve(Load().run)


async def client(_: Json, talk: Talk) -> None:
    """A bare client that does what the service did."""
    from bench.floors import replay

    talk.say({})
    await talk.serve(replay)


async def warehouse(_: Json, talk: Talk) -> None:
    """Where customers' files come from, and where they go."""
    from bench import files, floors

    stand = files.Warehouse()
    async with floors.serving(stand.answer) as url:
        talk.say({"url": url})
        await talk.serve(stand.tell)


async def copier(_: Json, talk: Talk) -> None:
    """A bare client that passes files on."""
    from bench.files import copy

    talk.say({})
    await talk.serve(copy)


async def _nothing(_: Json) -> Json:
    return {}


class Talk:
    """The lines to and from the benchmark."""

    def __init__(self) -> None:
        self._out = sys.stdout

    def say(self, answer: Json) -> None:
        self._out.write(json.dumps(answer) + "\n")
        self._out.flush()

    async def serve(self, answer: Answer) -> None:
        """Answer until nobody asks any more."""
        reader = asyncio.StreamReader(limit=LONGEST_LINE)
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            self.say(await answer(json.loads(line)))


ROLES: dict[str, Callable[[Json, Talk], Awaitable[None]]] = {
    "service": service, "floor": floor, "others": others, "load": load, "client": client,
    "warehouse": warehouse, "copier": copier,
}  # fmt: skip


async def main(role: str, given: dict[str, Any]) -> None:
    await ROLES[role](given, Talk())


if __name__ == "__main__":
    run = (
        uvloop.run if sys.argv[1] == "service" else asyncio.run
    )  # the service as it runs; a bare program as one writes it
    run(main(sys.argv[1], json.loads(sys.argv[2])))
