"""The page that explains bundles: its example is computed anew, its program runs, and it names every fault."""

import html
import json
import re
import subprocess
import sys
from base64 import b64decode
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.funding.pages.checking import offline_page
from shared.audit.example import example, example_bundle, program
from shared.audit.verify import verify_bundle
from shared.audit.verify_faults import SENTENCES
from shared.municipalities import Municipality
from shared.web.assets import Assets
from shared.web.render import Page, Renderer
from tests.audit import logs
from tests.audit.tampering import corpus

_PART = re.compile(r'<(?:pre|code)[^>]*data-example="(\w+)"[^>]*>(.*?)</(?:pre|code)>', re.DOTALL)


@pytest.fixture(scope="module")
def page():
    town = Municipality(id="dresden", name="Dresden", land="SN", town="dresden", districts=())
    shown = Page(title="Format", path="/dresden/audit/format", town=town)
    return Renderer().render("funding/format.html", shown, example=example(), program=program()).content


@pytest.fixture(scope="module")
def shown(page):
    """The texts of the example, by name."""
    return {name: html.unescape(text) for name, text in _PART.findall(page)}


async def test_the_example_is_a_bundle_like_those_of_the_product(tmp_path):
    assert logs.unpacked(example_bundle()) == logs.unpacked(await logs.example())
    (tmp_path / "example.zip").write_bytes(example_bundle())
    assert verify_bundle(tmp_path / "example.zip", [logs.KEY]).holds


def test_every_number_of_the_example_follows_from_those_before(shown):
    lines = [line.split(b"\t") for line in logs.unpacked(example_bundle())["funding/entries.tsv"].splitlines()]
    header = json.loads(shown["leaf"])
    assert list(header) == sorted(header)
    assert header["body"] == sha256(lines[0][2]).hexdigest()
    assert shown["hash"] == sha256(b"\0" + shown["leaf"].encode()).hexdigest()
    first, second, third = (sha256(b"\0" + line[1]).digest() for line in lines)
    assert shown["node"] == sha256(b"\1" + first + second).hexdigest()
    assert shown["root"] == sha256(b"\1" + bytes.fromhex(shown["node"]) + third).hexdigest()


def test_the_signature_of_the_example_is_what_the_page_says_it_is(shown):
    origin, size, root, _, line, _ = shown["note"].split("\n")
    assert (size, b64decode(root).hex()) == ("3", shown["root"])
    dash, name, encoded = line.split(" ")
    kind_and_key = b64decode(shown["key"].split("+", 2)[2])
    key_id = sha256(f"{name}\n".encode() + kind_and_key).digest()[:4]
    assert (dash, name, kind_and_key[0]) == ("—", origin, 1)
    assert shown["key"].split("+")[1] == shown["key_id"] == key_id.hex() == b64decode(encoded)[:4].hex()
    text = f"{origin}\n{size}\n{root}\n".encode()
    Ed25519PublicKey.from_public_bytes(kind_and_key[1:]).verify(b64decode(encoded)[4:], text)


async def test_the_program_on_the_page_tells_right_from_wrong(shown, tmp_path):
    (tmp_path / "verifier.py").write_text(shown["program"])

    def run(bundle, key=logs.KEY):
        (tmp_path / "bundle.zip").write_bytes(bundle)
        command = [sys.executable, "-I", str(tmp_path / "verifier.py"), str(tmp_path / "bundle.zip"), key.text]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    done = run(await logs.bundle())
    assert (done.returncode, done.stdout) == (0, "funding: 7 entries\nplanning: 9 entries\n")
    assert run(await logs.bundle(), logs.FOREIGN_KEY).returncode == 1
    told = {"cent": "entry 3: body", "actor": "entry 2: header", "swap": "entry 3: order", "drop": "entry 4: order",
            "renewed_1": "other entries were signed", "drop_last": "6 entries of 7"}  # fmt: skip
    for case in await corpus():
        if case.name in told:
            assert told[case.name] in run(case.bundle).stderr


def test_the_page_names_every_fault(page):
    missing = {code for code in SENTENCES if f"<code>{code}</code>" not in page}
    assert missing == set()


def test_the_file_to_keep_holds_all_it_needs():
    page = offline_page(Assets.built())
    assert "/assets/" not in page
    assert not re.search(r"""(?:src|href|url)\s*[=(]|import\s*["'(]""", page.partition("</style>")[0])
    assert not re.search(r"""\bimport\b|https?://""", page.partition('<script type="module">')[2])
