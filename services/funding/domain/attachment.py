"""Papers that a team adds to its application: the log keeps what they are and their digest, never the file itself."""

from collections.abc import Collection
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from shared.decider import Rejected
from shared.message import Command, Context, Event

PaperKind: TypeAlias = Literal["pdf", "png", "jpeg"]
Digest: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
MOST = 20


class Paper(Struct, frozen=True, kw_only=True):
    """A file that lies beside the log: `digest` is its SHA-256 in hex, `size` in bytes."""

    digest: Digest
    kind: PaperKind
    size: Annotated[int, Meta(ge=1)]


# Events: stored for ever in the stream of the application. Add optional fields; never rename, retype or remove.
class AttachmentAdded(Event):
    """`digest` is the SHA-256 of the file in hex, `document` the key of the paper in the pot's rules, or ""."""

    attachment_id: str
    digest: str
    kind: PaperKind
    size: int
    document: str
    by: str


class AttachmentRemoved(Event):
    attachment_id: str
    by: str


AttachmentEvent: TypeAlias = AttachmentAdded | AttachmentRemoved


def evolve_attachments(there: dict[str, str], event: AttachmentEvent) -> dict[str, str]:
    """The ids of the attachments in the order in which they came, each with the key of the paper that it is."""
    match event:
        case AttachmentAdded(attachment_id=new, document=document):
            return there | {new: document}
        case AttachmentRemoved(attachment_id=gone):
            return {one: document for one, document in there.items() if one != gone}


class AddAttachment(Command):
    """Given by the service, which has kept the file and looked what it is."""

    attachment_id: str
    digest: Digest
    kind: PaperKind
    size: int
    document: str = ""


class RemoveAttachment(Command):
    attachment_id: str


AttachmentCommand: TypeAlias = AddAttachment | RemoveAttachment


def decide_attachment(
    command: AttachmentCommand, there: Collection[str], changeable: bool, context: Context
) -> list[AttachmentAdded | AttachmentRemoved]:
    """`changeable`: the application is a draft, or something has been asked for."""
    if (command.attachment_id in there) is isinstance(command, AddAttachment):
        return []
    if not changeable:
        raise Rejected("no_correction_asked")
    if isinstance(command, RemoveAttachment):
        return [AttachmentRemoved(attachment_id=command.attachment_id, by=context.by)]
    if len(there) >= MOST:
        raise Rejected("too_many_attachments", most=MOST)
    fields = {name: getattr(command, name) for name in command.__struct_fields__}
    return [AttachmentAdded(by=context.by, **fields)]
