"""Whether the visit supervisor is awake and really sees the room: heartbeat and advancing receiver reports."""

from dataclasses import dataclass

from contact_service.relay.core.lines import Kind

MISSING_SECONDS = 2.5
"""Families see the hold within 3 s of the loss; a page beats and reports about once a second."""
AUDIO_ONLY_SECONDS = 9.0
"""Browsers report on audio alone every 2.5 to 7.5 s."""


@dataclass(slots=True)
class Presence:
    """Evidence from one leg.  Streams are counted in sums: packets sent to it, and packets it says it has."""

    heartbeat_at: float = float("-inf")
    _unreported_since: float | None = None
    _sent_at_report: int = 0
    _flow: Kind | None = None

    def heard(self, now: float) -> None:
        """Note a heartbeat of the page."""
        self.heartbeat_at = now

    def reported(self, sent: int) -> None:
        """Note that a receiver report advanced, when ``sent`` packets had been sent in all."""
        self._unreported_since, self._sent_at_report = None, sent

    def watch(self, sent: int, flow: Kind | None, now: float) -> None:
        """Note how many packets were sent in all, and what flows now: pictures, only sound, or nothing.

        Where nothing flows no report is owed, so a hold cannot make anybody look lost.
        """
        if flow is None or flow is not self._flow:
            self._flow, self._unreported_since, self._sent_at_report = flow, None, sent
        elif sent > self._sent_at_report and self._unreported_since is None:
            self._unreported_since = now

    def is_missing(self, now: float) -> bool:
        """Whether either kind of evidence is older than allowed."""
        if now - self.heartbeat_at > MISSING_SECONDS:
            return True
        limit = MISSING_SECONDS if self._flow is Kind.VIDEO else AUDIO_ONLY_SECONDS
        return self._unreported_since is not None and now - self._unreported_since > limit
