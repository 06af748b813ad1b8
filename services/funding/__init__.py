"""Funding: money with reasons. Pots, applications, reviews, decisions, payments; the auditor's desk.

Owns the streams pot and application; hears the marketplace (teams, roles) and planning (frozen revisions); tells the
facts of `shared.contracts.funding`.
"""
