"""What can be wrong with an answer of the agency's single sign-on."""

from contact_service.errors import ContactServiceError


class ProviderAway(ContactServiceError):
    """Your agency’s sign-in does not answer just now. Sign in here with your password or your passkey instead."""


class ProviderBusy(ContactServiceError):
    """Many people sign in through your agency just now. Wait a moment, or sign in with your password."""


class TokenRefused(ContactServiceError):
    """Your agency’s sign-in gave an answer that does not count. Begin again, or sign in with your password."""

    def __init__(self, reason: str) -> None:
        """``reason`` is a code for operators and the evidence, and holds nothing that was sent."""
        super().__init__()
        self.reason = reason
