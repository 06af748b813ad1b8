"""The templates that are shipped, read as they lie there."""

from pathlib import Path

import services.events
from services.events.domain.template import Template, load

FOLDER = Path(next(iter(services.events.__path__))) / "processes"


def text(key: str) -> str:
    return (FOLDER / f"{key}.toml").read_text()


def shipped(key: str) -> Template:
    return load(text(key))
