"""Events: a town clarifies its questions. Processes, their dates, meetings, and what happens while a meeting runs.

Owns the streams process, meeting, registration, roster, agenda, speaking, poll; tells the facts of
`shared.contracts.events`.
"""
