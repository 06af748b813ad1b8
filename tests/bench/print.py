"""How long a person waits for the project folder of a long plan: 200 lines over five parts."""

from time import perf_counter

from services.planning.exports.edition import Edition
from services.planning.exports.printing import FOLDER, folder
from shared.contracts.documents import Cost, Income, Milestone, Plan, Resource, Work
from shared.print import Press
from shared.web.render import Renderer
from tests.bench.rows import Row, Say, at_most
from tests.planning.samples import CONTENT, NOW

_LINES = 40  # of each of the five tables


def long_plan() -> Plan:
    """200 lines, every one with a date, an amount and words."""
    numbers = range(1, _LINES + 1)
    days = [(f"2027-{1 + n // 4:02d}-01", f"2027-{1 + n // 4:02d}-{10 + n % 18}") for n in range(_LINES)]
    return Plan(
        profile=CONTENT.profile,
        work=tuple(
            Work(id=f"w{n}", label=f"Paket {n}", owner="Jana T.", effort=8000, starts=a, ends=b, after=f"w{n - 1}")
            for n, (a, b) in zip(numbers, days, strict=True)
        ),
        resources=tuple(Resource(id=f"r{n}", label=f"Raum {n}", kind="room", quantity=n * 1000) for n in numbers),
        milestones=tuple(
            Milestone(id=f"m{n}", label=f"Fest {n}", day=last, after=f"w{n}") for n, (_, last) in enumerate(days, 1)
        ),
        costs=tuple(
            Cost(id=f"k{n}", label=f"Material {n}", category=f"Art {n % 7}", quantity=1500, unit="Tage",
                 unit_price_cents=n * 1111, month=f"2027-{1 + n % 12:02d}")
            for n in numbers
        ),
        incomes=tuple(
            Income(id=f"e{n}", label=f"Spende {n}", kind="donation", amount_cents=n * 1500,
                   month=f"2027-{1 + n % 12:02d}")
            for n in numbers
        ),
    )  # fmt: skip


async def measure(*, quick: bool, say: Say) -> list[Row]:
    """The median of several prints in ms, each of a plan that the press has not seen; the peer is an empty plan."""
    press, renderer = Press(), Renderer()
    times: dict[int, list[float]] = {0: [], 200: []}
    for number in range(3 if quick else 9):
        for lines, plan in ((0, Plan()), (200, long_plan())):
            edition = Edition(
                municipality="dresden", project="p-1", title=f"Projekt {number}", town="Dresden",
                address="https://gemeinwerk.example/dresden/plans/p-1", plan=plan, at=NOW,
            )  # fmt: skip
            begun = perf_counter()
            await press.pdf(FOLDER, folder(edition, renderer), NOW)
            times[lines].append(1000 * (perf_counter() - begun))
    say(f"{len(times[200])} project folders of 200 lines")
    empty, long = (sorted(each)[len(each) // 2] for each in times.values())
    return [at_most("print_folder_200", long, 1000, peer=empty)]
