"""What commands say where the bridge serves several workspaces."""

from bridge.check import fine
from bridge.model.change import replace
from bridge.model.ids import WorkspaceId
from bridge.store import schema
from tests.cli.stage import PAGE, Stage
from tests.store.factories import TEAM, add_workspace, house


def test_where_there_are_several_workspaces_each_account_and_channel_says_whose_it_is(operator: Stage) -> None:
    """CT-28: with one, nobody needs to read it."""
    operator.add().ok()
    assert "WORKSPACE" not in operator("accounts", "list").ok().out
    assert "channel: C0SUPPORT\n" in operator("check").out
    with house(operator.env["BRIDGE_DATABASE_URL"]) as home, home.open() as tx:
        add_workspace(tx)
        row = tx.connection.execute(schema.account.select()).mappings().one()
        other = {**row, "id": row["id"] + 1, "workspace": TEAM, "remote_id": "17", "name": "Other"}
        tx.connection.execute(schema.account.insert(), other)
    head, *lines = operator("accounts", "list").ok().out.splitlines()
    assert "WORKSPACE" in head
    assert ["T0DEMO" in lines[0], f" {TEAM} " in lines[1]] == [True, True]
    found = fine("channel", "C0SUPPORT")
    assert (found.title, replace(found, workspace=WorkspaceId("T2")).title) == (
        "channel: C0SUPPORT",
        "channel: C0SUPPORT in T2",
    )


def test_an_account_that_another_workspace_has_is_not_taken_from_it(operator: Stage) -> None:
    """CT-28: whoever looks after it there would lose it without a word; it is removed there first."""
    operator.add().ok()
    with house(operator.env["BRIDGE_DATABASE_URL"]) as home, home.open() as tx:
        add_workspace(tx)
        tx.connection.execute(schema.account.update().values(workspace=TEAM))
    before = operator("accounts", "list", "--json").ok().json
    refused = operator.add("messenger", PAGE, "--workspace", "T0DEMO")
    assert (refused.code, refused.out) == (1, "")
    assert f"is connected in the workspace {TEAM}" in refused.err
    assert "accounts remove" in refused.err
    assert operator("accounts", "list", "--json").ok().json == before
