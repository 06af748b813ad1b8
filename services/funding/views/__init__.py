"""The questions that funding answers, one view each. Everything about one file is read from its stream."""

from services.funding.views.applications import APPLICATIONS
from services.funding.views.chronicle import CHRONICLES
from services.funding.views.jury import JURY
from services.funding.views.looks import LOOKS
from services.funding.views.pots import POTS
from services.funding.views.revisions import REVISIONS
from services.funding.views.teams import TEAMS
from shared.access.standing import standing_view
from shared.municipalities import municipalities_view

VIEWS = (POTS, APPLICATIONS, JURY, REVISIONS, TEAMS, LOOKS, *CHRONICLES, standing_view(), municipalities_view())
