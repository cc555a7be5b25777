"""Each second to each leg: sender reports of what it gets, one receiver report and a rate limit for what it sends."""

from contact_service.relay.core.ingress import Ingress
from contact_service.relay.core.leg import Leg
from contact_service.relay.core.lines import Kind
from contact_service.relay.core.rtcp import (
    PictureLost,
    ReportBlock,
    SenderClock,
    bitrate_limit,
    picture_loss,
    receiver_report,
)

INTERVAL_SECONDS = 1.0
UPLINK_BITS_PER_SECOND = 1_500_000
"""What a publisher may send in all.  It is told at once, so that its own estimate need not climb there."""
_RESYNC_SECONDS = 1.0


class Wall:
    """Turns monotonic seconds into NTP time (RFC 3550 section 4), from one reading of the wall clock."""

    def __init__(self, unix_seconds_at_zero: float) -> None:
        """``unix_seconds_at_zero``: what the wall clock said when ``now`` was zero."""
        self._zero = unix_seconds_at_zero + 2_208_988_800

    def ntp(self, now: float) -> int:
        """``now`` as 32.32 fixed point."""
        return int((self._zero + now) * 4_294_967_296) & 0xFFFFFFFFFFFFFFFF


def compound(leg: Leg, offsets: dict[str, float], wall: Wall, now: float) -> bytes | None:
    """What ``leg`` is told now, None before it has lines.

    ``offsets`` says for each source leg how far its NTP clock is behind ``now`` in seconds (see ``clock_offset``).
    """
    if leg.lines is None:
        return None
    own = leg.lines.slots[0][0].ssrc
    receptions = [block for i in leg.ingresses.values() if (block := i.reception(now)) is not None]
    media = [block.ssrc for block in receptions]
    reports = [*_sender_reports(leg, offsets, wall, now), receiver_report(own, receptions)]
    if media:
        reports.append(bitrate_limit(own, UPLINK_BITS_PER_SECOND, media))
    return b"".join(reports)


def _sender_reports(leg: Leg, offsets: dict[str, float], wall: Wall, now: float) -> list[bytes]:
    found = []
    for slot in leg.slots:
        offset = offsets.get(slot.participant or "")
        for egress in (slot.audio, slot.video):
            source = egress.source
            if offset is None or source is None or source.clock is None:
                continue
            since = now - offset - source.clock.ntp / 4_294_967_296
            report = egress.report(wall.ntp(now), since)
            if report is not None:
                found.append(report)
    return found


def note_clock(ingress: Ingress, clock: SenderClock, offset: float | None, now: float) -> float:
    """Keep ``clock`` and return how far the publisher's NTP clock is behind ``now``, one figure for sound and picture.

    The smallest one seen is kept (the fastest report), unless the publisher's clock jumped.
    """
    ingress.clock, ingress.clock_at = clock, now
    seen = now - clock.ntp / 4_294_967_296
    if offset is None or abs(seen - offset) > _RESYNC_SECONDS:
        return seen
    return min(seen, offset)


def round_trip(block: ReportBlock, ntp: int) -> float | None:
    """Seconds from our sender report to this block and back (RFC 3550 section 6.4.1), None if it answers none."""
    if block.last_report == 0:
        return None
    ticks = ((ntp >> 16 & 0xFFFFFFFF) - block.last_report - block.delay) & 0xFFFFFFFF
    return ticks / 65_536 if ticks < 10 * 65_536 else None


def keyframe_request(leg: Leg, ingress: Ingress) -> bytes | None:
    """A request to ``leg`` for a keyframe, None before its picture's SSRC is known."""
    if leg.lines is None or ingress.ssrc is None or ingress.kind is not Kind.VIDEO:
        return None
    return picture_loss(leg.lines.slots[0][0].ssrc, ingress.ssrc)


def is_about(lost: PictureLost, leg: Leg) -> Ingress | None:
    """The picture that ``leg`` lost, None if it is not one that it gets now."""
    egress = leg.egresses.get(lost.ssrc)
    if egress is None or egress.source is None or egress not in egress.source.edges:
        return None
    return egress.source if egress.kind is Kind.VIDEO else None
