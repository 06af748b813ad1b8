"""The load generator of co-editing: many editors on raw sockets in one process, no Yjs in between.

Run as a process of its own: a job as JSON on stdin, the figures as JSON on stdout. Every edit types a mark of eleven
characters behind the editor's last one, as a hand-made Yjs update; whoever receives a mark notes the time.
"""

import asyncio
import gc
import random
import re
import resource
import sys
import time
from array import array
from base64 import b64encode
from typing import cast
from urllib.parse import urlsplit

import uvloop
from msgspec import Struct, json

MARK = re.compile(rb"~([0-9a-f]{4})([0-9a-f]{6})")
LENGTH = 11
_PATIENCE = 10.0
_ANSWER = b"\x00\x01\x02\x00\x00"  # step 2 without anything


class Target(Struct):
    """Where an editor connects. `prefix` goes in front of every message (Hocuspocus: the document's name), `greeting`
    before the first one."""

    url: str
    subprotocols: list[str] = []
    origin: str = ""
    prefix: bytes = b""
    greeting: bytes = b""


class Job(Struct):
    """`rate`: edits a second of each editor; `receivers`: the numbers of those who note receipts; `readers`: how many,
    behind the editors, only read."""

    targets: list[Target]
    rate: float
    seconds: float
    root: str
    receivers: list[int]
    readers: int = 0


def uint(number: int) -> bytes:
    parts = bytearray()
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])


def frame(payload: bytes) -> bytes:
    """A binary frame from a client; a mask of zeros is a mask (RFC 6455, 5.3)."""
    size = len(payload)
    head = bytes((0x82, 0x80 | size)) if size < 126 else b"\x82\xfe" + size.to_bytes(2)
    return head + b"\x00\x00\x00\x00" + payload


class Editor(asyncio.Protocol):
    def __init__(self, number: int, target: Target, load: "Load") -> None:
        self.number, self.target, self.load = number, target, load
        self.client = random.getrandbits(31) | 1
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.times = array("d")
        self.offset = self.saved = self.frames = 0
        self.notes = number in load.receivers
        self._open = False
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        url = urlsplit(self.target.url)
        lines = [
            f"GET {url.path or '/'} HTTP/1.1",
            f"Host: {url.netloc}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {b64encode(random.randbytes(16)).decode()}",
            "Sec-WebSocket-Version: 13",
        ]
        if self.target.origin:
            lines.append(f"Origin: {self.target.origin}")
        if self.target.subprotocols:
            lines.append(f"Sec-WebSocket-Protocol: {', '.join(self.target.subprotocols)}")
        transport.write("\r\n".join([*lines, "", ""]).encode())

    def send(self, message: bytes) -> None:
        self.transport.write(frame(self.target.prefix + message))

    def type(self) -> None:
        """Sends the next mark."""
        number = len(self.times)
        if number:
            place = b"\x84" + uint(self.client) + uint(LENGTH * number - 1)
        else:
            root = self.load.job.root.encode()
            place = b"\x04\x01" + uint(len(root)) + root
        text = b"~%04x%06x" % (self.number, number)
        begin = b"\x01\x01" + uint(self.client) + uint(LENGTH * number)
        update = begin + place + uint(LENGTH) + text + b"\x00"
        self.times.append(time.perf_counter())
        self.send(b"\x00\x02" + uint(len(update)) + update)

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        data = self._buffer + data if self._buffer else data
        at = 0
        if not self._open:
            at = data.find(b"\r\n\r\n") + 4
            if at < 4:
                self._buffer = data
                return
            if b" 101 " not in data[:16]:
                raise SystemExit(f"refused: {data[:60]!r}")
            self._open = True
            if self.target.greeting:
                self.send(self.target.greeting)
            self.send(b"\x00\x00\x01\x00")  # step 1 of an empty document
        self._buffer = data[self._frames(data, at, now) :]

    def _frames(self, data: bytes, at: int, now: float) -> int:
        """Takes whole frames; gives where the rest begins."""
        end = len(data)
        while end - at >= 2:
            size, start = data[at + 1], at + 2
            if size == 126:
                size, start = int.from_bytes(data[at + 2 : at + 4]), at + 4
            elif size == 127:
                size, start = int.from_bytes(data[at + 2 : at + 10]), at + 10
            if start + size > end:
                break
            self._take(data[at], data[start : start + size], now)
            at = start + size
        return at

    def _take(self, opcode: int, payload: bytes, now: float) -> None:
        if opcode == 0x88:
            self.load.closed.append(int.from_bytes(payload[:2]))
            return
        message = payload[len(self.target.prefix) :]
        self.frames += 1
        match message[:2]:
            case b"\x00\x00" | b"\x04\x00":  # 4: the answering kind of Hocuspocus
                self.offset += 1
                self.send(_ANSWER)
            case b"\x00\x01" | b"\x04\x01":
                if not self.ready.done():
                    self.ready.set_result(None)
            case b"\x00\x02":
                if self.notes:
                    self._note(message, now)
            case _ if message[:1] == b"\x64":
                self._saved(message, now)

    def _note(self, message: bytes, now: float) -> None:
        load = self.load
        for author, number in MARK.findall(message):
            editor = load.editors[int(author, 16)]
            if editor is not self:
                load.received.append(now - editor.times[int(number, 16)])

    def _saved(self, message: bytes, now: float) -> None:
        count = shift = 0
        for byte in message[1:]:  # the count, and then the position in the stream
            count |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        for number in range(self.saved, max(0, count - self.offset)):
            self.load.saved.append(now - self.times[number])
            self.saved = number + 1


class Load:
    def __init__(self, job: Job) -> None:
        self.job, self.receivers = job, frozenset(job.receivers)
        self.editors: list[Editor] = []
        self.received, self.saved = array("d"), array("d")
        self.closed: list[int] = []

    async def run(self) -> dict[str, object]:
        loop = asyncio.get_running_loop()
        for number, target in enumerate(self.job.targets):
            url = urlsplit(target.url)
            editor = Editor(number, target, self)
            await loop.create_connection(lambda editor=editor: editor, url.hostname, url.port)  # type: ignore[misc]
            self.editors.append(editor)
            await _answered(editor)
        await asyncio.sleep(0.5)
        typing = self.editors[: len(self.editors) - self.job.readers]
        gc.freeze()
        gc.disable()
        before = time.process_time()
        await asyncio.gather(*(self._type(editor, index / len(typing)) for index, editor in enumerate(typing)))
        edits = sum(len(editor.times) for editor in typing)
        expected = edits * len(self.receivers) - sum(len(each.times) for each in typing if each.notes)
        until = loop.time() + 10
        while (len(self.received) < expected or len(self.saved) < edits) and loop.time() < until:
            await asyncio.sleep(0.05)
            if not self.saved and len(self.received) >= expected:
                break
        return {
            "edits": edits,
            **_percentiles("", self.received),
            **_percentiles("saved_", self.saved),
            "lost": expected - len(self.received),
            "unsaved": edits - len(self.saved),
            "frames_per_s": round(sum(each.frames for each in self.editors) / self.job.seconds),
            "generator_cpu": round((time.process_time() - before) / self.job.seconds, 2),
            "generator_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
            "closed": self.closed,
        }

    async def _type(self, editor: Editor, phase: float) -> None:
        loop, pause = asyncio.get_running_loop(), 1 / self.job.rate
        begin = loop.time() + phase * pause
        for number in range(round(self.job.rate * self.job.seconds)):
            await asyncio.sleep(begin + (number + random.random() * 0.5) * pause - loop.time())
            editor.type()


async def _answered(editor: Editor) -> None:
    """One after the other: of those who come at once, pycrdt-websocket leaves some without an answer."""
    try:
        await asyncio.wait_for(editor.ready, _PATIENCE)
    except TimeoutError:
        raise SystemExit(f"no answer to editor {editor.number} within {_PATIENCE} s") from None


def _percentiles(prefix: str, times: "array[float]") -> dict[str, float]:
    """In ms, rounded to hundredths."""
    ordered = sorted(times)
    last = len(ordered) - 1
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
    return {
        f"{prefix}{name}": round(1000 * ordered[round(share * last)], 2) for name, share in shares.items() if ordered
    }


if __name__ == "__main__":
    job = json.decode(sys.stdin.buffer.read(), type=Job)
    sys.stdout.buffer.write(json.encode(uvloop.run(Load(job).run())))
