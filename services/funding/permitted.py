"""Which of some commands the reader may give, so that pages show no button in vain."""

from collections.abc import Iterable

from shared.message import Command
from shared.web.visit import Visit


async def permitted(visit: Visit, kinds: Iterable[type[Command]], project: str | None = None) -> set[str]:
    """The names of the commands that she may give, in the town or on the team of `project`."""
    return {kind.__name__ for kind in kinds if await visit.may(kind, project)}
