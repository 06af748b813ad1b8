"""The log of PyPI `eventsourcing` doing what ours does: load, decide, append, one event a command. Own interpreter."""

import json
import sys
import threading
import time

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event


class Counter(Aggregate):
    @event("Opened")
    def __init__(self):
        self.total = 0

    @event("Counted")
    def count(self, by: int, note: str):
        self.total += by


def write(application: Application, streams: int, events: int) -> None:
    for _ in range(streams):
        counter = Counter()
        application.save(counter)
        for _ in range(events - 1):
            loaded = application.repository.get(counter.id)
            loaded.count(3, "Bänke – 5 €")
            application.save(loaded)


def main(order: dict) -> None:
    """One application, as its documentation runs it: its log is one table, as ours is, and each writer a thread."""
    pool = {"POSTGRES_POOL_SIZE": str(order["writers"]), "POSTGRES_MAX_OVERFLOW": "2"}
    log = type(f"Log{order['run']}", (Application,), {})(
        order["env"] | pool | {"PERSISTENCE_MODULE": "eventsourcing.postgres"}
    )
    work = [
        threading.Thread(target=write, args=(log, order["streams"], order["events"])) for _ in range(order["writers"])
    ]
    write(log, 2, order["events"])
    began = time.perf_counter()
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    print(json.dumps(time.perf_counter() - began))
    log.close()


main(json.load(sys.stdin))
