"""Letters over a real mail server: what arrives, and what is said where none does."""

import pytest

from services.marketplace.adapters.post import AddressRefused, Smtp, Undelivered
from tests.infra import free_port
from tests.marketplace.mailserver import certificates, mailserver

LETTER = ("anna@dresden.example", "Dein Code: 123 456", "Grüße aus Löbtau")
USER = "gemeinwerk:geheim%3A%2F%40"


async def test_a_letter_arrives_as_it_was_written():
    async with mailserver() as (box, port):
        await Smtp(f"smtp://127.0.0.1:{port}", "stadt@dresden.example").send(*LETTER)
    (letter,) = box.letters
    assert (letter["to"], letter["subject"], letter["from"]) == (*LETTER[:2], "stadt@dresden.example")
    assert letter.get_content().strip() == LETTER[2]
    assert letter["date"]
    assert letter["message-id"].endswith("@dresden.example>")
    assert letter["auto-submitted"] == "auto-generated"


async def test_tls_is_used_where_it_is_offered(tmp_path):
    server, trust = certificates(tmp_path)
    async with mailserver(server) as (box, port):
        await Smtp(f"smtp://127.0.0.1:{port}", "stadt@dresden.example", trust).send(*LETTER)
        await Smtp(f"smtp+tls://127.0.0.1:{port}", "stadt@dresden.example", trust).send(*LETTER)
    assert box.encrypted == [True, True]


async def test_a_password_is_given_to_a_server_with_tls(tmp_path):
    server, trust = certificates(tmp_path)
    async with mailserver(server, auth_required=True, require_starttls=True) as (box, port):
        await Smtp(f"smtp+tls://{USER}@127.0.0.1:{port}", "stadt@dresden.example", trust).send(*LETTER)
        with pytest.raises(Undelivered, match="535"):
            await Smtp(f"smtp+tls://a:b@127.0.0.1:{port}", "stadt@dresden.example", trust).send(*LETTER)
    assert len(box.letters) == 1


async def test_an_unknown_address_is_told_from_a_server_that_cannot_now():
    async with mailserver() as (box, port):
        post = Smtp(f"smtp://127.0.0.1:{port}", "stadt@dresden.example")
        with pytest.raises(AddressRefused):
            await post.send("anna@refused.example", *LETTER[1:])
        with pytest.raises(Undelivered) as later:
            await post.send("anna@busy.example", *LETTER[1:])
    assert later.value.code == "mail_not_sent"
    assert box.letters == []


async def test_without_tls_nothing_goes_where_tls_is_asked_for(tmp_path):
    server, _ = certificates(tmp_path)
    async with mailserver() as (box, port):
        with pytest.raises(Undelivered, match="STARTTLS"):
            await Smtp(f"smtp+tls://127.0.0.1:{port}", "stadt@dresden.example").send(*LETTER)
        with pytest.raises(Undelivered):
            await Smtp(f"smtps://127.0.0.1:{port}", "stadt@dresden.example").send(*LETTER)
    assert box.letters == []
    async with mailserver(server) as (box, port):  # a certificate that nobody vouches for
        with pytest.raises(Undelivered, match=r"(?i)certificate"):
            await Smtp(f"smtp+tls://127.0.0.1:{port}", "stadt@dresden.example").send(*LETTER)
    assert box.letters == []


async def test_a_server_that_is_not_there_is_one_clear_error():
    with pytest.raises(Undelivered, match=r"127\.0\.0\.1"):
        await Smtp(f"smtp://127.0.0.1:{free_port()}", "stadt@dresden.example").send(*LETTER)


@pytest.mark.parametrize("url", ["127.0.0.1:25", "http://mail.example", "smtp://", "smtp+tls:mail.example"])
def test_a_setting_that_names_no_mail_server_stops_the_start(url):
    with pytest.raises(ValueError, match="smtp"):
        Smtp(url, "stadt@dresden.example")
