"""The story: from an idea to a decision, with real people in two towns. Each step says what it checked."""

from deploy.walkthrough import money, plan, steps, town
from deploy.walkthrough.checks import Report


async def tell(url: str, report: Report) -> None:
    """Walks through all steps against the demo at `url`."""
    cast = await steps.cast(url)
    try:
        project = await steps.an_idea_becomes_public(cast, report)
        await steps.others_join(cast, project, report)
        await plan.three_write_at_once(cast, project, report)
        await town.guests_write_cards(cast, report)
        application = await money.an_application_is_pinned(cast, project, report)
        await town.a_zukunftstisch_by_the_calendar(cast, report)
        await money.two_officers_decide(cast, application, report)
        await money.an_auditor_recomputes(cast, application, report)
        await steps.a_subscriber_rebuilds_it(cast, project, report)
    finally:
        for person in cast.everybody():
            await person.client.aclose()
