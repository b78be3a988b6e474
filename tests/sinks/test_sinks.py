"""E-mail and webhook: what goes out, how it is signed, and what each answer means."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime

import aiohttp
import pytest

from bridge.model.decision import Job
from bridge.model.effects import TellOutside
from bridge.model.errors import UnusableSetting
from bridge.model.ids import IncidentId, PersonRef, PlaceRef, WorkspaceId
from bridge.model.incident import Incident
from bridge.model.outcomes import Done, Later, Refused
from bridge.model.state import Workspace
from bridge.sinks import Sinks
from bridge.sinks.mail import Mail, server_of
from bridge.sinks.webhook import Webhook, address_of
from tests.sinks.post_office import letterbox, post_office

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TEAM = WorkspaceId("T1")
KEY = b"twenty-four bytes at least"
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"
TO = "ops@example.com"


def job(sink: str, *, over: bool = False, language: str = "en") -> Job:
    """The desk's credentials are dead, or it takes posts again."""
    incident = Incident(
        id=IncidentId(9),
        workspace=TEAM,
        key="outage:T1",
        kind="outage",
        place=PlaceRef("C1"),
        account=None,
        values={"cause": "desk_token"},
        opened_at=NOON,
        closed_at=NOON if over else None,
    )
    workspace = Workspace(
        id=TEAM, name="Hanako", url="https://h.slack.com/", language="en", bot_person=PersonRef("U1"), bot_author="B1"
    )
    effect = TellOutside(workspace=TEAM, incident=incident.id, sink=sink, over=over)
    return Job(row=7, effect=effect, attempts=0, scene=None, workspace=workspace, incident=incident, language=language)


async def test_an_e_mail_says_what_and_what_to_do_and_a_repeat_is_known() -> None:
    """Slack itself fails: told by e-mail, in the workspace's language, under an id of its own."""
    async with post_office() as office:
        mail = Mail(server=server_of(office.url, TO), to=TO)
        assert await mail.reachable() is None
        assert await mail.tell(job("mail")) == Done()
        assert await mail.tell(job("mail", over=True, language="ja")) == Done()
        first, last = office.mails
        assert (first["From"], first["To"]) == ("bridge@example.com", TO)
        assert first["Subject"] == "📵 The bridge cannot post anything in Hanako"
        assert "Slack no longer accepts the bridge" in first.get_content()
        assert "Since 2026-11-21 12:00 UTC" in first.get_content()
        assert first["Message-ID"] == "<threadbridge-T1-7@example.com>"
        assert last["Subject"].startswith("✅ ブリッジはHanakoに再び投稿できる")


@pytest.mark.parametrize(("answer", "kind"), [("451 later", Later), ("550 never", Refused)])
async def test_what_a_mail_server_answers_decides_whether_it_is_asked_again(answer: str, kind: type) -> None:
    """What passes is tried again; what is refused for good is not."""
    async with post_office() as office:
        office.refuses = answer
        outcome = await Mail(server=server_of(office.url, TO), to=TO).tell(job("mail"))
        assert isinstance(outcome, kind)
    gone = Mail(server=server_of(office.url, TO), to=TO)
    assert isinstance(await gone.tell(job("mail")), Later)
    assert await gone.reachable() is not None


def test_where_e_mail_is_handed_in_is_read_whole() -> None:
    """BRIDGE_SMTP_URL; the password is in no trace."""
    server = server_of("smtps://bot%40example.com:s%3Acret@mail.example.com", TO)
    assert (server.host, server.port, server.tls, server.user, server.password) == (
        "mail.example.com",
        465,
        True,
        "bot@example.com",
        "s:cret",
    )
    assert server.sender == "bot@example.com"
    assert server_of("smtp://mail.example.com:2525", TO).sender == "threadbridge@example.com"
    assert "cret" not in repr(server)


@pytest.mark.parametrize(
    ("url", "to"), [("https://x.example", TO), ("smtp://", TO), ("smtp://h:99999", TO), ("smtp://h", "nobody")]
)
def test_what_is_no_mail_server_is_named(url: str, to: str) -> None:
    """At the start, not when it is needed."""
    with pytest.raises(UnusableSetting):
        server_of(url, to)


async def test_a_webhook_is_signed_and_timed_and_keeps_its_id() -> None:
    """Standard Webhooks: whoever gets it can prove where it comes from, and knows a repeat."""
    async with letterbox() as box, aiohttp.ClientSession() as http:
        url, key = address_of(f"{box.url}#{SECRET}")
        webhook = Webhook(http=http, url=url, key=key, now=lambda: NOON)
        assert await webhook.reachable() is None
        assert [await webhook.tell(job("webhook", over=over)) for over in (False, False, True)] == [Done()] * 3
        (headers, body), again, (_, last) = box.posted
        stamp = str(int(NOON.timestamp()))
        assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("threadbridge-T1-7", stamp)
        signed = hmac.new(KEY, b"threadbridge-T1-7." + stamp.encode() + b"." + body, hashlib.sha256).digest()
        assert headers["webhook-signature"] == f"v1,{base64.b64encode(signed).decode()}"
        assert (again[0]["webhook-id"], again[1]) == (headers["webhook-id"], body)
        told = json.loads(body)
        assert (told["type"], told["data"]["cause"], told["data"]["over_at"]) == ("incident.opened", "desk_token", None)
        assert json.loads(last)["type"] == "incident.over"
        assert json.loads(last)["data"]["text"].startswith("✅ The bridge can post in Hanako again\n")


@pytest.mark.parametrize(("status", "kind"), [(200, Done), (503, Later), (429, Later), (404, Refused), (302, Refused)])
async def test_what_a_webhook_answers_decides_whether_it_is_called_again(status: int, kind: type) -> None:
    """Any 2xx accepts; redirects are not followed."""
    async with letterbox() as box, aiohttp.ClientSession() as http:
        box.status = status
        webhook = Webhook(http=http, url=box.url, now=lambda: NOON)
        assert isinstance(await webhook.tell(job("webhook")), kind)
        assert "webhook-signature" not in box.posted[0][0]


@pytest.mark.parametrize("given", ["hooks.example.com", "https://", "https://h.example/#abc", "https://h/#whsec_YWJj"])
def test_what_is_no_webhook_is_named(given: str) -> None:
    """A secret that is too short signs nothing."""
    with pytest.raises(UnusableSetting):
        address_of(given)


async def test_a_way_that_is_not_set_any_more_is_let_go() -> None:
    """A row of an earlier setting waits for nobody."""
    assert isinstance(await Sinks(ways={}).tell(job("mail")), Refused)
