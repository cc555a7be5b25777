"""Contact is never a reward or a punishment: words that make it one.  Source: RULES.md R49.

Only the reasons for a no are read: a record may have to quote what somebody said.
"""

import re

RULE = "R49"
_WHOSE = "(?:his|her|their|the)"
_WHO = r"(?:he|she|they|the child|\w+)"
_WAS = "was|were|has been|have been|is|are"
_PATTERNS = (
    r"(?:as|for) (?:a |the )?(?:punishment|penalty|sanction|reward)",
    r"punish\w*",
    r"(?:sanction|sanctioned|sanctions) (?:him|her|them|for)",
    r"(?:not|\w+n['’]t) (?:yet )?(?:earn|earned|deserve|deserved)",
    r"(?:must|has to|have to|needs to|need to) (?:earn|deserve)",
    rf"los(?:t|e|es|ing) {_WHOSE} (?:visits?|calls?|contact|family time|privileges?)",
    r"privileges? (?:is |are |was |were )?(?:withdrawn|removed|taken away|stopped|lost)",
    rf"{_WHOSE} (?:bad|poor|naughty|disruptive) (?:behaviour|behavior|conduct|attitude)",
    rf"(?:because|since|as) {_WHO} (?:{_WAS}) (?:being )?(?:naughty|rude|disobedient|badly behaved)",
    r"misbehav\w*",
    r"(?:is|was|been|being) grounded",
    rf"until {_WHO} (?:behaves?|improves?|apologi[sz]es?|learns? (?:his|her|their|a) lesson)",
    r"teach (?:him|her|them) a lesson",
)
_ANY = re.compile("|".join(rf"\b(?:{pattern})\b" for pattern in _PATTERNS), re.IGNORECASE)


def punishing_words(text: str) -> tuple[str, ...]:
    """The words in ``text`` that make contact a reward or a punishment, in order, each once."""
    plain = " ".join(text.split())
    return tuple(dict.fromkeys(found.group().strip() for found in _ANY.finditer(plain)))
