"""What another system calls a case or a person.  Pure."""

from dataclasses import dataclass
from enum import StrEnum

from contact_service.errors import BadInput

LONGEST_SYSTEM, LONGEST_REFERENCE = 40, 120


class ReferredKind(StrEnum):
    """What a reference is given to."""

    CASE = "case"
    PERSON = "person"


@dataclass(frozen=True, kw_only=True)
class ExternalRef:
    """A name that ``system`` gave to a case or a person."""

    system: str
    reference: str

    def compared(self, kind: ReferredKind) -> str:
        """What equal references of one kind have in common; the parts cannot run into each other."""
        return f"{kind}:{len(self.system)}:{self.system}:{self.reference}"


def clean_ref(system: str, reference: str) -> ExternalRef:
    """The reference as it is kept; raises ``BadInput`` for an empty, long or unprintable one."""
    found = ExternalRef(system=system.strip(), reference=reference.strip())
    for text, longest, field in (
        (found.system, LONGEST_SYSTEM, "system"),
        (found.reference, LONGEST_REFERENCE, "reference"),
    ):
        if not 0 < len(text) <= longest or not text.isprintable():
            raise BadInput(f"Write at most {longest} letters, digits and signs.", field)
    return found
