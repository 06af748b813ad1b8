"""The story: from an idea to a decision, with real people in three towns. Each step says what it checked."""

from deploy.walkthrough import steps
from deploy.walkthrough.checks import Report


async def tell(url: str, report: Report) -> None:
    """Walks through all steps against the demo at `url`."""
    cast = await steps.cast(url)
    try:
        project = await steps.an_idea_becomes_public(cast, report)
        await steps.others_join(cast, project, report)
        await steps.a_subscriber_rebuilds_it(cast, project, report)
    finally:
        for person in cast.everybody():
            await person.client.aclose()
