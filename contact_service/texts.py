"""The languages that texts are in, and the mark for those that are translated where they are shown."""

ENGLISH = "en"
LANGUAGES = {ENGLISH: "English", "es": "Español"}
"""Those in which all that families receive and see is written: primary tags (RFC 5646), and how each calls itself.

What has no text in another language is in English.
"""


def N_(text: str) -> str:  # noqa: N802  gettext's customary mark for "translate me later"
    """The same text; the extractor of ``web/extract.py`` finds the call."""
    return text
