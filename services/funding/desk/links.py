"""Where the entries of a log are proved, for pages that name them."""


def proof_url(town: str, service: str, position: int) -> str:
    """The entry at a position of a service's log, with what shows that it is in the tree."""
    return f"/{town}/audit/{service}/entries?after={position - 1}&limit=1"
