"""What funding keeps beside its log, for its pages: `visit.extra`."""

from dataclasses import dataclass

from services.funding.adapters.papers import Papers
from services.funding.adapters.presence import Presence


@dataclass(frozen=True, slots=True)
class Beside:
    papers: Papers
    presence: Presence
