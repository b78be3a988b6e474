"""The three loops that move everything.

    intake.keep | inbox  | decide  | outbox
                  outbox | deliver | what was learnt, into the inbox
    tick        | outbox, inbox            (what has become due by itself)

decide: pure rules, one fact at a time.  deliver: batches, at most one row of a lane, outside any transaction.
A loop never calls another loop; they meet only in the two tables.
"""
