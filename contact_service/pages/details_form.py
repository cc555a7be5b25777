"""What is known of a person as a form: read from it, filled into it, and what it offers to choose from."""

from pydantic import Field

from contact_service.errors import BadInput
from contact_service.pages.forms import Posted
from contact_service.pages.language_form import (
    LanguageFields,
    languages_read,
    rows_shown,
    typed_languages,
)
from contact_service.pages.people_words import FLUENCIES, MODES, NEEDS
from contact_service.pages.words import choices
from contact_service.people.person import Details, Need


class DetailsForm(Posted, LanguageFields):
    """What is known of a person, as it was typed.  ``aliases`` are one a line."""

    name: str = ""
    known_as: str = ""
    preferred: str = ""
    pronouns: str = ""
    born_on: str = ""
    needs: list[str] = Field(default_factory=list, max_length=len(Need))
    support: str = ""
    aliases: str = ""
    zone: str = ""


def details_read(form: DetailsForm) -> Details:
    """The form as details, without channels: those have pages of their own.  Raises ``BadInput``."""
    if not set(form.needs) <= set(Need):
        raise BadInput("Choose from these needs.", "needs")
    return Details(
        name=form.name,
        known_as=form.known_as,
        preferred=form.preferred,
        pronouns=form.pronouns,
        born_on=form.born_on,
        languages=languages_read(form),
        needs=tuple(need for need in Need if need in form.needs),
        support=form.support,
        aliases=tuple(line.strip() for line in form.aliases.splitlines() if line.strip()),
        zone=form.zone.strip(),
    )


def details_typed(details: Details) -> DetailsForm:
    """What is known, as a form shows it before anything is typed."""
    languages = typed_languages(details.languages)
    return DetailsForm(
        name=details.name,
        known_as=details.known_as,
        preferred=details.preferred,
        pronouns=details.pronouns,
        born_on=details.born_on,
        language=languages.language,
        mode=languages.mode,
        fluency=languages.fluency,
        needs=[need.value for need in details.needs],
        support=details.support,
        aliases="\n".join(details.aliases),
        zone=details.zone,
    )


def details_offered(form: DetailsForm) -> dict[str, object]:
    """What the template of the form needs."""
    return {
        "form": form.model_dump(exclude={"csrf", "once", "language", "mode", "fluency"}),
        "language_rows": rows_shown(form),
        "modes": choices(MODES),
        "fluencies": choices(FLUENCIES),
        "needs": choices(NEEDS),
    }
