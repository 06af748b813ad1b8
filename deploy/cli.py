"""The program `gemeinwerk`."""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import structlog

from deploy.embedded import CannotStart
from deploy.secrets import Broken
from deploy.services import NAMES
from deploy.signer import arguments as signer_arguments
from deploy.witness.command import arguments as witness_arguments
from shared.settings import Missing, settings_of
from shared.web.assets import NotBuilt


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; 0 where it succeeded, 1 with one line on the error stream where not, 2 for wrong use."""
    parser = _parser()
    given = parser.parse_args(arguments)
    _logging()
    try:
        run: Callable[[argparse.Namespace], int | None] = given.run
        return run(given) or 0
    except (CannotStart, NotBuilt, Missing, Broken) as error:
        print(f"gemeinwerk: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="gemeinwerk", description="A town and its people make projects together.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    up = commands.add_parser("up", help="run everything on this machine, with demo towns")
    up.add_argument("--data", type=Path, default=_data(), help="default: var")
    up.add_argument("--port", type=int, default=_port(), help="default: 8000")
    up.set_defaults(run=_up)
    serve = commands.add_parser("serve", help="run one service, or the gateway, with settings from the environment")
    serve.add_argument("service", choices=[*NAMES, "gateway"])
    serve.set_defaults(run=_serve)
    walkthrough = commands.add_parser(
        "walkthrough", help="check the main job from end to end, over HTTP and websockets"
    )
    walkthrough.add_argument("--url", help="a running demo; without it, one is started and removed")
    walkthrough.set_defaults(run=_walkthrough)
    doctor = commands.add_parser("doctor", help="look whether everything is there that a run needs")
    doctor.add_argument("--data", type=Path, default=_data(), help="default: var")
    doctor.add_argument("--port", type=int, default=_port(), help="default: 8000")
    doctor.add_argument("--signer", type=Path, default=_signer(), help="default: the folder signer in the data")
    doctor.add_argument("--json", action="store_true", help="a list of {what, holds, remedy}")
    doctor.set_defaults(run=_doctor)
    bundle = commands.add_parser("bundle", help="write the logs of a municipality into one file that proves itself")
    bundle.add_argument("municipality")
    bundle.add_argument("service", nargs="*", choices=[*NAMES, []], help="default: all")
    bundle.add_argument("--application", metavar="ID", help="only what belongs to one application for funding")
    bundle.add_argument("--out", type=Path, metavar="FILE", help="default: <municipality>.zip")
    bundle.add_argument("--data", type=Path, help="of `up`, not running; default: the services of the environment, var")
    bundle.set_defaults(run=_bundle)
    verify = commands.add_parser("verify", help="check a bundle of the log, without server, database or network")
    verify.add_argument("bundle", type=Path)
    verify.add_argument("--key", action="append", default=[], help="a key, or a file of keys, that must have signed")
    verify.add_argument("--checkpoint", type=Path, metavar="FILE", help="an older checkpoint that you have kept")
    verify.add_argument("--json", action="store_true", help="the report as one object")
    verify.set_defaults(run=_verify)
    witness = commands.add_parser("witness", help="look from elsewhere whether logs only grow, and sign that they do")
    witness_arguments(witness, Path("witness.json"))
    signer = commands.add_parser("signer", help="the key that signs the logs, its witnesses, what was signed last")
    signer_arguments(signer, _signer() or _data() / "signer", _data(), os.environ)
    bench = commands.add_parser("bench", help="measure against peers and bars of the same run (needs `make test` once)")
    bench.add_argument(
        "groups",
        nargs="*",
        metavar="GROUP",
        help="log, http, realtime, pages, audit, desk, footprint, print; default: all",
    )
    bench.add_argument("--json", type=Path, metavar="FILE", help="write the rows there, too")
    bench.add_argument("--quick", action="store_true", help="smaller amounts")
    bench.add_argument("--data", type=Path, default=Path("../shared/data"), help="recorded data; default: %(default)s")
    bench.set_defaults(run=_bench)
    rebuild = commands.add_parser("rebuild", help="drop the views of services and fill them again from the log")
    rebuild.add_argument("service", nargs="*", choices=[*NAMES, []], help="default: all")
    rebuild.add_argument("--data", type=Path, default=_data(), help="default: var")
    rebuild.set_defaults(run=_rebuild)
    return parser


def _up(given: argparse.Namespace) -> None:
    from deploy.up import up

    up(given.data, given.port, lambda line: print(line, flush=True))


def _serve(given: argparse.Namespace) -> None:
    from deploy.serve import serve

    serve(settings_of(given.service, os.environ))


def _walkthrough(given: argparse.Namespace) -> int:
    from deploy.walkthrough import Failed, walk

    try:
        checked = walk(given.url, lambda line: print(line, flush=True))
    except Failed as broken:
        print(f"  ✗ {broken}", file=sys.stderr)
        return 1
    print(f"\n{checked} checks passed")
    return 0


def _rebuild(given: argparse.Namespace) -> None:
    from deploy.rebuild import rebuild

    rebuild(given.data, given.service or NAMES, lambda line: print(line, flush=True))


def _doctor(given: argparse.Namespace) -> int:
    from deploy.doctor import examine

    findings = list(examine(given.data, given.port, given.signer))
    if given.json:
        print(msgspec.json.encode(findings).decode())
    else:
        for one in findings:
            print(f"{'✓' if one.holds else '✗'} {one.what}" + ("" if one.holds else f": {one.remedy}"))
    return 0 if all(one.holds for one in findings) else 1


def _bundle(given: argparse.Namespace) -> int:
    from deploy.bundle import NothingSigned, bundle_data, bundle_services

    names = ["funding"] if given.application else given.service or NAMES
    stream = f"application-{given.application}" if given.application else ""
    to: Path = given.out or Path(f"{given.municipality}.zip")
    what = (given.municipality, names, stream, to, lambda line: print(line, file=sys.stderr, flush=True))
    try:
        if given.data is None and "GEMEINWERK_NATS_URL" in os.environ:
            bundle_services(os.environ, *what)
        else:
            bundle_data(given.data or _data(), *what)
    except NothingSigned as error:
        print(f"gemeinwerk: {error}", file=sys.stderr)
        return 1
    print(to)
    return 0


def _verify(given: argparse.Namespace) -> int:
    from deploy.verify import Unreadable, as_json, lines_of, report_on

    try:
        report = report_on(given.bundle, given.key, given.checkpoint)
    except Unreadable as error:
        print(f"gemeinwerk: {error}", file=sys.stderr)
        return 2
    print(as_json(report) if given.json else "\n".join(lines_of(report)))
    return 0 if report.holds else 1


def _bench(given: argparse.Namespace) -> int:
    from tests.bench import GROUPS, run
    from tests.bench.rows import table

    if unknown := set(given.groups) - set(GROUPS):
        print(f"gemeinwerk: no such group: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    say = lambda line: print(f"… {line}", file=sys.stderr, flush=True)  # noqa: E731
    rows = run(given.groups, quick=given.quick, say=say, data=given.data)
    print(table(rows))
    if given.json:
        given.json.write_bytes(msgspec.json.encode(rows))
    return 0 if all(row.holds for row in rows) else 1


def _port() -> int:
    return int(os.environ.get("GEMEINWERK_PORT", "8000"))


def _data() -> Path:
    return Path(os.environ.get("GEMEINWERK_DATA", "var"))


def _signer() -> Path | None:
    return Path(given) if (given := os.environ.get("GEMEINWERK_SIGNER")) else None


def _logging() -> None:
    """Structured lines on the error stream, warnings and worse; never bodies, cookies, tokens, names."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


if __name__ == "__main__":
    sys.exit(main())
