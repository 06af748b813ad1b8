"""Two towns with things in them, and one session for each kind of person who could ask for them."""

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import httpx

from deploy.towns import grant
from shared.access.permissions import ROLES
from shared.access.sessions import Guest
from shared.access.standing import standing
from shared.ids import new_id
from tests.deployment import Citizen, Deployment
from tests.examples import IDEA
from tests.infra import eventually

MARK = "Zebrafink"
"""Stands in every text of dresden's things, so that a leak shows."""


@dataclass
class Actor:
    """Somebody who asks with a token: `persons` by town, `relations` by project in dresden, `roles` in dresden."""

    name: str
    deployment: Deployment
    persons: dict[str, str]
    roles: frozenset[str] = frozenset()
    relations: dict[str, str] | None = None
    guest: Guest | None = None

    async def client(self) -> httpx.AsyncClient:
        """A new session with an account of its own, so that no rate limit is met."""
        headers = {}
        if self.guest or self.persons:
            account = "" if self.guest else new_id()
            sessions = self.deployment.site("marketplace").sessions
            token, _ = await sessions.start(account=account, persons=self.persons, guest=self.guest)
            headers = {"authorization": f"Bearer {token}"}
        return self.deployment.client(headers)

    def knows(self, project: str | None) -> set[str]:
        """The relations with which `allowed` is asked about a thing of `project`."""
        if self.guest:
            return {"guest"}
        if "dresden" not in self.persons:
            return set()
        return {"signed_in"} | ({self.relations[project]} if project in (self.relations or {}) else set())


@dataclass
class Things:
    """What is in a town: a public project with a need, an application and a meeting; what only its own may see."""

    town: str
    project: str
    hidden: str
    need: str
    pot: str
    application: str
    meeting: str
    poll: str
    process: str
    person: str


@dataclass
class Cast:
    deployment: Deployment
    own: Things
    other: Things
    elsewhere: Things
    actors: dict[str, Actor]


async def cast(deployment: Deployment) -> Cast:
    """`own` and `other` are of two teams in dresden, `elsewhere` is in detmold."""
    people = {}
    for town, names in {"dresden": ("lead", "member", "other_lead", "other_member"), "detmold": ("stranger",)}.items():
        boss = await deployment.citizen("Clara K.", town, "coordinator", "funding_officer", "facilitator")
        people[f"boss_{town}"] = boss
        for name in names:
            people[name] = await deployment.citizen(f"{name.title()} X.", town)
    own = await _things(people["boss_dresden"], people["lead"], people["member"])
    other = await _things(people["boss_dresden"], people["other_lead"], people["other_member"])
    elsewhere = await _things(people["boss_detmold"], people["stranger"])
    return Cast(deployment, own, other, elsewhere, await _actors(deployment, people, own, other))


async def _actors(deployment: Deployment, people: dict[str, Citizen], own: Things, other: Things) -> dict[str, Actor]:
    found = [Actor("nobody", deployment, {}), Actor("stranger", deployment, {"detmold": people["stranger"].person})]
    found.append(Actor("foreign_coordinator", deployment, {"detmold": people["boss_detmold"].person}))
    for name, things in (("lead", own), ("member", own), ("other_lead", other), ("other_member", other)):
        place = "lead" if name.endswith("lead") else "member"
        relations = {things.project: place} | ({things.hidden: place} if place == "lead" else {})
        found.append(Actor(name, deployment, {"dresden": people[name].person}, relations=relations))
    for role in ("citizen", *sorted(ROLES)):
        person = new_id()
        if role in ROLES:
            await grant(deployment.site("marketplace"), "dresden", person, role)
        found.append(Actor(role, deployment, {"dresden": person}, frozenset({role} & ROLES)))
    guest = Guest(municipality="dresden", meeting=own.meeting, person=f"guest-{new_id()}")
    found.append(Actor("guest", deployment, {}, guest=guest))
    for actor in found:
        if "dresden" in actor.persons:
            await eventually(partial(_known, deployment, actor), 20)
    return {actor.name: actor for actor in found}


async def _known(deployment: Deployment, actor: Actor) -> bool:
    """Whether every service knows what the actor is."""
    for name in deployment.app.services:
        site = deployment.site(name)
        async with site.service.fenced.transaction("dresden") as connection:
            for project, relation in (actor.relations or {"": None}).items():
                person, today = actor.persons["dresden"], site.clock().date()
                seen = await standing(connection, "dresden", person, project, today)
                if seen.relation != relation or not actor.roles <= seen.roles:
                    return False
    return True


_numbers = itertools.count(1)


async def _things(boss: Citizen, lead: Citizen, member: Citizen | None = None) -> Things:
    """Makes a town's things through its pages and its API."""
    project, hidden, number = new_id(), new_id(), next(_numbers)
    mark = MARK if boss.town == "dresden" else "Amsel"
    idea = IDEA | {"title": f"{mark} {number}", "district": "loebtau" if boss.town == "dresden" else "kernstadt"}
    for id in (project, hidden):
        await _ok(await lead.submit("/projects/new", id=id, **idea))
    await _ok(await boss.submit(f"/projects/{project}/publish"))
    if member:
        await _ok(await member.submit(f"/projects/{project}/join"))
        await _ok(await lead.submit(f"/projects/{project}/accept", person=member.person))
    need, pot, application, meeting, poll, process = (new_id() for _ in range(6))
    wanted = {"project": project, "kind": "hands", "what": f"{mark} hilft"}
    await _ok(await lead.give("marketplace", f"need/{need}/publish-need", wanted))
    opened = {"pot_id": pot, "title": f"{mark}-Fonds", "purpose": mark, "source": mark, "year": 2026}
    await _ok(await boss.give("funding", f"pot/{pot}/open-pot", opened | {"budget_cents": 1_000_00}))
    await _ok(await boss.give("funding", f"pot/{pot}/set-rules", {"version": 1, "rules": {"title": mark}}))
    today = datetime.now(UTC)
    call = {
        "call_id": "one",
        "opens": f"{today - timedelta(1):%Y-%m-%d}",
        "closes": f"{today + timedelta(90):%Y-%m-%d}",
    }
    await _ok(await boss.give("funding", f"pot/{pot}/open-call", call))
    asked = {"application_id": application, "project_id": project, "pot_id": pot, "applicant": "citizen"}
    await _ok(await lead.give("funding", f"application/{application}/start-application", asked | {"rules_version": 1}))
    announced = {
        "title": f"{mark}-Tisch",
        "format": "project_workshop",
        "mode": "on_site",
        "place": "Rathaus",
        "starts": f"{today + timedelta(9):%Y-%m-%dT18:00:00Z}",
        "ends": f"{today + timedelta(9):%Y-%m-%dT20:00:00Z}",
        "sections": [{"key": "hall", "way": "site", "capacity": 9}],
        "project": project,
    }
    await _ok(await lead.give("events", f"meeting/{meeting}/announce-meeting", announced))
    path = f"/{boss.town}/api/events/processes/{process}"
    begun = {"template": "stadtgespraech", "topic": mark, "anchor": "2027-04-09"}
    await _ok(await boss.client.post(path, json=begun, headers={"x-csrf-token": boss.csrf}))
    return Things(boss.town, project, hidden, need, pot, application, meeting, poll, process, person=lead.person)


async def _ok(answer: httpx.Response) -> None:
    assert answer.status_code in (200, 303), (answer.request.url, answer.status_code, answer.text)
