from services.funding.domain.application import CorrectionAsked
from services.funding.domain.filing import application
from services.funding.domain.grant import InstalmentPaid
from services.funding.replay import replay
from tests.funding.files import ACCEPTED, SUBMITTED

paid = InstalmentPaid(payment_id="one", number=1, amount_cents=5_000)


def test_every_event_stands_beside_the_state_it_led_to():
    moments = replay([*ACCEPTED, paid])  # type: ignore[list-item]
    stages = [moment.stage for moment in moments]
    assert stages == ["draft"] * 3 + ["submitted", "review", "review", "proposed"] + ["decided"] * 3
    last = moments[-1]
    assert (last.asked_cents, last.granted_cents, last.paid_cents, last.reviews) == (34_000, 27_200, 5_000, 1)


def test_the_last_moment_is_the_state_that_decides_next():
    moments = replay(ACCEPTED)  # type: ignore[arg-type]
    assert moments[-1].state == application.replay(ACCEPTED)
    for number, moment in enumerate(moments, 1):
        assert moment.state == application.replay(ACCEPTED[:number])


def test_a_correction_is_a_stage_of_its_own():
    asked = CorrectionAsked(correction_id="c", items=("x",), by="otto")
    assert replay([*SUBMITTED, asked])[-1].stage == "correction"  # type: ignore[list-item]
