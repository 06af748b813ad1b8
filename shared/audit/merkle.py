"""The Merkle tree of RFC 6962: one root says everything that was ever logged, and short proofs show parts of it.

Leaves are 32-byte hashes made by `leaf_hash`; sizes count leaves, indexes start at 0 (position − 1 in the log).
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()

Span = tuple[int, int]  # leaves, from the first up to but not with the second


def leaf_hash(data: bytes) -> bytes:
    """RFC 6962, 2.1: the prefix 0x00 keeps a leaf from ever passing as a node."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962, 2.1: the parent of two subtrees."""
    return sha256(b"\x01" + left + right).digest()


class CompactRange:
    """A tree remembered by the roots of its perfect subtrees, largest first: one per bit of `size`."""

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size, self.hashes = size, list(hashes)
        if len(self.hashes) != size.bit_count():
            raise ValueError(f"{size} leaves need {size.bit_count()} hashes, not {len(self.hashes)}")

    def append(self, leaf: bytes) -> None:
        """Adds one leaf; every subtree that it completes is merged: as many as `size` has trailing ones."""
        for _ in range(_trailing_ones(self.size)):
            leaf = node_hash(self.hashes.pop(), leaf)
        self.hashes.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        if not self.hashes:
            return EMPTY_ROOT
        *larger, root = self.hashes
        for left in reversed(larger):
            root = node_hash(left, root)
        return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over `leaves`, in one pass and logarithmic memory."""
    tree = CompactRange()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


def inclusion_spans(index: int, size: int) -> list[Span]:
    """The subtrees whose roots lead from leaf `index` up to the root (RFC 6962, 2.1.1). Raises `IndexError`."""
    if not 0 <= index < size:
        raise IndexError(index)
    low, high = 0, size
    spans: list[Span] = []
    while high - low > 1:
        middle = low + _half(high - low)
        if index < middle:
            spans.append((middle, high))
            high = middle
        else:
            spans.append((low, middle))
            low = middle
    return spans[::-1]


def consistency_spans(old_size: int, size: int) -> list[Span]:
    """The subtrees whose roots show that a tree only grew (RFC 6962, 2.1.2). Raises `IndexError`."""
    if not 0 <= old_size <= size:
        raise IndexError(old_size)
    low, high = 0, size
    spans: list[Span] = []
    while old_size and old_size < high:
        middle = low + _half(high - low)
        if old_size <= middle:
            spans.append((middle, high))
            high = middle
        else:
            spans.append((low, middle))
            low = middle
    if low:  # else the verifier knows the old root: nothing was cut off
        spans.append((low, high))
    return spans[::-1]


def perfect(span: Span) -> list[tuple[int, int]]:
    """The perfect subtrees of a span, largest first: (level, number), which is leaves number·2^level onwards."""
    low, high = span
    found = []
    while low < high:
        level = (high - low).bit_length() - 1
        found.append((level, low >> level))
        low += 1 << level
    return found


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The siblings from leaf `index` up to the root. Raises `IndexError`."""
    return [root_of(leaves[low:high]) for low, high in inclusion_spans(index, len(leaves))]


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> list[bytes]:
    """What shows that the tree of the first `old_size` leaves only grew. Raises `IndexError`."""
    return [root_of(leaves[low:high]) for low, high in consistency_spans(old_size, len(leaves))]


def _half(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def _trailing_ones(number: int) -> int:
    return (~number & (number + 1)).bit_length() - 1


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `leaf` is number `index` of the `size` leaves under `root` (RFC 9162, 2.1.3.2)."""
    return 0 <= index < size and _climb(index, size - 1, leaf, proof)[1] == root


def verify_consistency(old_size: int, size: int, old_root: bytes, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the tree under `root` begins with the one under `old_root` (RFC 9162, 2.1.4.2)."""
    if old_size == size:
        return old_root == root and not proof and (size > 0 or root == EMPTY_ROOT)
    if old_size == 0:
        return old_root == EMPTY_ROOT and not proof and size > 0
    path = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    if not 0 < old_size < size or not path:
        return False
    shared = _trailing_ones(old_size - 1)  # the levels on which both trees are the same perfect subtree
    return _climb(old_size - 1 >> shared, size - 1 >> shared, path[0], path[1:]) == (old_root, root)


def _climb(here: int, last: int, start: bytes, proof: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The roots of the tree that ends at node `here` and of the one that ends at `last`; empty if `proof` misfits."""
    ended = found = start
    for sibling in proof:
        if last == 0:
            return b"", b""
        if here & 1 or here == last:
            ended, found = node_hash(sibling, ended), node_hash(sibling, found)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        here, last = here >> 1, last >> 1
    return (ended, found) if last == 0 else (b"", b"")
