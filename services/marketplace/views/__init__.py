"""The questions that the marketplace answers, one view each."""

from services.marketplace.integration import publish
from services.marketplace.views.mentions import MENTIONS
from services.marketplace.views.needs import NEEDS
from services.marketplace.views.pots import POTS
from services.marketplace.views.projects import PROJECTS
from services.marketplace.views.teams import TEAMS
from shared.access.standing import standing_view
from shared.municipalities import municipalities_view

VIEWS = (PROJECTS, TEAMS, NEEDS, POTS, MENTIONS, standing_view(publish), municipalities_view(publish))
