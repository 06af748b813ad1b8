"""`gemeinwerk witness`: looks from another machine whether the logs of a deployment only grow, and signs that."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from msgspec import Struct

from deploy.witness.memory import Memory
from shared.audit.notes import BadNote, Key, read_key
from shared.audit.proofs import read_growth, signed_in
from shared.audit.witness import Contradiction, Seen, compare, cosigned, look

FINE, NOT_DONE, CONTRADICTED = 0, 1, 3  # exit codes
_PATIENCE = 20.0  # seconds for an answer


class Look(Struct, frozen=True, kw_only=True):
    """What a look at one log gave. `outcome`: cosigned, compared, not_taken, unreachable, not_a_proof, or what the log
    contradicts itself in: smaller, fork, not_consistent, other_log, unknown_key."""

    log: str
    outcome: str
    size: int = 0
    detail: str = ""
    before: str = ""
    now: str = ""

    @property
    def code(self) -> int:
        if self.outcome in ("cosigned", "compared"):
            return FINE
        return NOT_DONE if self.outcome in ("not_taken", "unreachable", "not_a_proof") else CONTRADICTED

    @property
    def line(self) -> str:
        if self.code == FINE:
            return f"✓ {self.log}: {self.size} entries, {self.detail}"
        return f"✗ {self.log}: {self.detail}"


class Witness:
    """One deployment, seen by one witness. `keys`: log keys that were handed over; without any, the first seen."""

    def __init__(self, url: str, memory: Memory, keys: Sequence[Key] = (), client: httpx.Client | None = None) -> None:
        self._url = url.rstrip("/")
        self._memory = memory
        self._keys = list(keys)
        self._client = client or asking()

    def watch(self, logs: Sequence[str]) -> Iterator[Look]:
        """Looks at each of `logs` (`<municipality>/<service>`) once, and tells the deployment what it saw."""
        for log in logs:
            yield self._safely(log, lambda log=log: self._cosign(log))  # type: ignore[misc]

    def compare(self, log: str, kept: str) -> Look:
        """Whether a checkpoint that somebody kept belongs to the log as it is shown now."""
        return self._safely(log, lambda: self._compare(log, kept))

    def _safely(self, log: str, do: Callable[[], Look]) -> Look:
        try:
            return do()
        except Contradiction as found:
            return Look(log=log, outcome=found.code, detail=str(found), before=found.before, now=found.now)
        except BadNote as error:
            return Look(log=log, outcome="not_a_proof", detail=f"what it shows is no proof: {error}")
        except httpx.HTTPStatusError as error:
            return Look(log=log, outcome="unreachable", detail=f"it answers with {error.response.status_code}")
        except httpx.HTTPError as error:
            return Look(log=log, outcome="unreachable", detail=f"it cannot be asked: {error or type(error).__name__}")

    def _cosign(self, log: str) -> Look:
        seen = self._memory.seen(self._url, log)
        now = look(seen, self._growth(log, seen.note if seen else ""), self._trusted(log, seen))
        self._memory.remember(self._url, log, now)  # before anybody gets to see the signature
        line, note = cosigned(now, self._memory.seed, self._memory.name, int(time.time()))
        answer = self._client.post(f"{self._prefix(log)}/cosignatures", content=note.encode())
        if answer.status_code != httpx.codes.OK or line.line not in answer.text:
            return Look(log=log, outcome="not_taken", size=now.checkpoint.size, detail=self._refusal(answer))
        grew = now.checkpoint.size - (seen.checkpoint.size if seen else 0)
        return Look(log=log, outcome="cosigned", size=now.checkpoint.size, detail=f"{grew} of them new, cosigned")

    def _compare(self, log: str, kept: str) -> Look:
        seen = self._memory.seen(self._url, log)
        keys = [*map(read_key, seen.keys if seen else ()), *self._trusted(log, seen)]
        found = compare(kept, read_growth(self._growth(log, kept)), keys)
        return Look(log=log, outcome="compared", size=found.size, detail="and the kept checkpoint is one of its own")

    def _growth(self, log: str, before: str) -> str:
        """The proof of growth since a note; from nothing without one, or where the log is shorter than that."""
        size = signed_in(before).size if before else 0
        answer = self._client.get(f"{self._prefix(log)}/consistency/{size}")
        if answer.status_code == httpx.codes.NOT_FOUND and size:
            answer = self._client.get(f"{self._prefix(log)}/consistency/0")
        return answer.raise_for_status().text

    def _trusted(self, log: str, seen: Seen | None) -> list[Key]:
        """The keys handed over; at the first look and without any, those that the deployment lists."""
        if seen or self._keys:
            return self._keys
        listed = self._client.get(f"{self._prefix(log)}/keys").raise_for_status().text
        return [read_key(line) for line in listed.split()]

    def _refusal(self, answer: httpx.Response) -> str:
        if answer.headers.get("content-type", "").startswith("application/problem+json"):
            problem = answer.json()
            if problem.get("code") == "unknown_witness":
                return f"it does not trust this witness yet: `gemeinwerk signer trust {self._memory.key.text}` there"
            return f"it did not take the cosignature: {problem.get('title')}"
        return f"it did not take the cosignature: {answer.status_code}"

    def _prefix(self, log: str) -> str:
        municipality, _, service = log.partition("/")
        return f"{self._url}/{municipality}/audit/{service}"


def asking() -> httpx.Client:
    """How deployments are asked."""
    return httpx.Client(timeout=_PATIENCE, headers={"accept": "application/json"})


def is_url(text: str) -> bool:
    """Whether this may be where a deployment answers."""
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.netloc) and not parts.query and not parts.fragment


def kept_checkpoint(file: Path) -> str:
    """The note in a file. Raises `BadNote`, `OSError`."""
    text = file.read_text(encoding="utf-8")
    signed_in(text)
    return text
