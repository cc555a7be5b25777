"""Whatever file is brought as a photo: only its picture is kept, and one that is no photo costs its own request."""

import io
import tracemalloc

import pytest
from PIL import Image, ImageStat

from contact_service.errors import BadInput
from contact_service.people.actions import photo_files
from contact_service.people.actions.photo_files import clean_photo
from contact_service.people.photo import LARGEST_BYTES, LONGEST_SIDE, AgencyPhoto
from tests.photos import moving, photo_file, png_of, png_with_much_text, seen, with_its_place

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="600" height="600"><script>alert(1)</script></svg>'
BROKEN = {
    "nothing": (b"", "Choose a photo first"),
    "too large": (photo_file() + bytes(LARGEST_BYTES), "larger than 5 MB"),
    "an SVG renamed": (SVG, "no photo that can be read"),
    "words": (b"this is no picture", "no photo that can be read"),
    "another kind of picture": (photo_file("BMP"), "no photo that can be read"),
    "a still GIF": (photo_file("GIF"), "no photo that can be read"),
    "a bomb": (png_of(30_000, 30_000), "too many pixels"),
    "a small bomb": (png_of(6_000, 6_000), "too many pixels"),
    "one pixel": (photo_file(size=(1, 1)), "too small"),
    "a strip": (photo_file(size=(2_000, 20)), "too small"),
    "moving PNG": (moving("PNG"), "moving picture"),
    "moving WebP": (moving("WEBP"), "moving picture"),
    "a JPEG of many scans": (photo_file(progressive=True) + b"\xff\xda" * 40, "damaged"),
    "truncated JPEG": (photo_file()[:4_000], "damaged"),
    "truncated PNG": (photo_file("PNG")[:2_000], "damaged"),
    "empty PNG": (png_of(100, 100), "damaged"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_photo_is_refused_in_plain_words(name: str) -> None:
    brought, words = BROKEN[name]
    with pytest.raises(BadInput, match=words) as found:
        clean_photo(brought)
    assert found.value.field == "photo"


def test_a_photo_that_was_saved_in_steps_is_one() -> None:
    assert seen(clean_photo(photo_file(progressive=True)).jpeg).format == "JPEG"


def test_whoever_comes_while_another_is_read_for_long_is_told_to_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(photo_files, "_WAIT_SECONDS", 0.01)
    with photo_files._one_at_a_time, pytest.raises(BadInput, match="Wait a moment"):
        clean_photo(photo_file())
    assert clean_photo(photo_file()).jpeg


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_made_small_and_a_jpeg(kind: str) -> None:
    kept = seen(clean_photo(photo_file(kind, size=(1_200, 2_400))).jpeg)
    assert (kept.format, kept.mode, kept.size) == ("JPEG", "RGB", (LONGEST_SIDE // 2, LONGEST_SIDE))


def test_a_small_photo_is_not_made_larger() -> None:
    assert seen(clean_photo(photo_file(size=(100, 120))).jpeg).size == (100, 120)


def test_nothing_that_a_phone_wrote_into_it_is_kept() -> None:
    brought = with_its_place()
    for inside in (b"Marlowe's phone", b"profileprofile", b"kitchen at home"):
        assert inside in brought, "or the test looks for what never was there"
    assert seen(brought).getexif().get_ifd(0x8825)
    jpeg = clean_photo(brought).jpeg
    kept = seen(jpeg)
    assert dict(kept.getexif()) == {}
    assert kept.getexif().get_ifd(0x8825) == {}
    assert not {"exif", "icc_profile", "comment", "xmp", "photoshop"} & set(kept.info)
    for inside in (b"Exif", b"Marlowe", b"profile", b"kitchen"):
        assert inside not in jpeg


def test_a_photo_that_was_taken_sideways_stands_upright() -> None:
    jpeg = clean_photo(with_its_place(tag274=6)).jpeg  # EXIF: the top of the picture is on its right
    assert seen(jpeg).size == (LONGEST_SIDE, 410)


def test_what_hides_behind_the_picture_is_gone() -> None:
    behind = b"PK\x03\x04<script>alert(document.cookie)</script>"
    jpeg = clean_photo(photo_file() + behind).jpeg
    assert b"script" not in jpeg
    assert b"PK\x03\x04" not in jpeg


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("JPEG", "CMYK"), ("PNG", "I;16"), ("PNG", "L"), ("PNG", "P"), ("PNG", "RGBA"), ("PNG", "1")],
)
def test_colours_of_every_kind_become_those_of_a_screen(kind: str, mode: str) -> None:
    brought = _sixteen_bit() if mode == "I;16" else photo_file(kind, mode=mode)
    kept = seen(clean_photo(brought).jpeg).convert("L")
    left, right = (ImageStat.Stat(kept.crop((x, 0, x + 20, 400))).mean[0] for x in (0, kept.width - 20))
    assert abs(left - right) > 150, (left, right)


def _sixteen_bit() -> bytes:
    grey = Image.linear_gradient("L").rotate(90).resize((640, 800)).convert("I").point(lambda x: x * 256)
    kept = io.BytesIO()
    grey.convert("I;16").save(kept, "PNG")
    return kept.getvalue()


def test_what_is_transparent_becomes_white() -> None:
    kept = io.BytesIO()
    Image.new("RGBA", (200, 200), (0, 0, 0, 0)).save(kept, "PNG")
    assert seen(clean_photo(kept.getvalue()).jpeg).getpixel((100, 100)) == (255, 255, 255)


def test_words_that_unfold_without_end_do_not_fill_the_memory() -> None:
    brought = png_with_much_text()
    tracemalloc.start()
    try:
        with pytest.raises(BadInput, match=r"no photo that can be read|damaged"):
            clean_photo(brought)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_after_a_bad_file_the_next_one_is_read() -> None:
    for brought, _ in BROKEN.values():
        with pytest.raises(BadInput):
            clean_photo(brought)
    assert clean_photo(photo_file()).jpeg


def test_it_is_sealed_as_text_and_comes_back_the_same() -> None:
    photo = clean_photo(photo_file())
    assert AgencyPhoto.from_bytes(photo.to_bytes()) == photo
    photo.to_bytes().decode()
