"""How far a process has come: steps begun, done, left out, and the papers that lie at them."""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct
from msgspec.structs import replace

from services.events.domain.template import Key, Step, Template, Words
from shared.decider import Rejected
from shared.message import Command, Event

Digest: TypeAlias = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Mark: TypeAlias = Literal["begun", "done", "skipped"]


# Events: stored for ever in the stream of the process. Add optional fields; never rename, retype or remove.
class StepBegun(Event):
    step: str


class StepCompleted(Event):
    step: str


class StepSkipped(Event):
    step: str
    reason: str


class DocumentAttached(Event):
    """`file` is the digest of the stored file; `kind` the template's document that it is, if it is one of them."""

    document_id: str
    step: str
    file: str
    kind: str | None = None


ProgressEvent: TypeAlias = StepBegun | StepCompleted | StepSkipped | DocumentAttached


# State: only what the next decision needs.
class Progress(Struct, frozen=True):
    marks: dict[str, Mark] = {}
    documents: frozenset[str] = frozenset()


def evolve_progress(state: Progress, event: ProgressEvent) -> Progress:
    match event:
        case StepBegun(step=step):
            return replace(state, marks=state.marks | {step: "begun"})
        case StepCompleted(step=step):
            return replace(state, marks=state.marks | {step: "done"})
        case StepSkipped(step=step):
            return replace(state, marks=state.marks | {step: "skipped"})
        case DocumentAttached(document_id=document):
            return replace(state, documents=state.documents | {document})


# Decisions: a repeated command decides nothing new.
class BeginStep(Command):
    step: Key


class CompleteStep(Command):
    step: Key


class SkipStep(Command):
    step: Key
    reason: Words


class AttachDocument(Command):
    document_id: str
    step: Key
    file: Digest
    kind: Key | None = None


ProgressCommand: TypeAlias = BeginStep | CompleteStep | SkipStep | AttachDocument


def decide_progress(command: ProgressCommand, template: Template, state: Progress) -> list[Event]:
    step = template.step(command.step)
    match command, state.marks.get(step.key):
        case AttachDocument(document_id=document, file=file, kind=kind), _:
            return [] if document in state.documents else [_attach(step, document, file, kind)]
        case (BeginStep(), "begun") | (CompleteStep(), "done") | (SkipStep(), "skipped"):
            return []
        case BeginStep(), None:
            return [StepBegun(step=step.key)]
        case CompleteStep(), "begun":
            return [StepCompleted(step=step.key)]
        case SkipStep(reason=reason), None if step.optional:
            return [StepSkipped(step=step.key, reason=reason)]
        case SkipStep(), None:
            raise Rejected("step_not_optional", step=step.title)
        case CompleteStep(), None:
            raise Rejected("step_not_begun", step=step.title)
    raise Rejected("step_settled", step=step.title)


def _attach(step: Step, document: str, file: str, kind: str | None) -> DocumentAttached:
    if kind and kind not in {owed.key for owed in step.documents}:
        raise Rejected("document_not_of_step", document=kind, step=step.title)
    return DocumentAttached(document_id=document, step=step.key, file=file, kind=kind)
