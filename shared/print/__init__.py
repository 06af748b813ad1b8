"""Typesets documents: a template and its data become a PDF that everybody can read, by PDF/UA-1 and PDF/A-2a.

A template is a Typst file of the tree; its first line is `#import "/shared/print/page.typ": *`, its data stand in
`data`. Each document is set by a process of its own, without network, clock or fonts of the machine: it can be ended
when it takes too long, and whatever happens in it harms nobody else.
"""

import asyncio
import sys
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

ROOT = Path(__file__).parents[2]  # of the tree: templates are named from here
_KEPT, _LARGE = 16, 2_000_000  # documents, bytes of one
_LONGEST = 2000  # characters of an error


class PrintFailed(Exception):
    """A document that could not be set: a fault of its template."""


class Press:
    """Sets at most `most` documents at a time; nobody waits longer than `seconds`."""

    def __init__(self, most: int = 2, seconds: float = 20.0) -> None:
        self._free = asyncio.Semaphore(most)
        self._seconds = seconds
        self._known: dict[bytes, bytes] = {}  # what was set last: the same question has the same answer

    async def pdf(self, template: str, data: Mapping[str, Any], at: datetime) -> bytes:
        """The document of a template, such as `services/planning/exports/folder.typ`.

        `data` is what JSON can hold; equal data and moment give equal bytes. Characters that no font has are replaced.
        Raises `PrintFailed`, and TimeoutError if the press is too busy or the document too large.
        """
        return await self._set(template, data, at, "pdf")

    async def pictures(self, template: str, data: Mapping[str, Any], at: datetime) -> list[bytes]:
        """The same document as one PNG a page, to look at."""
        return msgspec.json.decode(await self._set(template, data, at, "png"), type=list[bytes])

    async def _set(self, template: str, data: Mapping[str, Any], at: datetime, form: str) -> bytes:
        order = msgspec.json.encode(
            {"template": template, "data": msgspec.json.encode(data).decode(), "at": int(at.timestamp()), "form": form}
        )
        digest = sha256(order).digest()
        if (known := self._known.get(digest)) is not None:
            return known
        async with asyncio.timeout(self._seconds), self._free:
            made = await _run(order)
        if len(made) <= _LARGE:
            self._known[digest] = made
        if len(self._known) > _KEPT:
            del self._known[next(iter(self._known))]
        return made


async def _run(order: bytes) -> bytes:
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-B", "-m", "shared.print")
    child = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe, cwd=ROOT, env={})
    try:
        made, said = await child.communicate(order)
    except BaseException:
        if child.returncode is None:
            child.kill()
        await child.wait()
        raise
    if child.returncode:
        raise PrintFailed(said.decode(errors="replace")[-_LONGEST:].strip() or f"exit {child.returncode}")
    return made
