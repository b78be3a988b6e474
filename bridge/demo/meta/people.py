"""Who logs in at Meta: people with tasks on Pages, and what each of them has granted to the app."""

from dataclasses import dataclass, field
from typing import Final

from bridge.demo.meta.world import COMMENT_SCOPES, INSTAGRAM_SCOPES, PAGE_SCOPES, Account, World

PERSON: Final = "1220000000000001"
ALL_TASKS: Final = ("ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE")
FACEBOOK_SCOPES: Final = frozenset({*PAGE_SCOPES, "business_management", COMMENT_SCOPES["PAGE"]})
OWN_SCOPES: Final = frozenset({*INSTAGRAM_SCOPES, COMMENT_SCOPES["INSTAGRAM"]})


@dataclass(kw_only=True, eq=False)
class Person:
    """Somebody with a Facebook login; `id` is the one that our app alone has for them.

    tasks: by Page; None: all of them on every Page. pages: which they let the app see; None: nobody asked yet.
    """

    id: str
    name: str
    tasks: dict[str, tuple[str, ...]] | None = None
    pages: set[str] | None = None
    scopes: set[str] = field(default_factory=set)

    def tasks_on(self, page: Account) -> tuple[str, ...]:
        """What they may do there; nothing: it is not theirs."""
        return ALL_TASKS if self.tasks is None else self.tasks.get(page.id, ())


class People:
    """Everybody, and who of them sits in front of the browser."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.known = {PERSON: Person(id=PERSON, name="K. Sato")}
        self.here = PERSON

    def add(self, name: str, tasks: dict[str, tuple[str, ...]] | None = None) -> Person:
        """Let somebody else be known; `tasks` by Page."""
        person = Person(id=f"122000000000{len(self.known) + 1:04d}", name=name, tasks=tasks)
        self.known[person.id] = person
        return person

    def sit_down(self, person: str) -> None:
        """Let somebody sit in front of the browser; KeyError: there is nobody of that id."""
        self.here = self.known[person].id

    def managed(self, person: Person) -> list[Account]:
        """The Pages on which somebody has any task."""
        pages = [each for each in self.world.accounts.values() if each.platform == "messenger"]
        return [page for page in pages if person.tasks_on(page)]

    def listed(self, person: Person) -> list[Account]:
        """Those of them that they let the app see."""
        return [page for page in self.managed(person) if person.pages is None or page.id in person.pages]

    def grant(self, person: Person, asked: frozenset[str], scopes: frozenset[str], pages: set[str]) -> None:
        """Take a choice in: it counts for all that they granted before, too, as Meta has it.

        A Page that is no longer ticked loses its permissions without a word to anybody.
        """
        person.scopes = (person.scopes - (asked - scopes)) | scopes
        for page in self.managed(person):
            token = self.world.tokens[page.token]
            token.scopes = (token.scopes - (asked - scopes)) | scopes if page.id in pages else set()
        person.pages = pages
        self.world.changed()
