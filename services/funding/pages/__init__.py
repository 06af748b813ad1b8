"""Funding's pages: pots, an application beside its rules, the desk, and every decision with its reasons."""

from services.funding.pages import applications, decisions, desk, pots, rules

ROUTES = [*pots.ROUTES, *rules.ROUTES, *applications.ROUTES, *desk.ROUTES, *decisions.ROUTES]
