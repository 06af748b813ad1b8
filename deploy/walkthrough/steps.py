"""The steps of the walkthrough up to the team; those of plan, session, money and audit stand beside it."""

import re
from dataclasses import dataclass, fields
from typing import Any

from deploy.walkthrough.checks import Report, eventually
from deploy.walkthrough.people import Person, sign_in, visitor
from shared.ids import new_id

TITLE = "Werkbank am Fluss"
SUMMARY = "Eine offene Werkstatt am Elbufer: reparieren, bauen und weitergeben, was andere nicht mehr brauchen."


@dataclass
class Cast:
    """Who plays: three of a team, coordination, two officers, jury, audit, an integrator, and a visitor."""

    url: str
    mira: Person
    selin: Person
    duc: Person
    carla: Person
    frank: Person
    greta: Person
    jutta: Person
    rosa: Person
    kofi: Person
    albert: Person
    ines: Person
    stranger: Person

    def everybody(self) -> list[Person]:
        return [value for field in fields(self) if isinstance(value := getattr(self, field.name), Person)]


async def cast(url: str) -> Cast:
    """Everybody signs in, one after the other as at a door."""

    async def enter(name: str) -> Person:
        return await sign_in(url, "dresden", f"{name.split()[0].lower()}@gemeinwerk.example", name)

    team, office = ("Mira K.", "Selin B.", "Duc N."), ("Carla V.", "Frank O.", "Greta L.", "Albert P.", "Ines T.")
    names = (*team, *office, "Jutta R.", "Rosa E.", "Kofi D.")
    people = {name.split()[0].lower(): await enter(name) for name in names}
    return Cast(url=url, stranger=visitor(url, "dresden"), **people)


async def an_idea_becomes_public(cast: Cast, report: Report) -> str:
    report.step("1  An idea becomes a public project")
    id = new_id()
    sent = await cast.mira.submit(
        "/projects/new", id=id, title=TITLE, summary=SUMMARY, district="pieschen", picture="shelf"
    )
    report.check("a citizen without any role proposes an idea", sent.status_code == 303)
    hidden = await cast.stranger.get(f"/projects/{id}")
    report.check("the idea is not public: a stranger gets 404", hidden.status_code == 404)
    report.check("nor is it on the marketplace", id not in await cast.stranger.page("/projects?q=werkbank"))
    refused = await cast.mira.submit(f"/projects/{id}/publish")
    report.check("its author may not publish it herself", refused.status_code == 403)
    published = await cast.carla.submit(f"/projects/{id}/publish")
    report.check("the coordinator publishes it", published.status_code == 303)
    report.check("a stranger reads its page", TITLE in await cast.stranger.page(f"/projects/{id}"))
    for query in ("district=pieschen", "phase=initiation", "q=werkbank", "q=Werkbnak+Fluss"):
        report.check(f"it is found by {query}", id in await cast.stranger.page(f"/projects?{query}"))
    other = await cast.stranger.page("/projects?district=prohlis&phase=initiation")
    report.check("and not in another district", id not in other)
    await cast.mira.submit(f"/projects/{id}/phase", phase="development")
    return id


async def others_join(cast: Cast, project: str, report: Report) -> None:
    report.step("2  Others join the team")
    for person in (cast.selin, cast.duc):
        asked = await person.submit(f"/projects/{project}/join")
        report.check(f"{person.name} asks to join", asked.status_code == 303)
    stranger = await cast.stranger.page(f"/projects/{project}")
    report.check("a stranger does not see who asks", "Selin" not in stranger)
    lead = await cast.mira.page(f"/projects/{project}")
    report.check("the lead does", "Selin" in lead and "Duc" in lead)
    api = await cast.stranger.json(f"/api/marketplace/projects/{project}")
    report.check("the team has one member yet", len(api["team"]) == 1)
    for asking in await _asking(cast, project):
        await cast.mira.submit(f"/projects/{project}/accept", person=asking)
    api = await cast.stranger.json(f"/api/marketplace/projects/{project}")
    report.check("accepted, the team has three", len(api["team"]) == 3)


async def _asking(cast: Cast, project: str) -> list[str]:
    page = await cast.mira.page(f"/projects/{project}")
    return list(dict.fromkeys(re.findall(r'name="person" value="([0-9a-f-]{36})"', page)))


async def a_subscriber_rebuilds_it(cast: Cast, project: str, report: Report) -> None:
    report.step("11 A subscriber reads facts alone")
    page = (await cast.ines.submit("/developers/token")).text
    token = page.split('<code class="gw-token">')[1].split("<")[0]
    cast.stranger.client.headers["authorization"] = f"Bearer {token}"
    try:
        rebuilt = await eventually(lambda: _rebuilt(cast, project))
        shown = await cast.ines.json(f"/api/marketplace/projects/{project}")
    finally:
        del cast.stranger.client.headers["authorization"]
    report.check("no fact is missing between two positions", rebuilt is not None)
    assert rebuilt
    report.check(
        "phase and district are those of the page",
        rebuilt["phase"] == shown["phase"] and rebuilt["district"] == shown["district"],
    )
    report.check("the team is the same", sorted(rebuilt["team"]) == sorted(shown["team"]))


async def _rebuilt(cast: Cast, project: str) -> dict[str, Any] | None:
    """The project from the feed, from its first fact on; None while the last one has not arrived."""
    cursor, last = "", dict[str, int]()
    state: dict[str, Any] = {"team": []}
    while True:
        page = await cast.stranger.json(f"/api/facts?after={cursor}")
        for fact in page["facts"]:
            if fact["after"] != last.get(fact["source"], 0):
                return None
            last[fact["source"]] = fact["position"]
            if fact.get("subject") == project:
                _apply(state, fact)
        if not page["facts"]:
            return state if state.get("phase") and len(state["team"]) == 3 else None
        cursor = page["next"]


def _apply(state: dict[str, Any], fact: dict[str, Any]) -> None:
    data = fact["data"]
    match fact["type"].rpartition(".")[2]:
        case "ProjectPublished" | "ProjectPhaseMoved":
            state.update(data)
        case "MemberJoined":
            state["team"] = [*(p for p in state["team"] if p != data["person"]), data["person"]]
        case "MemberLeft":
            state["team"] = [person for person in state["team"] if person != data["person"]]
