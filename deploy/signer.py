"""`gemeinwerk signer`: the key that signs the logs, who is trusted to witness them, and what was signed last."""

import json
import sys
from argparse import ArgumentParser, Namespace
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.secrets import Broken
from deploy.services import NAMES
from shared.audit.cosigning import seen, trust, witnesses
from shared.audit.keyring import Keyring, Unreadable
from shared.audit.notes import BadNote, read_key
from shared.audit.recovering import CannotRecover
from shared.audit.shelf import Shelf, Signed


def arguments(parser: ArgumentParser, folder: Path, data: Path, environ: Mapping[str, str]) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    show = commands.add_parser("show", help="the keys, newest first, the witnesses, and every log")
    show.add_argument("--json", action="store_true", help="{keys, witnesses, logs}")
    show.set_defaults(run=_show)
    rotate = commands.add_parser("rotate", help="sign with a new key from now on; the old ones stay listed")
    rotate.set_defaults(run=_rotate)
    trusting = commands.add_parser("trust", help="take cosignatures of a witness")
    trusting.add_argument("key", help="what `gemeinwerk witness` says: <name>+<id>+<key>")
    trusting.set_defaults(run=_trust)
    recovering = commands.add_parser("recover", help="let a log go on after an older backup, and sign what is lost")
    recovering.add_argument("log", help="<municipality>/<service>, as `doctor` names it")
    recovering.add_argument("--accept-loss", action="store_true", help="sign it; without, only say what would be lost")
    recovering.add_argument("--data", type=Path, default=data, help=f"default: {data}, or what the environment says")
    recovering.set_defaults(run=_recover, environ=environ)
    for command in (show, rotate, trusting):
        command.add_argument("--signer", type=Path, default=folder, metavar="FOLDER", help=f"default: {folder}")


def _show(given: Namespace) -> int:
    return _safely(lambda: _print(_found(given.signer), as_json=given.json))


def _rotate(given: Namespace) -> int:
    def rotate() -> None:
        Keyring(given.signer).rotate()
        print(f"From now on a new key signs: {_publics(given.signer)[0]}")
        print("Tell those who check your logs; the old keys stay listed beside every log.")

    return _safely(rotate)


def _trust(given: Namespace) -> int:
    def add() -> None:
        key = read_key(given.key)
        trust(given.signer, key)
        print(f"Cosignatures of {key.name} are taken from now on.")

    return _safely(add)


def _recover(given: Namespace) -> int:
    from deploy.recover import recover_log

    if given.log.partition("/")[2] not in NAMES:
        print(f"gemeinwerk: {given.log} is no log: name it as <municipality>/<service>", file=sys.stderr)
        return 2

    def do() -> None:
        loss = recover_log(given.log, given.data, given.environ, accept=given.accept_loss)
        print(f"{given.log}: {loss.lost.size} entries were signed, and {loss.kept.size} are there.")
        if given.accept_loss:
            print(f"The log goes on as {loss.kept.origin}; the signed note of it is public at …/recovery/.")
        else:
            print("Look for a newer backup first. To go on without what is lost: --accept-loss")

    return _safely(do)


def _safely(do: Any) -> int:
    try:
        do()
    except (Broken, CannotRecover, Unreadable, BadNote, ValueError, OSError) as error:
        print(f"gemeinwerk: {error}", file=sys.stderr)
        return 1
    return 0


def _found(folder: Path) -> dict[str, Any]:
    trusted = witnesses(folder)
    keyring = Keyring(folder)
    logs = [_log(f"{town}/{service}", signed, keyring, folder) for town, service, signed in Shelf(folder).everything()]
    return {"keys": _publics(folder), "witnesses": [key.text for key in trusted], "logs": logs}


def _log(name: str, signed: Signed, keyring: Keyring, folder: Path) -> dict[str, Any]:
    found = signed.checkpoint
    return {
        "log": name,
        "origin": found.origin,
        "size": found.size,
        "root": b64encode(found.root).decode(),
        "seen": dict(seen(signed, keyring.keys(found.origin), witnesses(folder))),
        "halted": signed.halted,
        "examined": signed.examined,
        "fault": signed.fault,
    }


def _publics(folder: Path) -> list[str]:
    return [b64encode(key.public).decode() for key in Keyring(folder).keys("key")]


def _print(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    for number, key in enumerate(found["keys"]):
        print(f"{'key      ' if number == 0 else 'retired  '} {key}")
    for key in found["witnesses"]:
        print(f"witness   {key}")
    for log in found["logs"]:
        held = log["halted"] or log["fault"]
        print(
            f"{'✗' if held else '✓'} {log['log']}: {log['size']} entries, root {log['root']}"
            + (f": {held}" if held else "")
        )
