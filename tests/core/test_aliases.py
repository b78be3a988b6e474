"""What customers read of who answers."""

from __future__ import annotations

import pytest

from bridge.aliases import called
from bridge.model.account import AccountSettings
from bridge.model.ids import PersonRef, PlaceRef
from bridge.model.state import Person, PersonKind
from bridge.store.rows import settings_json, settings_of

AKI, HANA, NEW = PersonRef("U1"), PersonRef("U2"), PersonRef("U3")
SETTINGS = AccountSettings(channel=PlaceRef("C1"), aliases=((HANA, "Flora from the desk"),))
PEOPLE = {
    ref: Person(ref=ref, kind=PersonKind.MEMBER, name=name) for ref, name in ((AKI, "Aki　Tanaka"), (HANA, "Hana Sato"))
}


@pytest.mark.parametrize(
    ("ref", "first", "read"),
    [
        # without an alias: the first word of the name
        (AKI, False, "Aki"),
        (AKI, True, "Aki"),
        # with one: that, and never the name
        (HANA, False, "Flora from the desk"),
        (HANA, True, "Flora"),
        # of whom nothing is known, nothing is said
        (NEW, False, None),
        (None, True, None),
    ],
)
def test_an_alias_stands_for_a_name_wherever_a_customer_reads_it(
    ref: PersonRef | None, first: bool, read: str | None
) -> None:
    assert called(SETTINGS, ref, PEOPLE, first=first) == read


def test_an_alias_needs_no_knowledge_of_the_person() -> None:
    assert called(SETTINGS, HANA, {}) == "Flora from the desk"


def test_aliases_are_kept_as_they_were_set() -> None:
    assert settings_of(settings_json(SETTINGS)) == SETTINGS
