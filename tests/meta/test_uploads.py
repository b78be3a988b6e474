"""Files on their way to Meta, over HTTP against the stand-in: each upload ends in exactly one way."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator

import pytest

from bridge.demo.meta.media import avatar
from bridge.meta.files import EDGES, TABLES, upload_requests
from bridge.meta.graph import Graph
from bridge.model.change import replace
from bridge.model.files import Fetched, PrepareFile
from bridge.model.ids import AccountId, ConversationId, MessageId
from bridge.model.outcomes import Held, Later, Refused, Scope, Uploaded
from bridge.model.state import Attachment, Platform
from tests.meta.conftest import WORKSPACE, Case

PNG = avatar("cup")
BRING = PrepareFile(
    workspace=WORKSPACE.id, conversation=ConversationId(3), account=AccountId(17), message=MessageId(9), attachment=1
)


@pytest.fixture
def file() -> Iterator[Fetched]:
    """A picture, as it is handed on."""
    with tempfile.TemporaryFile() as held:
        held.write(PNG)
        yield Fetched(file=held, length=len(PNG), mime="image/png", name="茶碗.png")


async def test_a_file_is_kept_whole_and_sent_by_its_id(case: Case, file: Fetched) -> None:
    """F9, M-04: on all three kinds of accounts, under its own name, and the upload shows to nobody."""
    outcome = await case.network.upload(case.job(BRING), "image", file)
    assert isinstance(outcome, Uploaded)
    assert outcome.remote_id is not None
    kept = case.meta.cdn.files[outcome.remote_id]
    assert (kept.data, kept.mime, kept.name) == (PNG, "image/png", "茶碗.png")
    assert case.meta.sent(case.customer) == []
    picture = Attachment(seq=1, kind="image", remote_id=outcome.remote_id)
    send = case.send()
    sent = await case.network.send(replace(case.job(send.effect), file=picture))
    (bubble,) = case.meta.sent(case.customer)
    assert (getattr(sent, "remote_id", None), bubble.attachments[0]["type"]) == (bubble.mid, "image")
    assert bubble.metadata == ("tb:42" if case.account.platform == "messenger" else None)


@pytest.mark.parametrize(
    ("fault", "ended"),
    [
        ({"kind": "error", "error": {"code": 100, "error_subcode": 2018109}}, Refused(code="100/2018109", why="media_too_large")),
        ({"kind": "error", "error": {"code": 100, "error_subcode": 2018047}, "times": 2}, Refused(code="100/2018047", why="media_kind")),
        ({"kind": "error", "error": {"code": 190, "error_subcode": 460}}, Held(cause="reauth.password_changed", scope=Scope.PARENT, code="190/460")),
        ({"kind": "error", "error": {"code": 613}}, (Scope.TARGET, "media_upload")),
        ({"kind": "error", "error": {"code": 1}, "status": 500}, (Scope.ROW, "media_upload")),
        ({"kind": "drop_after"}, (Scope.ROW, "media_upload")),
        ({"kind": "garbage_after"}, (Scope.ROW, "media_upload")),
    ],
)  # fmt: skip
async def test_an_upload_is_repeated_or_refused_and_never_unsure(
    case: Case, file: Fetched, fault: dict[str, object], ended: object
) -> None:
    """Nobody sees an upload: whose answer was lost is asked for again."""
    case.meta.faults.add(method="message_attachments", **{"status": 400, **fault})  # type: ignore[arg-type]
    outcome = await case.network.upload(case.job(BRING), "image", file)
    if isinstance(outcome, Later):
        assert (outcome.scope, outcome.last) == ended
    else:
        assert outcome == ended
    case.meta.faults.clear()
    again = await case.network.upload(case.job(BRING), "image", file)
    assert isinstance(again, Uploaded)


async def test_what_messenger_does_not_take_for_a_picture_goes_as_a_file(case: Case, file: Fetched) -> None:
    """The table of errors: 2018047 is most often a type that does not fit the kind; Instagram takes no such files."""
    refused = {"code": 100, "error_subcode": 2018047}
    case.meta.faults.add(method="message_attachments", kind="error", error=refused, status=400)
    outcome = await case.network.upload(case.job(BRING), "image", file)
    if case.account.platform == "messenger":
        assert isinstance(outcome, Uploaded)
        assert outcome.kind == "file"
    else:
        assert outcome == Refused(code="100/2018047", why="media_kind")


async def test_where_meta_does_not_know_the_edge_the_other_name_is_asked(case: Case, file: Fetched) -> None:
    """Meta's pages and its own library name it differently for Instagram Login."""
    case.meta.routes.upload_edges = frozenset({EDGES[1]})
    outcome = await case.network.upload(case.job(BRING), "image", file)
    assert isinstance(outcome, Uploaded) is (case.account.login == "instagram")


async def test_a_file_for_instagram_behind_a_page_says_so(case: Case) -> None:
    """An upload without that is Messenger's, and cannot be sent on Instagram."""
    scene = case.job(BRING).scene
    assert scene is not None
    requests = upload_requests(Graph(), scene.account, "t", kind="image")
    said = {(request.body or {}).get("platform") for request in requests}
    assert said == (
        {"instagram"} if (case.account.platform, case.account.login) == ("instagram", "facebook") else {None}
    )


def test_both_networks_have_one_table_each() -> None:
    """F9: whoever changes it changes the table in docs/answering.md."""
    assert set(TABLES) == set(Platform)
    assert all(set(table) == {"image", "video", "audio", "file"} for table in TABLES.values())
