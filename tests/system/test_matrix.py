"""Every command of every service, given by every kind of person to her own things and to those of others."""

import asyncio
from dataclasses import dataclass
from typing import Any, get_args

import pytest

from shared.access.permissions import RULES, allowed
from shared.ids import new_id
from tests.system.bodies import least
from tests.system.cast import Actor, Cast, Things, cast

SERVICES = ("marketplace", "planning", "funding", "events")
NEVER = 999_999  # no stream has this version: who may give a command gets 412, and nothing is stored
AT_ONCE = 8
PER_SESSION = 100  # commands of one account; 120 a minute are allowed


@dataclass(frozen=True)
class Command:
    service: str
    aggregate: str
    address: str
    name: str
    body: dict[str, Any]

    @property
    def key(self) -> str:
        return f"{self.service}.{self.name}"


@pytest.fixture(scope="module")
async def stage(deployment):
    return await cast(deployment)


async def commands(deployment) -> list[Command]:
    """All commands that the services describe."""
    found = []
    for service in SERVICES:
        described = (await deployment.client().get(f"/dresden/api/{service}/openapi.json")).json()
        components = described["components"]["schemas"]
        for path, operations in described["paths"].items():
            operation = operations["post"]
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            *_, aggregate, _, address = path.split("/")
            found.append(Command(service, aggregate, address, operation["operationId"], least(schema, components)))
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
    }
    id = new_id() if command.name in ("PublishNeed", "AnnounceMeeting", "ProposeProject") else ids[command.aggregate]
    within = {"application_id": id, "project_id": things.project, "pot_id": things.pot, "meeting": things.meeting}
    within |= {"project": things.project, "way": "screen"}
    body = command.body | {name: value for name, value in within.items() if name in command.body}
    alone = ("pot", "process", "municipality", "person")
    project = None if command.aggregate in alone or command.name == "ProposeProject" else things.project
    if "way" in body and actor.guest:
        body["way"] = "site"  # guests sit at a table
    if command.name == "AnnounceMeeting":
        body["project"] = things.project
    return id, body, project


def wanted(command: Command, actor: Actor, project: str | None, things: Things) -> set[int]:
    """The statuses that agree with the table of permissions."""
    live = command.aggregate in ("meeting", "poll") and command.name != "AnnounceMeeting"
    if live and actor.guest and things.meeting != actor.guest.meeting:
        return {403} if things.town == "dresden" else {404}
    phase = "initiation" if project and things.town == "dresden" else None
    if allowed(command.key, actor.roles, actor.knows(project), phase):
        return {412, 404}
    if things.town != "dresden" and project:
        return {404}  # what is of another town is not there, whoever asks
    if (
        command.aggregate == "application"
        and command.name != "StartApplication"
        and not actor.knows(project)
        & {
            "lead",
            "member",
        }
    ):
        return {404}  # nobody else is told of an application that was not submitted
    return {403} if "dresden" in actor.persons or actor.guest else {401}


def kinds(commands: Any) -> tuple[type, ...]:
    return commands if isinstance(commands, tuple) else get_args(commands) or (commands,)


async def test_every_command_has_a_rule_and_every_rule_a_command(deployment):
    described = {command.key for command in await commands(deployment)}
    assert described <= set(RULES)
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
    known = [command for command in await commands(deployment) if command.service != "planning"]
    assert len(known) > 80
    wrong: list[str] = []
    waiting = asyncio.Semaphore(AT_ONCE)

    async def check(client, actor, command, things):
        id, body, project = aimed(command, actor, things)
        path = f"/dresden/api/{command.service}/{command.aggregate}/{id}/{command.address}"
        async with waiting:
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
