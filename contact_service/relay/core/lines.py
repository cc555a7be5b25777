"""The media lines that one leg agreed on: what it sends, and its receive slots."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Sound or picture."""

    AUDIO = "audio"
    VIDEO = "video"


CLOCK_RATE = {Kind.AUDIO: 48_000, Kind.VIDEO: 90_000}


@dataclass(frozen=True, kw_only=True)
class ExtensionIds:
    """Which number a leg gives to each header extension, 1 to 14, None where it has none."""

    mid: int | None
    send_time: int | None
    level: int | None


@dataclass(frozen=True, kw_only=True)
class SendLine:
    """A line on which the leg publishes.  SSRCs are None where the offer did not say them."""

    kind: Kind
    mid: str
    payload_type: int
    rtx_type: int | None
    ssrc: int | None
    rtx_ssrc: int | None
    ids: ExtensionIds


@dataclass(frozen=True, kw_only=True)
class ReceiveLine:
    """A line on which the leg receives, with the SSRCs that the relay chose."""

    kind: Kind
    mid: str
    payload_type: int
    rtx_type: int | None
    ssrc: int
    rtx_ssrc: int
    ids: ExtensionIds


@dataclass(frozen=True, kw_only=True)
class Lines:
    """Everything one leg agreed on; slots are pairs of audio and video."""

    audio: SendLine
    video: SendLine
    slots: tuple[tuple[ReceiveLine, ReceiveLine], ...]

    def every(self) -> tuple[SendLine | ReceiveLine, ...]:
        """All lines in the order of the offer."""
        return (self.audio, self.video, *(line for slot in self.slots for line in slot))
