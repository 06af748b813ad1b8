from msgspec.structs import replace

from services.funding.domain.application import CorrectionAsked
from services.funding.domain.attachment import MOST, AddAttachment, AttachmentAdded, AttachmentRemoved, RemoveAttachment
from services.funding.domain.filing import application
from tests.funding.files import DRAFT, SUBMITTED
from tests.spec import Spec

spec = Spec(application)
add = AddAttachment(attachment_id="a-1", digest="ab" * 32, kind="pdf", size=1000, document="offers")
added = AttachmentAdded(attachment_id="a-1", digest="ab" * 32, kind="pdf", size=1000, document="offers", by="ann")
removed = AttachmentRemoved(attachment_id="a-1", by="ann")
asked = CorrectionAsked(correction_id="c-1", items=("Versicherungsangebot fehlt",), by="otto")


def test_a_team_adds_and_removes_papers_of_its_draft():
    spec.given(*DRAFT).when(add).then(added)
    spec.given(*DRAFT, added).when(RemoveAttachment(attachment_id="a-1")).then(removed)
    spec.given(*DRAFT, added, removed).when(RemoveAttachment(attachment_id="a-1")).then()


def test_what_was_submitted_stays_until_something_is_asked_for():
    spec.given(*SUBMITTED).when(add).then_rejected("no_correction_asked")
    spec.given(*SUBMITTED, asked).when(add).then(added)
    spec.given(*DRAFT, added, *SUBMITTED[2:]).when(RemoveAttachment(attachment_id="a-1")).then_rejected(
        "no_correction_asked"
    )


def test_nobody_else_adds_a_paper():
    spec.given(*DRAFT).when(add, by="otto").then_rejected("not_on_the_team")


def test_an_application_has_so_many_papers_and_no_more():
    full = [replace(added, attachment_id=f"x-{number}") for number in range(MOST)]
    spec.given(*DRAFT, *full).when(add).then_rejected("too_many_attachments", most=MOST)
