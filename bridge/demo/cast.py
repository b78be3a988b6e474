"""Who appears in the demo: accounts, customers, agents and channels. Names are made up."""

from typing import Final, Literal

import yaml

from bridge.check import manifest_text
from bridge.demo.meta import Account, Customer, MetaStandIn
from bridge.demo.slack import SlackStandIn
from bridge.model.word import Word
from bridge.slack.setup.spoken import WORDS

MESSENGER: Final = "C0MESSENGER"
INSTAGRAM: Final = "C0INSTAGRAM"
ALERTS: Final = "C0ALERTS"
GROUP: Final = "S0SUPPORT"


class Role(Word, kw_only=True):
    """An account that the demo connects; `key` is what scenes call it, `lang` what its customers read of the bridge."""

    key: str
    id: str
    name: str
    platform: Literal["messenger", "instagram"]
    login: Literal["facebook", "instagram"]
    channel: str
    human_agent: bool
    handle: str = ""
    comments: bool = False
    board: bool = False
    lang: str = "en"

    @property
    def written(self) -> str:
        """The account as commands write it."""
        return f"{self.platform}:{self.id}"


class Person(Word, kw_only=True):
    """A customer; `lang` is the language they write."""

    key: str
    account: str
    name: str
    username: str | None
    lang: str


ACCOUNTS: Final = (
    Role(
        key="shop",
        id="17841400000000001",
        name="Shop Hanako",
        handle="shop.hanako",
        platform="instagram",
        login="facebook",
        channel=INSTAGRAM,
        human_agent=True,
        comments=True,
        lang="ja",
    ),
    Role(
        key="studio",
        id="17841400000000002",
        name="Hanako Studio",
        handle="hanako.studio",
        platform="instagram",
        login="instagram",
        channel=INSTAGRAM,
        human_agent=False,
        board=True,
    ),
    Role(
        key="flowers",
        id="102030405060708",
        name="Hanako Flowers",
        platform="messenger",
        login="facebook",
        channel=MESSENGER,
        human_agent=False,
    ),
)

CUSTOMERS: Final = (
    Person(key="yuki", account="shop", name="Yuki Tanaka", username="yuki_333", lang="ja"),
    Person(key="ren", account="shop", name="佐藤 蓮", username="ren.sato", lang="ja"),
    Person(key="mika", account="shop", name="伊藤 美香", username="mika.ito", lang="ja"),
    Person(key="oliver", account="shop", name="Oliver Brandt", username="olibrandt", lang="en"),
    Person(key="emma", account="studio", name="Emma Braun", username="emma.makes", lang="en"),
    Person(key="sofia", account="studio", name="Sofia Ricci", username="sofia.ricci", lang="en"),
    Person(key="jonas", account="flowers", name="Jonas Weber", username=None, lang="en"),
    Person(key="haruka", account="flowers", name="山本 遥", username=None, lang="ja"),
)

AGENTS: Final = {"aki": "U0AKI", "ken": "U0KEN", "gina": "U0GINA", "robot": "U0ROBOT"}
"""Who works in Slack, by the name scenes use: two members, a guest, and another app's bot."""

ICE_BREAKERS: Final = {
    "shop": ("在庫はありますか？", "営業時間を教えてください", "ギフト包装はできますか？"),
    "studio": ("Do you take commissions?", "How long does shipping take?", "Can I visit the studio?"),
    "flowers": ("Get started",),
}
"""What a customer who has not written yet is offered to tap."""


class Cast:
    """The demo's people in both stand-ins, by the names scenes use."""

    def __init__(self, slack: SlackStandIn, meta: MetaStandIn) -> None:
        self.slack = slack
        self.meta = meta
        self.accounts: dict[str, Account] = {}
        self.customers: dict[str, Customer] = {}

    def enter(self, language: str) -> None:
        """Let everybody take their place; nobody has said anything yet.

        language: the agents' own, ``en`` or ``ja``, in which the bridge talks to each of them.
        """
        self._workspace("ja-JP" if language == "ja" else "en-US")
        for role in ACCOUNTS:
            self.accounts[role.key] = self._account(role)
            self.accounts[role.key].default_app = self.meta.app_id
        for person in CUSTOMERS:
            self.customers[person.key] = self.meta.add_customer(
                self.accounts[person.account], name=person.name, username=person.username
            )

    def _account(self, role: Role) -> Account:
        if role.platform == "messenger":
            return self.meta.add_page(role.id, role.name, human_agent=role.human_agent)
        return self.meta.add_instagram(
            role.id, role.name, username=role.handle, login=role.login, human_agent=role.human_agent
        )

    def _workspace(self, locale: str) -> None:
        slack = self.slack
        slack.world.users[slack.world.names.bot_user_id].name = "Threadbridge"
        aki = slack.add_user(AGENTS["aki"], "Aki Mori", display_name="Aki", locale=locale, tz="Asia/Tokyo")
        aki.admin = True  # whoever sets the bridge up
        slack.add_user(AGENTS["ken"], "Ken Adams", display_name="Ken", locale=locale, tz="Asia/Tokyo")
        slack.add_user(AGENTS["gina"], "Gina Rossi", display_name="Gina", guest=True, locale=locale, tz="Asia/Tokyo")
        slack.add_user(AGENTS["robot"], "Standup Bot", bot=True)
        slack.add_usergroup(GROUP, "support", [AGENTS["aki"], AGENTS["ken"]])
        people = list(AGENTS.values())
        slack.add_channel(INSTAGRAM, "support-instagram", members=people)
        slack.add_channel(MESSENGER, "support-messenger", members=people)
        slack.add_channel(ALERTS, "support-alerts", members=people[:2])

    def shown(self) -> dict[str, object]:
        """Tell the page who is who; it finds everything else in the stand-ins' states."""
        return {
            "accounts": [
                {
                    "key": role.key,
                    "id": role.id,
                    "name": role.name,
                    "handle": role.handle,
                    "platform": role.platform,
                    "channel": role.channel,
                    "ice_breakers": ICE_BREAKERS[role.key],
                }
                for role in ACCOUNTS
            ],
            "customers": [
                {
                    "key": person.key,
                    "id": self.customers[person.key].id,
                    "account": self.accounts[person.account].id,
                    "name": person.name,
                    "lang": person.lang,
                }
                for person in CUSTOMERS
            ],
            "agents": [{"key": key, "id": user} for key, user in AGENTS.items() if key != "robot"],
            "commands": commands(),
        }


def commands() -> list[dict[str, object]]:
    """The app's slash commands: each with the words that its manifest hints at, then all others that it knows."""
    (one,) = yaml.safe_load(manifest_text())["features"]["slash_commands"]
    hinted = [each.strip() for each in one["usage_hint"].split("|")]
    others = [word for word in WORDS if word not in {each.split()[0] for each in hinted}]
    return [{"name": one["command"], "about": one["description"], "words": hinted + others}]


def role_of(key: str) -> Role:
    """Return an account by the name scenes use; KeyError for a name that is none."""
    found = {role.key: role for role in ACCOUNTS}
    return found[key]
