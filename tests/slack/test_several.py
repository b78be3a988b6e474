"""Settings of several fields: where tickets go, and what customers read of each agent."""

from __future__ import annotations

import pytest

from bridge.model.ids import PersonRef
from bridge.slack.setup import several
from bridge.slack.windows.forms import Given

KEN = "aliases.000.U0KEN"


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"ticket_sink.way": "-"}, ""),
        ({"ticket_sink.way": "slack", "ticket_sink.slack": "C0HELP"}, "slack:C0HELP"),
        ({"ticket_sink.way": "mail", "ticket_sink.mail": "mailto:a@example.com"}, "mailto:a@example.com"),
        ({"ticket_sink.way": "webhook", "ticket_sink.webhook": "https://example.com"}, "https://example.com"),
        ({"ticket_sink.way": "webhook", "ticket_sink.slack": "C0HELP"}, None),
        ({}, None),
    ],
)
def test_where_tickets_go_is_one_text_however_it_was_chosen(values: dict[str, Given], text: str | None) -> None:
    """ZI-26: the field of the way that is chosen counts, and no other."""
    assert several.sink(values) == text


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"ticket_sink.way": "webhook", "ticket_sink.slack": "C0HELP"}, {"ticket_sink.way": "setting.sink_where"}),
        ({"ticket_sink.way": "slack", "ticket_sink.slack": None}, {}),
        ({"ticket_sink.way": "-", "ticket_sink.slack": "C0HELP"}, {}),
        ({KEN: "Momo", several.WHO: None, several.AS: None}, {}),
        ({KEN: "Momo,Cat", several.WHO: "U0AKI", several.AS: None}, {KEN: "setting.alias_comma", several.AS: "window.empty"}),
        ({several.WHO: None, several.AS: "Hana"}, {several.WHO: "window.empty"}),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_said_at_its_field(values: dict[str, Given], wrong: dict[str, str]) -> None:
    """ZI-13: a way without its field yet, half an alias, a comma in one."""
    assert several.unfit(values) == wrong


def test_aliases_are_read_in_their_order_and_agents_without_one_follow() -> None:
    """ZI-25: an emptied field takes an alias away; who is chosen besides comes last."""
    assert several.rows("U0KEN:Momo", [PersonRef("U0AKI"), PersonRef("U0KEN")]) == {"U0KEN": "Momo", "U0AKI": ""}
    values: dict[str, Given] = {"aliases.001.U0AKI": "Hana", KEN: None, several.WHO: "U0GINA", several.AS: "Sora"}
    assert several.texts(values) == "U0AKI:Hana,U0GINA:Sora"
    assert [each.name for each in several.of_state(["aliases.001.U0AKI", "aliases.who", "name", KEN])] == [
        KEN,
        "aliases.001.U0AKI",
    ]
