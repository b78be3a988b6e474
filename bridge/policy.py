"""May this go, to whom, under which tag, in how many parts; and when to try again. Pure; *now* comes in by the door.

Rule 1: both windows are computed from the customer's own event times and are half-open: at the close it is closed.
Rule 2: only what a person typed gets the human-agent tag, and only from the standard close on.
Who may do what is another room's: `bridge.roles.authorise`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from bridge.model.change import replace
from bridge.model.comment import Comment, CommentState
from bridge.model.decision import Allowed, Denied, Rules, Ruling, Scene, Tag
from bridge.model.ids import MessageId, RemoteId
from bridge.model.outcomes import Later, Scope
from bridge.model.state import (
    Account,
    Control,
    Conversation,
    Health,
    Message,
    Opener,
    Platform,
    Said,
    Value,
    Window,
    Wish,
    Work,
)
from bridge.split import WireLimit, graphemes, split

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

# How long each act of a customer keeps the standard window open.
# https://developers.facebook.com/docs/messenger-platform/policy/policy-overview
STANDARD: Mapping[Opener, timedelta] = {
    Opener.MESSAGE: 24 * HOUR,
    Opener.POSTBACK: 24 * HOUR,
    Opener.LINK: 24 * HOUR,
    Opener.PLUGIN: 24 * HOUR,
    Opener.REACTION: 24 * HOUR,
    Opener.AD_MESSAGE: 7 * DAY,
}
AD_CLICK = 24 * HOUR
"""What a customer first says within this time after a click on an ad counts as said after the ad; Meta tells no figure."""
SAYS = frozenset({Opener.MESSAGE, Opener.AD_MESSAGE})
"""Only a message has an ad's longer window, by Meta's words; a button has its own, and leaves that to the message after it."""
HUMAN = 7 * DAY
"""A person may answer for this long, where the account has the feature."""

PRIVATE_REPLY = 7 * DAY
"""So long after a comment one private reply to it is taken.

https://developers.facebook.com/docs/messenger-platform/discovery/private-replies
"""

MOST_PARTS = 10
"""No ceiling may be higher than what this many messages on the wire hold."""

FIRST_BACKOFF = timedelta(seconds=2)
LONGEST_BACKOFF = timedelta(minutes=5)


def open_window(conversation: Conversation, opener: Opener, at: datetime) -> Conversation:
    """The conversation after an act that opens the window, or leads to it; a late delivery never shortens it.

    The longer window after an ad is trusted until the network refuses (`close_standard`).
    """
    if opener in (Opener.AD_CLICK, Opener.AD_POSTBACK):
        conversation = replace(conversation, ad_at=max(at, conversation.ad_at or at))
        if opener is Opener.AD_CLICK:
            return conversation
        opener = Opener.POSTBACK
    clicked = conversation.ad_at
    if clicked is not None and clicked <= at and opener in SAYS:
        opener = Opener.AD_MESSAGE if at - clicked < AD_CLICK else opener
        conversation = replace(conversation, ad_at=None)
    standard, human = at + STANDARD[opener], at + HUMAN
    if conversation.standard_close is not None and conversation.standard_close >= standard:
        standard = conversation.standard_close
        opener, opened = conversation.opened_by or opener, conversation.opens_at
    else:
        opened = at
    if conversation.human_close is not None and conversation.human_close > human:
        human = conversation.human_close
    return replace(conversation, opened_by=opener, opens_at=opened, standard_close=standard, human_close=human)


def close_standard(conversation: Conversation, now: datetime) -> Conversation:
    """The conversation after the network itself refused for the window: its word is the last."""
    if conversation.standard_close is not None and conversation.standard_close <= now:
        return replace(conversation, human_close=now)
    return replace(conversation, standard_close=now)


def after_ad(conversation: Conversation, at: datetime) -> bool:
    """Whether only the longer time after an ad kept the standard window open at *at*."""
    opened = conversation.opens_at
    return (
        conversation.opened_by is Opener.AD_MESSAGE and opened is not None and at >= opened + STANDARD[Opener.MESSAGE]
    )


def close_human(conversation: Conversation, now: datetime) -> Conversation:
    """The conversation after the network warned us of answers outside the standard window: that one alone stays."""
    return replace(conversation, human_close=max(conversation.standard_close or now, now))


def closed_early(conversation: Conversation) -> bool:
    """Whether the network closed the human window before its time."""
    opened, close = conversation.opens_at, conversation.human_close
    return opened is not None and close is not None and close < opened + HUMAN


def last_close(account: Account, conversation: Conversation) -> datetime | None:
    """When the last window that this account has for the conversation closes; None: none was ever open."""
    if account.settings.human_agent:
        return conversation.human_close
    return conversation.standard_close


def window_at(account: Account, conversation: Conversation, now: datetime) -> Window:
    """The window a conversation is in at *now*."""
    if conversation.standard_close is not None and now < conversation.standard_close:
        return Window.STANDARD
    if account.settings.human_agent and conversation.human_close is not None and now < conversation.human_close:
        return Window.HUMAN
    return Window.LAPSED


def next_close(account: Account, conversation: Conversation, now: datetime, rules: Rules) -> datetime | None:
    """The next moment at which the card must say something else about the windows."""
    last = last_close(account, conversation)
    moments = [close - rules.margin for close in (conversation.standard_close, last) if close is not None]
    if last is not None and conversation.work is Work.WAITING:
        moments.append(last - rules.closing)
    moments += [each.until - rules.margin for each in conversation.comments if each.state is CommentState.OPEN]
    if conversation.work is Work.SNOOZED and conversation.snoozed_until is not None:
        moments.append(conversation.snoozed_until)
    if (patience := patience_ends(account, conversation)) is not None:
        moments.append(patience)
    return min((moment for moment in moments if moment > now), default=None)


def patience_ends(account: Account, conversation: Conversation) -> datetime | None:
    """When a customer who waits is to be asked for patience; None: never, or they were."""
    since, minutes = conversation.waiting_since, account.settings.auto_unanswered
    if not minutes or conversation.work is not Work.WAITING or since is None:
        return None
    return None if conversation.spoken.unanswered_since == since else since + timedelta(minutes=minutes)


def answerable(
    conversation: Conversation, now: datetime, *, like: RemoteId | None = None, by: MessageId | None = None
) -> Comment | None:
    """The comment that an answer goes to privately: *like*, if that is still possible, else the newest.

    by: the answer; one that was thought perhaps sent and is known not to be may still go.
    """
    mine = CommentState.PERHAPS
    possible = [
        comment
        for comment in conversation.comments
        if now < comment.until
        and (comment.state is CommentState.OPEN or (comment.state is mine and by is not None and comment.by == by))
    ]
    return max(possible, key=lambda comment: (comment.remote_id == like, comment.at), default=None)


def last_comment(conversation: Conversation) -> Comment | None:
    """The newest comment, if the customer has done nothing since that opens a window."""
    newest = max(conversation.comments, key=lambda comment: comment.at, default=None)
    opened = conversation.opens_at
    return newest if newest is not None and (opened is None or opened < newest.at) else None


def may_answer(scene: Scene, now: datetime, *, like: RemoteId | None = None, by: MessageId | None = None) -> Ruling:
    """Rule on an agent's answer to this customer; like, by: as `answerable` has them."""
    customer = scene.customer
    if customer.blocked is None:
        return may_send(scene.account, scene.conversation, now, like=like, by=by)
    when = None if customer.blocked_at is None else int(customer.blocked_at.timestamp())
    values: dict[str, Value] = {"agent": customer.blocked_by or "", "when": when}
    return Denied(said=Said(key="reply.blocked", values=values), retry=True)


def may_send(
    account: Account,
    conversation: Conversation,
    now: datetime,
    *,
    like: RemoteId | None = None,
    by: MessageId | None = None,
) -> Ruling:
    """Rule on an agent's answer at the moment of sending (and, to tell at once, at the moment of writing).

    like, by: as `answerable` has them.
    """
    if account.wish is Wish.REMOVED:
        return Denied(said=Said(key="reply.account_removed"))
    if account.wish is Wish.PAUSED:
        return Denied(said=Said(key="reply.account_paused"), retry=True)
    if conversation.control is Control.OTHER:
        return Denied(said=Said(key="reply.other_app"), retry=True)
    match window_at(account, conversation, now):
        case Window.STANDARD:
            return Allowed()
        case Window.HUMAN:
            return Allowed(tag=Tag.HUMAN_AGENT)
        case _ if comment := answerable(conversation, now, like=like, by=by):
            return Allowed(comment=comment.remote_id)
        case _ if comment := last_comment(conversation):
            return Denied(said=_no_private_reply(comment))
        case _:
            return Denied(said=_window_closed(account, conversation))


def may_send_automatic(
    scene: Scene, conversation: Conversation, now: datetime, *, margin: timedelta = timedelta(0)
) -> bool:
    """Whether the bridge may say something by itself: within a day of the customer's own act, and never under a tag.

    This is no `Ruling`: there is no tag in it that could go out. Nor is there a longer time after an ad, or a private
    reply to a comment. conversation: the scene's, as it is to be. margin: for what a timer says, and nobody has just caused.
    https://developers.facebook.com/docs/messenger-platform/policy/policy-overview
    """
    account = scene.account
    if account.wish is not Wish.ON or account.health is not Health.READY or scene.customer.blocked is not None:
        return False
    if conversation.control is Control.OTHER:
        return False
    opened, close = conversation.opens_at, conversation.standard_close
    if opened is None or close is None:
        return False
    acted = max(opened, conversation.last_at or opened)
    return now + margin < min(close, acted + STANDARD[Opener.MESSAGE])


def _no_private_reply(comment: Comment) -> Said:
    match comment.state:
        case CommentState.OPEN:
            values: dict[str, Value] = {"days": PRIVATE_REPLY.days, "when": int(comment.at.timestamp())}
            return Said(key="reply.comment_over", values=values)
        case CommentState.PERHAPS:
            return Said(key="reply.comment_perhaps")
        case CommentState.ANSWERED:
            return Said(key="reply.comment_answered")
        case CommentState.REFUSED:
            return Said(key="reply.comment_live_over" if comment.live else "reply.comment_refused")


def _window_closed(account: Account, conversation: Conversation) -> Said:
    """In the customer's terms: how long the network takes replies, and when they last wrote."""
    close = last_close(account, conversation)
    if close is None:
        return Said(key="reply.never_wrote")
    length = HUMAN if account.settings.human_agent else STANDARD[conversation.opened_by or Opener.MESSAGE]
    if conversation.opens_at is not None and close < conversation.opens_at + length:
        # The network closed it before its time; why, it does not say.
        by_ad = not account.settings.human_agent and after_ad(conversation, close)
        return Said(key="reply.ad_window_ended_early" if by_ad else "reply.window_ended_early")
    wrote = conversation.last_at or conversation.opens_at or close
    return Said(key="reply.window_closed", values={"days": length.days, "when": int(wrote.timestamp())})


def wire_parts(text: str, platform: Platform, wire: Mapping[Platform, WireLimit]) -> tuple[str, ...]:
    """The messages on the wire that hold *text*, in order."""
    return split(text, wire[platform])


def parts_of(message: Message, platform: Platform, wire: Mapping[Platform, WireLimit]) -> tuple[str, ...]:
    """The messages on the wire that hold an agent's words, the signature under the last; none is sent for it alone."""
    bare = wire_parts(message.text or "", platform, wire)
    if message.signature is None or not bare:
        return bare
    whole = wire_parts(f"{message.text}\n\n{message.signature}", platform, wire)
    return whole if len(whole) == len(bare) else bare


def too_long(message: Message, account: Account) -> int | None:
    """The count of characters, if they are more than an agent may write in one go here."""
    if message.text is None or message.split or len(message.text) <= account.settings.ceiling:
        return None
    count = graphemes(message.text)
    return count if count > account.settings.ceiling else None


def next_try(outcome: Later, attempts: int, steady: datetime, rules: Rules) -> datetime | None:
    """When to try again; None: give up and tell.

    attempts: tries that failed for this row's own sake, this one included. The delay doubles from 2 s, so that
    the last of eight tries comes 128 s after the one before; with more tries it would stay below 5 min. It is never shorter than
    the other side asked for.
    """
    if outcome.scope is not Scope.ROW:
        return steady + outcome.after
    if attempts >= rules.max_attempts:
        return None
    backoff = min(FIRST_BACKOFF * (1 << min(attempts - 1, 16)), LONGEST_BACKOFF)
    return steady + max(backoff, outcome.after)
