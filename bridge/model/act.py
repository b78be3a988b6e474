"""What people ask for by a press."""

from __future__ import annotations

from enum import StrEnum


class Act(StrEnum):
    """What a button or a message shortcut asks for; the desk's ids for them are these words."""

    RETRY = "retry"
    SEND_SPLIT = "send_split"
    SEND_SMALLER = "send_smaller"
    ARRIVED = "arrived"
    SEND_AGAIN = "send_again"
    SEND = "send"
    SEND_TO_CUSTOMER = "send_to_customer"
    TAKE = "take"
    RELEASE = "release"
    ASSIGN = "assign"
    CLOSE = "close"
    NO_ANSWER = "no_answer"
    REOPEN = "reopen"
    SNOOZE = "snooze"
    BLOCK = "block"
    SPAM = "spam"
    UNBLOCK = "unblock"
    FORWARD = "forward"
    UNFORWARD = "unforward"
    EXPORT = "export"
    TICKET = "ticket"
    ASK = "ask"
    STOP = "stop"
    KEEP_INSIDE = "keep_inside"
    WHAT_HAPPENED = "what_happened"
    TAKE_OVER = "take_over"
    HAND_BACK = "hand_back"
    HAND_OVER = "hand_over"
    KEEP_THREAD = "keep_thread"
    CHECK_EXISTS = "check_exists"
    REPLY_TO = "reply_to"
    CONVERSATION = "conversation"
    NOTE = "note"
    DETAILS = "details"
    ANSWER = "answer"
    SAVE_REPLY = "save_reply"
    DELETE_REPLY = "delete_reply"
    EDIT = "edit"
    CORRECT = "correct"
    UNQUOTE = "unquote"
    SNOOZE_ALERT = "snooze_alert"


SHORTCUTS = frozenset({Act.WHAT_HAPPENED, Act.CHECK_EXISTS, Act.SEND_TO_CUSTOMER})
"""Used on a message, from its menu, and not on a line of ours; on the desk these words are their ids."""
