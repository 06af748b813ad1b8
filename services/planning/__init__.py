"""Planning: from an idea to a plan that can be judged. The five-part plan, its edits and frozen revisions.

Owns the streams plan and edits; hears the marketplace (projects, teams, needs) and funding (pots); follows the
documents of plans; tells the facts of `shared.contracts.planning`.
"""
