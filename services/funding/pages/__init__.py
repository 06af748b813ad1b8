"""Funding's pages: pots, an application beside its rules, the desk, every decision with its reasons, and the audit."""

from services.funding.pages import applications, audit, decisions, desk, ledger, pots, rules

ROUTES = [
    *pots.ROUTES,
    *rules.ROUTES,
    *ledger.ROUTES,
    *applications.ROUTES,
    *desk.ROUTES,
    *decisions.ROUTES,
    *audit.ROUTES,
]
