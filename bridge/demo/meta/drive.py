"""The stand-in's own control over HTTP, for the demo page: look at phones, act as customers, order faults."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from bridge.demo.meta.leaving import take_out
from bridge.demo.meta.world import Account, Customer

if TYPE_CHECKING:
    from bridge.demo.meta.standin import MetaStandIn

POLL_SECONDS: Final = 20.0
Body = dict[str, Any]


class Drive:
    """`GET /_drive/state` and the acts under `POST /_drive/…`; every answer is JSON."""

    def __init__(self, meta: "MetaStandIn") -> None:
        self.meta = meta
        self._acts: dict[str, Callable[[Body], Awaitable[Any]]] = {
            "write": self._write, "tap": self._tap, "react": self._react, "unreact": self._unreact, "unsend": self._unsend,
            "edit": self._edit, "read": self._read, "attach": self._attach, "native_reply": self._native_reply,
            "story_reply": self._story_reply, "story_mention": self._story_mention, "refer": self._refer,
            "comment": self._comment, "change_comment": self._change_comment, "end_broadcast": self._end_broadcast,
            "add_customer": self._add_customer, "block": self._block,
            "send": self._send, "arrive": self._arrive, "rename": self._rename, "new_picture": self._new_picture,
            "opt_in": self._opt_in, "rate": self._rate, "native_send": self._native_send, "other_app": self._other_app,
            "ask_for_thread": self._ask_for_thread, "policy": self._policy, "change_roles": self._change_roles,
            "leave": self._leave,
        }  # fmt: skip
        self._knobs: dict[str, Callable[[Body], Any]] = {
            "revoke": lambda body: meta.revoke(self._account(body), body.get("subcode", 460)),
            "restore": lambda body: meta.restore(self._account(body), body.get("token")),
            "show_profile": lambda body: self._account(body).profile.update(body["profile"]),
            "unsubscribe": lambda body: meta.unsubscribe(self._account(body)),
            "restrict": lambda body: meta.restrict(self._account(body), body.get("error", "10/1893063")),
            "link": lambda body: self._link(self._account(body), body.get("instagram")),
            "personal": lambda body: setattr(self._account(body), "personal", bool(body.get("personal", True))),
            "add_person": lambda body: meta.login.people.add(str(body["name"]), body.get("tasks")),
            "log_in_as": lambda body: meta.login.people.sit_down(str(body["person"])),
            "fault": lambda body: meta.faults.add(**body),
            "clear_faults": lambda _: meta.faults.clear(),
            "pause": lambda _: meta.deliveries.pause(),
            "resume": lambda _: meta.deliveries.resume(),
        }

    def add_routes(self, app: web.Application) -> None:
        """Hang the control under `/_drive`."""
        app.router.add_get("/_drive/state", self.state)
        app.router.add_post("/_drive/{act}", self.act)

    async def state(self, request: web.Request) -> web.Response:
        """Everything as it stands; with `since=N` only once the version is beyond N, after 20 s in any case."""
        world, since = self.meta.world, int(request.query.get("since", "-1"))
        try:
            await world.until(lambda: world.version > since, seconds=POLL_SECONDS, dump=str)
        except AssertionError:
            return web.json_response(self._state())
        return web.json_response(self._state())

    def _state(self) -> Body:
        meta = self.meta
        deliveries = [{"kind": d.kind, "state": d.state, "attempts": d.attempts} for d in meta.deliveries.record[-50:]]
        accounts = [a.json() | {"token_dead": meta.token_of(a).dead} for a in meta.accounts.values()]
        return {
            "version": meta.world.version, "now": meta.clock(), "accounts": accounts, "deliveries": deliveries,
            "paused": meta.deliveries.paused, "faults": len(list(meta.faults)),
        }  # fmt: skip

    async def act(self, request: web.Request) -> web.Response:
        """Do one act; 400 with a sentence when it cannot be done."""
        name = request.match_info["act"]
        body: Body = await request.json() if request.can_read_body else {}
        try:
            if knob := self._knobs.get(name):
                knob(body)
                self.meta.world.changed()
                return web.json_response({"ok": True})
            if act := self._acts.get(name):
                return web.json_response({"ok": True, "result": await act(body)})
        except (KeyError, TypeError, ValueError) as error:
            return web.json_response({"ok": False, "error": f"{type(error).__name__}: {error}"}, status=400)
        return web.json_response({"ok": False, "error": "no such act"}, status=404)

    # -- whom a body means

    def _account(self, body: Body) -> Account:
        return self.meta.accounts[str(body["account"])]

    def _customer(self, body: Body) -> Customer:
        return self._account(body).customers[str(body["customer"])]

    # -- acts

    async def _write(self, body: Body) -> str:
        more = {name: body[name] for name in ("reply_to", "referral", "quick_reply", "at") if name in body}
        return await self.meta.write(self._customer(body), str(body["text"]), **more)

    async def _tap(self, body: Body) -> str:
        customer, title = self._customer(body), str(body["title"])
        return await self.meta.tap(customer, title, str(body.get("payload", title)), referral=body.get("referral"))

    async def _react(self, body: Body) -> None:
        customer, mid = self._customer(body), str(body["mid"])
        await self.meta.react(customer, mid, str(body.get("reaction", "love")), body.get("emoji"))

    async def _unreact(self, body: Body) -> None:
        await self.meta.unreact(self._customer(body), str(body["mid"]))

    async def _unsend(self, body: Body) -> None:
        await self.meta.unsend(self._customer(body), str(body["mid"]), told=bool(body.get("told", True)))

    async def _edit(self, body: Body) -> None:
        await self.meta.edit(self._customer(body), str(body["mid"]), str(body["text"]))

    async def _read(self, body: Body) -> None:
        await self.meta.read(self._customer(body), body.get("mid"))

    async def _attach(self, body: Body) -> str:
        """Attach `payload`, or else a small picture that lies on the stand-in's CDN."""
        customer, kind = self._customer(body), str(body.get("type", "image"))
        if "payload" not in body and kind == "image":
            return await self.meta.send_picture(customer, text=body.get("text"))
        return await self.meta.attach(customer, kind, body.get("payload"), text=body.get("text"))

    async def _native_reply(self, body: Body) -> str:
        customer = self._customer(body)
        return await self.meta.native_reply(customer.account, customer, str(body["text"]))

    async def _story_reply(self, body: Body) -> str:
        return await self.meta.story_reply(self._customer(body), body.get("text"))

    async def _story_mention(self, body: Body) -> str:
        return await self.meta.story_mention(self._customer(body))

    async def _refer(self, body: Body) -> None:
        await self.meta.refer(self._customer(body), body["referral"])

    async def _comment(self, body: Body) -> str:
        by = self._customer(body) if "customer" in body else None
        return await self.meta.comment(self._account(body), str(body["text"]), by=by, **_besides(body, "text"))

    async def _change_comment(self, body: Body) -> None:
        await self.meta.change_comment(str(body["comment"]), str(body["verb"]), body.get("text"))

    async def _end_broadcast(self, body: Body) -> None:
        self.meta.end_broadcast(self._account(body))

    async def _send(self, body: Body) -> str:
        return await self.meta.send(self._customer(body), str(body["kind"]), **_besides(body, "kind"))

    async def _native_send(self, body: Body) -> str:
        return await self.meta.native_send(self._customer(body), **_besides(body))

    async def _ask_for_thread(self, body: Body) -> None:
        await self.meta.ask_for_thread(self._customer(body), **_besides(body))

    async def _policy(self, body: Body) -> None:
        await self.meta.policy(self._account(body), str(body["action"]), body.get("reason"))

    async def _change_roles(self, body: Body) -> None:
        await self.meta.change_roles(self._account(body), list(body["first"]), list(body.get("others", [])))

    async def _leave(self, body: Body) -> list[Any]:
        """Let somebody take the app out of their login; with `erase` they want their data gone, too."""
        return list(await take_out(self.meta, str(body["person"]), erase=bool(body.get("erase", False))))

    def _link(self, page: Account, instagram: str | None) -> None:
        """Link an Instagram account with a Page, or none."""
        page.linked_instagram = instagram

    async def _other_app(self, body: Body) -> None:
        await self.meta.other_app(self._customer(body), **_besides(body))

    async def _opt_in(self, body: Body) -> None:
        await self.meta.opt_in(self._customer(body), body.get("title"))

    async def _rate(self, body: Body) -> None:
        """Rate the last answer, as there is nothing else that has thumbs under it."""
        customer = self._customer(body)
        answers = self.meta.sent(customer)
        if not answers:
            raise ValueError("there is no answer to rate")
        await self.meta.rate(customer, answers[-1].mid, str(body.get("feedback", "Good response")))

    async def _arrive(self, body: Body) -> None:
        await self.meta.arrive(self._customer(body), **_besides(body))

    async def _rename(self, body: Body) -> None:
        await self.meta.rename(self._customer(body), **_besides(body))

    async def _new_picture(self, body: Body) -> None:
        await self.meta.new_picture(self._customer(body))

    async def _block(self, body: Body) -> None:
        self.meta.block(self._customer(body), blocked=bool(body.get("blocked", True)))

    async def _add_customer(self, body: Body) -> str:
        more = {name: body[name] for name in ("name", "username", "profile", "picture") if name in body}
        return self.meta.add_customer(self._account(body), **more).id


def _besides(body: Body, *known: str) -> Body:
    """What a body says besides whom it is about."""
    return {name: value for name, value in body.items() if name not in {"account", "customer", *known}}
