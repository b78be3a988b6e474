"""How the pages look: templates with everything escaped, one small stylesheet, no script, and headers that let nothing else in."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from bridge.wording.pages import PageWording

STYLE: Final = files(__package__).joinpath("templates", "style.css").read_text("utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        f"default-src 'none'; img-src data:; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
    "Vary": "Accept-Language, Cookie",
}
"""Of every page: a link in the address is a key, and must go nowhere else.

https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Content-Security-Policy
"""


def coded(sentence: str) -> Markup:
    """A sentence, escaped; what stands between backticks is a command."""
    pieces = [escape(piece) for piece in sentence.split("`")]
    marked = [Markup("<code>{}</code>").format(piece) if place % 2 else piece for place, piece in enumerate(pieces)]
    return Markup("").join(marked)


_TEMPLATES = Environment(
    loader=PackageLoader("bridge.connect", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)


def page(template: str, language: str, *, status: int = 200, **values: Any) -> web.Response:
    """A page in a language; every sentence comes from the catalogue by `t`."""
    wording = PageWording(language)

    def say(key: str, /, **given: object) -> Markup:
        return coded(wording.say(key, **given))

    text = _TEMPLATES.get_template(f"{template}.html").render(
        t=say,
        language=wording.language,
        style=Markup(STYLE),  # noqa: S704 - our own file
        **values,
    )
    return web.Response(text=text, status=status, content_type="text/html", charset="utf-8", headers=HEADERS)


def see_other(address: str) -> web.Response:
    """Let the browser get another page, so that to load it again repeats nothing."""
    return web.Response(status=303, headers={**HEADERS, "Location": address})
