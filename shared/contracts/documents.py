"""The two documents that people type into together, as plain values: the one place where their shape is written down.

A table is a Yjs map of rows by id, each row a map of its fields, and not an array: there a row can be moved only by
deleting it and inserting a copy, which loses what others change in it meanwhile and doubles it if two people move it.
Here a move sets `order`, a key between those of its neighbours (digits and letters, compared as text).

Texts marked `live` are Yjs texts, so that two people can type in one of them; other fields are plain values, of which
the last one written counts. Sections of rich text are roots of their own, `profile.<section>`, `minutes.<item>`.
"""

from typing import Annotated, Final, Literal, TypeAlias

from msgspec import Meta, Struct

from shared.contracts.plan import Cents, IncomeKind, Thousandths

PLAN_SCHEMA: Final = 2  # 2: tables in texts
MEETING_SCHEMA: Final = 1
"""What an editor must know to write; the gateway lets those that know less read only."""

Typed: TypeAlias = Annotated[str, Meta(max_length=300, extra={"live": True})]
Word: TypeAlias = Annotated[str, Meta(max_length=120)]
Key: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{0,64}$")]
MaybeDay: TypeAlias = Annotated[str, Meta(pattern=r"^(\d{4}-\d{2}-\d{2})?$")]
MaybeMonth: TypeAlias = Annotated[str, Meta(pattern=r"^(\d{4}-(0[1-9]|1[0-2]))?$")]
Links: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_ -]*$", max_length=1000)]
Order: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9A-Za-z]*$", max_length=200)]
Moment: TypeAlias = Annotated[str, Meta(pattern=r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z)?$")]

BlockKind: TypeAlias = Literal["paragraph", "heading", "item", "numbered", "quote", "table", "head", "cell"]
WorkState: TypeAlias = Literal["open", "doing", "done"]
ResourceKind: TypeAlias = Literal["people", "room", "thing", "know_how", "hours"]
ResourceState: TypeAlias = Literal["needed", "offered", "secured"]
CommentState: TypeAlias = Literal["open", "resolved"]


class Span(Struct, frozen=True, kw_only=True):
    """A stretch of text in one style. `link` is an address that begins with https:, http: or mailto:, or ""."""

    text: str
    bold: bool = False
    italic: bool = False
    link: str = ""


class Block(Struct, frozen=True, kw_only=True):
    """A paragraph, heading, item of a list, or a part of a table. `depth`: 1 for the outermost items, quotes, headings.

    A table is a block `table` without words, whose `depth` is the number of its columns, and behind it its cells, row
    after row, each a `head` or a `cell` with its column, counted from 1, as `depth`.
    """

    kind: BlockKind
    spans: tuple[Span, ...] = ()
    depth: int = 0

    @property
    def text(self) -> str:
        return "".join(span.text for span in self.spans)


Prose: TypeAlias = tuple[Block, ...]


class Row(Struct, frozen=True, kw_only=True):
    """What every row of a table has: `id` is its key in the map of rows."""

    id: Key
    order: Order = ""


class Work(Row, frozen=True, kw_only=True):
    """A work package, or a task of the package `parent`. `effort`: thousandths of hours; `after`: ids, with blanks."""

    label: Typed = ""
    owner: Word = ""
    state: WorkState = "open"
    effort: Thousandths = 0
    starts: MaybeDay = ""
    ends: MaybeDay = ""
    after: Links = ""
    parent: Key = ""


class Resource(Row, frozen=True, kw_only=True):
    """`quantity` counts thousandths of `unit`; `need` is the need on the marketplace that it became, or ""."""

    label: Typed = ""
    kind: ResourceKind = "thing"
    quantity: Thousandths = 1000
    unit: Word = ""
    state: ResourceState = "needed"
    source: Word = ""
    need: Key = ""


class Milestone(Row, frozen=True, kw_only=True):
    """A day by which something is done; work packages have their own dates. `after`: ids, with blanks between."""

    label: Typed = ""
    day: MaybeDay = ""
    after: Links = ""


class Cost(Row, frozen=True, kw_only=True):
    """As `plan.CostLine`, but perhaps not finished yet; `least_cents` and `most_cents` bound its sum, if not 0."""

    label: Typed = ""
    category: Word = ""
    quantity: Thousandths = 1000
    unit: Word = ""
    unit_price_cents: Cents = 0
    month: MaybeMonth = ""
    least_cents: Cents = 0
    most_cents: Cents = 0

    def total(self) -> int:
        """Cents, rounded half up once per line, so that a printed column adds up."""
        return (2 * self.quantity * self.unit_price_cents + 1000) // 2000

    def between(self) -> tuple[int, int]:
        """Cents that it comes to at least and at most, as far as somebody has said."""
        return self.least_cents or self.total(), self.most_cents or self.total()


class Income(Row, frozen=True, kw_only=True):
    """As `plan.IncomeLine`, but perhaps not finished yet; `hours` of 0 says nothing."""

    label: Typed = ""
    kind: IncomeKind = "own"
    amount_cents: Cents = 0
    month: MaybeMonth = ""
    hours: Thousandths = 0


class Comment(Row, frozen=True, kw_only=True):
    """A remark `about` a part (`finance`) or a row of a table (`finance.costs/<row>`); with `parent`, an answer to one.

    `author`, `closer` and `mentions` (with blanks between) are pseudonyms, the first two those of whose edit it is: the
    gateway sees to that. `at` is when it was written, in UTC. `state` and `closer` count for a whole thread, and stand
    in its first remark.
    """

    about: Annotated[str, Meta(pattern=r"^[a-z.]{0,40}(/[A-Za-z0-9_-]{1,64})?$")] = ""
    text: Annotated[str, Meta(max_length=2000)] = ""
    author: Key = ""
    at: Moment = ""
    state: CommentState = "open"
    closer: Key = ""
    mentions: Links = ""
    parent: Key = ""


class Profile(Struct, frozen=True, kw_only=True):
    """Rich texts by section (those of `SECTIONS`), and the fields of the root `profile`."""

    texts: dict[str, Prose] = {}
    place: Word = ""
    reaches: Word = ""
    starts: MaybeDay = ""
    ends: MaybeDay = ""


class Plan(Struct, frozen=True, kw_only=True):
    """The plan of a project; rows are in their order."""

    profile: Profile = Profile()
    work: tuple[Work, ...] = ()
    resources: tuple[Resource, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    costs: tuple[Cost, ...] = ()
    incomes: tuple[Income, ...] = ()


class Column(Row, frozen=True, kw_only=True):
    """A column of the board that belongs to the agenda item `item` ("" for every item)."""

    label: Typed = ""
    colour: Annotated[int, Meta(ge=1, le=3)] = 1
    item: Key = ""


class Card(Row, frozen=True, kw_only=True):
    """A card in a column ("" for those not yet sorted). `cluster` is the card that it lies under, or "".

    `author` is a pseudonym or the id of a guest; `name` what stands on the card, `site` tells the room from the screen.
    """

    text: Annotated[str, Meta(max_length=280, extra={"live": True})] = ""
    author: Key = ""
    name: Word = ""
    site: bool = False
    column: Key = ""
    cluster: Key = ""
    colour: Annotated[int, Meta(ge=0, le=3)] = 0
    item: Key = ""


class Meeting(Struct, frozen=True, kw_only=True):
    """`minutes` by agenda item; columns and cards in their order."""

    minutes: dict[str, Prose] = {}
    columns: tuple[Column, ...] = ()
    cards: tuple[Card, ...] = ()


SECTIONS: Final = ("summary", "goal", "benefit", "place", "common_good", "risks", "success")
FIELDS_ROOT: Final = "profile"
FIELDS: Final = ("place", "reaches", "starts", "ends")
PLAN_TABLES: Final[dict[str, tuple[str, type[Row]]]] = {
    "work": ("work", Work),
    "resources": ("resources", Resource),
    "milestones": ("schedule", Milestone),
    "costs": ("finance.costs", Cost),
    "incomes": ("finance.incomes", Income),
}
TALK_TABLES: Final[dict[str, tuple[str, type[Row]]]] = {"comments": ("comments", Comment)}
MEETING_TABLES: Final[dict[str, tuple[str, type[Row]]]] = {"columns": ("boards", Column), "cards": ("cards", Card)}
"""Attribute of `Plan` or `Meeting` → name of the root, form of its rows. What is said about a plan lies in its
document, but is no part of it: a revision does not freeze it, and going back to one leaves it."""
