"""Files as somebody's phone or somebody's malice would bring them."""

import io
import struct
import zlib

from PIL import Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"
WHERE_SHE_LIVES = (51.0, 30.0, 26.0)


def photo_file(
    kind: str = "JPEG", *, mode: str = "RGB", size: tuple[int, int] = (640, 800), **saved: object
) -> bytes:
    """A picture that is bright on its left and dark on its right."""
    light = Image.linear_gradient("L").rotate(90).resize(size).convert("RGB" if mode == "RGBA" else mode)
    kept = io.BytesIO()
    light.convert(mode).save(kept, kind, **saved)
    return kept.getvalue()


def seen(jpeg: bytes) -> Image.Image:
    """What somebody would see."""
    with Image.open(io.BytesIO(jpeg)) as image:
        image.load()
        return image


def with_its_place(**more: int) -> bytes:
    """A photo in which a phone wrote where it was taken, a small copy of it, and a colour profile."""
    exif = Image.Exif()
    exif[0x010F] = "Marlowe's phone"
    for tag, value in more.items():
        exif[int(tag.removeprefix("tag"))] = value
    exif.get_ifd(0x8825).update({1: "N", 2: WHERE_SHE_LIVES, 3: "W", 4: (0.0, 7.0, 39.0)})
    return photo_file(exif=exif, icc_profile=b"profile" * 40, comment=b"kitchen at home")


def png_of(width: int, height: int) -> bytes:
    """A PNG that says how large it is, in a few bytes, and holds nothing of it."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return SIGNATURE + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(b"")) + _chunk(b"IEND", b"")


def png_with_much_text() -> bytes:
    """A small picture whose words unfold to far more than anybody writes."""
    whole = photo_file("PNG", size=(100, 100))
    words = _chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(b"x" * 80_000_000))
    return whole[:33] + words + whole[33:]


def moving(kind: str) -> bytes:
    """A picture of three frames."""
    frames = [Image.new("RGB", (100, 100), colour) for colour in ("red", "green", "blue")]
    kept = io.BytesIO()
    frames[0].save(kept, kind, save_all=True, append_images=frames[1:])
    return kept.getvalue()


def _chunk(name: bytes, content: bytes) -> bytes:
    checked = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + checked
