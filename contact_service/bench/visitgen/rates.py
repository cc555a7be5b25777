"""How often what is in an invented week.  Every figure is assumed unless a source stands beside it."""

from dataclasses import dataclass

Weighted = tuple[tuple[int, int], ...]


@dataclass(frozen=True, kw_only=True)
class Region:
    """Where an agency is: its zone, where others are, the languages that are spoken, and the week that is planned."""

    zone: str
    other_zones: tuple[str, ...]
    common_language: str
    rare_languages: tuple[str, ...]
    monday: str
    clock_change_mondays: tuple[str, ...]


REGIONS = {
    "US": Region(
        zone="America/Chicago",
        other_zones=("America/New_York", "America/Denver", "America/Los_Angeles"),
        common_language="es",
        rare_languages=("ar", "so", "pl"),
        monday="2026-10-26",  # the clocks go back on its Sunday
        clock_change_mondays=("2026-03-02", "2026-10-26", "2026-03-23", "2026-10-19"),
    ),
    "UK": Region(
        zone="Europe/London",
        other_zones=("Europe/Dublin", "Europe/Paris", "Africa/Casablanca"),
        common_language="pl",
        rare_languages=("ur", "ro", "so"),
        monday="2026-10-19",
        clock_change_mondays=("2026-03-23", "2026-10-19", "2026-03-02", "2026-10-26"),
    ),
    "AU": Region(
        zone="Australia/Sydney",
        other_zones=("Australia/Brisbane", "Australia/Adelaide", "Australia/Lord_Howe"),
        common_language="vi",
        rare_languages=("ar", "fa", "zh"),
        monday="2026-09-28",  # Lord Howe goes forward by half an hour
        clock_change_mondays=("2026-03-30", "2026-09-28"),
    ),
}

# Shares are in a hundred.
PART_TIME, SUNDAY_WORKER, LEAVE_DAY, FEMALE, FLOATER = 20, 12, 5, 72, 12
SPEAKS_COMMON, SPEAKS_RARE = 22, 8
TEAM, MOST_ABLE = 8, 12
MOST_MINUTES, FAIR_MINUTES, MOST_A_DAY = 22 * 60, 17 * 60, 6
SHIFTS = ((("day", 540, 1020, (0, 1, 2, 3, 4)), 5), (("late", 720, 1200, (0, 1, 2, 3, 4)), 60),
          (("saturday", 660, 1140, (1, 2, 3, 4, 5)), 35))  # fmt: skip
CHILDREN: Weighted = ((1, 55), (2, 28), (3, 12), (4, 5))
TOGETHER, SHARED_HOME, HOME_OTHER_ZONE = 60, 25, 12
AGES: Weighted = ((0, 30), (5, 40), (12, 30))  # from that age to below the next
SCHOOL_HOLIDAY, CHILD_DAY_AWAY, NURSERY_FREE = 2, 4, 60
VISITS_A_WEEK: Weighted = ((1, 45), (2, 45), (3, 10))
COURT_FIRST, COURT_OTHER, SECOND_ADULT, THIRD_ADULT = 75, 60, 30, 4
ADULTS = (("job", 40), ("flexible", 20), ("early", 12), ("late", 10), ("prison", 10), ("rehab", 8))
ADULT_OTHER_ZONE, ADULT_HEARING, APART = 15, 5, 4
FOREIGN_COMMON, FOREIGN_RARE = 12, 8
FEMALE_ONLY, TWO_WORKERS, CONFLICT = 8, 4, 2
MINUTES: Weighted = ((45, 62), (60, 33), (90, 5))  # a baby's visit is 30
USUAL_KNOWN = 80
CAUSES = (
    ("family", 8),
    ("caregiver", 4),
    ("agency", 4),
    ("lockdown", 2),
    ("technical", 2),
)  # of 100 visits: 20 %
MOST_INTERPRETERS = 2  # for each rare language
