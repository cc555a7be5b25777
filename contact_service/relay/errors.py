"""What can go wrong at the relay.

RelayError
    MalformedPacket     costs one packet
    OfferRefused        a session description that is not ours, with a code
    RequestRefused      a join or a request that changes nothing, with a code
    LegFailed           one leg could not be set up, or its far end went away
"""

from contact_service.errors import ContactServiceError


class RelayError(ContactServiceError):
    """The relay cannot do this."""


class MalformedPacket(RelayError):
    """This packet is not what its first byte says. It is dropped."""


class OfferRefused(RelayError):
    """This session description is not one that the visit room makes. Load the page again."""

    def __init__(self, code: str) -> None:
        """``code`` is one of the offer codes of PROTOCOL.md."""
        super().__init__(f"{type(self).__doc__} ({code})")
        self.code = code


class RequestRefused(RelayError):
    """This is not possible here. Nothing was changed."""

    def __init__(self, code: str) -> None:
        """``code`` is one of the refusal codes of PROTOCOL.md."""
        super().__init__(f"{type(self).__doc__} ({code})")
        self.code = code


class LegFailed(RelayError):
    """This connection could not be made, or was closed from the other side. Join again."""
