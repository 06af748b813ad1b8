"""Takes names off cards, as an edit like any other: what stood there is gone from the document's state, too."""

from typing import Any

from pycrdt import Doc, Map

from shared.contracts.documents import MEETING_TABLES
from shared.documents import read_meeting


def without_names(state: bytes, authors: str, client: int) -> bytes | None:
    """The update (V1) that leaves no name on cards whose author begins with `authors`; None where there is none.

    `client`: the client id under which it is written, new to the document.
    """
    named = [card for card in read_meeting(state)[0].cards if card.name and card.author.startswith(authors)]
    if not named:
        return None
    doc: Doc[Any] = Doc(client_id=client)
    doc.apply_update(state)
    vector = doc.get_state()
    cards = doc.get(MEETING_TABLES["cards"][0], type=Map)
    with doc.transaction():
        for card in named:
            cards[card.id]["name"] = ""
    return doc.get_update(vector)
