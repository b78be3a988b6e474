"""What the window of an account's settings has fields for, in parts that are shown one at a time. Pure.

A field bears the name of its setting; ``….groups`` holds the user groups of a setting that names people and groups.
"""

from collections.abc import Mapping

from bridge.settings import MOST_NAME
from bridge.settings.reading import MOST_SIGN
from bridge.slack.setup import several
from bridge.slack.windows.forms import AnyField, Channel, Choice, Members, Several, Typed
from bridge.wording import customers

GROUPS = ".groups"
"""The end of the names of fields that hold groups."""
SWITCHED = (("on", "setting.on"), ("off", "setting.off"))
OPTIONS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "media": (("upload", "setting.media_upload"), ("link", "setting.media_link")),
    "answer_mode": (("all", "setting.mode_all"), ("explicit", "setting.mode_explicit"), ("undo", "setting.mode_undo")),
    "signature": (
        ("none", "setting.signature_none"),
        ("first", "setting.signature_first"),
        ("alias", "setting.signature_alias"),
    ),
    "card_fields": (
        ("username", "setting.card_username"),
        ("picture", "setting.card_picture"),
        ("platform", "setting.card_platform"),
        ("account", "setting.card_account"),
        ("preview", "setting.card_preview"),
        ("followers", "setting.card_followers"),
        ("follows", "setting.card_follows"),
        ("verified", "setting.card_verified"),
    ),
    several.WAY: several.WAYS,
}
"""Values of settings that have a few, and the keys of what stands for them."""


def _switch(name: str, label: str, hint: str | None = None) -> Choice:
    return Choice(name=name, label=label, hint=hint)


def _words(name: str, label: str, hint: str | None = None, *, lines: bool = False) -> Typed:
    return Typed(name=name, label=label, hint=hint, optional=True, lines=lines)


def _people(name: str, label: str, groups: str, hint: str) -> tuple[AnyField, ...]:
    return (
        Members(name=name, label=label, hint=hint, optional=True),
        Several(name=f"{name}{GROUPS}", label=groups, optional=True),
    )


SECTIONS: Mapping[str, tuple[AnyField, ...]] = {
    "basics": (
        Typed(name="name", label="setting.name", hint="setting.name_hint", most=MOST_NAME),
        Channel(name="channel", label="setting.channel", hint="setting.channel_hint", shared=True),
        Channel(
            name="alerts_channel",
            label="setting.alerts_channel",
            hint="setting.alerts_hint",
            optional=True,
            shared=True,
        ),
        _switch("shared_channel", "setting.shared_channel", "setting.shared_hint"),
        Choice(name="customer_language", label="setting.customer_language", hint="setting.customer_language_hint"),
        Choice(name="media", label="setting.media"),
        Several(name="card_fields", label="setting.card_fields", hint="setting.card_fields_hint", optional=True),
        _switch("comments", "setting.comments", "setting.comments_hint"),
        _words("reopen_days", "setting.reopen_days", "setting.reopen_days_hint"),
        _words("reauth_days", "setting.reauth_days", "setting.reauth_days_hint"),
    ),
    "people": (
        Members(name="owners", label="setting.owners", hint="setting.owners_hint", optional=True),
        *_people("agents", "setting.agents", "setting.agent_groups", "setting.agents_hint"),
        *_people("leads", "setting.leads", "setting.lead_groups", "setting.leads_hint"),
        Choice(name="signature", label="setting.signature", hint="setting.signature_hint"),
        *several.ALIASES,
    ),
    "answers": (
        _switch("human_agent", "setting.human_agent", "setting.human_agent_hint"),
        _words("ceiling", "setting.ceiling", "setting.ceiling_hint"),
        Choice(name="answer_mode", label="setting.answer_mode"),
        _words("undo_seconds", "setting.undo_seconds", "setting.undo_seconds_hint"),
        Typed(name="explicit_sign", label="setting.explicit_sign", optional=True, most=MOST_SIGN),
        _switch("collisions", "setting.collisions", "setting.collisions_hint"),
        _switch("video_out", "setting.video_out"),
        _switch("seen", "setting.seen", "setting.seen_hint"),
        _words("reactions_out", "setting.reactions_out", "setting.reactions_out_hint"),
    ),
    "automatic": (
        _words("hours", "setting.hours", "setting.hours_hint"),
        _words("zone", "setting.zone", "setting.zone_hint"),
        _words("holidays", "setting.holidays", "setting.holidays_hint"),
        _switch("auto_first", "setting.auto_first"),
        _words("auto_first_text", "setting.auto_first_text", "setting.own_words_hint", lines=True),
        _switch("auto_away", "setting.auto_away"),
        _words("auto_away_text", "setting.auto_away_text", "setting.auto_away_text_hint", lines=True),
        _words("auto_unanswered", "setting.auto_unanswered", "setting.auto_unanswered_hint"),
        _words("auto_unanswered_text", "setting.auto_unanswered_text", "setting.own_words_hint", lines=True),
        _switch("auto_csat", "setting.auto_csat"),
        _words("auto_csat_text", "setting.auto_csat_text", "setting.own_words_hint", lines=True),
        _switch("disclosure", "setting.disclosure", "setting.disclosure_hint"),
    ),
    "alerts": (
        _words("alert_standard", "setting.alert_standard", "setting.lead_hint"),
        _words("alert_human", "setting.alert_human", "setting.lead_hint"),
        *_people("on_call", "setting.on_call", "setting.on_call_groups", "setting.on_call_hint"),
        _words("quiet", "setting.quiet", "setting.quiet_hint"),
        _switch("board", "setting.board", "setting.board_hint"),
        _words("digest", "setting.digest", "setting.digest_hint"),
    ),
    "tickets": (
        _words("ticket_timer", "setting.ticket_timer", "setting.ticket_timer_hint"),
        *several.SINK,
    ),
}
NAMES: Mapping[str, str] = {
    "basics": "setting.part_basics",
    "people": "setting.part_people",
    "answers": "setting.part_answers",
    "automatic": "setting.part_automatic",
    "alerts": "setting.part_alerts",
    "tickets": "setting.part_tickets",
}
"""What the parts are called."""
FIRST = "basics"
TICKETS = "tickets"
WITH_GROUPS = frozenset(part for part, fields in SECTIONS.items() if any(each.name.endswith(GROUPS) for each in fields))
"""Parts that need to know which groups there are."""
ON_OFF = frozenset(
    "shared_channel comments human_agent collisions video_out seen auto_first auto_away auto_csat disclosure board".split()
)


def settings_in(part: str) -> list[str]:
    """Return the settings that have a field in a part, in their order."""
    return list(dict.fromkeys(setting_of(each.name) for each in SECTIONS[part]))


def setting_of(name: str) -> str:
    """Return the setting that a field is of."""
    return name.partition(".")[0]


def part_of(setting: str) -> str:
    """Return the part in which a setting has its field."""
    return next((part for part in SECTIONS if setting in settings_in(part)), FIRST)


def values_of(name: str) -> tuple[tuple[str, str], ...]:
    """Return the options of a field whose words come from the catalogue, by their keys."""
    return SWITCHED if name in ON_OFF else OPTIONS.get(name, ())


def plain_options(name: str) -> list[tuple[str, str]]:
    """Return options that name themselves: languages."""
    return [(code, code) for code in customers.languages()] if name == "customer_language" else []
