"""Session descriptions: what an offer must look like, and our own answer (RFC 8866, RFC 8829, RFC 8843).

Of an offer only what is checked here is used; nothing of it is copied into the answer but line order, MIDs, payload
types and extension numbers.  Candidates are ignored.
"""

import re
from dataclasses import dataclass
from random import Random

from contact_service.protocol.signal import SLOTS
from contact_service.relay.core.lines import ExtensionIds, Kind, Lines, ReceiveLine, SendLine
from contact_service.relay.errors import OfferRefused

OFFER_LIMIT_BYTES = 48 * 1024
_MOST_LINES = 2_000
_MEDIA_LINES = 2 + 2 * SLOTS
MID_URI = "urn:ietf:params:rtp-hdrext:sdes:mid"
LEVEL_URI = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
SEND_TIME_URI = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
_CODEC = {Kind.AUDIO: "opus/48000/2", Kind.VIDEO: "vp8/90000"}
_CODEC_NAME = {Kind.AUDIO: "opus/48000/2", Kind.VIDEO: "VP8/90000"}
_MEDIA = re.compile(r"m=(audio|video) [0-9]{1,5} UDP/TLS/RTP/SAVPF((?: [0-9]{1,3}){1,127})")
_MID = re.compile(r"[A-Za-z0-9_-]{1,16}")
_ICE_NAME = re.compile(r"[A-Za-z0-9+/]{4,256}")
_ICE_PASSWORD = re.compile(r"[A-Za-z0-9+/]{22,256}")
_DIGEST_BYTES = {"sha-256": 32, "sha-384": 48, "sha-512": 64}
_HEX_PAIR = re.compile(r"[0-9A-F]{2}(?::[0-9A-F]{2})*")
_EXTENSION = re.compile(r"([0-9]{1,2})(?:/[a-z]+)? (\S+)(?: .*)?")


@dataclass(frozen=True, kw_only=True)
class Fingerprint:
    """A certificate's digest: lower-case algorithm name, upper-case hexadecimal pairs with colons."""

    algorithm: str
    value: str


@dataclass(frozen=True, kw_only=True)
class OfferedLine:
    """One media line of an offer, as far as it is used."""

    kind: Kind
    mid: str
    payload_type: int
    rtx_type: int | None
    ids: ExtensionIds
    ssrc: int | None
    rtx_ssrc: int | None


@dataclass(frozen=True, kw_only=True)
class Offer:
    """An offer that the visit room makes: two lines to send, five pairs to receive."""

    lines: tuple[OfferedLine, ...]
    fingerprint: Fingerprint
    ufrag: str
    password: str


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What the relay says of itself in an answer."""

    ufrag: str
    password: str
    fingerprint: Fingerprint
    address: str
    port: int


def read_offer(sdp: str) -> Offer:
    """The offer in ``sdp``; raise ``OfferRefused`` with a code if it is anything else than the visit room's."""
    session, media = _sections(sdp)
    every = [line for section in (session, *media) for line in section]
    lines = tuple(_media_line(section, index) for index, section in enumerate(media))
    _check_bundle(session, media, lines)
    if not _all(every, "a=setup:") <= {"actpass", "active"}:
        raise OfferRefused("offer_malformed")
    return Offer(
        lines=lines,
        fingerprint=_fingerprint(every),
        ufrag=_only(every, "a=ice-ufrag:", _ICE_NAME),
        password=_only(every, "a=ice-pwd:", _ICE_PASSWORD),
    )


def _sections(sdp: str) -> tuple[list[str], list[list[str]]]:
    if len(sdp) > OFFER_LIMIT_BYTES or len(sdp.encode("utf-8", "surrogatepass")) > OFFER_LIMIT_BYTES:
        raise OfferRefused("offer_too_large")
    lines = sdp.replace("\r\n", "\n").split("\n")
    if not sdp.startswith("v=0") or not sdp.isascii() or len(lines) > _MOST_LINES:
        raise OfferRefused("offer_malformed")
    session: list[str] = []
    media: list[list[str]] = []
    for line in lines:
        if line.startswith("m="):
            media.append([])
        (media[-1] if media else session).append(line)
    if len(media) != _MEDIA_LINES:
        raise OfferRefused("offer_lines")
    return session, media


def _media_line(section: list[str], index: int) -> OfferedLine:
    found = _MEDIA.fullmatch(section[0])
    kind = Kind.VIDEO if index % 2 else Kind.AUDIO
    if found is None or found[1] != kind:
        raise OfferRefused("offer_lines")
    directions = {"a=sendonly", "a=recvonly", "a=sendrecv", "a=inactive"}.intersection(section)
    if directions != {"a=sendonly" if index < 2 else "a=recvonly"}:  # noqa: PLR2004  own sound and picture come first
        raise OfferRefused("offer_direction")
    if "a=rtcp-mux" not in section:
        raise OfferRefused("offer_bundle")
    payload_type, rtx_type = _payload_types(section, kind, {int(number) for number in found[2].split()})
    ssrc, rtx_ssrc = _ssrcs(section)
    return OfferedLine(
        kind=kind,
        mid=_only(section, "a=mid:", _MID, code="offer_bundle"),
        payload_type=payload_type,
        rtx_type=rtx_type,
        ids=_extension_ids(section),
        ssrc=ssrc,
        rtx_ssrc=rtx_ssrc,
    )


def _payload_types(section: list[str], kind: Kind, listed: set[int]) -> tuple[int, int | None]:
    usable = {number for number in listed if number < 64 or 95 < number < 128}  # noqa: PLR2004  RFC 5761 section 4
    codecs = [text.split(" ", 1) for text in _values(section, "a=rtpmap:")]
    named = [(number, name.lower()) for number, *rest in codecs for name in rest if number.isdecimal()]
    own = [int(number) for number, name in named if name == _CODEC[kind] and int(number) in usable]
    if not own:
        raise OfferRefused("offer_codec")
    repair = {int(number) for number, name in named if name == "rtx/90000" and int(number) in usable}
    wanted = f"apt={own[0]}"
    for text in _values(section, "a=fmtp:"):
        number, _, parameters = text.partition(" ")
        if number.isdecimal() and int(number) in repair and wanted in parameters.split(";"):
            return own[0], int(number)
    return own[0], None


def _extension_ids(section: list[str]) -> ExtensionIds:
    numbers: dict[str, int] = {}
    for text in _values(section, "a=extmap:"):
        found = _EXTENSION.fullmatch(text)
        if found and 0 < int(found[1]) < 15:  # noqa: PLR2004  RFC 8285 section 4.2
            numbers.setdefault(found[2], int(found[1]))
    if len(set(numbers.values())) != len(numbers):
        raise OfferRefused("offer_malformed")
    return ExtensionIds(
        mid=numbers.get(MID_URI), send_time=numbers.get(SEND_TIME_URI), level=numbers.get(LEVEL_URI)
    )


def _ssrcs(section: list[str]) -> tuple[int | None, int | None]:
    for text in _values(section, "a=ssrc-group:FID "):
        pair = text.split(" ")
        if len(pair) == 2:  # noqa: PLR2004  a stream and its repair (RFC 5576 section 4.2)
            return _ssrc(pair[0]), _ssrc(pair[1])
    own = _values(section, "a=ssrc:")
    return (_ssrc(own[0].split(" ", 1)[0]) if own else None), None


def _ssrc(text: str) -> int:
    if not text.isdecimal() or len(text) > 10 or not 0 < int(text) < 2**32:  # noqa: PLR2004  ten digits hold 32 bits
        raise OfferRefused("offer_malformed")
    return int(text)


def _check_bundle(session: list[str], media: list[list[str]], lines: tuple[OfferedLine, ...]) -> None:
    mids = [line.mid for line in lines]
    groups = _values(session, "a=group:BUNDLE ")
    ssrcs = [number for line in lines for number in (line.ssrc, line.rtx_ssrc) if number is not None]
    if len(set(mids)) != _MEDIA_LINES or len(groups) != 1 or groups[0].split(" ") != mids:
        raise OfferRefused("offer_bundle")
    if len(set(ssrcs)) != len(ssrcs) or len({line.payload_type for line in lines[:2]}) != 2:  # noqa: PLR2004
        raise OfferRefused("offer_malformed")
    if any("a=ice-lite" in section for section in (session, *media)):
        raise OfferRefused("offer_ice")


def _fingerprint(every: list[str]) -> Fingerprint:
    found = {text.upper() for text in _values(every, "a=fingerprint:")}
    if len(found) != 1:
        raise OfferRefused("offer_fingerprint")
    algorithm, _, value = found.pop().partition(" ")
    size = _DIGEST_BYTES.get(algorithm.lower())
    if size is None or len(value) != 3 * size - 1 or not _HEX_PAIR.fullmatch(value):
        raise OfferRefused("offer_fingerprint")
    return Fingerprint(algorithm=algorithm.lower(), value=value)


def _values(section: list[str], prefix: str) -> list[str]:
    return [line[len(prefix) :] for line in section if line.startswith(prefix)]


def _all(section: list[str], prefix: str) -> set[str]:
    return set(_values(section, prefix))


def _only(section: list[str], prefix: str, form: re.Pattern[str], *, code: str = "offer_ice") -> str:
    found = _all(section, prefix)
    if len(found) != 1 or not form.fullmatch(value := found.pop()):
        raise OfferRefused(code)
    return value


def agree(offer: Offer, random: Random) -> Lines:
    """What both sides will do, with SSRCs of our own that differ from each other and from the offer's."""
    audio, video = (_send_line(line) for line in offer.lines[:2])
    used = {n for line in (audio, video) for n in (line.ssrc, line.rtx_ssrc) if n is not None}
    receive = [_receive_line(line, used, random) for line in offer.lines[2:]]
    return Lines(audio=audio, video=video, slots=tuple(zip(receive[::2], receive[1::2], strict=True)))


def _send_line(line: OfferedLine) -> SendLine:
    return SendLine(
        kind=line.kind,
        mid=line.mid,
        payload_type=line.payload_type,
        rtx_type=line.rtx_type,
        ssrc=line.ssrc,
        rtx_ssrc=line.rtx_ssrc if line.rtx_type is not None else None,
        ids=line.ids,
    )


def _receive_line(line: OfferedLine, used: set[int], random: Random) -> ReceiveLine:
    return ReceiveLine(
        kind=line.kind,
        mid=line.mid,
        payload_type=line.payload_type,
        rtx_type=line.rtx_type,
        ssrc=_fresh(used, random),
        rtx_ssrc=_fresh(used, random),
        ids=line.ids,
    )


def _fresh(used: set[int], random: Random) -> int:
    while (number := random.getrandbits(32)) in used or number == 0:
        pass
    used.add(number)
    return number


def write_answer(lines: Lines, own: Credentials, session: int) -> str:
    """Our answer: ICE-lite, one candidate, DTLS passive, streams that never change."""
    mids = " ".join(line.mid for line in lines.every())
    text = ["v=0", f"o=- {session} 1 IN IP4 0.0.0.0", "s=-", "t=0 0"]
    text += ["a=ice-lite", f"a=group:BUNDLE {mids}", "a=msid-semantic: WMS *"]
    for line in (lines.audio, lines.video):
        text += [*_common(line, own), "a=recvonly", *_extensions(line, sends=False)]
        if line is lines.audio:  # the line that all others are bundled with
            text.append(f"a=candidate:1 1 udp 2130706431 {own.address} {own.port} typ host")
            text.append("a=end-of-candidates")
    for number, slot in enumerate(lines.slots):
        for taken in slot:
            text += [*_common(taken, own), "a=sendonly", *_extensions(taken, sends=True)]
            text += _stream(taken, number)
    return "\r\n".join(text) + "\r\n"


def _common(line: SendLine | ReceiveLine, own: Credentials) -> list[str]:
    number, rtx = line.payload_type, line.rtx_type
    text = [f"m={line.kind} 9 UDP/TLS/RTP/SAVPF {number}" + ("" if rtx is None else f" {rtx}")]
    text += [
        "c=IN IP4 0.0.0.0",
        f"a=mid:{line.mid}",
        f"a=ice-ufrag:{own.ufrag}",
        f"a=ice-pwd:{own.password}",
        f"a=fingerprint:{own.fingerprint.algorithm} {own.fingerprint.value}",
        "a=setup:passive",
        "a=rtcp-mux",
        "a=rtcp-rsize",
        f"a=rtpmap:{number} {_CODEC_NAME[line.kind]}",
    ]
    if line.kind is Kind.AUDIO:
        return [*text, f"a=fmtp:{number} minptime=10;useinbandfec=1"]
    text += [f"a=rtcp-fb:{number} {kind}" for kind in ("goog-remb", "ccm fir", "nack", "nack pli")]
    return text if rtx is None else [*text, f"a=rtpmap:{rtx} rtx/90000", f"a=fmtp:{rtx} apt={number}"]


def _extensions(line: SendLine | ReceiveLine, *, sends: bool) -> list[str]:
    ids = line.ids
    wanted = [(ids.mid, MID_URI)]
    if line.kind is Kind.AUDIO:
        wanted.append((ids.level, LEVEL_URI))
    if sends:
        wanted.append((ids.send_time, SEND_TIME_URI))
    return [f"a=extmap:{number} {uri}" for number, uri in wanted if number is not None]


def _stream(line: ReceiveLine, slot: int) -> list[str]:
    text = [f"a=msid:slot-{slot} {line.kind}-{slot}"]
    if line.rtx_type is None:
        return [*text, f"a=ssrc:{line.ssrc} cname:slot-{slot}"]
    text.append(f"a=ssrc-group:FID {line.ssrc} {line.rtx_ssrc}")
    # The stream itself comes first: browsers take the first SSRC of a line for it.
    return [*text, f"a=ssrc:{line.ssrc} cname:slot-{slot}", f"a=ssrc:{line.rtx_ssrc} cname:slot-{slot}"]
