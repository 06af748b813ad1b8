"""The command line of the witness: one line a log, or one JSON object a round."""

import json
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from pathlib import Path

from msgspec import to_builtins

from deploy.services import NAMES
from deploy.witness import CONTRADICTED, FINE, Look, Witness, is_url, kept_checkpoint
from deploy.witness.memory import Broken, Memory
from shared.audit.notes import BadNote, Key, read_key

WRONG_USE = 2


def arguments(parser: ArgumentParser, state: Path) -> None:
    parser.epilog = (
        "Ends with 0 where all is cosigned, 1 where something could not be done, 3 where a log contradicts itself."
    )
    parser.add_argument("url", help="where the deployment answers, such as https://gemeinwerk.example")
    parser.add_argument("municipality", nargs="+", help="whose logs to look at")
    parser.add_argument("--service", action="append", choices=NAMES, help="default: all")
    parser.add_argument("--name", default="", help="the witness's own name, needed once: rechnungshof.example/witness")
    parser.add_argument(
        "--state", type=Path, default=state, metavar="FILE", help=f"its key and memory; default: {state}"
    )
    parser.add_argument(
        "--key", action="append", default=[], help="a log's key that was handed over; default: first seen"
    )
    parser.add_argument("--against", type=Path, metavar="FILE", help="compare with a kept checkpoint instead (one log)")
    parser.add_argument(
        "--begin-again", action="store_true", help="forget these logs first, as after a signed recovery"
    )
    parser.add_argument("--every", type=int, metavar="SECONDS", help="look again and again")
    parser.add_argument(
        "--json", action="store_true", help="{witness, looks: [{log, outcome, size, detail, before, now}]}"
    )
    parser.set_defaults(run=run)


def run(given: Namespace) -> int:
    """Looks once, or until Ctrl-C; returns the exit code."""
    logs = [f"{town}/{service}" for town in given.municipality for service in given.service or NAMES]
    try:
        if not is_url(given.url):
            return _wrong(f"{given.url} is no address")
        if given.against and len(logs) != 1:
            return _wrong("--against compares one log: name one municipality and one --service")
        if not given.name and not given.state.exists():
            return _wrong("a new witness needs a --name, such as rechnungshof.example/witness")
        memory = Memory(given.state, given.name)
        witness = Witness(given.url, memory, _keys(given.key))
        if given.against:
            return _report(given, memory, [witness.compare(logs[0], kept_checkpoint(given.against))])
        if given.begin_again:
            memory.forget(given.url.rstrip("/"), logs)
        while True:
            code = _report(given, memory, witness.watch(logs))
            if given.every is None or code == CONTRADICTED:
                return code
            time.sleep(given.every)
    except (Broken, BadNote, OSError) as error:
        print(f"gemeinwerk: {error}", file=sys.stderr)
        return 1


def _keys(given: list[str]) -> list[Key]:
    return [read_key(text) for text in given]


def _wrong(what: str) -> int:
    print(f"gemeinwerk: {what}", file=sys.stderr)
    return WRONG_USE


def _report(given: Namespace, memory: Memory, looks: Iterable[Look]) -> int:
    done = []
    for look in looks:
        done.append(look)
        if not given.json:
            print(look.line, file=sys.stdout if look.code == FINE else sys.stderr, flush=True)
        if look.code == CONTRADICTED:
            proof = memory.keep_proof(look.log, look.before, look.now)
            if not given.json:
                print(f"  The proof lies in {proof}: keep it, and ask the operator.", file=sys.stderr)
    if given.json:
        print(json.dumps({"witness": memory.key.text, "looks": to_builtins(done)}, ensure_ascii=False), flush=True)
    return max((look.code for look in done), default=FINE)
