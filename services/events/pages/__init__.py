"""The pages of events, by what they show."""

from services.events.pages import calendar, live, meeting, process, table

ROUTES = [*calendar.ROUTES, *process.ROUTES, *meeting.ROUTES, *live.ROUTES, *table.ROUTES]
