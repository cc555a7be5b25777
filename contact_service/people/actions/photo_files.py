"""A file that is brought as a photo: whatever it is, its picture is made anew, and only that is kept.

A stranger's file is read here: its kind and its size are known before a pixel of it is decoded, one is decoded at a
time, and nothing of the file itself is kept, neither what a camera wrote into it nor what somebody hid behind it.
"""

import io
import struct
import zlib
from threading import Lock

from PIL import Image, ImageOps

from contact_service.errors import BadInput
from contact_service.people.photo import LARGEST_BYTES, LONGEST_SIDE, AgencyPhoto

_SMALLEST_SIDE = 64
_MOST_PIXELS = 25_000_000
"""Twice what phone cameras make as a rule; one of this size takes 100 MB for the second in which it is made small."""
_KINDS = ("JPEG", "PNG", "WEBP")
# A phone that takes two pictures at once writes both into one file, and the first is the photo.
_STILL = frozenset({"MPO"})
_QUALITY = 85
# What is raised for files that are broken or made to break something; all of them are the file's fault.
_BROKEN = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    ArithmeticError,
    LookupError,
    TypeError,
    AttributeError,
    MemoryError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
# Each scan of a JPEG goes over all of the picture; programs that save one in steps use ten, phones put two in a file.
_SCAN, _MOST_SCANS = b"\xff\xda", 32
# Whoever waits holds a transaction, and others wait for that.
_WAIT_SECONDS = 2.0
_one_at_a_time = Lock()


def clean_photo(brought: bytes) -> AgencyPhoto:
    """The photo as it is kept; raises ``BadInput`` at ``photo`` for what is no photo, or no safe one.  Blocks.

    Orientation is applied; transparency becomes white; colours of print and of 16 bit become those of a screen.
    """
    if not brought:
        raise BadInput("Choose a photo first.", "photo")
    if len(brought) > LARGEST_BYTES:
        raise BadInput("This photo is larger than 5 MB. Make it smaller, then try again.", "photo")
    if brought.count(_SCAN) > _MOST_SCANS and brought.startswith(b"\xff\xd8"):
        raise _damaged()
    if not _one_at_a_time.acquire(timeout=_WAIT_SECONDS):
        raise BadInput("Other photos are being read just now. Wait a moment, then try again.", "photo")
    try:
        image = _looked_into(brought)
        _demand_fit(image)
        return AgencyPhoto(jpeg=_made_anew(image))
    finally:
        _one_at_a_time.release()


def _looked_into(brought: bytes) -> Image.Image:
    """The file with its kind and size known, and nothing decoded."""
    try:
        return Image.open(io.BytesIO(brought), formats=_KINDS)
    except Image.DecompressionBombError:
        raise _too_many_pixels() from None
    except _BROKEN:
        raise BadInput(
            "This is no photo that can be read. Bring a JPEG, PNG or WebP file.", "photo"
        ) from None


def _demand_fit(image: Image.Image) -> None:
    if image.width * image.height > _MOST_PIXELS:
        raise _too_many_pixels()
    if min(image.size) < _SMALLEST_SIDE:
        raise BadInput("This photo is too small to know somebody by. Bring a larger one.", "photo")
    try:
        moves = getattr(image, "n_frames", 1) > 1 and image.format not in _STILL
    except _BROKEN:
        raise _damaged() from None
    if moves:
        raise BadInput("This is a moving picture. Bring a photo that stands still.", "photo")


def _made_anew(image: Image.Image) -> bytes:
    try:
        image.draft("RGB", (2 * LONGEST_SIDE, 2 * LONGEST_SIDE))  # a JPEG is decoded no larger than is needed
        picture = _on_a_screen(ImageOps.exif_transpose(image))
        picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        alone = Image.new("RGB", picture.size, "white")
        alone.paste(picture, mask=picture.getchannel("A") if picture.mode == "RGBA" else None)
        kept = io.BytesIO()
        alone.save(kept, "JPEG", quality=_QUALITY)
    except _BROKEN:
        raise _damaged() from None
    return kept.getvalue()


def _on_a_screen(image: Image.Image) -> Image.Image:
    """The same in 8 bit red, green and blue, and with its transparency where it has one."""
    if image.mode.startswith("I"):  # grey of 16 bit: brought down to 8, for it would be cut off otherwise
        image = image.convert("I").point(lambda grey: grey * (1 / 256)).convert("L")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _too_many_pixels() -> BadInput:
    return BadInput("This photo has too many pixels. Make it smaller, then try again.", "photo")


def _damaged() -> BadInput:
    return BadInput("This photo is damaged and cannot be read to its end. Bring another copy of it.", "photo")
