"""A question that was agreed with somebody, by whose answer the visit supervisor knows them.  At rest it is sealed."""

import json
from dataclasses import asdict, dataclass

from contact_service.errors import BadInput

LONGEST_QUESTION = 200


@dataclass(frozen=True, kw_only=True)
class AgreedQuestion:
    """What is asked, and what that person alone answers."""

    question: str
    answer: str

    def to_bytes(self) -> bytes:
        """Both as JSON, to be sealed under the person's key."""
        return json.dumps(asdict(self), sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, text: bytes) -> "AgreedQuestion":
        """The inverse of ``to_bytes``."""
        return cls(**json.loads(text))


def clean_question(question: str, answer: str) -> AgreedQuestion:
    """The question as it is kept; raises ``BadInput`` for what is empty, too long, or gives its answer away."""
    asked, answered = " ".join(question.split()), " ".join(answer.split())
    for field, text, missing in (
        ("question", asked, "Write the question that was agreed."),
        ("answer", answered, "Write the answer that was agreed."),
    ):
        if not text:
            raise BadInput(missing, field)
        if len(text) > LONGEST_QUESTION or not text.isprintable():
            raise BadInput("Write this in one short line.", field)
    if answered.casefold() in asked.casefold():
        raise BadInput("The question gives its answer away. Ask in other words.", "question")
    return AgreedQuestion(question=asked, answer=answered)
