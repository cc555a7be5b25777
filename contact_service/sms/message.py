"""A text message, what may become of it, and the number it can go to.  Pure."""

from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from contact_service.errors import MessageNotAccepted

# In North America nobody can tell a mobile from a landline by its number.
_MOBILE = frozenset(
    {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE, PhoneNumberType.PERSONAL_NUMBER}
)


class SmsNotAccepted(MessageNotAccepted):
    """The provider did not take the text message."""

    def __init__(
        self, message: str, *, permanent: bool, unreachable: bool = False, may_have_left: bool = False
    ) -> None:
        """``may_have_left``: it was asked and did not answer, so nobody knows."""
        super().__init__(message, permanent=permanent, unreachable=unreachable)
        self.may_have_left = may_have_left


@dataclass(frozen=True, kw_only=True)
class Sms:
    """One text message to one person.  ``recipient`` is in E.164; ``message_id`` is ours, the same at each attempt."""

    recipient: str
    text: str
    message_id: str


class Delivery(StrEnum):
    """What the provider says became of a text message.

    ``handed_on``: a network has it, and may never say more.  ``no_receipt``: nobody can say, and never will.
    """

    PENDING = "pending"
    HANDED_ON = "handed_on"
    DELIVERED = "delivered"
    NOT_DELIVERED = "not_delivered"
    NO_RECEIPT = "no_receipt"


@dataclass(frozen=True, kw_only=True)
class Mobile:
    """A number in E.164 that may take text messages; ``known`` says that its numbering plan gives it to mobiles."""

    number: str
    known: bool


def mobile(value: str, country: str) -> Mobile | None:
    """The number when it may take text messages; None for landlines and for what is no number.

    ``country`` (ISO 3166-1, two letters) is where a number without a country's code is of.  Numbering plans change
    faster than lists of them: a number of the right length that stands in no list may be tried.
    """
    try:
        number = phonenumbers.parse(value, country)
    except NumberParseException:
        return None
    kind = phonenumbers.number_type(number)
    known = kind in _MOBILE
    if not known and not (kind == PhoneNumberType.UNKNOWN and phonenumbers.is_possible_number(number)):
        return None
    return Mobile(number=phonenumbers.format_number(number, PhoneNumberFormat.E164), known=known)
