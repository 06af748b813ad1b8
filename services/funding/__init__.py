"""Funding: money with reasons. Pots, applications, reviews, decisions, payments; the auditor's desk.

Owns the streams pot, application and look; hears the marketplace (teams, roles), planning (frozen revisions) and events
(meetings, for the history of a project); tells the facts of `shared.contracts.funding`.
"""
