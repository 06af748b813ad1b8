"""The questions that planning answers, one view each. What a plan says is in its document."""

from services.planning.views.offers import OFFERS
from services.planning.views.plans import PLANS
from services.planning.views.pots import POTS
from shared.access.standing import standing_view
from shared.municipalities import municipalities_view

VIEWS = (PLANS, POTS, OFFERS, standing_view(), municipalities_view())
