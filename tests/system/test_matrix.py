"""Every command of every service, given by every kind of person to her own things and to those of others."""

import asyncio
import re
from dataclasses import dataclass
from typing import Any, get_args

import pytest

from shared.access.permissions import RULES, allowed
from shared.ids import new_id
from tests.system.bodies import least
from tests.system.cast import Actor, Cast, Things, cast
from tests.system.forms import WITHOUT_RULE, forms, posts, typed

SERVICES = ("marketplace", "planning", "funding", "events")
NEVER = 999_999  # no stream has this version: who may give a command gets 412, and nothing is stored
LOOSE = {200, 303, 400, 404, 409, 412}  # to whoever may, from what does not take the version it was meant for
UNVERSIONED = ("AddAttachment", "FreezeRevision", "PinRevision", "SubmitProof", "SignOffMinutes")
AT_ONCE = 8
PER_SESSION = 100  # commands of one account; 120 a minute are allowed


@dataclass(frozen=True)
class Command:
    """`path` with the id's place in it; `versioned`: it takes the version that it was meant for."""

    service: str
    aggregate: str
    path: str
    name: str
    body: dict[str, Any]
    versioned: bool

    @property
    def key(self) -> str:
        return f"{self.service}.{self.name}"


@pytest.fixture(scope="module")
async def stage(deployment):
    return await cast(deployment)


async def commands(deployment) -> list[Command]:
    """All commands that the services describe, and what else ends in one."""
    found = []
    for service in SERVICES:
        described = (await deployment.client().get(f"/dresden/api/{service}/openapi.json")).json()
        for path, operations in described["paths"].items():
            operation = operations.get("post", {})
            if rule := operation.get("x-rule"):
                schema = operation["requestBody"]["content"].get("application/json", {}).get("schema", {})
                body = least(schema, described["components"]["schemas"]) or {}
                versioned = any(parameter["name"] == "If-Match" for parameter in operation["parameters"])
                body |= {"template": "stadtgespraech"} if not versioned and rule == "StartProcess" else {}
                found.append(Command(service, path.split("/")[4], path, rule, body, versioned))
    return found


def aimed(command: Command, actor: Actor, things: Things) -> tuple[str, dict[str, Any], str | None]:
    """The id in the address, the body, and the project of `things` that the command is about."""
    ids = {
        "project": things.project,
        "team": things.project,
        "plan": things.project,
        "need": things.need,
        "pot": things.pot,
        "application": things.application,
        "process": things.process,
        "meeting": things.meeting,
        "poll": things.poll,
        "municipality": things.town,
        "person": things.person,
        "applications": things.application,
        "processes": things.process,
        "meetings": things.meeting,
    }
    id = new_id() if command.name in ("PublishNeed", "AnnounceMeeting", "ProposeProject") else ids[command.aggregate]
    within = {"application_id": id, "project_id": things.project, "pot_id": things.pot, "meeting": things.meeting}
    within |= {"project": things.project, "way": "screen"}
    body = command.body | {name: value for name, value in within.items() if name in command.body}
    alone = ("pot", "process", "processes", "municipality", "person")
    project = None if command.aggregate in alone or command.name == "ProposeProject" else things.project
    if "way" in body and actor.guest:
        body["way"] = "site"  # guests sit at a table
    if command.name == "AnnounceMeeting":
        body["project"] = things.project
    return id, body, project


def wanted(command: Command, actor: Actor, project: str | None, things: Things) -> set[int]:
    """The statuses that agree with the table of permissions."""
    live = command.aggregate in ("meeting", "meetings", "poll") and command.name != "AnnounceMeeting"
    if live and actor.guest and things.meeting != actor.guest.meeting:
        return {403} if things.town == "dresden" else {404}
    phase = "initiation" if project and things.town == "dresden" else None
    own = actor.knows(project) & {"lead", "member"}
    if command.aggregate.startswith("application") and command.name != "StartApplication" and not own:
        return {404}  # nobody else is told of an application that was not submitted
    if allowed(command.key, actor.roles, actor.knows(project), phase):
        return {412, 404} if command.versioned else LOOSE
    if things.town != "dresden" and project:
        return {404}  # what is of another town is not there, whoever asks
    return {403} if "dresden" in actor.persons or actor.guest else {401}


def kinds(commands: Any) -> tuple[type, ...]:
    return commands if isinstance(commands, tuple) else get_args(commands) or (commands,)


async def test_every_command_has_a_rule_and_every_rule_a_command(deployment):
    given = {
        f"{service}.{kind.__name__}"
        for service in SERVICES
        for decider in deployment.site(service).service.card.deciders.values()
        for kind in kinds(decider.commands)
    }
    assert given == set(RULES)


def asked_about(stage: Cast, actor: Actor) -> list[Things]:
    """To a role in the town one team's things are as another's."""
    if actor.roles and actor.name != "coordinator":
        return [stage.own]
    return [stage.own, stage.other] + ([] if actor.name.startswith(("other", "member")) else [stage.elsewhere])


async def test_who_may_may_and_who_may_not_may_not(deployment, stage: Cast):
    known = [command for command in await commands(deployment) if command.name != "JoinTable"]
    assert len(known) > 85
    wrong: list[str] = []
    waiting = asyncio.Semaphore(AT_ONCE)

    async def check(client, actor, command, things):
        id, body, project = aimed(command, actor, things)
        async with waiting:
            path = command.path.replace("{id}", id)
            answer = await client.post(path, json=body, headers={"if-match": f'"{NEVER}"'})
        if answer.status_code not in (right := wanted(command, actor, project, things)):
            whose = next(name for name in ("own", "other", "elsewhere") if getattr(stage, name) is things)
            wrong.append(f"{actor.name} {command.key} {whose}: {answer.status_code}, not {right} {answer.text[-160:]}")

    for actor in stage.actors.values():
        cells = [(command, things) for things in asked_about(stage, actor) for command in known]
        for start in range(0, len(cells), PER_SESSION):
            client = await actor.client()
            await asyncio.gather(*(check(client, actor, *cell) for cell in cells[start : start + PER_SESSION]))
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong[:40])


def test_every_address_that_takes_something_has_a_rule(deployment):
    found = list(posts(deployment))
    assert {path for _, path, rule, _ in found if rule is None} == WITHOUT_RULE
    assert len(found) > 40


async def test_every_address_of_the_api_is_described(deployment):
    """Routes as they are mounted against what the services say of themselves."""
    for service, app in deployment.app.services.items():
        described = (await deployment.client().get(f"/dresden/api/{service}/openapi.json")).json()
        told = {(path, method.upper()) for path, each in described["paths"].items() for method in each}
        names = [operation["operationId"] for each in described["paths"].values() for operation in each.values()]
        assert len(names) == len(set(names)), f"{service}: {sorted(names)}"
        for route in app.routes:
            path = re.sub(r":\w+}", "}", route.path.replace("{municipality:str}", "dresden"))
            if "/api/" in path or f"/audit/{service}/" in path:
                assert {(path, method) for method in route.methods - {"OPTIONS", "HEAD"}} <= told, path
        for operation in (each["post"] for each in described["paths"].values() if "post" in each):
            assert "requestBody" in operation, operation["operationId"]


def askers(stage: Cast, command: Command) -> list[Actor]:
    """Who tries a form: some who hardly ever may, and the first of those who may."""
    some = [stage.actors[name] for name in ("nobody", "foreign_coordinator", "citizen", "other_lead", "guest")]
    project = None if command.aggregate in ("pots", "processes") else stage.own.project
    rest = [actor for actor in stage.actors.values() if actor not in some]
    may = [actor for actor in rest if allowed(command.key, actor.roles, actor.knows(project), "initiation")]
    return some + may[:1]


async def test_a_form_asks_for_the_same_rights_as_its_command(deployment, stage: Cast):
    wrong: list[str] = []
    waiting = asyncio.Semaphore(AT_ONCE)
    clients = {name: await actor.client() for name, actor in stage.actors.items()}

    async def check(actor: Actor, command: Command) -> None:
        path, project = at(command, stage.own)
        async with waiting:
            answer = await clients[actor.name].post(path, data=command.body | {"expected": str(NEVER)})
        if answer.status_code not in (right := wanted(command, actor, project, stage.own)):
            wrong.append(f"{actor.name} {path} {command.name}: {answer.status_code}, not {right}")

    for service, path, kind in forms(deployment):
        if kind.__name__ == "JoinTable":
            continue  # whoever has the code may
        part = {"projects": "project", "plans": "plan", "live": "meeting"}.get(path.split("/")[2], path.split("/")[3])
        part = "application" if part in ("applications", "desk") else part
        command = Command(service, part, path, kind.__name__, typed(kind), kind.__name__ not in UNVERSIONED)
        await asyncio.gather(*(check(actor, command) for actor in askers(stage, command)))
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong[:40])


def at(command: Command, things: Things) -> tuple[str, str | None]:
    """Where a form is sent to, and the project that it is about."""
    ids = {"project": things.project, "plan": things.project, "application": things.application}
    ids |= {"meeting": things.meeting, "meetings": things.meeting, "pots": things.pot, "processes": things.process}
    path = command.path.replace("{municipality:str}", things.town).replace("{id:str}", ids[command.aggregate])
    path = path.replace("{need:str}", things.need).replace("{poll_id:str}", things.poll)
    within = ("project", "project_id")
    command.body.update({name: things.project for name in within if name in command.body})
    alone = command.aggregate in ("pots", "processes") and command.name != "StartApplication"
    return path, None if alone or command.name == "ProposeProject" else things.project
