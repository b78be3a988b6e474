"""Scenes: small plays in YAML, checked when they are read, played on a stage step by step.

A step does one thing (`writes`, `answers`, `clock`, …), said of somebody (`who`, `agent`), or waits until something shows.
The whole language is in `VERBS`, `phones.DEEDS`, `desks.DEEDS` and `waits.SENTENCES`.
"""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from bridge.demo import desks
from bridge.demo.cast import AGENTS
from bridge.demo.meta import Customer
from bridge.demo.phones import DEEDS, quoted
from bridge.demo.slack.model import Message
from bridge.demo.stage import Stage, seconds_of
from bridge.demo.troubles import TROUBLES
from bridge.demo.waits import Progress, SceneError, Sight, can_wait, stranger, stranger_in
from bridge.model.word import Word

SCENES: Final = Path(__file__).parent / "scenes"
PLACES: Final = ("thread", "alerts", "direct")
WITHIN: Final = 20.0
"""Real seconds that a wait may take unless the step says `within`."""

VERBS: Final[Mapping[str, frozenset[str]]] = {
    "writes": frozenset({"who", "times", "quotes"}),
    **{verb: beside | {"who"} for verb, (_, beside) in DEEDS.items()},
    **{verb: beside | {"agent", "to"} for verb, (_, beside) in desks.DEEDS.items()},
    "answers": frozenset({"agent", "to"}),
    "edits": frozenset({"agent"}),
    "presses": frozenset({"agent", "to"}),
    "clock": frozenset(),
    "fault": frozenset(),
    "mend": frozenset(),
    "wait": frozenset({"within"}),
    "look": frozenset({"agent"}),
    "tell": frozenset(),
}
"""What a step may do, and what may be said beside it."""


class Step(Word, kw_only=True):
    """One thing to do; `what` is the verb's own value."""

    number: int
    verb: str
    what: str
    beside: Mapping[str, Any]


class Scene(Word, kw_only=True):
    """A play; `key` is its file's name."""

    key: str
    name: str
    about: str
    order: int
    steps: tuple[Step, ...]


def load(path: Path) -> Scene:
    """Read a scene; SceneError names the file and the step that is wrong."""
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SceneError(f"{path} cannot be read: {' '.join(str(error).split())}") from None
    if not isinstance(given, dict) or not isinstance(given.get("steps"), list) or not given["steps"]:
        raise SceneError(f"{path}: a scene has a name and a list of steps")
    steps = tuple(_step(path, number, step) for number, step in enumerate(given["steps"], 1))
    name = str(given.get("name") or path.stem)
    return Scene(
        key=path.stem, name=name, about=str(given.get("about", "")), order=int(given.get("order", 99)), steps=steps
    )


def shipped() -> list[Scene]:
    """Return the scenes that come with the demo, in the menu's order."""
    return sorted(map(load, SCENES.glob("*.yaml")), key=lambda scene: (scene.order, scene.key))


def _step(path: Path, number: int, given: object) -> Step:
    where = f"{path.name}, step {number}"
    if not isinstance(given, dict):
        raise SceneError(f"{where}: a step is written as `who: yuki` and `writes: …`")
    verbs = [name for name in given if name in VERBS]
    if len(verbs) != 1:
        raise SceneError(f"{where}: one of these is wanted: {', '.join(VERBS)}")
    verb = verbs[0]
    beside = {str(name): value for name, value in given.items() if name != verb}
    if odd := set(beside) - VERBS[verb]:
        raise SceneError(f"{where}: {', '.join(sorted(odd))} says nothing beside {verb}")
    step = Step(number=number, verb=verb, what=str(given[verb]).strip(), beside=beside)
    _check(where, step)
    return step


def _check(where: str, step: Step) -> None:
    if step.verb == "clock":
        try:
            seconds_of(step.what)
        except ValueError as error:
            raise SceneError(f"{where}: {error}") from None
    if step.verb == "wait" and not can_wait(step.what):
        raise SceneError(f"{where}: nobody can wait {step.what}")
    known = {trouble.key for trouble in TROUBLES}
    if step.verb in {"fault", "mend"} and step.what not in known | ({"all"} if step.verb == "mend" else set()):
        raise SceneError(f"{where}: no such fault: {step.what}; there are {', '.join(sorted(known))}")
    if step.verb == "look" and step.what not in PLACES:
        raise SceneError(f"{where}: one may look at {', '.join(PLACES)}")
    if problem := _stranger(step):
        raise SceneError(f"{where}: {problem}")


def _stranger(step: Step) -> str | None:
    """Who is named in a step and is nobody: known before anything has started."""
    customer = step.beside.get("who", step.beside.get("to"))
    problem = stranger(customer, step.beside.get("agent"))
    return problem or (stranger_in(step.what) if step.verb == "wait" else None)


# --- playing


class Play:
    """One scene on a stage; with `watched` it goes at the pace of somebody who looks on.

    tell: called with what the page shows of the play.
    """

    def __init__(self, stage: Stage, scene: Scene, *, watched: bool, tell: Callable[[Progress], None]) -> None:
        self.stage = stage
        self.scene = scene
        self.now = Progress(since=stage.clock.time())
        self._sight = Sight(stage, self.now)
        self._watched = watched
        self._tell = tell

    async def run(self) -> None:
        """Play to the end; SceneError with the step and the reason where it goes another way."""
        for step in self.scene.steps:
            try:
                await self._do(step)
            except (SceneError, LookupError, ValueError) as error:
                raise SceneError(f"{self.scene.key}, step {step.number} ({step.verb}): {error}") from error

    async def _do(self, step: Step) -> None:
        stage = self.stage
        match step.verb:
            case "writes":
                await self._customer_writes(step)
            case verb if verb in DEEDS:
                await self._customer_acts(step)
            case verb if verb in {"answers", "edits", "presses", *desks.DEEDS}:
                await self._agent_acts(step)
            case "clock":
                await stage.travel(seconds_of(step.what))
            case "fault":
                await stage.trouble(step.what, on=True)
            case "mend":
                await (stage.mend_all() if step.what == "all" else stage.trouble(step.what, on=False))
            case "wait":
                await self._wait(step)
            case "look":
                self._look(step.what, step.beside.get("agent"))
                await self._pause(2.0)
            case _:
                self.now.caption = step.what
                self._tell(self.now)
                await self._pause(min(4.0, 1.0 + len(step.what) / 40))

    def _look(self, where: str, agent: str | None = None) -> None:
        """Turn the page to a place, as somebody who works there."""
        if agent is not None:
            self.now.agent = AGENTS[agent]
        self.now.look = where
        self._tell(self.now)

    def _customer(self, step: Step) -> Customer:
        customer = self._sight.customer(str(step.beside["who"])) if "who" in step.beside else self._sight.subject()
        self.now.customer, self.now.since = customer, self.stage.clock.time()
        return customer

    async def _customer_acts(self, step: Step) -> None:
        customer = self._customer(step)
        do, _ = DEEDS[step.verb]
        if step.verb == "answers_story":
            await self._type("customer", customer.id, step.what, quick=False)
        else:
            await self._hold(customer)
        await do(self.stage.meta, customer, step.what, step.beside)
        await self._pause(1.0)

    async def _customer_writes(self, step: Step) -> None:
        customer = self._customer(step)
        times = int(step.beside.get("times", 1))
        for number in range(1, times + 1):
            text = step.what.replace("{n}", str(number))
            await self._type("customer", customer.id, text, quick=times > 1)
            about = quoted(customer, str(step.beside["quotes"])) if "quotes" in step.beside else None
            await self.stage.meta.write(customer, text, reply_to=about)

    async def _agent_acts(self, step: Step) -> None:
        if "to" in step.beside:
            self.now.customer = self._sight.customer(str(step.beside["to"]))
        customer, slack = self._sight.subject(), self.stage.slack
        if "agent" in step.beside:
            self.now.agent = AGENTS[str(step.beside["agent"])]
        agent = self.now.agent
        if step.verb == "presses":
            await self._press(agent, customer, step.what)
            return
        if step.verb == "edits":
            if self.now.answer is None:
                raise SceneError("there is no answer to change")
            await slack.edit(agent, self.now.answer.channel, self.now.answer.ts, step.what)
            return
        root = await self._root(customer)
        self.now.since = self.stage.clock.time()
        if step.verb in desks.DEEDS:
            do, _ = desks.DEEDS[step.verb]
            self.now.answer = await do(self.stage, agent, root, step.what, step.beside) or self.now.answer
            return
        await self._type("agent", agent, step.what, quick=len(step.what) > 400)
        self.now.since = self.stage.clock.time()
        ts = await slack.say(agent, root.channel, step.what, thread_ts=root.ts)
        self.now.answer = slack.message(root.channel, ts)

    async def _root(self, customer: Customer) -> Message:
        """The customer's thread, once it stands."""
        await self.stage.until(lambda: self.stage.root(customer) is not None, seconds=WITHIN)
        root = self.stage.root(customer)
        if root is None:
            raise SceneError("the customer has no thread yet")
        return root

    async def _press(self, agent: str, customer: Customer, action: str) -> None:
        await self.stage.until(lambda: self.stage.button(agent, customer, action) is not None, seconds=WITHIN)
        found = self.stage.button(agent, customer, action)
        if found is None:
            raise SceneError(f"there is no button {action}")
        self._look("direct" if found.what.channel.startswith("D") else "thread")
        await self._pause(3.0)
        await self.stage.slack.click(agent, found.what.channel, found.what.ts, action, ephemeral=found.private)

    async def _wait(self, step: Step) -> None:
        seconds = float(step.beside.get("within", WITHIN))
        if not await self.stage.until(self._sight.of(step.what), seconds=seconds):
            raise SceneError(f"waited {seconds:g} s {step.what}")

    async def _type(self, side: str, who: str, text: str, *, quick: bool) -> None:
        """Show somebody typing, where somebody looks on."""
        if not self._watched:
            return
        self.now.look = "thread" if self.now.look else ""
        seconds = 0.15 if quick else min(2.2, 0.5 + len(text) * 0.035)
        customer = self.now.customer.id if self.now.customer else None
        self.now.typing = {"side": side, "who": who, "customer": customer, "text": text, "seconds": seconds}
        self._tell(self.now)
        await self._pause(seconds)
        self.now.typing = None
        self._tell(self.now)

    async def _hold(self, customer: Customer) -> None:
        """Let whoever looks on see whose phone it is before something happens on it."""
        if self._watched:
            self.now.look = "thread" if self.now.look else ""
            self.now.typing = {
                "side": "customer",
                "who": customer.id,
                "customer": customer.id,
                "text": "",
                "seconds": 0.0,
            }
            self._tell(self.now)
            await self._pause(0.9)
            self.now.typing = None
            self._tell(self.now)

    async def _pause(self, seconds: float) -> None:
        if self._watched:
            await asyncio.sleep(seconds)
