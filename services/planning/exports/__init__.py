"""What a team carries away from its plan, and brings into it: PDF, council motion, tables, JSON, dates, cost tables."""
