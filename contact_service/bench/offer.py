"""The offer that the visit room's page makes, for legs that are no browser."""

from dataclasses import dataclass

from contact_service.relay.io.sdp import LEVEL_URI, MID_URI, SEND_TIME_URI, Fingerprint

OPUS, VP8, RTX = 111, 96, 97
MID, SEND_TIME, LEVEL = 4, 2, 1
"""Payload types and header extension numbers that our legs use."""


@dataclass(frozen=True, kw_only=True)
class Sources:
    """The SSRCs a leg publishes under, all different."""

    audio: int
    video: int
    rtx: int


def offer(
    fingerprint: Fingerprint,
    ufrag: str,
    password: str,
    sources: Sources,
    *,
    candidate: tuple[str, int] | None = None,
) -> str:
    """An offer with own sound and picture and five pairs to receive; a relay of ours needs no ``candidate``."""
    text = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"]
    text.append("a=group:BUNDLE " + " ".join(map(str, range(12))))
    for mid in range(12):
        kind = "video" if mid % 2 else "audio"
        text += _line(kind, mid)
        text += [f"a=ice-ufrag:{ufrag}", f"a=ice-pwd:{password}", "a=setup:actpass"]
        text += [f"a=fingerprint:{fingerprint.algorithm} {fingerprint.value}"]
        text.append("a=recvonly" if mid > 1 else "a=sendonly")
        text += _sources(mid, sources)
        if candidate is not None and mid == 0:
            text.append(f"a=candidate:1 1 udp 2130706431 {candidate[0]} {candidate[1]} typ host")
    return "\r\n".join(text) + "\r\n"


def _line(kind: str, mid: int) -> list[str]:
    numbers = f"{OPUS}" if kind == "audio" else f"{VP8} {RTX}"
    text = [f"m={kind} 9 UDP/TLS/RTP/SAVPF {numbers}", "c=IN IP4 0.0.0.0", f"a=mid:{mid}", "a=rtcp-mux"]
    text += [f"a=extmap:{MID} {MID_URI}", f"a=extmap:{SEND_TIME} {SEND_TIME_URI}"]
    if kind == "audio":
        return [*text, f"a=rtpmap:{OPUS} opus/48000/2", f"a=extmap:{LEVEL} {LEVEL_URI}"]
    return [*text, f"a=rtpmap:{VP8} VP8/90000", f"a=rtpmap:{RTX} rtx/90000", f"a=fmtp:{RTX} apt={VP8}"]


def _sources(mid: int, sources: Sources) -> list[str]:
    if mid == 0:
        return [f"a=ssrc:{sources.audio} cname:page"]
    if mid == 1:
        group = f"a=ssrc-group:FID {sources.video} {sources.rtx}"
        return [group, f"a=ssrc:{sources.video} cname:page", f"a=ssrc:{sources.rtx} cname:page"]
    return []
