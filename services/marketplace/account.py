"""Signing in by a code from an e-mail, choosing a name, entering a town; no password anywhere."""

import re
from datetime import datetime
from typing import Any

import structlog
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.response import Redirect
from msgspec import Struct

from services.marketplace.adapters.post import Kept, Post, Undelivered
from services.marketplace.adapters.vault import Vault
from services.marketplace.domain.person import RegisterPerson
from shared.access.limits import Limit, neighbourhood, trusted_address
from shared.access.standing import standing
from shared.category import NotFound
from shared.ids import following, is_name
from shared.message import Context
from shared.municipalities import municipality
from shared.service import Service
from shared.web.problems import SignInNeeded, TooMany
from shared.web.site import Site
from shared.web.visit import Visit

log = structlog.get_logger()

_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_LETTERS = (Limit("letters-address", 6, 3600), Limit("letters-client", 30, 3600))
_TRIES = Limit("code-tries", 60, 3600)
_YEAR = 365 * 24 * 3600


class Extra(Struct, frozen=True):
    """What only the marketplace has: the vault of names, and the post."""

    vault: Vault
    post: Post


@get("/sign-in")
async def ask(visit: NamedDependency[Visit], next: FromQuery[str] = "/") -> Response[Any]:
    """Where to send the code; who is signed in already chooses a name, or enters the town that she came from."""
    if visit.session and visit.session.account:
        return await _onwards(visit, _local(next))
    return await _page(visit, "address", _local(next))


@post("/sign-in")
async def send(visit: NamedDependency[Visit]) -> Response[Any]:
    form = await visit.form()
    address, then = form.get("address", "").strip(), _local(form.get("next", "/"))
    if not _ADDRESS.fullmatch(address) or len(address) > 200:
        return await _page(visit, "address", then, address=address, fault="address_wrong")
    client = neighbourhood(trusted_address(visit.request.scope, visit.site.proxies))
    for limit, subject in zip(_LETTERS, (address.casefold(), client), strict=True):
        verdict = await visit.site.limits.hit(limit, subject)
        if not verdict.allowed:
            raise TooMany(verdict.wait)
    extra: Extra = visit.extra
    digits, code = extra.vault.code_for(address, visit.now)
    text = (
        f"Dein Code für Gemeinwerk ist {digits[:3]} {digits[3:]}.\n\nEr gilt zehn Minuten. "
        "Wenn du dich nicht anmelden wolltest, kannst du diese Nachricht vergessen."
    )
    try:
        await extra.post.send(address, f"Dein Code: {digits[:3]} {digits[3:]}", text)
    except Undelivered as error:  # the code of an earlier letter still counts
        log.error("mail not sent", reason=str(error)[:300].replace(address, "…"))
        return await _page(visit, "address", then, address=address, fault=error.code)
    await extra.vault.keep(address, code)
    return await _page(visit, "code", then, address=address)


@post("/sign-in/code")
async def redeem(visit: NamedDependency[Visit]) -> Response[Any]:
    form = await visit.form()
    address, then = form.get("address", "").strip(), _local(form.get("next", "/"))
    client = neighbourhood(trusted_address(visit.request.scope, visit.site.proxies))
    tries = await visit.site.limits.hit(_TRIES, client)
    if not tries.allowed:
        raise TooMany(tries.wait)
    extra: Extra = visit.extra
    verdict = await extra.vault.redeem(address, form.get("code", ""), visit.now)
    if verdict != "right":
        return await _page(visit, "code", then, address=address, fault=f"code_{verdict}")
    account = await extra.vault.account(address)
    if visit.session:
        await visit.site.sessions.revoke(visit.session.id)
    token = await sign_in(visit.site, extra.vault, account)
    headers = {"set-cookie": visit.site.cookie.write(token, seconds=_YEAR // 4)}
    return Redirect(f"/sign-in?next={then}", status_code=303, headers=headers)


async def sign_in(site: Site, vault: Vault, account: str) -> str:
    """A new session of an account, known in all towns where it has a pseudonym; the token for its cookie."""
    towns = await site.service.municipalities()
    persons = await vault.known_in(account, towns)
    roles = {town: sorted(await _roles(site, town, person)) for town, person in persons.items()}
    token, _ = await site.sessions.start(account=account, persons=persons, roles=roles)
    return token


async def _roles(site: Site, town: str, person: str) -> frozenset[str]:
    async with site.service.fenced.transaction(town) as connection:
        return (await standing(connection, town, person, None, site.clock().date())).roles


@post("/account/name")
async def name(visit: NamedDependency[Visit]) -> Response[Any]:
    """A name is shown in every town where the account acts."""
    if not (visit.session and visit.session.account):
        raise SignInNeeded
    form = await visit.form()
    chosen, then = " ".join(form.get("name", "").split()), _local(form.get("next", "/"))
    if not 0 < len(chosen) <= 60:
        return await _page(visit, "name", then, address=form.get("name", ""), fault="name_missing")
    extra: Extra = visit.extra
    await extra.vault.rename(visit.session.account, chosen)
    for town, person in visit.session.persons.items():
        await visit.site.people.write(chosen, town, person)
    return Redirect(f"/sign-in?next={then}", status_code=303)


@get("/account")
async def account(visit: NamedDependency[Visit], next: FromQuery[str] = "/") -> Response[Any]:
    if not (visit.session and visit.session.account):
        raise SignInNeeded
    known = await visit.extra.vault.name(visit.session.account)
    return await _page(visit, "name", _local(next), address=known or "")


@post("/account/enter")
async def enter(visit: NamedDependency[Visit]) -> Response[Any]:
    """Registers the account in the town that `next` leads to: from now on it has a pseudonym there."""
    if not (visit.session and visit.session.account):
        raise SignInNeeded
    then = _local((await visit.form()).get("next", "/"))
    town = _town(then)
    if town is None or town not in await visit.site.service.municipalities():
        raise NotFound(then)
    extra: Extra = visit.extra
    person = await register(visit.site.service, extra.vault, town, visit.session.account, visit.now)
    chosen = await extra.vault.name(visit.session.account)
    await visit.site.people.write(chosen or "Jemand", town, person)
    roles = sorted(await _roles(visit.site, town, person))
    await visit.site.sessions.grant(visit.session.account, town, person, roles)
    return Redirect(then, status_code=303)


async def register(service: Service, vault: Vault, town: str, account: str, at: datetime) -> str:
    """The pseudonym of an account in a town, registered in its log once."""
    person = await vault.person(town, account)
    context = Context(by=person, municipality=town, at=at, command_id=following(person, "register"))
    await service.handle("person", person, RegisterPerson(), context)
    return person


@post("/sign-out")
async def leave(visit: NamedDependency[Visit]) -> Response[Any]:
    if visit.session:
        await visit.site.sessions.revoke(visit.session.id)
    return Redirect("/", status_code=303, headers={"set-cookie": visit.site.cookie.erase()})


@get("/mail")
async def mail(visit: NamedDependency[Visit]) -> Response[Any]:
    """The letters that no server takes away; with a mail server this page does not exist."""
    post = visit.extra.post
    if not isinstance(post, Kept):
        raise NotFound("mail")
    return await visit.page("mail.html", "Post", letters=list(reversed(post.letters)))


@get("/")
async def towns(visit: NamedDependency[Visit]) -> Response[Any]:
    shown = []
    for id in await visit.site.service.municipalities():
        async with visit.site.service.reading(id) as connection:
            if town := await municipality(connection, id):
                shown.append(town)
    return await visit.page("towns.html", "Kommunen", towns=shown)


async def _onwards(visit: Visit, then: str) -> Response[Any]:
    """What is still missing before the person can go where she wanted: a name, then the town."""
    assert visit.session
    if not await visit.extra.vault.name(visit.session.account):
        return await _page(visit, "name", then)
    town = _town(then)
    if town and town in await visit.site.service.municipalities() and town not in visit.session.persons:
        async with visit.site.service.reading(town) as connection:
            described = await municipality(connection, town)
        return await _page(visit, "town", then, address=described.name if described else town)
    return Redirect(then, status_code=303)


async def _page(visit: Visit, step: str, then: str, *, address: str = "", fault: str = "") -> Response[Any]:
    kept = isinstance(visit.extra.post, Kept)
    response = await visit.page(
        "sign_in.html", "Anmelden", step=step, next=then, address=address, fault=fault, kept=kept
    )
    response.status_code = 503 if fault == Undelivered.code else 400 if fault else 200
    return response


def _local(path: str) -> str:
    """A path of this site; anything else leads home, so that nobody is sent elsewhere through our link."""
    return path if re.fullmatch(r"/(?!/)[\w./?=&%-]*", path) and "\\" not in path else "/"


def _town(path: str) -> str | None:
    first = path.strip("/").split("/")[0].split("?")[0]
    return first if is_name(first) else None


ROUTES = [towns, ask, send, redeem, name, account, enter, leave, mail]
