"""The questions that events answers, one view each."""

from services.events.views.agendas import AGENDAS
from services.events.views.meetings import MEETINGS
from services.events.views.polls import POLLS
from services.events.views.processes import PROCESSES
from services.events.views.seats import SEATS
from services.events.views.words import WORDS
from shared.access.standing import standing_view
from shared.municipalities import municipalities_view

VIEWS = (PROCESSES, MEETINGS, SEATS, AGENDAS, WORDS, POLLS, standing_view(), municipalities_view())
