"""One call of the Graph API as plain data, and where its two hosts are. Pure.

https://developers.facebook.com/docs/graph-api/overview
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, ClassVar, Literal

from bridge.model.change import replace
from bridge.model.state import Login
from bridge.model.word import Word, field


class Graph(Word, kw_only=True):
    """Where the two APIs are, which version is spoken, and what proves that it is our app that calls.

    app_secrets: the first one signs; empty: calls bear no proof.
    """

    HIDDEN: ClassVar = frozenset({"app_secrets"})

    facebook_url: str = "https://graph.facebook.com"
    instagram_url: str = "https://graph.instagram.com"
    version: str = "v25.0"
    app_id: str | None = None
    app_secrets: tuple[str, ...] = ()

    def url(self, login: Login, path: str) -> str:
        """The address of a node or an edge, on the host where the login's tokens are good."""
        host = self.facebook_url if login is Login.FACEBOOK else self.instagram_url
        return f"{host.rstrip('/')}/{self.version}/{path}"


class GraphRequest(Word, kw_only=True):
    """One call. token: goes in a header, where no log looks; empty: none. form: a body of another kind than *body*."""

    HIDDEN: ClassVar = frozenset({"token", "params", "body", "form"})

    method: Literal["GET", "POST", "DELETE"]
    url: str
    token: str
    params: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    form: Mapping[str, str] | None = None

    @property
    def headers(self) -> dict[str, str]:
        """What goes with the call besides its address and body."""
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


def get(graph: Graph, login: Login, path: str, token: str, **params: str) -> GraphRequest:
    """Ask for something."""
    return GraphRequest(
        method="GET", url=graph.url(login, path), token=token, params=params | _proof(graph, login, token)
    )


def post(graph: Graph, login: Login, path: str, token: str, body: Mapping[str, Any]) -> GraphRequest:
    """Have something done."""
    return GraphRequest(
        method="POST", url=graph.url(login, path), token=token, body=dict(body) | _proof(graph, login, token)
    )


def delete(graph: Graph, login: Login, path: str, token: str, body: Mapping[str, Any]) -> GraphRequest:
    """Have something taken away."""
    return replace(post(graph, login, path, token, body), method="DELETE")


def _proof(graph: Graph, login: Login, token: str) -> dict[str, str]:
    """Proof that the caller has the app's secret; with Instagram Login there is none.

    https://developers.facebook.com/docs/graph-api/guides/secure-requests
    """
    if login is not Login.FACEBOOK or not graph.app_secrets:
        return {}
    return {"appsecret_proof": _signed(graph.app_secrets[0], token)}


@lru_cache(maxsize=1000)  # as many as tokens are remembered
def _signed(secret: str, token: str) -> str:
    return hmac.new(secret.encode(), token.encode(), "sha256").hexdigest()
