"""The process templates that come with the service, as files."""

from functools import cache
from importlib.resources import files

from services.events.domain.template import Template, load


@cache
def shipped() -> dict[str, Template]:
    """All templates by key, in the order of their files. Raises `Rejected` for a file that contradicts itself."""
    found = sorted(files("services.events").joinpath("processes").iterdir(), key=lambda file: file.name)
    templates = (load(file.read_text("utf-8")) for file in found if file.name.endswith(".toml"))
    return {template.key: template for template in templates}
