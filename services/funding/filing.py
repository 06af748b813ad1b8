"""What the service adds to a request before it decides: the team, and what the rules say of a frozen revision."""

from datetime import UTC, date, datetime
from hashlib import sha256

from msgspec.json import encode

from services.funding.books import books
from services.funding.domain.checks import check
from services.funding.domain.filing import NoteTeam, PinRevision
from services.funding.domain.impartiality import SERVICE
from services.funding.domain.jury import AssignReviewer
from services.funding.domain.rules import deadline_for
from services.funding.dossier import Dossier
from services.funding.reading import may_follow, may_read
from services.funding.views.jury import reviewers
from services.funding.views.revisions import finance_of, revision, schedule_of
from services.funding.views.teams import team_since
from shared.category import NotFound
from shared.contracts.plan import Cents
from shared.ids import following
from shared.message import Command, Context
from shared.service import Service
from shared.web.forms import Fault, Invalid
from shared.web.visit import Place, Visit

_JOINT = ("applying", "decision", "payment")


class Pin(Command):
    """What a team says when it pins an application: which revision, and how much it asks for, in cents."""

    revision_id: str
    amount_cents: Cents


async def dossier(service: Service, municipality: str, id: str) -> Dossier:
    """The file of an application. Raises `NotFound`."""
    recorded = await service.history(municipality, f"application-{id}")
    if not recorded:
        raise NotFound(id)
    return Dossier(recorded)


async def place_in(visit: Visit, category: str, file: Dossier) -> Place:
    """Where a command on an application acts; before anything is decided, the team as it is by now is noted.

    Raises `NotFound` for an application that only its team knows of.
    """
    assert visit.town
    if not file.submitted:
        await may_read(visit, file)
    if visit.person:
        await _note_team(visit.site.service, visit.town.id, file, visit.now)
    ids = (file.id, file.started.pot_id) if category in _JOINT else file.id
    return Place(ids, file.started.project_id, private=not await _is_told(visit, file))


async def of_the_jury(visit: Visit, reviewer: str) -> None:
    """Raises `Invalid` for somebody who does not review in this town; says nothing to those who may not ask."""
    assert visit.town
    if not await visit.may(AssignReviewer):
        return
    async with visit.site.service.reading(visit.town.id) as connection:
        if reviewer not in await reviewers(connection, visit.town.id, visit.today):
            raise Invalid({"reviewer": Fault("not_a_choice")})


async def _is_told(visit: Visit, file: Dossier) -> bool:
    try:
        await may_follow(visit, file)
    except NotFound:
        return False
    return True


async def _note_team(service: Service, municipality: str, file: Dossier, now: datetime) -> None:
    since = file.at(file.started).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    async with service.reading(municipality) as connection:
        team = await team_since(connection, municipality, file.started.project_id, since)
    new = [person for person in team if person not in file.file.team]
    if new:
        by = Context(by=SERVICE, municipality=municipality, at=now, command_id=following(file.id, " ".join(team)))
        await service.handle("application", file.id, NoteTeam(members=tuple(new)), by)


async def pinned(visit: Visit, file: Dossier, pin: Pin) -> PinRevision:
    """The command that pins a frozen revision, as somebody asks for it today. Raises `NotFound`."""
    assert visit.town
    return await pinning(visit.site.service, visit.town.id, visit.today, file, pin)


async def pinning(service: Service, town: str, today: date, file: Dossier, pin: Pin) -> PinRevision:
    """A frozen revision with what the rules of the application say of it. Raises `NotFound`."""
    async with service.reading(town) as connection:
        row = await revision(connection, town, pin.revision_id)
    if row is None or row.project != file.started.project_id:
        raise NotFound(pin.revision_id)
    rules = (await books(service, town, file.started.pot_id)).rules(file.started.rules_version)
    finance, schedule = finance_of(row), schedule_of(row)
    applicant = file.started.applicant
    return PinRevision(
        revision_id=pin.revision_id,
        digest=row.digest,
        finance_digest=sha256(encode(finance, order="sorted")).hexdigest(),
        amount_cents=pin.amount_cents,
        findings=tuple(check(rules, finance, schedule, pin.amount_cents, today, applicant)),
        until=deadline_for(rules, pin.amount_cents, schedule),
    )
