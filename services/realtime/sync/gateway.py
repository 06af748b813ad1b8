"""The websocket gateway: a thread of its own with a loop, a large stack, and its own connection to the broker."""

import asyncio
import threading
from collections.abc import Callable, Collection, Coroutine, Sequence
from concurrent.futures import Future
from contextlib import suppress

import structlog
import uvloop
from msgspec.structs import replace

from services.realtime.sync.agreement import DIGEST, EVERY, HERE, Agreement
from services.realtime.sync.door import Door
from services.realtime.sync.hall import Hall
from services.realtime.sync.intake import Limits
from services.realtime.sync.protocol import binary_frame
from services.realtime.sync.sockets import listen
from shared.access.limits import Network
from shared.access.tickets import Nonces
from shared.bus import signals
from shared.bus.connection import connect
from shared.bus.documents import Documents
from shared.bus.edits import Stored
from shared.bus.jetstream import JetStreamBus
from shared.ids import new_id
from shared.loops import Loops

log = structlog.get_logger()

STACK = 256 * 1024 * 1024
FLUSH_SECONDS = 5.0
_PAUSE = 0.2


class Gateway:
    """Serves documents to websockets at `/<municipality>/<document>`.

    `keys`: the public keys of tickets (32 bytes each); `origins`: exactly what browsers send as Origin, scheme and port
    included; `proxies`: whose X-Forwarded-For is believed. `port` 0 takes a free one. `lost` is called, in the loop
    that called `start`, when the broker has thrown the gateway out for good: the process should end and begin anew.

    It runs beside the caller's loop: what others compute there does not delay anybody's typing, and native code that
    recurses over what people sent has 256 MB of stack.
    """

    def __init__(
        self,
        nats_url: str,
        keys: Sequence[bytes],
        origins: Collection[str],
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        proxies: Sequence[Network] = (),
        replicas: int = 1,
        limits: Limits | None = None,
        compare_every: float = EVERY,
        lost: Callable[[], None] = lambda: None,
    ) -> None:
        self.port = port
        self.name = new_id()
        self._nats_url, self._keys, self._origins, self._host = nats_url, keys, origins, host
        self._proxies, self._replicas, self._lost = proxies, replicas, lost
        self._limits, self._compare_every = limits or Limits(), compare_every
        self._started: Future[None] = Future()
        self._stopping = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop, self._back = asyncio.Event(), asyncio.Event()
        self._hall: Hall | None = None
        self._thread = threading.Thread(target=self._run, name="gateway", daemon=True)

    @property
    def sockets(self) -> int:
        """How many are open."""
        return len(self._hall.wires) if self._hall else 0

    @property
    def rooms(self) -> int:
        """How many are in memory."""
        return len(self._hall.keepers) if self._hall else 0

    async def start(self) -> None:
        """Returns when the port takes sockets. Raises what hinders it, `NotDurable` of the bus among it."""
        self._outer = asyncio.get_running_loop()
        former = threading.stack_size(STACK)
        try:
            self._thread.start()
        finally:
            threading.stack_size(former)
        await asyncio.wrap_future(self._started)

    async def drain(self) -> None:
        """Takes nothing more, makes durable what has arrived, closes all with 1012. A second call does nothing."""
        self._stopping = True
        if self._thread.ident is None:
            return
        if self._loop is not None:
            with suppress(RuntimeError):  # it may have ended by itself
                self._loop.call_soon_threadsafe(self._stop.set)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(self._main())
        except BaseException as error:
            if self._started.done():
                raise
            self._started.set_exception(error)

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        client, js = await connect(self._nats_url, name="gateway", on_closed=self._closed, on_return=self._returned)
        try:
            await JetStreamBus(client, js).check()
            documents = await Documents.open(client, js, replicas=self._replicas)
            nonces = await Nonces.open(js, replicas=self._replicas)
            self._hall = hall = Hall(self.name, documents, binary_frame, self._limits_of(documents))
            await signals.listen(client, "access.revoked.*", hall.revoke)
            await signals.listen(client, "live.*.*", hall.tell)
            agreement = Agreement(self.name, hall, lambda to, body: signals.tell(client, to, body), self._compare_every)
            await signals.listen(client, HERE, agreement.here)
            await signals.listen(client, f"{DIGEST}.*.*", agreement.heard)
            await client.flush()
            door = Door(hall.revoked, nonces.spend, self._keys, self._origins, self._proxies)
            server = await listen(hall, door, self._host, self.port)
            self.port = server.sockets[0].getsockname()[1]
            loops = Loops("gateway")
            loops.run("time", hall.tick_for_ever)
            loops.run("stream", lambda: _follow(documents, hall, self._back))
            loops.run("agreement", agreement.run)
            self._started.set_result(None)
            await self._stop.wait()
            server.close(close_connections=False)
            await hall.drain(FLUSH_SECONDS)
            server.close(code=1012)
            await loops.stop()
            await server.wait_closed()
        finally:
            self._stopping = True
            with suppress(RuntimeError):  # nats-py writes to a transport that is gone
                await client.close()

    def _limits_of(self, documents: Documents) -> Limits:
        """Nothing is let in that the broker would not take."""
        limits, most = self._limits, documents.largest
        return replace(
            limits,
            frame=min(limits.frame, most),
            document=min(limits.document, most),
            message=min(limits.message, most),
        )

    async def _returned(self) -> None:
        self._back.set()
        if self._hall:
            self._hall.recall()

    async def _closed(self) -> None:
        if not self._stopping:
            log.error("the broker has closed the connection for good")
            self._outer.call_soon_threadsafe(self._lost)


async def _follow(documents: Documents, hall: Hall, back: asyncio.Event) -> None:
    """Hears the stream for ever; after a failure goes on where it was, and in a stream made anew at its beginning.

    `back`: the broker was away, and does not remember who listens; to find that out by silence takes much longer.
    """
    stream, after = documents.stream, documents.end

    def heard(municipality: str, document: str, message: Stored | None, sequence: int) -> None:
        nonlocal after
        after = sequence
        hall.hear(municipality, document, message)

    while True:
        back.clear()
        try:
            await _until(documents.follow(heard, after), back)
        except Exception as error:
            log.warning("stream interrupted", error=repr(error)[:200])
        await asyncio.sleep(_PAUSE)
        with suppress(Exception):  # the broker is away: the next round will see
            if await documents.ensure() != stream:
                log.error("the stream of documents was lost and made anew")
                stream, after = documents.stream, 0
                hall.rebase()


async def _until(work: Coroutine[None, None, None], event: asyncio.Event) -> None:
    """Does `work` until it ends, or the event comes."""
    tasks = [asyncio.ensure_future(work), asyncio.ensure_future(event.wait())]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
