"""How many accounts a channel may have, as operators meet it."""

from tests.cli.stage import DIRECT, PAGE, SHOP, Stage


def test_a_full_channel_takes_no_other_account_of_the_same_network(operator: Stage) -> None:
    """ZI-11, ZM-04: neither a new one, nor one that moves or is taken back; without the setting there is room for any number."""
    operator.add("instagram", SHOP).ok()
    operator.env["BRIDGE_ROUTES_PER_CHANNEL"] = "1"
    operator.add("messenger", PAGE).ok()
    refused = operator.add("instagram", DIRECT, "--login", "instagram")
    assert (refused.code, "1 is the most here: Shop" in refused.err) == (1, True)
    operator.add("instagram", DIRECT, "--login", "instagram", "--channel", "C0OTHER").ok()
    refused = operator("accounts", "set", f"instagram:{DIRECT}", "channel=C0SUPPORT")
    assert (refused.code, "1 is the most here: Shop" in refused.err) == (1, True)
    operator("accounts", "set", f"instagram:{SHOP}", "name=Still here").ok()
    operator("accounts", "remove", f"instagram:{SHOP}", "--yes").ok()
    operator("accounts", "set", f"instagram:{DIRECT}", "channel=C0SUPPORT").ok()
    refused = operator("accounts", "restore", f"instagram:{SHOP}")
    assert (refused.code, "1 is the most here" in refused.err) == (1, True)
    operator("accounts", "set", f"instagram:{DIRECT}", "channel=C0OTHER").ok()
    assert operator("accounts", "restore", f"instagram:{SHOP}", "--json").ok().json["wish"] == "on"
    operator.env["BRIDGE_ROUTES_PER_CHANNEL"] = "0"
    operator("accounts", "set", f"instagram:{DIRECT}", "channel=C0SUPPORT").ok()
