"""The rules of three kinds of municipal pots, as data to start from."""

from services.funding.domain.rules import Category, Criterion, Deadline, Document, PotRules

_CATERING = Category(key="catering", title="Bewirtung", rule="4.2")
_JURY = (
    Criterion(key="common_good", title="Gemeinwohl", weight=30),
    Criterion(key="participation", title="Beteiligung", weight=20),
    Criterion(key="sustainability", title="Nachhaltigkeit", weight=25),
    Criterion(key="feasibility", title="Umsetzbarkeit", weight=15),
    Criterion(key="continuation", title="Verstetigung", weight=10),
)


def zukunftsstadt_fonds() -> PotRules:
    """Dresden: up to 50,000 € a project, scored by a jury; citizens' projects of the Zukunftsstadt."""
    return PotRules(
        title="Förderrichtlinie Zukunftsstadt-Fonds",
        applicants=("citizen", "association", "science"),
        cap_cents=50_000_00,
        own_contribution_percent=10,
        ineligible=(_CATERING, Category(key="land", title="Grunderwerb", rule="4.3")),
        criteria=_JURY,
        documents=(
            Document(key="profile", title="Projektprofil"),
            Document(key="offers", title="Drei Vergleichsangebote", above_cents=10_000_00),
        ),
        hour_rate_cents=15_00,
        longest_months=24,
        blind=True,
        reviews_needed=3,
        threshold_tenths=35,
        numbers={
            "applicants": "2.1", "cap": "3.1", "own_contribution": "3.3", "hour_rate": "3.4", "balance": "3.5",
            "start": "5.1", "duration": "5.2", "documents": "6.1",
        },
    )  # fmt: skip


def nachbarschaftsfonds() -> PotRules:
    """A corridor: 2,000 to 10,000 €, and at most half of the eligible costs."""
    return PotRules(
        title="Richtlinie Nachbarschaftsfonds",
        cap_cents=10_000_00,
        minimum_cents=2_000_00,
        share_percent=50,
        eligible=(
            Category(key="material", title="Sachkosten", rule="4.1"),
            Category(key="fee", title="Honorar", rule="4.1"),
            Category(key="room", title="Raum", rule="4.1"),
            Category(key="publicity", title="Öffentlichkeit", rule="4.1"),
            Category(key="investment", title="Investition", rule="4.1"),
            Category(key="own_work", title="Eigenleistung", rule="4.1"),
        ),
        ineligible=(_CATERING,),
        criteria=(*_JURY[:2], Criterion(key="feasibility", title="Umsetzbarkeit", weight=50)),
        hour_rate_cents=15_00,
        numbers={
            "minimum": "3.1", "cap": "3.1", "share": "3.2", "hour_rate": "3.4", "balance": "3.5", "eligible": "4.1",
            "start": "5.1",
        },
    )  # fmt: skip


def stadtbezirk(year: int) -> PotRules:
    """Dresden’s districts: the higher the sum, the earlier the last day.

    After the resolutions of the district councils Prohlis and Leuben (above 3,000 €: 1 April) and Altstadt (above
    5,000 €: 1 December of the year before) and the general last day, 15 October; published in January 2020. Of two
    rounds a year only one is modelled here, and the districts are put together.
    """
    return PotRules(
        title="Stadtbezirksförderrichtlinie",
        applicants=("citizen", "association"),
        ineligible=(_CATERING,),
        criteria=(
            Criterion(key="district", title="Bezug zum Stadtteil", weight=50),
            Criterion(key="common_good", title="Gemeinwohl", weight=50),
        ),
        deadlines=(
            Deadline(above_cents=0, until=f"{year}-10-15"),
            Deadline(above_cents=3_000_00, until=f"{year}-04-01"),
            Deadline(above_cents=5_000_00, until=f"{year - 1}-12-01"),
        ),
        hour_rate_cents=12_00,
        numbers={"applicants": "2", "deadline": "6", "balance": "5", "start": "7", "hour_rate": "5.3"},
    )
