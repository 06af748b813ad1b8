"""From `localhost` to the address of a machine's own deployment, and from nowhere else."""

import httpx
import pytest

from shared.web.doorstep import at_home

HERE = "http://127.0.0.1:8000"


async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"inside"})


async def ask(host, path="/", method="GET", public_url=HERE):
    transport = httpx.ASGITransport(at_home(app, public_url))
    async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
        return await client.request(method, path, headers=[("host", host)])


@pytest.mark.parametrize("host", ["localhost:8000", "LOCALHOST:8000", "[::1]:8000"])
@pytest.mark.parametrize(
    "path", ["/", "/dresden/projects?q=Stra%C3%9Fe&page=2", "/dresden/a%0d%0ab", "/a//evil.example"]
)
async def test_another_name_of_this_machine_leads_to_its_address(host, path):
    answer = await ask(host, path)
    assert (answer.status_code, answer.headers["location"]) == (303, HERE + path)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:8000", "localhost:8001", "localhost", "evil.example", "localhost.evil.example:8000", "0.0.0.0:8000"],
)
async def test_every_other_host_is_left_to_who_judges_hosts(host):
    assert (await ask(host)).text == "inside"


async def test_what_changes_something_is_not_led_anywhere():
    assert (await ask("localhost:8000", method="POST")).text == "inside"


@pytest.mark.parametrize("public_url", ["https://gemeinwerk.example", "http://192.0.2.7:8000"])
async def test_a_public_deployment_knows_no_other_name(public_url):
    assert (await ask("localhost:8000", public_url=public_url)).text == "inside"
