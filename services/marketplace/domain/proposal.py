"""Proposing founds the team in the same moment: no project is ever without somebody who leads it."""

from services.marketplace.domain.project import Project, ProposeProject, project
from services.marketplace.domain.team import FoundTeam, Team, team
from shared.decider import JointDecider
from shared.message import Context, Event


def decide(command: ProposeProject, states: tuple[Project, Team], context: Context) -> list[tuple[int, Event]]:
    proposed = project.decide(command, states[0], context)
    founded = team.decide(FoundTeam(lead=context.on_behalf_of or context.by), states[1], context)
    return [*((0, event) for event in proposed), *((1, event) for event in founded)]


proposal = JointDecider((project, team), ProposeProject, decide)
