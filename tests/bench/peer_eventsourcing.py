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
    env = order["env"] | {"PERSISTENCE_MODULE": "eventsourcing.postgres"}
    # A table for each writer: the package locks the whole table for every commit.
    towns = [type(f"Town{n}{order['run']}", (Application,), {})(env) for n in range(order["writers"])]
    for town in towns:
        write(town, 2, order["events"])
    threads = [threading.Thread(target=write, args=(town, order["streams"], order["events"])) for town in towns]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(time.perf_counter() - began))
    for town in towns:
        town.close()


main(json.load(sys.stdin))
