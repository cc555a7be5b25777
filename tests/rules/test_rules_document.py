"""RULES.md, the code and the tests speak of the same rules."""

import ast
import re
from pathlib import Path

from contact_service.policy import (
    agency,
    automatic,
    booking,
    covering,
    emergency,
    handing,
    joining,
    letting_back,
    planning,
    punishing,
    reissuing,
    restricting,
    ringing,
    taking_part,
)
from contact_service.policy.decision import Rule

HERE = Path(__file__).parent
DOCUMENT = Path(booking.__file__).with_name("RULES.md").read_text(encoding="utf-8")
WRITTEN = re.findall(r"^\| (R\d+) \|", DOCUMENT, flags=re.MULTILINE)


def decided() -> set[str]:
    """The numbers of every rule that some decision applies."""
    rows = [
        value
        for module in (
            agency,
            booking,
            covering,
            handing,
            joining,
            letting_back,
            planning,
            reissuing,
            restricting,
            ringing,
            taking_part,
        )
        for value in vars(module).values()
        if isinstance(value, tuple)
    ]
    alone = {automatic.RULE, emergency.RULE, punishing.RULE}
    return alone | {rule.number for row in rows for rule in row if isinstance(rule, Rule)}


def cited() -> set[str]:
    """The numbers that tests name: with the mark itself, or in the first place of a row of cases."""
    found: set[str] = set()
    for path in HERE.glob("test_*_rules.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_row = isinstance(node, ast.Tuple) or (
                isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.rule"
            )
            first = (
                (node.elts if isinstance(node, ast.Tuple) else getattr(node, "args", []))[:1]
                if is_row
                else []
            )
            found |= {n.value for n in first if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return {number for number in found if re.fullmatch(r"R\d+", number)}


def test_the_document_numbers_its_rules_without_a_gap() -> None:
    assert [f"R{n}" for n in range(1, len(WRITTEN) + 1)] == WRITTEN


def test_every_written_rule_is_decided_by_the_code_and_none_beyond() -> None:
    assert decided() == set(WRITTEN)


def test_every_written_rule_is_cited_by_a_test_and_none_beyond() -> None:
    assert cited() == set(WRITTEN)
