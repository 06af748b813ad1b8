"""Three towns to click through, loaded once: people, projects, needs, pots, a process. All people are invented."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from deploy.demo import cases, events, funding, plans
from deploy.demo.towns import DEMOS, Person, Project
from deploy.towns import grant, open_town
from services.marketplace.account import register
from services.marketplace.adapters.vault import Vault
from services.marketplace.domain.need import PublishNeed
from services.marketplace.domain.project import MovePhase, ProposeProject, PublishProject
from services.marketplace.domain.team import AcceptMember, AskToJoin
from shared.ids import following
from shared.message import Command, Context
from shared.web.site import Site

_SEED = "gemeinwerk-demo"


async def load(sites: Mapping[str, Site], public: str, say: Callable[[str], None]) -> None:
    """Loads what is missing and says where to click. Every command has an id of its own: a second time is the same."""
    site = sites["marketplace"]
    vault = Vault(site.service.engine, bytes.fromhex(site.settings.deployment_key))
    for demo in DEMOS:
        if demo.town.id not in await site.service.municipalities():
            await open_town(site.service, demo.town)
            people = {person.name: await _person(site, vault, demo.town.id, person) for person in demo.people}
            coordinator = next(people[person.name] for person in demo.people if "coordinator" in person.roles)
            projects = {project.title: following(_SEED, f"{demo.town.id}/{project.title}") for project in demo.projects}
            for project in demo.projects:
                await _project(site, demo.town.id, project, people, coordinator)
            await _known_to(sites, demo.town.id)
            await funding.load(sites["funding"], demo.town.id, people)
            await events.load(sites["events"], demo.town.id, people)
            await plans.load(sites["planning"], demo.town.id, projects, people)
            await cases.load(sites, demo.town.id, projects, people)
    say(f"\nGemeinwerk läuft: {public}\n")
    say("Anmelden: E-Mail-Adresse eingeben, den Code zeigt die Seite " + public + "/mail")
    for demo in DEMOS:
        team = ", ".join(f"{p.address} ({', '.join(p.roles)})" if p.roles else p.address for p in demo.people)
        say(f"  {demo.town.name}: {team}")
    say("Beenden: Strg-C\n")


async def _known_to(sites: Mapping[str, Site], town: str) -> None:
    """Waits until the other services have heard everything that the marketplace has told of a town."""
    last = (await sites["marketplace"].service.bus.cursor(town, "marketplace")).position
    for name, site in sites.items():
        if name != "marketplace" and not await site.service.has_heard(town, "marketplace", last, 30):
            raise TimeoutError(f"{name} has not heard of {town}")


async def _person(site: Site, vault: Vault, town: str, person: Person) -> str:
    account = await vault.account(person.address)
    await vault.rename(account, person.name)
    pseudonym = await register(site.service, vault, town, account, datetime.now(UTC))
    await site.people.write(person.name, town, pseudonym)
    for role in person.roles:
        await grant(site, town, pseudonym, role)
    return pseudonym


async def _project(site: Site, town: str, project: Project, people: dict[str, str], coordinator: str) -> None:
    id = following(_SEED, f"{town}/{project.title}")
    lead = people[project.lead]

    async def give(category: str, target: str | tuple[str, ...], by: str, command: Command) -> None:
        command_id = following(id, f"{category}/{target}/{by}/{command!r}")
        context = Context(by=by, municipality=town, at=datetime.now(UTC), command_id=command_id)
        await site.service.handle(category, target, command, context)

    proposed = ProposeProject(
        title=project.title, summary=project.summary, district=project.district, picture=project.picture
    )
    await give("proposal", (id, id), lead, proposed)
    await give("project", id, coordinator, PublishProject())
    for phase in project.phases:
        await give("project", id, lead, MovePhase(phase=phase))
    for name in project.members:
        await give("team", id, people[name], AskToJoin())
        await give("team", id, lead, AcceptMember(person=people[name]))
    for kind, what in project.needs:
        need = following(id, what)
        await give("need", need, lead, PublishNeed(project=id, kind=kind, what=what))
