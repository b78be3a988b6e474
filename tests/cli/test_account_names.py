"""What an operator calls accounts."""

from tests.cli.stage import PAGE, SHOP, Stage


def test_a_name_that_another_account_of_its_network_has_is_refused_in_one_line(operator: Stage) -> None:
    """ZI-13, ZM-05: by `accounts add` and `accounts set`; of the other network it is taken, and one's own is kept."""
    operator.there(lambda: operator.meta.add_page("104857600000002", "Elsewhere"))
    operator.add("messenger", PAGE).ok()
    operator.add("messenger", PAGE).ok()
    operator.add("instagram", SHOP).ok()
    second = ("messenger", "104857600000002", "--name")
    refused = operator.add(*second, " ｓｈｏｐ ")
    assert (refused.code, refused.err.count("\n"), "tells them apart" in refused.err) == (2, 1, True)
    assert len(operator("accounts", "list", "--json").json) == 2
    operator.add(*second, "Shop 2").ok()
    renamed = operator("accounts", "set", "messenger:104857600000002", "name=SHOP", "seen=on")
    assert (renamed.code, "tells them apart" in renamed.err) == (2, True)
    assert operator("accounts", "show", "messenger:104857600000002", "--json").json["seen"] is False
    operator("accounts", "remove", f"messenger:{PAGE}", "--yes").ok()
    operator("accounts", "set", "messenger:104857600000002", "name=SHOP").ok()
    again = operator.add("messenger", PAGE)
    assert (again.code, "tells them apart" in again.err) == (2, True)
    back = operator("accounts", "restore", f"messenger:{PAGE}")
    assert (back.code, "Rename that one first" in back.err) == (1, True)
