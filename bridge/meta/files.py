"""What Meta takes as files, on each of its networks: the one table. Pure.

https://developers.facebook.com/docs/messenger-platform/reference/send-api (attachments)
https://developers.facebook.com/docs/messenger-platform/instagram/features/send-message
https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/messaging-api
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from bridge.meta.graph import Graph, GraphRequest, post
from bridge.meta.render import node
from bridge.model.files import FileLimit, FileTable
from bridge.model.state import Account, Login, Platform

MB: Final = 1024 * 1024
FILMS: Final = ("video/mp4", "video/ogg", "video/avi", "video/quicktime", "video/webm")
PICTURES: Final = ("image/png", "image/jpeg", "image/gif")

TABLES: Final[Mapping[Platform, FileTable]] = MappingProxyType(
    {
        Platform.MESSENGER: {
            "image": FileLimit(types=PICTURES, most=8 * MB),
            "video": FileLimit(types=FILMS, most=25 * MB),
            "audio": FileLimit(types=("audio/",), most=25 * MB),
            "file": FileLimit(types=(), most=25 * MB),
        },
        Platform.INSTAGRAM: {
            "image": FileLimit(types=PICTURES, most=8 * MB),
            "video": FileLimit(types=FILMS, most=25 * MB),
            "audio": FileLimit(types=("audio/aac", "audio/mp4", "audio/wav"), most=25 * MB),
            "file": FileLimit(types=("application/pdf",), most=25 * MB),
        },
    }
)

EDGES: Final = ("message_attachments", "messageattachments")
"""What the edge is called: Meta's pages say the first, and its own library for Instagram Login the second."""
NO_EDGE: Final = frozenset({"2500", "100/33"})
"""Refusals that an edge of another name may not meet."""


def upload_requests(graph: Graph, account: Account, token: str, *, kind: str) -> tuple[GraphRequest, ...]:
    """Have Meta keep a file, which goes along as a part of the form; the next where it does not know that edge.

    https://developers.facebook.com/docs/messenger-platform/reference/attachment-upload-api
    """
    wanted = {"attachment": {"type": kind, "payload": {"is_reusable": True}}}
    form: dict[str, Any] = {"message": json.dumps(wanted)}
    if account.platform is Platform.INSTAGRAM and account.login is Login.FACEBOOK:
        form["platform"] = "instagram"
    edges = EDGES if account.login is Login.INSTAGRAM else EDGES[:1]
    whose = node(account.platform, account.login, account.remote_id)
    return tuple(post(graph, account.login, f"{whose}/{edge}", token, form) for edge in edges)


def goes_as_file(platform: Platform, kind: str) -> bool:
    """Whether what Meta does not take as this kind can be tried as a file: where files may be of any type."""
    return kind != "file" and not TABLES[platform]["file"].types


def sent(kind: str, attachment_id: str) -> dict[str, Any]:
    """What a message holds that is a kept file."""
    return {"attachment": {"type": kind, "payload": {"attachment_id": attachment_id}}}
