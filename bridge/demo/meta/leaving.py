"""People take the app out of their login, and may ask for their data to go too: Meta tells the app of both.

https://developers.facebook.com/docs/development/create-an-app/app-dashboard/data-deletion-callback
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bridge.demo.meta.standin import MetaStandIn


async def take_out(meta: "MetaStandIn", person: str, *, erase: bool = False) -> tuple[int, str]:
    """Let somebody do it; the status and the words with which the bridge answers.

    person: a Facebook login, or an Instagram account that logs in by itself.
    """
    if person in meta.accounts:
        meta.revoke(meta.accounts[person], 458)
        person = meta.accounts[person].app_scoped_id
    else:
        for page in meta.login.people.listed(meta.login.people.known[person]):
            meta.revoke(page, 458)
    home = (meta.webhook_url or "").removesuffix("/meta/webhook")
    answer = await meta.call_back(f"{home}/meta/deauthorize", person)
    return await meta.call_back(f"{home}/meta/data-deletion", person) if erase else answer
