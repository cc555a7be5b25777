"""An offer is the visit room's or it is refused with a code; the answer says nothing of anybody else (E9, E10, E14)."""

import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, strategies as st

from contact_service.bench.offer import Sources, offer
from contact_service.relay.errors import OfferRefused
from contact_service.relay.io.sdp import Credentials, Fingerprint, agree, read_offer, write_answer
from tests.relay.traces import FINGERPRINT

SOURCES = Sources(audio=11, video=22, rtx=33)
GOOD = offer(FINGERPRINT, "abcd", "p" * 24, SOURCES)
OWN = Credentials(ufrag="ours", password="o" * 32, fingerprint=FINGERPRINT, address="127.0.0.2", port=40_000)
LINES = GOOD.split("\r\n")
OTHER = Fingerprint(algorithm="sha-256", value=":".join(["CD"] * 32))


def code(sdp: str) -> str:
    with pytest.raises(OfferRefused) as refused:
        read_offer(sdp)
    return refused.value.code


def without(prefix: str) -> str:
    return "\r\n".join(line for line in LINES if not line.startswith(prefix))


def section(number: int) -> str:
    return "m=" + GOOD.split("m=")[number + 1]


def test_the_visit_rooms_offer_is_understood() -> None:
    found = read_offer(GOOD)
    assert [line.mid for line in found.lines] == [str(mid) for mid in range(12)]
    assert (found.lines[0].ssrc, found.lines[1].ssrc, found.lines[1].rtx_ssrc) == (11, 22, 33)
    assert (found.lines[0].payload_type, found.lines[1].payload_type, found.lines[1].rtx_type) == (
        111,
        96,
        97,
    )


def test_an_offer_as_chromium_makes_it_is_understood() -> None:
    text = (Path(__file__).parent / "chromium_offer.sdp").read_text()
    found = read_offer(text.replace("\n", "\r\n"))
    assert found.lines[1].rtx_type == 97
    assert found.lines[0].ids.mid == found.lines[1].ids.mid == 4


BAD: list[tuple[str, Callable[[], str]]] = [
    ("offer_lines", lambda: GOOD + section(2)),
    ("offer_lines", lambda: GOOD + section(2) * 48),
    ("offer_lines", lambda: GOOD.replace(section(11), "")),
    ("offer_lines", lambda: GOOD + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:12\r\n"),
    ("offer_lines", lambda: GOOD.replace("m=audio", "m=application", 1)),
    ("offer_lines", lambda: GOOD.replace("UDP/TLS/RTP/SAVPF", "RTP/AVP", 1)),
    ("offer_lines", lambda: GOOD.replace(section(1), "").replace(section(0), section(1) + section(0))),
    ("offer_direction", lambda: GOOD.replace("a=sendonly", "a=sendrecv", 1)),
    ("offer_direction", lambda: GOOD.replace("a=recvonly", "a=sendrecv", 1)),
    ("offer_direction", lambda: GOOD.replace("a=recvonly", "a=recvonly\r\na=sendonly", 1)),
    ("offer_bundle", lambda: without("a=group")),
    ("offer_bundle", lambda: GOOD.replace("a=group:BUNDLE 0 1 2", "a=group:BUNDLE 0 1")),
    ("offer_bundle", lambda: GOOD.replace("a=rtcp-mux\r\n", "", 1)),
    ("offer_bundle", lambda: GOOD.replace("a=mid:1\r\n", "a=mid:0\r\n", 1)),
    ("offer_fingerprint", lambda: without("a=fingerprint")),
    ("offer_fingerprint", lambda: GOOD.replace(FINGERPRINT.value, OTHER.value, 1)),
    ("offer_fingerprint", lambda: GOOD.replace("sha-256", "sha-1")),
    ("offer_fingerprint", lambda: GOOD.replace("sha-256", "md5")),
    ("offer_fingerprint", lambda: GOOD.replace(FINGERPRINT.value, FINGERPRINT.value[:-3])),
    ("offer_codec", lambda: GOOD.replace("opus/48000/2", "PCMU/8000")),
    ("offer_codec", lambda: GOOD.replace("VP8/90000", "H264/90000")),
    ("offer_codec", lambda: GOOD.replace(" 111", " 72").replace(":111", ":72")),
    ("offer_ice", lambda: without("a=ice-ufrag")),
    ("offer_ice", lambda: GOOD.replace("a=ice-pwd:" + "p" * 24, "a=ice-pwd:short")),
    ("offer_ice", lambda: GOOD.replace("a=ice-ufrag:abcd", "a=ice-ufrag:other", 1)),
    ("offer_ice", lambda: GOOD.replace("t=0 0", "t=0 0\r\na=ice-lite")),
    ("offer_malformed", lambda: GOOD.replace("a=setup:actpass", "a=setup:passive")),
    ("offer_malformed", lambda: GOOD.replace("a=ssrc:11 ", "a=ssrc:99999999999 ")),
    ("offer_malformed", lambda: GOOD.replace("a=ssrc:11 ", "a=ssrc:22 ")),
    ("offer_malformed", lambda: ""),
    ("offer_malformed", lambda: "v=0\r\n" * 2_001),
    ("offer_malformed", lambda: GOOD.replace("s=-", "s=Mía")),
    ("offer_too_large", lambda: GOOD + "a=x:" + "y" * 48 * 1024),
]


@pytest.mark.parametrize(
    ("expected", "make"), BAD, ids=[f"{number} {name}" for number, (name, _) in enumerate(BAD)]
)
def test_other_offers_are_refused_by_name(expected: str, make: Callable[[], str]) -> None:
    sdp = make()
    assert sdp != GOOD
    assert code(sdp) == expected


def test_the_largest_offers_are_judged_in_twenty_milliseconds() -> None:
    for filler in ("a=ssrc:1 x\r\n", "a=fingerprint:sha-256 AA\r\n", "a=extmap:1 x\r\n", "m=audio 9 x\r\n"):
        sdp = (GOOD + filler * 4_000)[: 48 * 1024]
        began = time.process_time()
        code(sdp)
        assert time.process_time() - began < 0.02


@given(st.data())
def test_a_mutated_offer_is_read_or_refused_by_name(data: st.DataObject) -> None:
    lines = list(LINES)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        kind = data.draw(st.sampled_from(["drop", "double", "replace", "swap"]))
        if kind == "drop":
            del lines[at]
        elif kind == "double":
            lines.insert(at, lines[at])
        elif kind == "replace":
            lines[at] = lines[at][:4] + data.draw(st.text(max_size=20))
        else:
            lines[at], lines[-1] = lines[-1], lines[at]
    try:
        found = read_offer("\r\n".join(lines))
    except OfferRefused:
        return
    assert len(found.lines) == 12
    assert write_answer(agree(found, Random(1)), OWN, 1)  # noqa: S311  a test must repeat


@given(st.text())
def test_any_text_is_refused_by_name(text: str) -> None:
    assert code(text).startswith("offer_")


def answered(seed: int = 1) -> str:
    return write_answer(agree(read_offer(GOOD), Random(seed)), OWN, 7)  # noqa: S311  a test must repeat


def test_the_answer_names_one_address_and_repeats_nothing_of_the_offer() -> None:
    text = answered()
    assert [line for line in text.split("\r\n") if line.startswith("a=candidate")] == [
        "a=candidate:1 1 udp 2130706431 127.0.0.2 40000 typ host"
    ]
    assert not {"abcd", "p" * 24, "cname:page"} & set(text.replace(":", "\r\n").split("\r\n"))
    assert "a=ice-lite" in text
    assert text.count("a=setup:passive") == text.count("m=") == 12


def test_the_answer_sends_on_slots_only_and_the_stream_comes_before_its_repair() -> None:
    sections = answered().split("m=")[1:]
    assert ["a=recvonly" in text for text in sections] == [True] * 2 + [False] * 10
    for text in sections[3::2]:
        group = next(line for line in text.split("\r\n") if line.startswith("a=ssrc-group:FID")).split(" ")
        own = [
            line.split(" ")[0].removeprefix("a=ssrc:")
            for line in text.split("\r\n")
            if line.startswith("a=ssrc:")
        ]
        assert own == group[1:]


def test_every_answer_has_streams_of_its_own() -> None:
    numbers = [line for line in answered().split("\r\n") if line.startswith("a=ssrc:")]
    assert len(set(numbers)) == len(numbers) == 15
    assert not set(numbers) & set(answered(seed=2).split("\r\n"))


def test_an_offer_without_repair_gets_no_repair() -> None:
    plain = GOOD.replace("a=fmtp:97 apt=96", "a=fmtp:97 x=1")
    assert "rtx" not in write_answer(agree(read_offer(plain), Random(1)), OWN, 1)  # noqa: S311  a test must repeat
