"""What those are told of a shared visit who may not know why another child’s side cannot take part.  Pure."""

from collections.abc import Collection, Iterable

from contact_service.ids import PersonId
from contact_service.policy.decision import Reason, problem
from contact_service.texts import N_

# It names neither the rule nor anybody: that a place must clear contact says by itself that somebody is in one.
ABOUT_ANOTHER = Reason(
    rule="R54",
    problem=problem(
        "another_child_unsettled",
        N_("Something is not settled yet for another child of this visit. Ask that child’s worker."),
    ),
)


def told_for(reasons: Iterable[Reason], sides: Collection[PersonId]) -> tuple[Reason, ...]:
    """``reasons``, each once, as those may read them who know of the children of ``sides`` alone."""
    return tuple(
        dict.fromkeys(
            one if one.problem.side is None or one.problem.side in sides else ABOUT_ANOTHER for one in reasons
        )
    )


# What the codes of those reasons begin with that have a side.
SIDED = ("clearance_", "pool_")


def hidden(kept: str) -> str:
    """A reason that was kept as ``rule/code``, for those who do not work with every child of the visit."""
    rule, _, code = kept.partition("/")
    if not code.startswith(SIDED):
        return kept
    return f"{ABOUT_ANOTHER.rule if rule.startswith('R') else rule}/{ABOUT_ANOTHER.code}"
