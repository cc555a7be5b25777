"""Writes ``web/locale/contact.pot``: every text of every template, for translators (maintainers only)."""

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

WEB = Path(__file__).resolve().parent
TEMPLATE = WEB / "locale" / "contact.pot"
OPTIONS = {
    "**.html": {"newstyle_gettext": "true", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
}


def catalogue() -> Catalog:
    """The texts the templates ask for, with their files but without line numbers."""
    found = Catalog(project="contact-service", charset="utf-8")
    method = [("**.html", "jinja2.ext:babel_extract")]
    for path, _line, message, comments, context in extract_from_dir(WEB / "templates", method, OPTIONS):
        found.add(message, None, [(f"templates/{path}", 1)], auto_comments=comments, context=context)
    return found


def text() -> bytes:
    """The template file's bytes: the same for the same texts."""
    written = BytesIO()
    write_po(written, catalogue(), omit_header=True, sort_output=True, include_lineno=False)
    return written.getvalue()


if __name__ == "__main__":
    TEMPLATE.write_bytes(text())
