"""What can be wrong with an Idempotency-Key, and the answer that was given before."""

from contact_service.errors import BadInput


class IdempotencyKeyMissing(BadInput):
    """Send an Idempotency-Key with every POST, so that what is asked twice is done once."""


class IdempotencyKeyReused(BadInput):
    """This Idempotency-Key belongs to another request. Use a new one."""


class AnsweredBefore(Exception):
    """This very request was answered before; nothing is done again."""

    def __init__(self, status: int, media_type: str, body: bytes) -> None:
        self.status, self.media_type, self.body = status, media_type, body
