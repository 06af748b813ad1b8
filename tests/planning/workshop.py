"""A small town whose pages edit documents: what the islands need of a server, with a real gateway behind it."""

import json
import time
from collections.abc import Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

from services.realtime.sync.gateway import Gateway
from shared.access.tickets import SECONDS, Ticket, mint, new_nonce
from shared.contracts.documents import PLAN_SCHEMA
from shared.web.assets import Assets
from shared.web.render import security_headers
from tests.realtime.page import SEED

TOWN = "dresden"
PEOPLE = {"selin": ("Selin B.", 3), "mira": ("Mira K.", 2), "duc": ("Duc N.", 8), "lena": ("Lena", 6)}

_HEAD = """<!doctype html><html lang="de" data-town="dresden"><head><meta charset="utf-8"><title>Plan</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="csrf" content="token-7">
<link rel="stylesheet" href="{css}"><script type="module" src="{site}"></script>
<script type="module" src="{island}"></script></head><body data-icons="{icons}">"""

_PLAN = """<section class="gw-plan"><div class="gw-wrap"><div class="gw-row gw-row--apart"><p>Plan</p>
<p class="gw-state" role="status" data-saved></p></div>
<div class="gw-row gw-row--apart"><h1 class="gw-title" id="seite">Plan: Materialwerk Löbtau</h1>
<div class="gw-row"><p class="gw-faces gw-faces--apart" data-faces></p>
<form method="post" action="/dresden/plans/1/freeze" data-freeze><button class="kern-btn kern-btn--primary
kern-btn--x-small"><span class="kern-label">Fassung festhalten</span></button></form></div></div>
<nav class="gw-tabs" aria-label="Teile des Plans">
<a href="?part=profile" data-tab="profile"><span>Profil</span><span class="gw-faces"></span><small></small></a>
<a href="?part=work" data-tab="work"><span>Arbeit</span><span class="gw-faces"></span><small></small></a>
<a href="?part=resources" data-tab="resources"><span>Ressourcen</span><span class="gw-faces"></span><small></small></a>
<a href="?part=schedule" data-tab="schedule"><span>Zeit</span><span class="gw-faces"></span><small></small></a>
<a href="?part=finance" data-tab="finance" aria-current="page"><span>Finanzen</span><span class="gw-faces"></span>
<small></small></a></nav></div></section><div id="meldungen" class="gw-wrap gw-notices" role="status"></div>
<main class="gw-wrap gw-main gw-split gw-split--rail" id="inhalt" data-plan data-document="{document}"
data-tickets="/dresden/api/planning/tickets?as={who}" data-schema="{schema}" data-part="{part}" data-person="p-{who}"
data-right="{right}" data-pot="{pot}" data-names="/dresden/api/planning/plans/1/people">
<div class="gw-stack">{body}</div>
<aside class="gw-stack" aria-label="Prüfung"><section class="gw-sheet"><h2 class="gw-h2">Prüfung</h2>
<ul class="gw-checks" data-checks></ul></section><section class="gw-sheet"><h2 class="gw-h2">Wer ist da</h2>
<ul class="gw-stack" data-people></ul></section><section class="gw-sheet" aria-labelledby="gespraech"><h2
class="gw-h2" id="gespraech">Gespräch</h2><div class="gw-stack" data-talk></div></section></aside></main>
<form method="post" action="/sign-out"><button>Abmelden</button></form></body></html>"""

_SUMS = """<section class="gw-sheet" aria-label="Überblick"><dl class="gw-sums gw-num"><div><dt>Kosten</dt>
<dd data-sum="costs"></dd></div><div><dt>Einnahmen</dt><dd data-sum="incomes"></dd></div><div><dt>Es fehlen</dt>
<dd data-sum="missing"></dd></div></dl><div data-bars></div></section>"""

_GRID = """<section class="gw-sheet" data-grid="{name}" aria-labelledby="{name}"><div class="gw-row gw-row--apart">
<h2 class="gw-h2" id="{name}">{title}</h2></div><table class="gw-grid"><tbody><tr><td>…</td></tr></tbody></table>
</section>"""

_TEXT = """<section class="gw-sheet"><h2 class="gw-h2" id="t-{name}">{title}</h2>
<div data-text="{name}" aria-labelledby="t-{name}"></div></section>"""

_LIVE = """<section class="gw-plan gw-plan--live"><div class="gw-wrap"><h1 class="gw-title">Regenwasser</h1>
<p class="gw-state" role="status" data-saved></p></div></section>
<div id="meldungen" class="gw-wrap gw-notices" role="status"></div>
<main class="gw-wrap gw-main gw-stack" data-live data-document="{document}"
data-tickets="/dresden/api/events/tickets?as={who}" data-schema="1" data-person="p-{who}"
data-right="{right}">
<section class="gw-sheet" aria-label="Tafel" data-board data-item="i1"></section>
<section class="gw-sheet"><h2 class="gw-h2" id="mitschrift">Mitschrift</h2>
<div data-minutes="i1" aria-labelledby="mitschrift"></div></section></main></body></html>"""

_PHONE = """<main class="gw-guest" id="inhalt" data-live data-document="{document}" data-right="write" data-schema="1"
data-tickets="/dresden/api/events/tickets?as={who}" data-person="p-{who}">
<div class="gw-row gw-row--apart"><b>Tisch 3</b></div>
<h1 class="gw-ask" data-item="i1">Wo soll das Wasser hin, wenn es stark regnet?</h1>
<div class="gw-stack" data-write-card></div>
<form class="gw-sheet" method="post" action="/dresden/live/m1/polls/p1/vote"><fieldset class="gw-vote">
<legend>Zisternen?</legend><label><input type="radio" name="option_id" value="yes" required>Ja, für alle</label>
<label><input type="radio" name="option_id" value="no">Nein</label></fieldset>
<button class="kern-btn">Abstimmen</button>
<p class="gw-small gw-soft">Andere sehen nur die Summe.</p><input type="hidden" name="command_id" value="c-1"></form>
</main></body></html>"""

_SHOW = """<main class="gw-wrap gw-main" data-live data-document="{document}" data-right="read" data-schema="1"
data-tickets="/dresden/api/events/tickets?as={who}" data-person="p-{who}">
<section data-board data-show></section></main></body></html>"""

LIVE = {"console": _LIVE, "phone": _PHONE, "projector": _SHOW}

PARTS = {
    "finance": _SUMS + _GRID.format(name="costs", title="Kosten") + _GRID.format(name="incomes", title="Einnahmen"),
    "work": _GRID.format(name="work", title="Arbeitspakete"),
    "resources": _GRID.format(name="resources", title="Ressourcen"),
    "schedule": _GRID.format(name="milestones", title="Meilensteine"),
    "profile": _TEXT.format(name="summary", title="Worum geht es?")
    + _TEXT.format(name="goal", title="Was wollt ihr erreichen?")
    + '<section class="gw-sheet"><label>Ort <input data-field="place"></label></section>',
}


class Workshop:
    """Pages `/<town>/plans/<document>?as=<who>&part=…`; remembers what was posted. `session` False means signed out."""

    def __init__(self, gateway: Callable[[int], Gateway]) -> None:
        self._gateway = gateway
        self.gateway = gateway(0)
        self.assets = Assets.built()
        self.posted: list[tuple[str, Any]] = []
        self.votes: list[dict[str, str]] = []
        self.session = True
        self.signed_in = ""  # somebody else than the page is for
        self.rights: dict[str, str] = {}
        self.findings: list[dict[str, Any]] = []

    async def restart(self) -> None:
        """The gateway is gone, like one that is being replaced, until `begin`."""
        await self.gateway.drain()

    async def begin(self) -> None:
        """A new gateway on the port of the former."""
        self.gateway = self._gateway(self.gateway.port)
        await self.gateway.start()

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        path: str = scope["path"]
        if path.startswith("/assets/"):
            await self.assets(scope, receive, send)
            return
        query = {name: values[0] for name, values in parse_qs(scope["query_string"].decode()).items()}
        body = b""
        while scope["method"] == "POST":
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        status, kind, told = self.answer(scope["method"], path, query, body)
        policy = security_headers(f"ws://127.0.0.1:{self.gateway.port}", secure=False)["content-security-policy"]
        headers = [(b"content-type", kind.encode()), (b"content-security-policy", policy.encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": told.encode()})

    def answer(self, method: str, path: str, query: dict[str, str], body: bytes) -> tuple[int, str, str]:
        if method == "GET" and path.endswith("/people"):
            people = [
                {"person": f"p-{who}", "name": name, "hue": hue, "team": True} for who, (name, hue) in PEOPLE.items()
            ]
            return 200, "application/json", json.dumps({"people": people})
        if method == "GET":
            return 200, "text/html; charset=utf-8", self.page(path, query)
        if path.endswith("/tickets"):
            if not self.session:
                return 401, "application/json", "{}"
            if self.rights.get(query["as"]) == "gone":
                return 403, "application/json", "{}"
            return 200, "application/json", json.dumps(self.ticket(self.signed_in or query["as"], json.loads(body)))
        if path.endswith("/vote"):
            self.votes.append({name: values[0] for name, values in parse_qs(body.decode()).items()})
            return 200, "text/html; charset=utf-8", "gezählt"
        if path.endswith("/check"):
            self.posted.append((path, json.loads(body)))
            return 200, "application/json", json.dumps({"findings": self.findings})
        self.posted.append((path, {name: values[0] for name, values in parse_qs(body.decode()).items()}))
        return 200, "text/html; charset=utf-8", "<!doctype html><html lang=de><title>Danke</title><p>Danke"

    def page(self, path: str, query: dict[str, str]) -> str:
        part, who = query.get("part", "finance"), query.get("as", "selin")
        live = LIVE.get(path.rsplit("/", 2)[-2])
        head = _HEAD.format(
            css=self.assets.url("site.css"),
            site=self.assets.url("site.js"),
            island=self.assets.url("live.js" if live else "plan.js"),
            icons=self.assets.url("icons.svg"),
        )
        return head + (live or _PLAN).format(
            document=path.rsplit("/", 1)[-1], who=who, part=part, schema=PLAN_SCHEMA, body=PARTS.get(part, ""),
            right=query.get("right", "write"), pot=query.get("pot", ""),
        )  # fmt: skip

    def ticket(self, who: str, asked: dict[str, Any]) -> dict[str, Any]:
        name, hue = PEOPLE[who]
        ticket = Ticket(
            session=f"s-{who}", municipality=TOWN, person=f"p-{who}", document=asked["document"],
            right=self.rights.get(who, asked["right"]), name=name, hue=hue, schema=asked["schema"],
            nonce=new_nonce(), expires=int(time.time()) + SECONDS,
        )  # fmt: skip
        url = f"ws://127.0.0.1:{self.gateway.port}/{TOWN}/{asked['document']}"
        return {"ticket": mint(SEED, ticket), "url": url, "person": ticket.person, "name": name, "hue": hue,
                "right": ticket.right, "schema": ticket.schema}  # fmt: skip
