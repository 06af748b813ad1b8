/**
 * The npm y-websocket provider against the gateway. Told on its first line of input where that is and which tickets to
 * use; says `restart` and reads on when the gateway has been exchanged for another one.
 */
import assert from "node:assert/strict";
import { createInterface } from "node:readline";

import * as decoding from "lib0/decoding";
import WebSocket from "ws";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";

const SAVED = 100;
const DENIED = 101;
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const told = JSON.parse((await lines.next()).value);

/** A page: `tickets` are used one a connection, since each opens the document once. */
class Page {
  constructor(name, { own = false } = {}) {
    this.tickets = told.tickets[name];
    this.own = own;
    this.doc = new Y.Doc();
    this.text = this.doc.getText("work");
    this.saved = 0;
    this.denied = [];
    this.closed = [];
    this.provider = new WebsocketProvider(told.url, told.document, this.doc, {
      WebSocketPolyfill: class extends WebSocket {
        constructor(url, protocols) {
          super(url, protocols, { origin: told.origin });
        }
      },
      protocols: this.protocols(),
      disableBc: true,
      maxBackoffTime: 400,
    });
    this.provider.messageHandlers[SAVED] = (_, decoder) => {
      this.saved = decoding.readVarUint(decoder);
      decoding.readVarUint(decoder); // the position in the stream
    };
    this.provider.messageHandlers[DENIED] = (_, decoder) => this.denied.push(decoding.readVarString(decoder));
    this.provider.on("connection-close", (event) => {
      this.closed.push(event?.code);
      this.provider.protocols = this.protocols();
    });
  }

  protocols() {
    const ticket = `ticket.${this.tickets.shift() ?? "none"}`;
    return this.own ? ["gemeinwerk.v1", ticket] : [ticket];
  }

  write(text) {
    this.text.insert(this.text.length, text);
  }

  get words() {
    return this.text.toString().split(" ").filter(Boolean).sort().join(" ");
  }
}

async function eventually(what, condition) {
  const until = Date.now() + 15_000;
  while (!condition()) {
    assert.ok(Date.now() < until, `not in time: ${what}`);
    await new Promise((done) => setTimeout(done, 10));
  }
}

const anna = new Page("anna", { own: true });
const ben = new Page("ben");
const reader = new Page("reader");
const pages = [anna, ben, reader];
const same = (words) => () => pages.every((page) => page.words === words);

await eventually("all are in", () => pages.every((page) => page.provider.synced));
for (const word of ["eins", "zwei", "drei"]) {
  anna.write(`a${word} `);
  ben.write(`b${word} `);
}
await eventually("all have the same", same("adrei aeins azwei bdrei beins bzwei"));
await eventually("what anna wrote is saved", () => anna.saved >= 3);

anna.provider.awareness.setLocalState({ user: { name: "Die Leitung" }, cursor: 3 });
const seen = () => ben.provider.awareness.getStates().get(anna.doc.clientID);
await eventually("ben sees where anna is", () => seen()?.cursor === 3);
assert.deepEqual(seen().user, { person: "p-anna", name: "Name p-anna", colour: 2 });

anna.provider.disconnect();
await eventually("ben sees that anna has gone", () => seen() === undefined);
anna.write("ohne-netz ");
anna.text.delete(0, anna.text.toString().indexOf(" ") + 1);
ben.write("inzwischen ");
anna.provider.connect();
await eventually("all are equal again", () => same(anna.words)() && /inzwischen.* ohne-netz/.test(anna.words));

console.log("restart");
anna.write("während ");
await lines.next();
ben.write("danach ");
await eventually("all are back", () => same(anna.words)() && /danach.* während/.test(anna.words));
assert.ok(anna.closed.includes(1012) && ben.closed.includes(1012), "each was told that it may come back");
anna.saved = 0;
anna.write("zuletzt ");
await eventually("anna's line counts anew", () => anna.saved > 0 && same(anna.words)());

reader.write("darf-ich ");
await eventually("the reader is out for good", () => reader.closed.at(-1) === 4403 && !reader.provider.shouldConnect);
await eventually("and nobody else", () => anna.words === ben.words && !anna.words.includes("darf-ich"));
assert.deepEqual([anna.denied, reader.denied], [[], []]); // plain clients hear only the code
for (const page of pages) page.provider.destroy();
console.log("done");
process.exit(0);
