"""Who is registered for a meeting, who has a place, who waits, and who is there in which way?"""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.events.domain.registration import CheckedIn, Registered, RegistrationCancelled
from services.events.domain.roster import PlaceGivenUp, PlacesAdded, PlaceTaken, QueueJoined, QueueLeft
from shared.store import Recorded
from shared.view import Change, View, table

registrations = table(
    "registrations",
    sa.Column("id", sa.Text),
    sa.Column("meeting", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("section", sa.Text),
    sa.Column("way", sa.Text),  # how she is there, if she is
    sa.Column("seat", sa.Text),  # the table at which she sits
)
sa.Index("registrations_meeting", registrations.c.municipality, registrations.c.meeting)
places = table(
    "places",
    sa.Column("meeting", sa.Text),
    sa.Column("section", sa.Text),
    sa.Column("person", sa.Text),
    sa.Column("place", sa.Text, nullable=False),  # seat, queue
    sa.Column("since", sa.BigInteger, nullable=False),
    key=("meeting", "section", "person"),
)

_insert = insert(registrations)
_REGISTER = _insert.on_conflict_do_update(
    index_elements=["municipality", "id"], set_={"section": _insert.excluded.section}
)
_CHECK_IN = _insert.on_conflict_do_update(
    index_elements=["municipality", "id"], set_={"way": _insert.excluded.way, "seat": _insert.excluded.seat}
)
_CANCEL = (
    sa.update(registrations)
    .where(registrations.c.municipality == sa.bindparam("m"), registrations.c.id == sa.bindparam("id"))
    .values(section=None)
)
_place = insert(places).values(
    municipality=sa.bindparam("m"),
    meeting=sa.bindparam("e"),
    section=sa.bindparam("s"),
    person=sa.bindparam("p"),
    place=sa.bindparam("k"),
    since=sa.bindparam("n"),
)
_PLACE = _place.on_conflict_do_update(
    index_elements=["municipality", "meeting", "section", "person"],
    set_={"place": _place.excluded.place, "since": _place.excluded.since},
)
_FREE = sa.delete(places).where(
    places.c.municipality == sa.bindparam("m"),
    places.c.meeting == sa.bindparam("e"),
    places.c.section == sa.bindparam("s"),
    places.c.person == sa.bindparam("p"),
)


def project(recorded: Recorded) -> Iterable[Change]:
    entry = recorded.entry
    meeting, _, section = recorded.id.partition(".")
    key = {"m": entry.municipality, "id": recorded.id, "e": meeting, "s": section}
    mine = {"municipality": entry.municipality, "id": recorded.id}
    match recorded.event:
        case Registered(meeting=of, person=person, section=wanted):
            yield _REGISTER, mine | {"meeting": of, "person": person, "section": wanted}
        case RegistrationCancelled():
            yield _CANCEL, {"m": entry.municipality, "id": recorded.id}
        case CheckedIn(meeting=of, person=person, way=way, table=seat):
            yield _CHECK_IN, mine | {"meeting": of, "person": person, "way": way, "seat": seat}
        case PlaceTaken(person=person):
            yield _PLACE, key | {"p": person, "k": "seat", "n": entry.position}
        case QueueJoined(person=person):
            yield _PLACE, key | {"p": person, "k": "queue", "n": entry.position}
        case PlaceGivenUp(person=person, moved_up=next_one):
            yield _FREE, key | {"p": person}
            if next_one:
                yield _PLACE, key | {"p": next_one, "k": "seat", "n": entry.position}
        case QueueLeft(person=person):
            yield _FREE, key | {"p": person}
        case PlacesAdded(moved_up=people):
            for person in people:
                yield _PLACE, key | {"p": person, "k": "seat", "n": entry.position}


SEATS = View("seats", 1, "log", (registrations, places), project)
