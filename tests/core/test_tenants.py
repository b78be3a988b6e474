"""Which token speaks for which workspace."""

import aiohttp

from bridge.model.ids import WorkspaceId
from bridge.tenants import Tenants


async def test_one_token_speaks_for_the_one_workspace_that_has_accounts_and_for_no_other() -> None:
    """What waits for another workspace, which was connected by OAuth before, is held, and asks nobody."""
    async with aiohttp.ClientSession() as http:
        tenants = Tenants(single="xoxb-1", base_url="http://127.0.0.1/api/", http=http, open_token=str)
        home, other = WorkspaceId("T0HOME"), WorkspaceId("T0OTHER")
        assert tenants.probe_for(other) is not None, "nothing is connected yet: it may be the first"
        tenants.alone = home
        assert await tenants.client_for(home) is not None
        assert await tenants.client_for(other) is None
        assert tenants.probe_for(other) is None
