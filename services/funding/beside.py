"""What funding keeps beside its log, for its pages: `visit.extra`."""

from dataclasses import dataclass

from services.funding.adapters.presence import Presence
from shared.papers import Papers, papers_table

kept_papers = papers_table("papers")  # letters, statements, receipts


@dataclass(frozen=True, slots=True)
class Beside:
    papers: Papers
    presence: Presence
