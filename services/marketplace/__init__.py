"""The marketplace: people find each other. People, municipalities, projects, teams, needs and offers.

Owns the streams municipality, person, project, team, need; tells the facts of `shared.contracts.marketplace`; keeps the
vault of names and the sign-in.
"""
