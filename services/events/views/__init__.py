"""The questions that events answers, one view each."""

from services.events.views.meetings import MEETINGS
from services.events.views.processes import PROCESSES
from services.events.views.seats import SEATS
from shared.access.standing import standing_view
from shared.municipalities import municipalities_view

VIEWS = (PROCESSES, MEETINGS, SEATS, standing_view(), municipalities_view())
