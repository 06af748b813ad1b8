"""The pages of events, by what they show."""

from services.events.pages import calendar, meeting, process

ROUTES = [*calendar.ROUTES, *process.ROUTES, *meeting.ROUTES]
