"""What a leg says by RTCP, and what the relay answers: nothing of it reaches another leg as it came."""

from collections.abc import Iterable
from typing import assert_never

from contact_service.relay.core import rtcp
from contact_service.relay.core.ledger import Ledger
from contact_service.relay.core.leg import Leg
from contact_service.relay.core.lines import Kind
from contact_service.relay.core.reports import (
    INTERVAL_SECONDS,
    compound,
    is_about,
    keyframe_request,
    note_clock,
    round_trip,
)
from contact_service.relay.core.room import Room


def on_rtcp(room: Room, leg: Leg, packet: bytes, now: float) -> None:
    """Take in one authenticated RTCP packet; raise ``MalformedPacket`` for a broken one."""
    leg.seen_at = now
    for feedback in rtcp.parse(packet):
        match feedback:
            case rtcp.Reports():
                _on_reports(room.ledger, leg, feedback, now)
            case rtcp.SenderClock():
                _on_clock(room, leg, feedback, now)
            case rtcp.Nack():
                egress = leg.egresses.get(feedback.ssrc)
                if egress is not None:
                    room.ledger.outbox.rtp.extend(leg.resend(egress, feedback.sequences, now))
            case rtcp.PictureLost():
                picture = is_about(feedback, leg)
                if picture is not None:
                    picture.keyframes.want(now, urgent=False)
            case _:
                assert_never(feedback)


def _on_reports(ledger: Ledger, leg: Leg, reports: rtcp.Reports, now: float) -> None:
    for block in reports.blocks:
        egress = leg.egresses.get(block.ssrc)
        if egress is None:
            continue
        trip = round_trip(block, ledger.wall.ntp(now))
        if trip is not None:
            leg.rtt += (trip - leg.rtt) / 8
        if block.highest > egress.reported_highest:
            egress.reported_highest = block.highest
            if egress.kind is (leg.flow() or egress.kind):
                leg.presence.reported(leg.sent())


def _on_clock(room: Room, leg: Leg, clock: rtcp.SenderClock, now: float) -> None:
    for ingress in leg.ingresses.values():
        if ingress.ssrc == clock.ssrc:
            offset = room.offsets.get(leg.participant)
            room.offsets[leg.participant] = note_clock(ingress, clock, offset, now)


def ask_again(room: Room, now: float) -> None:
    """Ask publishers for what is missing and for keyframes that are due.  Every 20 ms."""
    for leg in room.legs.values():
        picture = leg.ingresses.get(Kind.VIDEO)
        if picture is not None and picture.edges and picture.lacks_something():
            room.ledger.outbox.rtcp += [(leg.id, packet) for packet in _asks(leg, now)]


def _asks(leg: Leg, now: float) -> Iterable[bytes]:
    assert leg.lines is not None
    picture, own = leg.ingresses[Kind.VIDEO], leg.lines.slots[0][0].ssrc
    jitter = picture.jitter / picture.rate
    lost = picture.nacks.due(now, rtt=leg.rtt, jitter=jitter) if picture.nacks.missing else []
    if lost and picture.ssrc is not None:
        yield rtcp.nack(own, picture.ssrc, [sequence & 0xFFFF for sequence in lost])
    if picture.nacks.gave_up:
        picture.nacks.gave_up = False
        picture.keyframes.want(now, urgent=False)
    if picture.keyframes.due(now, rtt=leg.rtt):
        request = keyframe_request(leg, picture)
        if request is not None:
            yield request


def report(room: Room, now: float) -> None:
    """Report to every leg whose second is over."""
    for leg in room.legs.values():
        if leg.connected and now >= leg.report_at:
            leg.report_at = now + INTERVAL_SECONDS
            packet = compound(leg, room.offsets, room.ledger.wall, now)
            if packet is not None:
                room.ledger.outbox.rtcp.append((leg.id, packet))
