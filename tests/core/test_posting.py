"""How posts on the desk end, and what is still due."""

from typing import Any

import pytest

from bridge import threads
from bridge.model.change import replace
from bridge.model.decision import Decision, Drop, Go, Hold, Instead, NotYet, Scene
from bridge.model.effects import (
    AnyEffect,
    LookForPost,
    PostAlert,
    PostLine,
    PostMessage,
    PostRoot,
    ReadThread,
    RedrawCard,
    RedrawPost,
    RemovePost,
    SetSign,
    TellPerson,
)
from bridge.model.ids import ConversationId, IncidentId, MessageId, PlaceRef, PostRef, ThreadId
from bridge.model.outcomes import Done, Held, Later, Outcome, Refused, Scope, Unsure
from bridge.model.state import Author, Message, Said, Sign, Thread, Wish
from bridge.rules.customers import changes
from bridge.rules.desk import posting
from tests.core.factories import (
    AKI,
    ANSWER,
    DAY,
    DESK,
    HOUR,
    MINUTE,
    NOON,
    OPS,
    ROOT,
    SECOND,
    SHOP,
    STEADY,
    THREAD,
    account,
    at,
    conversation,
    found,
    queued,
    scene,
)

CONVERSATION = ConversationId(11)
POST = PostMessage(workspace=DESK, conversation=CONVERSATION, message=MessageId(31))
PUT_UP = PostRoot(workspace=DESK, conversation=CONVERSATION, thread=THREAD.id)
LINE = PostLine(workspace=DESK, conversation=CONVERSATION, said=Said(key="thread.woke"))
CARD = RedrawCard(workspace=DESK, conversation=CONVERSATION)
SIGN = SetSign(workspace=DESK, conversation=CONVERSATION, message=MessageId(21), sign=Sign.SENT)
LOOK = LookForPost(workspace=DESK, row=501, place=SHOP, root=ROOT, since=NOON, conversation=CONVERSATION)
READ = ReadThread(workspace=DESK, conversation=CONVERSATION, place=SHOP, root=ROOT, since=NOON)
LINE_TO_AKI = TellPerson(
    workspace=DESK, person=AKI, said=Said(key="reply.guest"), about=ANSWER, root=ROOT, at=NOON, message=MessageId(21)
)

SHOWN = Message(id=MessageId(31), conversation=CONVERSATION, author=Author.CUSTOMER, at=NOON, text="?")
GONE = Refused(code="thread_gone", why="desk_thread_gone")
UNDRAWN = Refused(code="invalid_blocks", why="desk_content")


def ended(
    effect: AnyEffect, outcome: Outcome, place: Scene | None = None, *, target: str = "desk:T1:place:C-shop"
) -> Decision:
    """What the end of an effect on the desk makes true."""
    where = place or scene(SHOWN)
    shops = (where.account,)
    return threads.ended(where, effect, outcome, at(), row=501, target=target, position=77, accounts=shops)


def with_root(thread: Thread | None, **changes: Any) -> Scene:
    """The customer's message, and a thread in some state."""
    return scene(SHOWN, conversation=conversation(thread=thread), account=account(**changes))


# ── still due ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_message_goes_where_the_root_stands() -> None:
    """CT-01."""
    assert threads.due(with_root(THREAD), POST, at()) == Go()


@pytest.mark.parametrize("thread", [replace(THREAD, gone=True), None], ids=["gone", "none"])
def test_a_message_without_a_root_gets_one_first(thread: Thread | None) -> None:
    """A deleted root gives a new root, and the message comes after it."""
    ruling = threads.due(with_root(thread), POST, at())
    assert isinstance(ruling, Instead)
    assert ruling.decision.retry_row
    (root,) = queued(ruling.decision, PostRoot)
    assert (root.position, root.not_before) == (0, None)
    assert ruling.decision.conversation is not None
    assert ruling.decision.conversation.thread != thread


def test_a_root_the_desk_would_not_take_is_not_tried_again_at_once() -> None:
    """A desk that takes no root would be asked for ever, as fast as it may be asked."""
    ruling = threads.due(with_root(replace(THREAD, ref=None)), POST, at())
    assert isinstance(ruling, Instead)
    assert queued(ruling.decision, PostRoot)[0].not_before == STEADY + HOUR + 5 * MINUTE


@pytest.mark.parametrize("effect", [POST, PUT_UP, LINE])
def test_a_paused_account_shows_nothing_and_loses_nothing(effect: AnyEffect) -> None:
    """ZI-31, ZM-20: kept, and shown on resume."""
    ruling = threads.due(with_root(THREAD, wish=Wish.PAUSED), effect, at())
    assert isinstance(ruling, NotYet)


@pytest.mark.parametrize(
    ("thread", "due"),
    [(replace(THREAD, ref=None), True), (THREAD, False), (replace(THREAD, id=ThreadId(8), ref=None), False)],
    ids=["not yet", "stands", "another"],
)
def test_a_root_is_put_up_once(thread: Thread, due: bool) -> None:
    """Seen meanwhile by its event, or replaced by another."""
    assert isinstance(threads.due(with_root(thread), PUT_UP, at()), Go if due else Drop)


def test_an_unsent_message_is_not_posted_any_more() -> None:
    """M-17: gone before it was shown."""
    assert isinstance(threads.due(scene(None), POST, at()), Drop)


@pytest.mark.parametrize(
    ("thread", "due"), [(THREAD, Go), (replace(THREAD, ref=None), NotYet), (replace(THREAD, gone=True), Drop)]
)
def test_a_card_is_redrawn_where_it_stands(thread: Thread, due: type[Go | NotYet | Drop]) -> None:
    """No card, no call; one that is on its way was drawn before, so that it is looked at again when it stands."""
    assert isinstance(threads.due(with_root(thread), CARD, at()), due)


@pytest.mark.parametrize("effect", [CARD, replace(LINE, root=PostRef("C-shop:1"))])
def test_what_waits_for_a_root_that_may_never_stand_looks_seldom(effect: AnyEffect) -> None:
    """Ten thousand conversations behind a closed channel: six looks a second, and at once when a root stands."""
    due = threads.due(with_root(replace(THREAD, ref=None)), effect, at())
    assert due == NotYet(until=at().moment.steady + 30 * MINUTE, why=posting.ROOTLESS)


# ── how they end ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("effect", [POST, LINE])
def test_a_reply_to_a_deleted_root_comes_in_a_new_thread(effect: AnyEffect) -> None:
    """Said or silent: the row again, behind a new root; a stray post in the channel is taken away."""
    decision = ended(effect, replace(GONE, stray="C-shop:99"))
    assert decision.retry_row
    assert decision.threads[0] == replace(THREAD, gone=True)
    assert [each.thread for each in found(decision, PostRoot)] == [decision.threads[1].id]
    assert [each.ref for each in found(decision, RemovePost)] == [PostRef("C-shop:99")]


def test_a_root_that_two_effects_find_gone_is_replaced_once() -> None:
    """A card and a message in hand at once: the second to end finds the new thread, and leaves it be."""
    outcome = Refused(code="thread_gone", why="desk_thread_gone", stray="C-shop:99", thread=THREAD.id)
    first = ended(POST, outcome)
    renewed = replace(scene(), conversation=conversation(thread=first.threads[1]))
    for effect in (POST, RedrawCard(workspace=DESK, conversation=renewed.conversation.id)):
        second = ended(effect, outcome, renewed)
        assert (second.threads, second.retry_row) == ((), True)
        assert not found(second, PostRoot)
        assert [each.ref for each in found(second, RemovePost)] == [PostRef("C-shop:99")]


def test_what_cannot_be_drawn_is_said_plainly_in_the_same_place_of_the_queue() -> None:
    """A refused picture is left out, not the card; refused blocks degrade to plain text."""
    picture = replace(UNDRAWN, code="picture")
    steps: list[tuple[AnyEffect, Refused, AnyEffect]] = [
        (POST, UNDRAWN, replace(POST, plain=True)),
        (PUT_UP, picture, replace(PUT_UP, bare=True)),
        (replace(PUT_UP, bare=True), picture, replace(PUT_UP, bare=True, plain=True)),
    ]
    for effect, outcome, plainer in steps:
        decision = ended(effect, outcome)
        (again,) = decision.effects
        assert again.effect == plainer
        assert again.position == 77
        assert decision.alerts == ()


@pytest.mark.parametrize(
    ("effect", "key"), [(replace(POST, plain=True), "not_shown:row:501"), (LINE, "not_shown:row:501")]
)
def test_what_is_refused_even_so_is_an_incident(effect: AnyEffect, key: str) -> None:
    """Promise 4: never silence."""
    (alert,) = ended(effect, UNDRAWN).alerts
    assert (alert.key, alert.values) == (key, {"cause": "desk_other", "code": "invalid_blocks"})


def test_a_refused_root_is_one_incident_however_often_it_is_tried() -> None:
    """One incident, not one for each try."""
    effect = replace(PUT_UP, plain=True)
    assert {alert.key for _ in range(3) for alert in ended(effect, UNDRAWN).alerts} == {"not_shown:root:11"}


def test_what_the_outbox_gave_up_is_an_incident() -> None:
    """An operator may try it again."""
    (alert,) = ended(POST, Later(after=SECOND, why="internal_error", scope=Scope.ROW)).alerts
    assert (alert.key, getattr(alert, "place", None)) == ("dead_row:501", OPS)


@pytest.mark.parametrize("effect", [SIGN, CARD, RemovePost(workspace=DESK, ref=ANSWER)])
def test_a_change_that_came_too_late_is_nobodys_trouble(effect: AnyEffect) -> None:
    """The message it was for is gone."""
    decision = ended(effect, Refused(code="message_not_found", why="desk_message_gone"), target="desk:T1:sign")
    assert (decision.effects, decision.alerts, decision.retry_row) == ((), (), False)


@pytest.mark.parametrize("effect", [READ, SIGN])
def test_only_what_posts_makes_a_new_root(effect: AnyEffect) -> None:
    """Reading a thread that is gone must not put up a new one, again and again."""
    decision = ended(effect, GONE, target="desk:T1:threads")
    assert (decision.effects, decision.retry_row) == ((), False)


def test_a_private_line_the_desk_will_not_show_comes_as_a_direct_message() -> None:
    """Promise 5: by one way or the other, once each."""
    decision = ended(LINE_TO_AKI, Refused(code="user_not_in_channel", why="desk_other"))
    assert [each.effect for each in decision.effects] == [replace(LINE_TO_AKI, question=True)]
    assert ended(replace(LINE_TO_AKI, question=True), Refused(code="x", why="desk_other")).effects == ()


# ── unsure ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("effect", "root"),
    [
        (POST, ROOT),
        (LINE, ROOT),
        (PUT_UP, None),
    ],
)
def test_a_post_whose_answer_was_lost_is_looked_for_before_it_is_repeated(
    effect: AnyEffect, root: PostRef | None
) -> None:
    """Promise 2, on the desk's side: our own event first, after three seconds a look."""
    decision = ended(effect, Unsure(why="timeout"))
    (look,) = queued(decision, LookForPost)
    assert look.effect == LookForPost(
        workspace=DESK,
        row=501,
        place=SHOP,
        root=root,
        since=NOON + HOUR - 5 * MINUTE,
        conversation=CONVERSATION,
    )
    assert look.not_before == STEADY + HOUR + 10 * SECOND


def test_an_alert_whose_answer_was_lost_is_looked_for_in_its_channel() -> None:
    """An alert belongs to no conversation."""
    effect = PostAlert(workspace=DESK, incident=IncidentId(1), place=OPS)
    target = "desk:T1:place:C-ops"
    decision = threads.ended(None, effect, Unsure(why="timeout"), at(), row=501, target=target, position=1)
    assert [(each.place, each.root) for each in found(decision, LookForPost)] == [(OPS, None)]


def test_a_look_into_a_thread_that_is_gone_proves_that_nothing_stands_there() -> None:
    """The post goes again, finds its root gone, and gets a new one: the lane is never stuck."""
    assert ended(LOOK, GONE, target="desk:T1:threads").unseen_rows == (501,)


def test_a_look_that_fails_for_good_is_told() -> None:
    """What it looked for still holds its lane: an operator must know. One that is refused is told of after a minute."""
    tired = Later(after=SECOND, why="busy", scope=Scope.ROW)
    assert len(ended(LOOK, tired, target="desk:T1:threads:C-shop").alerts) == 1
    refused = ended(LOOK, Refused(code="x", why="desk_other"), target="desk:T1:threads:C-shop")
    assert refused == Decision(ignored="x")


def test_a_sign_that_meets_a_closed_place_holds_the_place_and_the_signs_there() -> None:
    """ZI-06: what was met by one kind of call is true of posts too; nothing else of the desk is held."""
    closed = Held(cause="desk_channel.archived", scope=Scope.TARGET, code="is_archived")
    decision = ended(SIGN, closed, target="desk:T1:sign:C-shop")
    assert [each.target for each in decision.holds] == ["desk:T1:place:C-shop", "desk:T1:sign:C-shop"]
    assert {each.key for each in decision.holds} == {"place:C-shop"}


def test_a_look_that_worked_says_nothing_itself() -> None:
    """What it found comes as facts."""
    assert ended(LOOK, Done(), target="desk:T1:threads") == Decision(ignored="done")


# ── held ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_archived_channel_is_held_and_told_of_in_another() -> None:
    """One archived channel never silences another's alerts."""
    decision = ended(POST, Held(cause="desk_channel.archived", scope=Scope.TARGET, code="is_archived"))
    assert decision.holds == (Hold(target="desk:T1:place:C-shop", key="place:C-shop"),)
    (alert,) = decision.alerts
    assert (alert.key, getattr(alert, "place", None)) == ("place:C-shop:5", OPS)
    assert alert.values == {"cause": "archived", "channel": "C-shop"}


@pytest.mark.parametrize(
    ("cause", "code", "told"),
    [("desk_channel.policy", "restricted_action", "policy"), ("desk_scope", "chat:write.customize", "desk_scope")],
)
def test_a_channel_closed_by_a_rule_or_for_want_of_a_permission_is_told_with_its_name(
    cause: str, code: str, told: str
) -> None:
    """Promise 3: without the name nobody can mend it."""
    decision = ended(POST, Held(cause=cause, scope=Scope.TARGET, code=code))
    assert [each.values for each in decision.alerts] == [{"cause": told, "code": code, "channel": "C-shop"}]


def test_a_revoked_token_holds_the_desk_and_is_told_elsewhere() -> None:
    """It cannot be told on the desk itself: log, `/readyz`, metrics."""
    decision = ended(POST, Held(cause="desk_token.revoked", scope=Scope.TOP, code="token_revoked"))
    assert decision.holds == (Hold(target="desk:T1", key="desk:T1"),)
    assert decision.alerts == ()


def test_a_missing_permission_holds_one_kind_of_call_and_is_told() -> None:
    """M-30: signs may be missing, messages still go."""
    held = Held(cause="desk_scope", scope=Scope.TARGET, code="reactions:write")
    decision = ended(SIGN, held, target="desk:T1:sign")
    assert [each.target for each in decision.holds] == ["desk:T1:sign"]
    (alert,) = decision.alerts
    assert (alert.values, decision.holds[0].key) == ({"code": "reactions:write"}, alert.key)


def test_a_passed_close_redraws_the_card_and_names_the_next() -> None:
    """ZI-35: standard, human, lapsed."""
    place = scene(account=account(human_agent=True))
    decision = posting.window_passed(place, at(DAY - MINUTE))
    assert decision.conversation is not None
    assert decision.conversation.told_until == NOON + 7 * DAY - HOUR
    assert len(found(decision, RedrawCard)) == 1


@pytest.mark.parametrize("code", ["cant_update_message", "not_in_channel", "is_archived"])
def test_of_a_card_in_a_place_just_left_nobody_is_told_before_it_was_tried_again(code: str) -> None:
    """M-17: within the hour it is retired; one that still stands and cannot be changed then is told of."""
    left = with_root(THREAD, channel=PlaceRef("C-moved"))
    redraw = RedrawCard(workspace=left.workspace.id, conversation=left.conversation.id)
    refused = Refused(code=code, why="desk_other")
    first = changes.refused(left, redraw, refused, at())
    assert first.alerts == ()
    (again,) = first.effects
    assert isinstance(again.effect, RedrawCard)
    assert (again.effect.stale, again.not_before) == (True, at().moment.steady + HOUR)
    assert len(changes.refused(left, again.effect, refused, at(HOUR)).alerts) == 1
    own = changes.refused(with_root(THREAD), redraw, refused, at())
    assert len(own.alerts) == (1 if code == "cant_update_message" else 0)


def test_a_post_of_an_account_that_has_moved_gets_a_root_in_the_new_place_first() -> None:
    """What was queued before the move is shown where the account is now; the thread it left stands and is linked."""
    ruling = threads.due(with_root(THREAD, channel=PlaceRef("C-moved")), POST, at())
    assert isinstance(ruling, Instead)
    assert ruling.decision.retry_row
    assert [each.place for each in ruling.decision.threads if each.id != THREAD.id] == ["C-moved"]
    assert [line.said.key for line in found(ruling.decision, PostLine)] == ["thread.continues", "thread.goes_on"]


# ── what came to stand too late ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("effect", "message", "thread", "removed"),
    [
        (POST, SHOWN, THREAD, False),
        # erased while it was on its way: its words must not stay behind
        (POST, replace(SHOWN, text=None), THREAD, True),
        (POST, None, THREAD, True),
        # what has no words of its own never had any to take away
        (POST, replace(SHOWN, text=None, kind="image"), THREAD, False),
        (PUT_UP, SHOWN, replace(THREAD, ref=None), False),
        # another root stands in its place, or nobody wants one
        (PUT_UP, SHOWN, replace(THREAD, id=ThreadId(8)), True),
        (PUT_UP, SHOWN, None, True),
    ],
)
def test_what_was_given_up_on_its_way_is_taken_away(
    effect: AnyEffect, message: Message | None, thread: Thread | None, removed: bool
) -> None:
    """Promise 6 begins here: erased words leave the desk too, and a loose post never stays."""
    where = scene(message, conversation=conversation(thread=thread))
    decision = ended(effect, Done(remote_id="C-shop:9"), where)
    assert [each.ref for each in found(decision, RemovePost)] == ([PostRef("C-shop:9")] if removed else [])


def test_a_reaction_taken_back_while_its_line_was_on_its_way_is_never_silent() -> None:
    """Promise 4: where the desk will not remove the line, it says that the reaction was taken back."""
    where = scene(replace(SHOWN, kind="reaction", text=None), conversation=conversation(thread=THREAD))
    (removal,) = found(ended(POST, Done(remote_id="C-shop:9"), where), RemovePost)
    assert removal.said == Said(key="kind.reaction_removed")
    refused = ended(removal, Refused(code="cant_delete_message", why=""), where)
    assert [each.said for each in found(refused, RedrawPost)] == [removal.said]
