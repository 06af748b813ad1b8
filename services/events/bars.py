"""Small bars of a live session as SVG: votes of a straw poll, shares of the speaking time, the time that is left."""

from markupsafe import Markup
from msgspec import Struct


class Wording(Struct, frozen=True, kw_only=True):
    """What the bars say to those who do not see them."""

    votes: str = "{site} im Saal, {screen} am Bildschirm"
    shares: str = "Saal {site} Prozent, Bildschirm {screen} Prozent"
    elapsed: str = "{percent} Prozent der Zeit sind um"


GERMAN = Wording()
ENGLISH = Wording(
    votes="{site} in the room, {screen} at the screen",
    shares="Room {site} per cent, screen {screen} per cent",
    elapsed="{percent} per cent of the time are over",
)


def poll_bar(site: int, screen: int, most: int, words: Wording = GERMAN) -> Markup:
    """One answer of a straw poll: votes of room and screen side by side, `most` votes fill the bar."""
    unit = 200 / max(most, 1)
    gap = 1 if site and screen else 0
    return Markup(
        '<svg viewBox="0 0 200 14" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<rect class="gw-hall" width="{:g}" height="14"/>'
        '<rect class="gw-screen" x="{:g}" width="{:g}" height="14"/></svg>'
    ).format(
        words.votes.format(site=site, screen=screen),
        round(site * unit, 1),
        round(site * unit + gap, 1),
        round(max(screen * unit - gap, 0), 1),
    )


def speaking_meter(site_seconds: int, screen_seconds: int, words: Wording = GERMAN) -> Markup:
    """How room and screen have shared the time so far."""
    site, screen = shares(site_seconds, screen_seconds)
    return Markup(
        '<svg class="gw-meter" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<rect class="gw-hall" width="{}" height="10"/><rect class="gw-screen" x="{}" width="{}" height="10"/></svg>'
    ).format(words.shares.format(site=site, screen=screen), site, site, screen)


def shares(site: int, screen: int) -> tuple[int, int]:
    """Per cent of each; they add up to 100, or are both 0."""
    whole = site + screen
    if not whole:
        return 0, 0
    first = (200 * site + whole) // (2 * whole)
    return first, 100 - first


def clock_ring(elapsed: int, total: int) -> Markup:
    """The time left of an agenda item as a ring; both in seconds."""
    length = 502.7  # 2 π · 80
    left = length * max(0, min(1, 1 - elapsed / max(total, 1)))
    return Markup(
        '<svg viewBox="0 0 180 180" aria-hidden="true"><circle cx="90" cy="90" r="80" fill="none" class="d-ring"/>'
        '<circle cx="90" cy="90" r="80" fill="none" class="d-ring d-ring--on" stroke-dasharray="{:.1f} {}" '
        'transform="rotate(-90 90 90)"/></svg>'
    ).format(left, length)


def time_meter(elapsed: int, total: int, words: Wording = GERMAN) -> Markup:
    """The time that is over as a bar, for phones."""
    percent = max(0, min(100, 100 * elapsed // max(total, 1)))
    return Markup(
        '<svg class="gw-meter" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<rect width="{}" height="10"/></svg>'
    ).format(words.elapsed.format(percent=percent), percent)
