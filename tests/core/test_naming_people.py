"""Who answers, leads and owns: what whoever changes it reads, of whoever may from now on and whoever no longer may."""

from __future__ import annotations

import pytest

from bridge.model.ids import PersonRef, WorkspaceId
from bridge.model.setup import Change, SetupAsked
from bridge.rules.setup import people
from bridge.wording import LANGUAGES, load, placeholders
from tests.core import factories

AKI, KEN = "U0AKI", "U0KEN"


@pytest.mark.parametrize(
    ("name", "change", "given", "before", "after", "key", "values"),
    [
        ("agents", Change.ADD, KEN, [], KEN, "set_up.agents_first", {"people": KEN, "typed": "Shop Hanako"}),
        ("agents", Change.ADD, KEN, [AKI], f"{AKI},{KEN}", "set_up.agents_added", {"people": KEN}),
        ("agents", Change.DROP, KEN, [AKI, KEN], AKI, "set_up.agents_dropped", {"people": KEN, "left": AKI}),
        ("agents", Change.SETTINGS, "", [AKI, KEN], "", "set_up.agents_everyone", {"people": f"{AKI},{KEN}"}),
        ("leads", Change.ADD, KEN, [], KEN, "set_up.leads_first", {"people": KEN, "typed": "Shop Hanako"}),
        ("leads", Change.DROP, KEN, [AKI, KEN], AKI, "set_up.leads_dropped", {"people": KEN, "left": AKI}),
        ("leads", Change.SETTINGS, "", [KEN], "", "set_up.leads_everyone", {"people": KEN}),
        ("owners", Change.DROP, KEN, [AKI, KEN], AKI, "set_up.owners_dropped", {"people": KEN, "left": AKI}),
        ("owners", Change.DROP, KEN, [KEN], "", "set_up.owners_last", {"people": KEN}),
    ],
)
def test_whoever_changes_people_reads_who_may_now_and_who_no_longer(
    name: str, change: Change, given: str, before: list[str], after: str, key: str, values: dict[str, str]
) -> None:
    """ZM-17, ZM-03"""
    asked = SetupAsked(
        workspace=WorkspaceId("T0TEAM"), at=factories.NOON, change=change, person=PersonRef(AKI), values={name: given}
    )
    shop = factories.account()
    said = people.said(asked, shop, "Shop Hanako", {name: before}, {name: after})
    assert said is not None
    assert (said.key, said.values) == (key, {"account": shop.name, **values})
    for language in LANGUAGES:
        assert placeholders(load(language)[key]) == said.values.keys()
