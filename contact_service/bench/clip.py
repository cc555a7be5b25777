"""A short clip of real VP8 and Opus, encoded beforehand, so that encoding costs nothing while something is measured."""

import math
from dataclasses import dataclass
from fractions import Fraction

import av
from aiortc.codecs.opus import OpusEncoder
from aiortc.codecs.vpx import Vp8Encoder
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame

WIDTH, HEIGHT, FRAMES_PER_SECOND, BITS_PER_SECOND = 640, 360, 15, 600_000
_SAMPLES = 960
_VIDEO_CLOCK = 90_000


@dataclass(frozen=True, kw_only=True)
class Clip:
    """One second and more: the packets of each frame at 15 a second, and Opus packets of 20 ms."""

    frames: tuple[tuple[bytes, ...], ...]
    sounds: tuple[bytes, ...]


def make_clip(seconds: int = 2) -> Clip:
    """A moving pattern and a tone; the first frame is a keyframe."""
    return Clip(frames=_frames(seconds), sounds=_sounds(seconds))


def _frames(seconds: int) -> tuple[tuple[bytes, ...], ...]:
    encoder = Vp8Encoder()
    encoder.target_bitrate = BITS_PER_SECOND
    frames = []
    for number in range(seconds * FRAMES_PER_SECOND):
        frame = _picture(number)
        payloads, _ = encoder.encode(frame, force_keyframe=number == 0)
        frames.append(tuple(payloads))
    return tuple(frames)


def _picture(number: int) -> VideoFrame:
    frame = VideoFrame(WIDTH, HEIGHT, "yuv420p")
    for index, plane in enumerate(frame.planes):
        row = bytes((x * (3 + index) + number * 5) & 0xFF for x in range(plane.line_size))
        picture = b"".join(row[(y + number) % 97 :] + row[: (y + number) % 97] for y in range(plane.height))
        plane.update(picture)
    frame.pts = number * _VIDEO_CLOCK // FRAMES_PER_SECOND
    frame.time_base = Fraction(1, _VIDEO_CLOCK)
    return frame


def _sounds(seconds: int) -> tuple[bytes, ...]:
    encoder = OpusEncoder()
    packets: list[bytes] = []
    for number in range(seconds * 50):
        payloads, _ = encoder.encode(_sound(number))
        packets += payloads
    return tuple(packets)


def _sound(number: int) -> AudioFrame:
    frame = AudioFrame(format="s16", layout="stereo", samples=_SAMPLES)
    tone = (int(8_000 * math.sin((number * _SAMPLES + n) * 440 * math.tau / 48_000)) for n in range(_SAMPLES))
    frame.planes[0].update(b"".join(value.to_bytes(2, "little", signed=True) * 2 for value in tone))
    frame.pts = number * _SAMPLES
    frame.sample_rate = 48_000
    frame.time_base = Fraction(1, 48_000)
    return frame


av.logging.set_level(av.logging.ERROR)
