"""Signing in where letters go through a mail server: the code arrives, and is never lost with a letter."""

import re
from contextlib import contextmanager

from msgspec.structs import replace

from services.marketplace.adapters.post import Smtp
from shared.ids import new_id
from tests.infra import free_port
from tests.marketplace.mailserver import mailserver


@contextmanager
def posted_by(deployment, port):
    """As if the marketplace had been started with this mail server."""
    state = deployment.app.services["marketplace"].state
    before, state.extra = state.extra, replace(state.extra, post=Smtp(f"smtp://127.0.0.1:{port}", "a@dresden.example"))
    try:
        yield
    finally:
        state.extra = before


async def ask(client, address):
    return await client.post("/sign-in", data={"address": address, "next": "/dresden"})


async def test_the_code_arrives_and_opens_the_door(deployment):
    client, address = deployment.client(), f"{new_id()}@dresden.example"
    async with mailserver() as (box, port):
        with posted_by(deployment, port):
            assert "Code eingeben" in (await ask(client, address)).text
            assert (await client.get("/mail")).status_code == 404
    code = re.sub(r"\D", "", box.letters[0]["subject"])
    entered = await client.post("/sign-in/code", data={"address": address, "code": code, "next": "/dresden"})
    assert entered.status_code == 303


async def test_a_code_outlives_a_server_that_takes_no_second_letter(deployment):
    client, address = deployment.client(), f"{new_id()}@dresden.example"
    async with mailserver() as (box, port):
        with posted_by(deployment, port):
            await ask(client, address)
    with posted_by(deployment, free_port()):
        failed = await ask(client, address)
    assert (failed.status_code, f'value="{address}"' in failed.text) == (503, True)
    assert "keine E-Mail schicken" in failed.text
    code = re.sub(r"\D", "", box.letters[0]["subject"])
    entered = await client.post("/sign-in/code", data={"address": address, "code": code, "next": "/dresden"})
    assert entered.status_code == 303


async def test_an_address_that_the_server_refuses_can_be_mended(deployment):
    client, address = deployment.client(), f"{new_id()}@refused.example"
    async with mailserver() as (_, port):
        with posted_by(deployment, port):
            page = await ask(client, address)
    assert (page.status_code, f'value="{address}"' in page.text) == (400, True)
    assert "nimmt der Mailserver nicht an" in page.text
