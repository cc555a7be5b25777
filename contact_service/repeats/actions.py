"""Take a request up once, keep its answer in the transaction that did it, and forget both after a day."""

import json

from sqlmodel import col, delete

from contact_service.errors import Conflict
from contact_service.keys.actions import insert_if_new
from contact_service.repeats.errors import IdempotencyKeyReused
from contact_service.repeats.queries import NONCE_BYTES, answer_in, cipher, keyed_hash
from contact_service.repeats.tables import IdempotencyKeyRow
from contact_service.retention.periods import ANSWERS_KEPT
from contact_service.work import Work


def take_up(work: Work, key: str, request: bytes) -> str:
    """Take a request of the actor up and return what its answer is kept under.

    Raises ``AnsweredBefore`` with the answer when this very request was answered within a day, and
    ``IdempotencyKeyReused`` when the key belongs to another one.  Of two at the same time, the second waits
    for the first and is answered like it.
    """
    row_id = keyed_hash(work, work.actor.ref, key)
    mine, asked = work.new_id(), keyed_hash(work, request)
    stale = (col(IdempotencyKeyRow.id) == row_id, col(IdempotencyKeyRow.made_at) <= work.now - ANSWERS_KEPT)
    work.session.exec(delete(IdempotencyKeyRow).where(*stale))
    values = {"id": row_id, "request": asked, "taken_by": mine, "answer": None, "made_at": work.now}
    insert_if_new(work.session, IdempotencyKeyRow, values)
    row = work.session.get(IdempotencyKeyRow, row_id, populate_existing=True)
    if row is None:
        raise Conflict  # it was swept between the two statements
    if row.taken_by != mine:
        raise answer_in(work, row) if row.request == asked else IdempotencyKeyReused
    return row_id


def keep_answer(work: Work, taken: str, *, status: int, media_type: str, body: bytes) -> None:
    """Keep the answer to what was taken up, sealed, in the same transaction as what it did."""
    row = work.session.get_one(IdempotencyKeyRow, taken)
    plain = json.dumps({"status": status, "media_type": media_type, "body": body.decode()}).encode()
    nonce = bytes.fromhex(work.new_id())[:NONCE_BYTES]
    row.answer = nonce + cipher(work).encrypt(nonce, plain, taken.encode())
    work.session.add(row)


def forget_answers(work: Work) -> int:
    """Delete every answer that is a day old; return how many that were."""
    old = col(IdempotencyKeyRow.made_at) <= work.now - ANSWERS_KEPT
    return work.session.exec(delete(IdempotencyKeyRow).where(old)).rowcount
