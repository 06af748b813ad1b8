"""Somebody with a browser: signs in with the code from the mail page, sends forms and commands, opens documents."""

from __future__ import annotations

import re
from typing import Any

import httpx

from deploy.walkthrough.checks import Failed


class Person:
    """A person of the demo. `town` is where she acts."""

    def __init__(self, client: httpx.AsyncClient, town: str, name: str) -> None:
        self.client = client
        self.town = town
        self.name = name
        self.csrf = ""

    async def get(self, path: str) -> httpx.Response:
        return await self.client.get(f"/{self.town}{path}")

    async def page(self, path: str) -> str:
        """The text of a page that must be there."""
        answer = await self.get(path)
        if answer.status_code != 200:
            raise Failed(f"GET {answer.request.url.path} answered {answer.status_code}")
        return answer.text

    async def json(self, path: str) -> Any:
        answer = await self.get(path)
        if answer.status_code != 200:
            raise Failed(f"GET {answer.request.url.path} answered {answer.status_code}: {answer.text[:200]}")
        return answer.json()

    async def submit(self, path: str, **fields: str) -> httpx.Response:
        """Sends a form of the product's own pages."""
        return await self.client.post(f"/{self.town}{path}", data={"csrf": self.csrf, **fields})

    async def give(self, service: str, path: str, command: Any = None) -> httpx.Response:
        """Gives a command through the API: `path` is <aggregate>/<id>/<command>."""
        address = f"/{self.town}/api/{service}/{path}"
        return await self.client.post(address, json=command or {}, headers={"x-csrf-token": self.csrf})

    async def must(self, service: str, path: str, command: Any = None) -> Any:
        """A command that has to be accepted; its answer."""
        answer = await self.give(service, path, command)
        if answer.status_code != 200:
            raise Failed(f"{path} was refused with {answer.status_code}: {answer.text[:300]}")
        return answer.json()

    async def attach(self, application: str, document: str, body: bytes) -> None:
        """Adds a paper to an application. Raises `Failed` where it is refused."""
        address = f"/{self.town}/api/funding/applications/{application}/attachments"
        query, headers = {"document": document}, {"x-csrf-token": self.csrf}
        answer = await self.client.post(address, params=query, content=body, headers=headers)
        if answer.status_code != 200:
            raise Failed(f"the paper {document} was refused with {answer.status_code}: {answer.text[:300]}")


def visitor(url: str, town: str) -> Person:
    """Somebody without account."""
    client = httpx.AsyncClient(base_url=url, headers={"origin": url}, timeout=20)
    return Person(client, town, "Besuch")


async def sign_in(url: str, town: str, address: str, name: str) -> Person:
    """Signs in with the code that the mail page of a demo shows. Raises `Failed` where there is none."""
    person = visitor(url, town)
    client, then = person.client, f"/{town}/me"
    sent = await client.post("/sign-in", data={"address": address, "next": then})
    if sent.status_code != 200:
        raise Failed(f"{address} asked for a code: {sent.status_code}")
    code = _code(await client.get("/mail"), address)
    await client.post("/sign-in/code", data={"address": address, "code": code, "next": then})
    token = re.search(r'name="csrf" value="(\w+)"', (await client.get("/account")).text)
    if token is None:
        raise Failed(f"{address} could not sign in")
    person.csrf, person.name = token[1], name
    await client.post("/account/name", data={"name": name, "next": then, "csrf": person.csrf})
    await client.post("/account/enter", data={"next": then, "csrf": person.csrf})
    return person


def _code(mail: httpx.Response, address: str) -> str:
    letters = re.split(r"<article", mail.text)
    for letter in letters:
        if address in letter and (found := re.search(r"Dein Code: (\d{3}) (\d{3})", letter)):
            return found[1] + found[2]
    raise Failed(f"no code for {address} on the mail page: the walkthrough needs a demo without mail server")
