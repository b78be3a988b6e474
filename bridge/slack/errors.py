"""How each call of Slack's Web API ended, in our words: the one table of its errors.

The codes are those of https://docs.slack.dev/reference/methods. Three kinds of calls differ in what a lost answer
means: a post may stand although we do not know it; a change may simply be made again; a look did nothing.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import TypeVar

from bridge.model.outcomes import Done, Held, Later, Outcome, Refused, Scope, Unsure
from bridge.model.word import Word

SOON = timedelta(seconds=5)
RATE = timedelta(seconds=30)
"""How long we stay away when Slack limits us and does not say for how long."""
MOVING = timedelta(minutes=5)


class Kind(StrEnum):
    """What a call does."""

    POST = "post"
    """Makes a post that can be found again; never repeated blindly."""
    CHANGE = "change"
    """Changes what stands, or says something to one person: at least once."""
    LOOK = "look"


class Meaning(Enum):
    """What an error says about what was asked."""

    DONE = "it is as we wanted it"
    LIMITED = "too fast"
    PASSING = "a fault at Slack's side, and nobody knows what it has done"
    MOVING = "the workspace is being moved or limited"
    CREDENTIALS = "our token is no longer accepted"
    SCOPE = "a permission is missing"
    PLACE = "the channel cannot be posted into"
    THREAD = "the thread cannot be replied to"
    CONTENT = "not taken as it was drawn"
    REFUSED = "no, for good"


class Row(Word, kw_only=True):
    """One error: what it means, the key of the sentence that explains it, and for holding errors the cause."""

    meaning: Meaning
    why: str
    cause: str = ""


def _rows(meaning: Meaning, why: str, codes: str, cause: str = "") -> dict[str, Row]:
    return dict.fromkeys(codes.split(), Row(meaning=meaning, why=why, cause=cause))


ERRORS: Mapping[str, Row] = MappingProxyType(
    _rows(Meaning.DONE, "", "already_reacted no_reaction already_in_channel already_pinned no_pin not_pinned")
    | _rows(Meaning.LIMITED, "desk_rate", "ratelimited rate_limited")
    | _rows(
        Meaning.PASSING,
        "desk_temporary",
        "internal_error fatal_error service_unavailable request_timeout update_failed fetch_members_failed",
    )
    | _rows(
        Meaning.MOVING,
        "desk_moving",
        "team_added_to_org org_login_required external_channel_migrating accesslimited message_limit_exceeded",
    )
    | _rows(
        Meaning.CREDENTIALS,
        "desk_token",
        "invalid_auth not_authed not_allowed_token_type two_factor_setup_required app_access_restricted",
        "desk_token",
    )
    | _rows(Meaning.CREDENTIALS, "desk_token", "token_revoked", "desk_token.revoked")
    | _rows(Meaning.CREDENTIALS, "desk_token", "account_inactive", "desk_token.inactive")
    | _rows(Meaning.CREDENTIALS, "desk_token_expired", "token_expired", "desk_token.expired")
    | _rows(Meaning.SCOPE, "desk_scope", "missing_scope no_permission team_access_not_granted", "desk_scope")
    | _rows(Meaning.PLACE, "desk_channel_gone", "channel_not_found", "desk_channel.deleted")
    | _rows(Meaning.PLACE, "desk_archived", "is_archived is_inactive", "desk_channel.archived")
    | _rows(Meaning.PLACE, "desk_not_member", "not_in_channel", "desk_channel.not_member")
    | _rows(
        Meaning.PLACE,
        "desk_policy",
        "restricted_action restricted_action_read_only_channel restricted_action_thread_only_channel"
        " restricted_action_non_threadable_channel ekm_access_denied posting_to_channel_denied"
        " posting_to_general_channel_denied slack_connect_canvas_sharing_blocked slack_connect_blocked_file_type"
        " slack_connect_file_link_sharing_blocked slack_connect_file_upload_sharing_blocked",
        "desk_channel.policy",
    )
    | _rows(
        Meaning.REFUSED,
        "desk_policy",
        "not_enabled messages_tab_disabled user_disabled cannot_dm_bot file_uploads_disabled file_upload_size_restricted"
        " file_uploads_except_images_disabled file_type_not_allowed plan_upgrade_required cant_broadcast_message"
        " no_dual_broadcast_content_update",
    )
    | _rows(
        Meaning.THREAD,
        "desk_thread_gone",
        "cannot_reply_to_message restricted_action_thread_locked thread_locked thread_not_found",
    )
    | _rows(
        Meaning.CONTENT,
        "desk_content",
        "no_text msg_too_long msg_blocks_too_long invalid_blocks invalid_blocks_format invalid_attachments"
        " metadata_too_large invalid_metadata_format invalid_metadata_schema too_many_attachments"
        " attachment_payload_limit_exceeded view_too_large markdown_text_conflict invalid_arguments block_mismatch",
    )
    | _rows(
        Meaning.REFUSED,
        "desk_message_gone",
        "message_not_found cant_update_message edit_window_closed cant_delete_message bad_timestamp not_reactable"
        " too_many_emoji too_many_reactions invalid_name",
    )
    | _rows(
        Meaning.REFUSED, "desk_try_again", "expired_trigger_id exchanged_trigger_id invalid_trigger_id hash_conflict"
    )
    | _rows(Meaning.REFUSED, "desk_try_again", "not_found used_url expired_url no_url")
)
NO_BROADCAST = frozenset(
    """cant_broadcast_message restricted_action restricted_action_read_only_channel restricted_action_thread_only_channel
    restricted_action_non_threadable_channel""".split()
)
"""Refusals of a post into a thread and its channel that the post into the thread alone may not meet."""
NO_CHANNEL = frozenset({"channel_not_found"})
NO_PERSON = frozenset({"user_not_found", "user_not_visible"})
"""Codes by which Slack says that it knows no such channel, or nobody of that id."""
NOBODY = frozenset("user_disabled user_not_found user_not_visible channel_not_found is_inactive is_archived".split())
"""Refusals of a direct message to somebody who has left, or is not to be seen by us."""
Answered = TypeVar("Answered")
UNKNOWN = Row(meaning=Meaning.REFUSED, why="desk_other")


def read(
    code: str, kind: Kind, *, after: timedelta | None = None, needed: str = "", limited: Scope = Scope.TARGET
) -> Outcome:
    """Say how a call ended that Slack answered with the error *code*.

    after: what ``Retry-After`` said. needed: the missing scope, where Slack names it.
    limited: how far a rate limit, or a missing permission, reaches: of what waits by place, beyond the place; and the
    second channel that is limited at once means the whole workspace.
    """
    row = ERRORS.get(code, UNKNOWN)
    match row.meaning:
        case Meaning.DONE:
            return Done()
        case Meaning.LIMITED:
            return Later(after=after or RATE, why=code, scope=limited)
        case Meaning.PASSING:
            return lost(code, kind, Scope.ROW)
        case Meaning.MOVING:
            return Later(after=after or MOVING, why=code, scope=Scope.PARENT, cause=row.why)
        case Meaning.CREDENTIALS:
            return Held(cause=row.cause, scope=Scope.TOP, code=code)
        case Meaning.SCOPE:
            return Held(cause=row.cause, scope=limited, code=needed or code)
        case Meaning.PLACE if kind is Kind.POST:
            return Held(cause=row.cause, scope=Scope.TARGET, code=code)
        case Meaning.THREAD:
            return Refused(code="thread_gone", why=row.why)
        case Meaning.CONTENT:
            return Refused(code="invalid_blocks", why=row.why)
        case _:
            return Refused(code=code, why=row.why)


def of_place(code: str) -> bool:
    """Whether an error says that the channel itself is closed to us."""
    return ERRORS.get(code, UNKNOWN).meaning is Meaning.PLACE


def closed(answer: Answered) -> Answered | Held:
    """Say of what waits by its place, without being a post, that it waits until the place can be used again."""
    row = ERRORS.get(answer.code) if isinstance(answer, Refused) else None
    if isinstance(answer, Refused) and row is not None and row.meaning is Meaning.PLACE:
        return Held(cause=row.cause, scope=Scope.TARGET, code=answer.code)
    return answer


def lost(why: str, kind: Kind, scope: Scope = Scope.TARGET) -> Outcome:
    """Say how a call ended whose answer was lost, or says nothing about what was done.

    scope: ROW where Slack itself answered, so that the fault may lie with this one call.
    """
    if kind is Kind.POST:
        return Unsure(why=why)
    return Later(after=SOON, why=why, scope=scope)


def is_limit(outcome: Later) -> bool:
    """Whether Slack said that we are too fast."""
    row = ERRORS.get(outcome.why)
    return row is not None and row.meaning is Meaning.LIMITED


def unreachable(why: str) -> Outcome:
    """Say how a call ended that never left this machine: Slack, or the way there, is down."""
    return Later(after=SOON, why=why, scope=Scope.TOP)
