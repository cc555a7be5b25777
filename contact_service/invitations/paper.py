"""Draws a letter as a PDF: one font that is embedded, one picture of the link, nothing of whoever printed it.

A sheet has no scripts, no forms, no files and nothing to press: whoever opened the link on the screen would bind it.
"""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import segno
from fontTools.ttLib import TTFont
from fpdf import FPDF
from PIL import Image

from contact_service.errors import BadInput
from contact_service.invitations.letter import Paper, Sheet
from contact_service.texts import ENGLISH

REGULAR, BOLD = "DejaVuSans.ttf", "DejaVuSans-Bold.ttf"
PRODUCT = "contact_service"
_FAMILY = "letter"
_PICTURE_WORDS = {
    ENGLISH: "The link as a picture, for the camera of a phone",
    "es": "El enlace como imagen, para la cámara de un teléfono",
}
_MARGIN_MM, _LINE_MM, _PICTURE_MM = 25, 6.5, 52
_MODULE_PIXELS, _QUIET_MODULES = 8, 4  # ISO/IEC 18004 asks for a quiet zone of four modules
# Written from right to left, or joined to what stands beside it: that needs shaping, which is not done here.
_SHAPED = frozenset({"R", "AL", "AN", "RLE", "RLO", "RLI", "LRE", "LRO", "LRI", "PDF", "PDI", "NSM", "BN"})


@dataclass(frozen=True, kw_only=True)
class Press:
    """How an agency's letters are written: whom to ring, where links lead, the texts, the fonts and the sheet."""

    public_url: str
    help_name: str
    help_phone: str
    messages_dir: Path
    fonts_dir: Path
    paper: Paper


def can_be_drawn(text: str, fonts: Path) -> bool:
    """Whether the font has every sign of ``text``, and draws them as they are read without shaping them."""
    known = _signs(fonts / REGULAR) & _signs(fonts / BOLD)
    return all(
        ord(sign) in known and sign.isprintable() and unicodedata.bidirectional(sign) not in _SHAPED
        for sign in unicodedata.normalize("NFC", text)
    )


def draw(sheet: Sheet, fonts: Path) -> bytes:
    """The PDF; the same sheet is the same bytes.  Raises ``BadInput`` for signs that the font does not have."""
    for text in (sheet.title, sheet.day, sheet.link or "", *sheet.paragraphs):
        if not all(can_be_drawn(line, fonts) for line in text.split("\n")):
            raise BadInput("The letter has signs that we cannot print. Write it by hand.")
    pdf = _empty(sheet, fonts)
    pdf.set_font(_FAMILY, size=11)
    _write(pdf, sheet.day)
    pdf.ln(_LINE_MM)
    pdf.set_font(_FAMILY, style="B", size=17)
    _write(pdf, sheet.title, line_mm=9)
    pdf.ln(3)
    pdf.set_font(_FAMILY, size=12)
    for paragraph in sheet.paragraphs:
        if paragraph == sheet.link:
            _picture(pdf, sheet.link, sheet.language)
        else:
            _write(pdf, paragraph)
        pdf.ln(3)
    return bytes(pdf.output())


def _empty(sheet: Sheet, fonts: Path) -> FPDF:
    pdf = FPDF(format=sheet.paper.value)
    pdf.set_lang(sheet.language)
    pdf.set_title(sheet.title)
    pdf.set_producer(PRODUCT)
    pdf.set_creator(PRODUCT)
    # The hour would tell when somebody was at work on it.
    pdf.set_creation_date(datetime.combine(sheet.written_on, time(), tzinfo=UTC))
    pdf.set_margin(_MARGIN_MM)
    pdf.set_auto_page_break(auto=True, margin=15)
    pdf.add_font(_FAMILY, fname=fonts / REGULAR)
    pdf.add_font(_FAMILY, style="B", fname=fonts / BOLD)
    pdf.add_page()
    return pdf


def _write(pdf: FPDF, text: str, *, line_mm: float = _LINE_MM) -> None:
    for line in unicodedata.normalize("NFC", text).split("\n"):
        pdf.multi_cell(0, line_mm, line, align="L", new_x="LMARGIN", new_y="NEXT")


def _picture(pdf: FPDF, link: str, language: str) -> None:
    """The link as a picture, and in a hand's reach of it as it is typed: the secret on a line of its own."""
    pdf.image(picture_of(link), w=_PICTURE_MM, alt_text=_PICTURE_WORDS.get(language, _PICTURE_WORDS[ENGLISH]))
    pdf.ln(2)
    pdf.set_font(_FAMILY, size=10)
    address, mark, secret = link.partition("#")
    _write(pdf, f"{address}{mark}\n{secret}", line_mm=5)
    pdf.set_font(_FAMILY, size=12)


def picture_of(link: str) -> Image.Image:
    """The QR code of ``link``, with its quiet zone, in black and white."""
    drawn = BytesIO()
    code = segno.make(link, error="m", micro=False)
    code.save(drawn, kind="png", scale=_MODULE_PIXELS, border=_QUIET_MODULES)
    return Image.open(BytesIO(drawn.getvalue())).convert("L")


@lru_cache(maxsize=4)
def _signs(font: Path) -> frozenset[int]:
    """The code points that a font has a drawing for."""
    with TTFont(font, lazy=True) as read:
        return frozenset(read.getBestCmap())
