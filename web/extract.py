"""Writes ``web/locale/contact.pot``: every text of templates and code, for translators (maintainers only).

In code a text is the first argument of one of ``MARKS``, or the docstring of an error: both are shown as they are.
"""

import ast
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

WEB = Path(__file__).resolve().parent
PACKAGE = WEB.parent / "contact_service"
TEMPLATE = WEB / "locale" / "contact.pot"
MARKS = {"N_", "say", "BadInput", "NotAllowed", "Conflict", "IllegalMove", "SignInRefused"}
OPTIONS = {
    "**.html": {"newstyle_gettext": "true", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
}


def catalogue() -> Catalog:
    """The texts the pages can show, with their files but without line numbers."""
    found = Catalog(project="contact-service", charset="utf-8")
    method = [("**.html", "jinja2.ext:babel_extract")]
    for path, _line, message, comments, context in extract_from_dir(WEB / "templates", method, OPTIONS):
        found.add(message, None, [(f"templates/{path}", 1)], auto_comments=comments, context=context)
    for source in sorted(PACKAGE.rglob("*.py")):
        for message in texts_of(ast.parse(source.read_text(encoding="utf-8"))):
            found.add(message, None, [(source.relative_to(WEB.parent).as_posix(), 1)])
    return found


def texts_of(tree: ast.Module) -> Iterator[str]:
    """The marked texts of one module, and the docstrings of its errors."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in MARKS and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value
        elif isinstance(node, ast.ClassDef) and any(_is_error(base) for base in node.bases):
            yield ast.get_docstring(node) or node.name


def _name(called: ast.expr) -> str:
    """That of a function, or of a method: ``guest.say`` says too."""
    return getattr(called, "id", "") or getattr(called, "attr", "")


def _is_error(base: ast.expr) -> bool:
    name = getattr(base, "id", "")
    return name in {"ContactServiceError", "StartRefused", "Conflict"} or name.endswith("Error")


def text() -> bytes:
    """The template file's bytes: the same for the same texts."""
    written = BytesIO()
    write_po(written, catalogue(), omit_header=True, sort_output=True, include_lineno=False)
    return written.getvalue()


if __name__ == "__main__":
    TEMPLATE.write_bytes(text())
