"""The families of an invented week: who lives where, whom they see, how often, and who knows them."""

from contact_service.bench.visitgen import rates
from contact_service.bench.visitgen.people import Frame, adult, child, home
from contact_service.bench.visitgen.stream import Stream
from contact_service.bench.visitgen.wall import Document


class Agency:
    """A week while it is drawn: families are added until there are visits enough."""

    def __init__(self, frame: Frame, workers: list[Document], prisons: list[Document]) -> None:
        self.frame, self.workers, self.prisons = frame, workers, prisons
        self.parties: list[Document] = []
        self.homes: list[Document] = []
        self.plans: list[Document] = []
        self._counts = {"child": 0, "adult": 0}

    @property
    def visits(self) -> int:
        """How many there are."""
        return sum(len(plan["visits"]) for plan in self.plans)

    def add_family(self, number: int, most: int) -> list[Document]:
        """Draw one family; its plans, of at most ``most`` visits together."""
        draw = self.frame.stream("family", number)
        size = draw.weighted(rates.CHILDREN)
        together = size == 1 or draw.percent(rates.TOGETHER)
        children, homes = self._children(draw, size, together)
        shared = self._shared(draw, number, children, homes)
        plans: list[Document] = []
        for place, (kind, times, priority) in enumerate(self._wishes(draw, together)):
            plan: Document = {
                "id": f"f{number}p{place}",
                **shared,
                "priority": priority,
                "gap_days": 2 if times > 1 else 1,
            }
            if kind == "parent":
                self._meets_adult(draw, plan)
            else:
                plan |= {"language": None, "female_only": False, "workers_needed": 1}
            plan["minutes"] = 30 if min(one["age"] for one in children) < 2 else draw.weighted(rates.MINUTES)  # noqa: PLR2004
            wanted = min(times, most - sum(len(one["visits"]) for one in plans))
            plan["visits"] = [{"id": f"{plan['id']}v{n}", "usual": None} for n in range(wanted)]
            plans += [plan] * bool(wanted)
        self.plans += plans
        return plans

    def _children(self, draw: Stream, size: int, together: bool) -> tuple[list[Document], list[Document]]:  # noqa: FBT001
        children: list[Document] = []
        homes: list[Document] = []
        for place in range(size):
            if place == 0 or not together:
                if self.homes and place == 0 and draw.percent(rates.SHARED_HOME):
                    homes.append(draw.pick(self.homes))
                else:
                    homes.append(home(self.frame, draw, len(self.homes)))
                    self.homes.append(homes[-1])
                    self.parties.append(homes[-1])
            children.append(child(self.frame, draw, self._number("child"), homes[-1]["zone"]))
        self.parties += children
        return children, homes

    def _number(self, kind: str) -> int:
        self._counts[kind] += 1
        return self._counts[kind] - 1

    def _wishes(self, draw: Stream, together: bool) -> list[tuple[str, int, str]]:  # noqa: FBT001
        court = [
            ("court" if draw.percent(share) else "agreed") for share in (rates.COURT_FIRST, rates.COURT_OTHER)
        ]
        wishes = [("parent", draw.weighted(rates.VISITS_A_WEEK), court[0])]
        wishes += [("parent", 1, court[1])] * draw.percent(rates.SECOND_ADULT)
        wishes += [("parent", 1, "extra")] * draw.percent(rates.THIRD_ADULT)
        return wishes if together else [*wishes, ("siblings", 1, "extra")]

    def _shared(self, draw: Stream, number: int, children: list[Document], homes: list[Document]) -> Document:
        """What every plan of the family has."""
        language = draw.weighted(
            (
                ("en", 100 - rates.FOREIGN_COMMON - rates.FOREIGN_RARE),
                ("common", rates.FOREIGN_COMMON),
                ("rare", rates.FOREIGN_RARE),
            )
        )
        region = self.frame.region
        spoken = {"en": None, "common": region.common_language, "rare": draw.pick(region.rare_languages)}[
            language
        ]
        pair = [f"apart{number}"] if self.plans and draw.percent(rates.APART) else []
        if pair:
            self.plans[-1]["apart"] = [*self.plans[-1]["apart"], *pair]
        return {
            "people": [one["id"] for one in (*children, *homes)],
            "children": [one["id"] for one in children],
            "apart": pair,
            "language": spoken,
            "female_only": draw.percent(rates.FEMALE_ONLY),
            "workers_needed": 2 if draw.percent(rates.TWO_WORKERS) else 1,
            "knows": self._known(draw, spoken),
            "conflicts": [one["id"] for one in self.workers if draw.percent(rates.CONFLICT)],
            "pool": None,
        }

    def _known(self, draw: Stream, language: str | None) -> dict[str, str]:
        """Who may watch over it: the primary worker, three who know the family, the team, and a few from elsewhere."""
        team = draw.pick(self.workers)["team"]
        mates = [one["id"] for one in self.workers if one["team"] == team]
        first, *familiar = draw.sample(mates, 4)
        known = dict.fromkeys(mates, "team") | dict.fromkeys(familiar, "familiar") | {first: "primary"}
        others = [
            one["id"]
            for one in self.workers
            if one["team"] != team
            and (one["floater"] or (language is not None and language in one["languages"]))
        ]
        for one in draw.sample(others, max(0, rates.MOST_ABLE - len(known))):
            known[one] = "stranger"
        return known

    def _meets_adult(self, draw: Stream, plan: Document) -> None:
        parent = adult(self.frame, draw, self._number("adult"), self.prisons)
        self.parties.append(parent)
        plan["people"] = [*plan["people"], parent["id"]]
        plan["pool"] = parent.get("pool")
