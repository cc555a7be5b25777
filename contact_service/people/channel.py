"""A phone number or an e-mail address, when it is safe to use, and when two of them are the same."""

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from contact_service.errors import BadInput
from contact_service.ids import ChannelId, PersonId, Ref

LONGEST_ADDRESS = 254  # RFC 5321, section 4.5.3.1.3, less the brackets
FEWEST_DIGITS, MOST_DIGITS = 6, 15  # ITU-T E.164 allows 15
# National and international forms of one number end alike; a false match costs a look, a missed one a duplicate.
COMPARED_DIGITS = 9
LONGEST_SAY = 200
HELD_FOR = timedelta(hours=24)
"""For so long an address must have been held before a new link goes to it."""
DAY_MINUTES = 24 * 60
_PHONE = re.compile(r"\+?[0-9][0-9 ()./-]*", re.ASCII)


class ChannelKind(StrEnum):
    """What one writes to or rings."""

    EMAIL = "email"
    PHONE = "phone"


class SafeUse(StrEnum):
    """When a channel may be used, loosest first; somebody else may read the messages or hear the call."""

    ALWAYS = "always"
    BETWEEN = "between"
    CALL_ONLY = "call_only"
    NEVER = "never"


@dataclass(frozen=True, kw_only=True)
class SafeRule:
    """The rule of one channel.  The minutes after midnight count for ``BETWEEN`` alone; ``latest`` is excluded.

    ``say`` is for people: what may be said when somebody else answers.
    """

    use: SafeUse = SafeUse.ALWAYS
    earliest: int = 0
    latest: int = DAY_MINUTES
    say: str = ""

    def writable_from(self, local: datetime) -> datetime | None:
        """``local`` itself when one may write then, else the next instant when one may; None for never."""
        if self.use is SafeUse.ALWAYS:
            return local
        if self.use is not SafeUse.BETWEEN:
            return None
        minute = local.hour * 60 + local.minute
        if self.earliest <= minute < self.latest:
            return local
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        if minute >= self.latest:
            midnight += timedelta(days=1)
        return midnight.replace(hour=self.earliest // 60, minute=self.earliest % 60)

    def may_ring_at(self, local: datetime) -> bool:
        """Whether one may ring at ``local``: messages that others read do not forbid it, unsafe hours do."""
        if self.use is SafeUse.BETWEEN:
            return self.writable_from(local) == local
        return self.use is not SafeUse.NEVER

    def and_also(self, other: "SafeRule") -> "SafeRule":
        """The rule that keeps both: the stricter use, the hours that both allow, and what may be said for each."""
        order = list(SafeUse)
        use = max(self.use, other.use, key=order.index)
        say = "; ".join(dict.fromkeys(text for text in (self.say, other.say) if text))
        if use is not SafeUse.BETWEEN:
            return SafeRule(use=use, say=say)
        bound = [rule for rule in (self, other) if rule.use is SafeUse.BETWEEN]
        earliest, latest = max(r.earliest for r in bound), min(r.latest for r in bound)
        if earliest >= latest:
            return SafeRule(use=SafeUse.NEVER, say=say)
        return SafeRule(use=use, earliest=earliest, latest=latest, say=say)


def demand_rule(rule: SafeRule) -> None:
    """Raise ``BadInput`` for hours that are none, or words that are too many."""
    if len(rule.say) > LONGEST_SAY or not rule.say.isprintable():
        raise BadInput("Write this in one short line.", "say")
    if rule.use is SafeUse.BETWEEN and not 0 <= rule.earliest < rule.latest <= DAY_MINUTES:
        raise BadInput("The end is not after the start.", "latest")


@dataclass(frozen=True, kw_only=True)
class Channel:
    """One channel of one person.  ``confirmed_by`` found out that it is theirs and safe (evidence reference).

    ``added_at`` is None for what an earlier release kept, which had no time.
    """

    id: ChannelId
    person: PersonId
    kind: ChannelKind
    value: str
    rule: SafeRule
    confirmed_by: Ref | None
    confirmed_at: datetime | None
    added_at: datetime | None

    @property
    def can_be_written_to(self) -> bool:
        """Whether any message may ever go there; to a number only when somebody has confirmed whose it is."""
        writable = self.rule.use in (SafeUse.ALWAYS, SafeUse.BETWEEN)
        return writable and (self.kind is ChannelKind.EMAIL or self.confirmed_by is not None)

    def was_held(self, at: datetime) -> bool:
        """Whether it was written down at least a day before ``at``, so that nobody gave it for a moment's purpose."""
        return self.added_at is None or self.added_at <= at - HELD_FOR


@dataclass(frozen=True, kw_only=True)
class NewChannel:
    """A channel as it is entered."""

    kind: ChannelKind
    value: str
    rule: SafeRule = SafeRule()
    confirmed: bool = False


@dataclass(frozen=True, kw_only=True)
class SameChannel:
    """Somebody else in the agency has an equal channel.  ``person`` is None where the actor may not know who."""

    person: PersonId | None


def clean_value(kind: ChannelKind, text: str) -> str:
    """The value as it is kept; raises ``BadInput`` for what is no address and no number."""
    value = " ".join(text.split())
    if kind is ChannelKind.EMAIL:
        before, at, after = value.partition("@")
        odd = any(c.isspace() or not c.isprintable() for c in value)
        if not (before and at and after) or "@" in after or odd or len(value) > LONGEST_ADDRESS:
            raise BadInput("Write an e-mail address, like name@example.com.", "value")
        return value
    if not _PHONE.fullmatch(value) or not FEWEST_DIGITS <= len(_digits(value)) <= MOST_DIGITS:
        raise BadInput("Write a phone number with its area code, in digits.", "value")
    return value


def compared(kind: ChannelKind, value: str) -> str:
    """What equal channels have in common: the address in one case, or the last nine digits of a number."""
    same = value.casefold() if kind is ChannelKind.EMAIL else _digits(value)[-COMPARED_DIGITS:]
    return f"{kind}:{same}"


def _digits(value: str) -> str:
    return re.sub(r"[^0-9]", "", value)


def to_bytes(value: str, rule: SafeRule) -> bytes:
    """Value and rule as JSON, to be sealed under the person's key."""
    plain = {
        "value": value,
        "use": rule.use,
        "earliest": rule.earliest,
        "latest": rule.latest,
        "say": rule.say,
    }
    return json.dumps(plain, sort_keys=True).encode()


def from_bytes(text: bytes) -> tuple[str, SafeRule]:
    """The inverse of ``to_bytes``, also of what was sealed before there was ``say``."""
    plain = json.loads(text)
    rule = SafeRule(
        use=SafeUse(plain["use"]),
        earliest=plain["earliest"],
        latest=plain["latest"],
        say=plain.get("say", ""),
    )
    return plain["value"], rule
