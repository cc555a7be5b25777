"""What a password must be.  Source: OWASP ASVS 5.0, 6.2; NIST SP 800-63B-4, 3.1.1.2.

Nobody is made to mix signs or to change a password.  It is long, and it is not what is tried first: zxcvbn brings the
30,000 commonest passwords of known breaches, common words and names, rows of keys, repeats, dates and the usual
swaps of signs, and tells how many guesses somebody needs who knows all of that.
"""

import re
from collections.abc import Iterable

from zxcvbn import zxcvbn

from contact_service.errors import BadInput

PASSWORD_MINIMUM = 15
PASSWORD_MAXIMUM = 200
# Ten thousand million guesses: what zxcvbn calls safe even for somebody who stole the hashes of a slow function.
FEWEST_GUESSES_LOG10 = 10
# zxcvbn looks at no more: its time grows with the cube of the length.
_LOOKED_AT = 72
_SHORTEST_WORD = 3
_OF_THE_SERVICE = ("contact", "service", "family", "visits", "visit")


def check_password(password: str, *, email: str, known: Iterable[str] = ()) -> None:
    """Return if ``password`` may be used; raise ``BadInput`` saying what to change.

    ``known``: what an attacker knows of its owner besides the address, such as the name and the agency.
    """
    if len(password) < PASSWORD_MINIMUM:
        raise BadInput(
            f"Use at least {PASSWORD_MINIMUM} characters. Four or five unrelated words do well.", "password"
        )
    if len(password) > PASSWORD_MAXIMUM:
        raise BadInput(f"Use at most {PASSWORD_MAXIMUM} characters.", "password")
    if _is_soon_guessed(password):
        raise BadInput(
            "This password is among the first that are tried: a common password, a row of keys, or the same again and"
            " again. Use four or five unrelated words.",
            "password",
        )
    if _is_soon_guessed(_without(password, {email.lower(), *_words(email, *known, *_OF_THE_SERVICE)})):
        raise BadInput(
            "This password is mostly your own name or address, or the name of this service. Leave these out and use"
            " four or five unrelated words.",
            "password",
        )


def _is_soon_guessed(text: str) -> bool:
    if not text.strip():
        return True
    guesses: float = zxcvbn(text[:_LOOKED_AT])["guesses_log10"]
    return guesses < FEWEST_GUESSES_LOG10


def _words(*texts: str) -> set[str]:
    return {
        word for text in texts for word in re.findall(r"\w+", text.lower()) if len(word) >= _SHORTEST_WORD
    }


def _without(password: str, words: set[str]) -> str:
    rest = password.lower()
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "")
    return rest
