"""The dialogs' pages: who one is, which Pages and permissions the app shall have, or that it shall have none.

Plain pages for people to click and for programs to read; what a choice means is in `login`.
"""

import html
from collections.abc import Iterable, Mapping

from bridge.model.word import Word, field

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:2rem auto;padding:0 1rem;color:#1c1e21;background:#f0f2f5}"
    "main{background:#fff;border-radius:12px;padding:1.2rem;box-shadow:0 1px 4px #0002}h1{font-size:1.25rem;margin:0 0 .6rem}"
    "label{display:block;margin:.35rem 0}button,.go{display:block;width:100%;box-sizing:border-box;margin:.6rem 0;padding:.7rem;"
    "border:0;border-radius:8px;background:#0866ff;color:#fff;font:inherit;font-weight:600;text-align:center;text-decoration:none}"
    ".no,.as{background:#e4e6eb;color:#050505}fieldset{border:1px solid #ddd;border-radius:8px;margin:.8rem 0}small{color:#65676b}"
)


class Dialog(Word, kw_only=True):
    """What a dialog shows. number: by which the choice is told; people: others who could log in, by id."""

    number: str
    app: str
    person: str
    action: str
    grant: str
    deny: str
    scopes: Iterable[str]
    pages: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)


def drawn(dialog: Dialog) -> str:
    """One dialog as a page."""
    ticks = [_ticks("Pages", "page", dialog.pages)] if dialog.pages else []
    ticks.append(_ticks("Permissions", "scope", {scope: scope for scope in sorted(dialog.scopes)}))
    others = [
        f'<p><a class="go as" id="as-{_safe(other)}" href="{_safe(dialog.action)}?dialog={dialog.number}&amp;as={_safe(other)}">'
        f"Log in as {_safe(name)}</a></p>"
        for other, name in dialog.people.items()
    ]
    form = (
        f'<form method="post" action="{_safe(dialog.action)}"><input type="hidden" name="dialog" value="{dialog.number}">'
        f'<details><summary>Edit settings</summary>{"".join(ticks)}<button name="act" value="chosen">Continue with these'
        f"</button></details></form>"
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
        f"<title>Log in</title><style>{STYLE}</style><main><h1>{_safe(dialog.app)} asks for access</h1>"
        f"<p>You are logged in as <strong>{_safe(dialog.person)}</strong>.</p>"
        f'<p><a class="go" id="grant" href="{_safe(dialog.grant)}">Continue as {_safe(dialog.person)}</a></p>{form}'
        f'<p><a class="go no" id="deny" href="{_safe(dialog.deny)}">Not now</a></p>{"".join(others)}'
        "<small>This is a stand-in of Meta’s dialog, for trying out and for tests.</small></main></html>"
    )


def withdrawing(app: str, people: Mapping[str, str]) -> str:
    """The page on which people take an app out of their login."""
    rows = [
        f'<form method="post"><h2>{_safe(name)}</h2><input type="hidden" name="person" value="{_safe(person)}">'
        f'<button name="act" value="remove">Remove {_safe(app)}</button>'
        f'<button class="no" name="act" value="erase">Remove, and ask for my data to be erased</button></form>'
        for person, name in people.items()
    ]
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Business integrations</title><style>{STYLE}</style><main><h1>Business integrations</h1>{''.join(rows)}</main></html>"
    )


def _ticks(title: str, name: str, values: Mapping[str, str]) -> str:
    rows = [
        f'<label><input type="checkbox" name="{name}" value="{_safe(value)}" checked> {_safe(words)}</label>'
        for value, words in values.items()
    ]
    return f"<fieldset><legend>{title}</legend>{''.join(rows)}</fieldset>"


def _safe(text: str) -> str:
    return html.escape(text)
