"""`threadbridge demo`: the page, its stream of states, its acts, and everything behind it from start to end."""

import asyncio
import json
import shutil
import signal
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

import aiohttp
import click
from aiohttp import web

from bridge.demo.child import BridgeFailedError
from bridge.demo.scenes import Play, Scene, load, shipped
from bridge.demo.stage import Stage
from bridge.demo.waits import Progress, SceneError

PORT: Final = 8800
PAGE: Final = Path(__file__).parent / "page"
BODY_BYTES = 64 * 1024 * 1024
"""An agent's files come with the message that they are attached to."""
EMOJI: Final = Path(__file__).parents[1] / "slack" / "emoji.json"
ACT_SECONDS: Final = 30.0
ENDS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, whoever ends it from outside, and a terminal that is closed."""
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


class Demo:
    """The web server in front of a stage."""

    def __init__(self, stage: Stage, tasks: asyncio.TaskGroup) -> None:
        self.stage = stage
        self.url = ""
        self.scenes = {scene.key: scene for scene in shipped()}
        self._tasks = tasks
        self._playing: asyncio.Task[None] | None = None
        self._http: aiohttp.ClientSession | None = None

    async def open(self, port: int, stack: AsyncExitStack) -> None:
        """Serve on loopback until `stack` is closed; a port that is taken gives way to a free one."""
        self._http = await stack.enter_async_context(
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ACT_SECONDS))
        )
        runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        try:
            await web.TCPSite(runner, "127.0.0.1", port or PORT).start()
        except OSError:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self.tell(None, Progress())

    def application(self) -> web.Application:
        """Return the page, the stream, the clock and the acts."""
        app = web.Application(middlewares=[_guarded], client_max_size=BODY_BYTES)
        app.add_routes(
            [
                web.get("/", self._index),
                web.static("/page", PAGE),
                web.get("/emoji.json", self._emoji),
                web.get("/clock", self.stage.clock.serve),
                web.get("/state", self.stage.hub.serve),
                web.get("/of/{side:meta|slack}/{path:.+}", self._picture),
                web.post("/act/{side:meta|slack}/{act}", self._forward),
                web.post("/act/{act:clock|scene|trouble}", self._act),
            ]
        )
        return app

    def tell(self, scene: Scene | None, now: Progress, *, failed: str = "") -> None:
        """Tell pages what is being played."""
        listed: list[object] = [
            {"key": each.key, "name": each.name, "about": each.about} for each in self.scenes.values()
        ]
        about: dict[str, object] = {"playing": None if scene is None else scene.key, "scenes": listed, "failed": failed}
        self.stage.hub.tell(
            "scene", about | {"caption": now.caption, "typing": now.typing, "look": now.look, "agent": now.agent}
        )

    async def play(self, scene: Scene, *, watched: bool) -> None:
        """Play one scene to its end; SceneError where it goes another way."""
        play = Play(self.stage, scene, watched=watched, tell=lambda now: self.tell(scene, now))
        self.tell(scene, play.now)
        try:
            await play.run()
        finally:
            self.tell(None, Progress())

    # --- routes

    async def _index(self, _request: web.Request) -> web.StreamResponse:
        """Give the page, in the demo's language, whatever the browser's is."""
        page = (PAGE / "index.html").read_text(encoding="utf-8")
        page = page.replace('<html lang="en">', f'<html lang="{self.stage.language}">', 1)
        return web.Response(text=page, content_type="text/html")

    async def _emoji(self, _request: web.Request) -> web.StreamResponse:
        return web.FileResponse(EMOJI)

    async def _picture(self, request: web.Request) -> web.Response:
        """Fetch a picture or a file from a stand-in, so that the page asks nobody but this server."""
        side, path = request.match_info["side"], request.match_info["path"]
        if not path.startswith("cdn/" if side == "meta" else "files/") or ".." in path.split("/"):
            return web.Response(status=404)
        token = {} if side == "meta" else {"Authorization": f"Bearer {self.stage.slack.bot_token}"}
        assert self._http is not None
        async with self._http.get(f"{self._origin(side)}/{path}", params=request.query, headers=token) as answer:
            shown = answer.content_type.startswith(("image/", "video/", "audio/"))
            kind = answer.content_type if shown else "application/octet-stream"
            return web.Response(status=answer.status, body=await answer.read(), content_type=kind)

    async def _forward(self, request: web.Request) -> web.Response:
        """Hand an act on to the stand-in it belongs to."""
        side, act = request.match_info["side"], request.match_info["act"]
        assert self._http is not None
        headers = {"Content-Type": "application/json"}
        body = await request.read()
        async with self._http.post(f"{self._origin(side)}/_drive/{act}", data=body, headers=headers) as answer:
            return web.json_response(await answer.json(), status=answer.status)

    async def _act(self, request: web.Request) -> web.Response:
        """Do an act of the demo's own; 400 with a sentence where it cannot be done."""
        acts: dict[str, Callable[[dict[str, Any]], Awaitable[None]]] = {
            "clock": self._move,
            "scene": self._scene,
            "trouble": self._trouble,
        }
        try:
            given = json.loads(await request.read() or b"{}")
            await acts[request.match_info["act"]](given)
        except (LookupError, ValueError, TypeError, BridgeFailedError) as error:
            return web.json_response({"ok": False, "error": str(error)}, status=400)
        return web.json_response({"ok": True})

    async def _move(self, given: dict[str, Any]) -> None:
        seconds = float(given["seconds"])
        if not 0 <= seconds <= 400 * 86_400:
            raise ValueError("the demo's time goes forward only, and by at most 400 days")
        await self.stage.travel(seconds)

    async def _scene(self, given: dict[str, Any]) -> None:
        if self._playing is not None:
            self._playing.cancel()
            await asyncio.wait([self._playing])
            self._playing = None
        if (key := given.get("play")) is not None:
            self._playing = self._tasks.create_task(self._play_watched(self.scenes[str(key)]))

    async def _play_watched(self, scene: Scene) -> None:
        try:
            await self.play(scene, watched=True)
        except (SceneError, BridgeFailedError) as error:
            self.tell(None, Progress(), failed=str(error))

    async def _trouble(self, given: dict[str, Any]) -> None:
        await self.stage.trouble(str(given["key"]), on=bool(given["on"]))

    def _origin(self, side: str) -> str:
        return self.stage.meta.url if side == "meta" else self.stage.slack.url


@web.middleware
async def _guarded(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Let only this server's own page act, under its own name on loopback."""
    if request.url.host not in {"127.0.0.1", "localhost"}:
        return web.Response(status=403, text="open this page as http://127.0.0.1")
    if request.method == "POST":
        origin = request.headers.get("Origin")
        if request.content_type != "application/json" or origin not in {None, str(request.url.origin())}:
            return web.Response(status=403, text="only the demo's own page may act")
    answer = await handler(request)
    if not answer.prepared:
        answer.headers.update(HEADERS)
    return answer


async def run_demo(port: int, script: Path | None, headless: bool, *, language: str = "en") -> int:  # noqa: FBT001
    """Run the demo until it is interrupted, or until `script` has been played, and return the exit code.

    port: 0 for the usual one; where it is taken, a free one.
    headless: say nothing about opening a page, and play at full speed.
    language: what agents read, ``en`` or ``ja``.
    """
    try:
        scene = None if script is None else load(script)
    except SceneError as error:
        _complain(str(error))
        return 1
    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as tasks:
        work = tasks.create_task(_demo(port, scene, headless=headless, language=language))
        for number in ENDS:
            loop.add_signal_handler(number, work.cancel)
    for number in ENDS:
        loop.remove_signal_handler(number)
    return 0 if work.cancelled() else work.result()


async def _demo(port: int, scene: Scene | None, *, headless: bool, language: str) -> int:
    """Put everything up in a folder of its own, which stays only where somebody must read the log."""
    folder = Path(tempfile.mkdtemp(prefix="threadbridge-demo-"))
    keep = False
    try:
        await _staged(Stage(language=language), folder, port, scene, headless=headless)
    except* (SceneError, BridgeFailedError) as failures:
        keep = True
        log = f"; the bridge's log: {folder / 'bridge.log'}" if isinstance(_first(failures), SceneError) else ""
        _complain(f"{_first(failures)}{log}")
    finally:
        if not keep:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    return 1 if keep else 0


async def _staged(stage: Stage, folder: Path, port: int, scene: Scene | None, *, headless: bool) -> None:
    """Run stage, server and bridge; returns when the scene has ended, or never without one."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(stage.open())
        async with asyncio.TaskGroup() as tasks:
            demo = Demo(stage, tasks)
            helpers = [
                tasks.create_task(stage.hub.follow(kind, origin.url))
                for kind, origin in (("slack", stage.slack), ("meta", stage.meta))
            ]
            await demo.open(port, stack)
            bridge = await stack.enter_async_context(stage.bridged(folder, f"{demo.url}/clock"))
            helpers.append(tasks.create_task(bridge.ended()))
            if not (headless and scene):
                click.echo(demo.url if headless else f"Open {demo.url} (Ctrl-C ends it)")
            if scene is None:
                await asyncio.get_running_loop().create_future()
            else:
                await demo.play(scene, watched=not headless)
            for helper in helpers:
                helper.cancel()


def _complain(text: str) -> None:
    """Say what went wrong as every command does: one line on stderr."""
    click.echo(f"threadbridge: {' '.join(text.split())}", err=True)


def _first(failures: BaseExceptionGroup[SceneError | BridgeFailedError]) -> BaseException:
    found: BaseException = failures
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found
