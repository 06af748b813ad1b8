"""What is written in meetings, and the minutes that were signed, kept by their digest beside the log."""

from sqlalchemy.ext.asyncio import AsyncEngine

from services.events.adapters.archive import Archive
from shared.contracts.documents import Meeting
from shared.documents import read_meeting
from shared.papers import Papers, papers_table

signed = papers_table("signed_minutes")


class MeetingPapers(Papers):
    """Signed minutes by their digest, and what is being written."""

    def __init__(self, engine: AsyncEngine, archive: Archive) -> None:
        super().__init__(engine, signed)
        self._archive = archive

    async def written(self, municipality: str, meeting: str) -> Meeting:
        """Minutes and cards as they are saved now; empty where nobody has written. Raises where they cannot be read."""
        return read_meeting((await self._archive.content(municipality, meeting)).state)[0]
