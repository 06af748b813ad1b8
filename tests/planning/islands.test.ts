/** What the islands work out without a page: merging, order, numbers, months, cards, the queue, what is saved. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";

import { Board } from "../../shared/web/islands/live/cards";
import { Queue, deliver } from "../../shared/web/islands/live/queue";
import { lineTotal, money, parse, parseAmount, quantity } from "../../shared/web/islands/plan/numbers";
import { sums, valued } from "../../shared/web/islands/plan/finance";
import { needId } from "../../shared/web/islands/plan/needs";
import { month, parseMonth } from "../../shared/web/islands/plan/months";
import { Connection, type State } from "../../shared/web/islands/sync/connection";
import { read, sync } from "../../shared/web/islands/sync/frames";
import { address } from "../../shared/web/islands/sync/link";
import { between } from "../../shared/web/islands/sync/order";
import { OWN, Table, difference } from "../../shared/web/islands/sync/table";
import { textOf } from "../../shared/web/islands/sync/unsaved";

const EMPTY = { label: "", amount_cents: 0 };
const table = (doc: Y.Doc): Table => new Table(doc, "finance.incomes", new Set(["label"]), EMPTY);

function meet(...docs: Y.Doc[]): void {
  for (const from of docs) for (const to of docs) if (from !== to) Y.applyUpdate(to, Y.encodeStateAsUpdate(from, Y.encodeStateVector(to)));
}

function pair(...labels: string[]): [Table, Table, () => void] {
  const [one, two] = [new Y.Doc(), new Y.Doc()];
  const first = table(one);
  for (const label of labels) first.add({ label });
  meet(one, two);
  return [first, table(two), () => meet(one, two)];
}

const labels = (of: Table): unknown[] => of.all().map((row) => row["label"]);
const id = (of: Table, label: string): string => of.all().find((row) => row["label"] === label)?.id ?? "";

test("who edits and who moves the same row both win", () => {
  const [anna, ben, sync] = pair("A", "B", "C");
  anna.move(id(anna, "C"), -1);
  ben.set(id(ben, "C"), "label", "C, gebraucht");
  ben.set(id(ben, "C, gebraucht"), "amount_cents", 300_000);
  sync();
  assert.deepEqual(anna.all(), ben.all());
  assert.deepEqual(labels(anna), ["A", "C, gebraucht", "B"]);
  assert.equal(anna.all()[1]?.["amount_cents"], 300_000);
});

test("costs come to at least and at most what their lines say, or else to their sum", () => {
  const line = { id: "a", quantity: 2_000, unit_price_cents: 50_00, least_cents: 0, most_cents: 0 };
  const { costs, least, most } = sums([line, { ...line, id: "b", least_cents: 90_00 }, { ...line, id: "c", most_cents: 130_00 }], []);
  assert.deepEqual([costs, least, most], [300_00, 290_00, 330_00]);
});

test("hours of volunteers come to what the pot takes for one, until somebody says otherwise", () => {
  const own = { id: "a", kind: "volunteer", hours: 0, amount_cents: 0 };
  const other = { id: "b", kind: "volunteer", hours: 240_000, amount_cents: 3_600_00 };
  const pot = [{ code: "hour_rate_kept", failing: false, words: "", facts: { hour_rate_cents: 12_00 } }];
  assert.deepEqual(valued([own], "a", { hours: 30_500 }, pot), { amount_cents: 366_00 });
  assert.deepEqual(valued([own, other], "a", { hours: 30_000 }, []), { amount_cents: 450_00 });
  assert.deepEqual(valued([{ ...own, hours: 3_000, amount_cents: 36_00 }], "a", { hours: 30_000 }, pot), { amount_cents: 360_00 });
  assert.deepEqual(valued([{ ...own, kind: "own", hours: 2_000 }], "a", { kind: "volunteer" }, pot), { amount_cents: 24_00 });
  assert.deepEqual(valued([{ ...own, hours: 3_000, amount_cents: 40_00 }], "a", { hours: 30_000 }, pot), {}, "set by hand");
  assert.deepEqual(valued([own], "a", { hours: 30_000 }, []), {}, "nobody says what an hour is");
  assert.deepEqual(valued([{ ...own, kind: "own" }], "a", { hours: 30_000 }, pot), {});
  assert.deepEqual(valued([own], "a", { label: "Fest" }, pot), {});
});

test("two people move one row: it is there once", () => {
  const [anna, ben, sync] = pair("A", "B", "C", "D");
  anna.move(id(anna, "B"), 1);
  ben.move(id(ben, "B"), -1);
  sync();
  assert.deepEqual(anna.all(), ben.all());
  assert.deepEqual([...labels(anna)].sort(), ["A", "B", "C", "D"]);
});

test("two people type into one label: no letter is lost", () => {
  const [anna, ben, sync] = pair("Regale");
  anna.set(id(anna, "Regale"), "label", "Schwerlast Regale");
  ben.set(id(ben, "Regale"), "label", "Regale, gebraucht");
  sync();
  assert.deepEqual(labels(anna), ["Schwerlast Regale, gebraucht"]);
  assert.deepEqual(anna.all(), ben.all());
});

test("rows added at one place at the same moment all stay, in one order for everybody", () => {
  const [anna, ben, sync] = pair("A", "Z");
  for (const label of ["B", "C", "D"]) anna.add({ label }, id(anna, "A"));
  for (const label of ["X", "Y"]) ben.add({ label }, id(ben, "A"));
  sync();
  assert.deepEqual(anna.all(), ben.all());
  assert.equal(labels(anna).length, 7);
});

test("a put under a known id changes nothing", () => {
  const [anna, ben, sync] = pair();
  anna.put("karte-1", { label: "einmal" });
  sync();
  ben.put("karte-1", { label: "zweimal" });
  sync();
  assert.deepEqual(labels(ben), ["einmal"]);
});

test("undo takes back one's own changes and leaves those of others", () => {
  const [anna, ben, sync] = pair("A");
  const undo = new Y.UndoManager(anna.rows, { trackedOrigins: new Set([OWN]), captureTimeout: 0 });
  anna.set(id(anna, "A"), "amount_cents", 100);
  sync();
  ben.set(id(ben, "A"), "label", "A, geprüft");
  sync();
  undo.undo();
  sync();
  assert.deepEqual(ben.all().map((row) => [row["label"], row["amount_cents"]]), [["A, geprüft", 0]]);
});

test("between any two keys there is room, ten thousand times", () => {
  let seed = 7;
  const random = (): number => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const keys: string[] = [];
  for (let count = 0; count < 10_000; count++) {
    const place = Math.floor(random() * (keys.length + 1));
    const key = between(keys[place - 1] ?? "", keys[place] ?? "", random);
    assert.ok((keys[place - 1] ?? "") < key && (keys[place] === undefined || key < keys[place]!), `${keys[place - 1]} ${key} ${keys[place]}`);
    keys.splice(place, 0, key);
  }
  assert.ok(Math.max(...keys.map((key) => key.length)) < 40);
});

test("keys without room between them end the search all the same", () => {
  assert.ok(between("5", "5") > "5");
  assert.ok(between("5", "50") > "5");
  assert.ok(between("9", "3") > "9");
});

test("a difference never parts a character of two units", () => {
  for (const [from, to] of [["a😀b", "a😁b"], ["😀", "😁😀"], ["😀😀", "😀"], ["x", "😀"]] as const) {
    const [start, gone, come] = difference(from, to);
    assert.equal(from.slice(0, start) + come + from.slice(start + gone), to);
    for (const part of [from.slice(0, start), from.slice(start, start + gone), come]) assert.ok(part.isWellFormed(), JSON.stringify([from, to]));
  }
});

test("German amounts become integers", () => {
  const cents = (text: string): number | null => parse(text, 2, 1e12);
  for (const [text, value] of [
    ["1.234,50", 123450], ["1234,5", 123450], ["1.234", 123400], ["0,07", 7], [",5", 50], ["12 €", 1200], ["1 234,00", 123400],
    ["12.50", 1250], ["12,500", 1250], ["1.234.567,89", 123456789],
  ] as const) assert.equal(cents(text), value, text);
  for (const text of ["", "abc", "1,2,3", "1.23.4", "12,345", "-5", "1e3", "9".repeat(20)]) assert.equal(cents(text), null, text);
  assert.equal(money(123450), "1.234,50");
  assert.equal(money(-80000), "−800,00");
  assert.equal(money(0), "0,00");
});

test("quantities carry their unit", () => {
  assert.deepEqual(parseAmount("24 Stück"), { quantity: 24_000, unit: "Stück" });
  assert.deepEqual(parseAmount("1,5 Tage"), { quantity: 1500, unit: "Tage" });
  assert.deepEqual(parseAmount("pauschal"), { quantity: 1000, unit: "pauschal" });
  assert.deepEqual(parseAmount("1.200"), { quantity: 1_200_000, unit: "" });
  assert.equal(parseAmount("1,2345 kg"), null);
  assert.equal(parseAmount("  "), null);
  assert.equal(quantity(1_500), "1,5");
  assert.equal(quantity(1_200_000), "1.200");
});

test("a line is rounded half up once, exact beyond what a number holds", () => {
  assert.equal(lineTotal(1_500, 333), 500);
  assert.equal(lineTotal(1, 500), 1);
  assert.equal(lineTotal(1, 499), 0);
  assert.equal(lineTotal(24_000, 18_500), 444_000);
  assert.equal(lineTotal(333_333_333, 9_007_199), 3_002_399_663_664);
});

test("months are read as people write them", () => {
  for (const text of ["Apr 2027", "april 2027", "4/2027", "04.2027", "4.27", "2027-04", "Apr. 27"]) assert.equal(parseMonth(text), "2027-04", text);
  assert.equal(parseMonth("März 2027"), "2027-03");
  assert.equal(parseMonth(""), "");
  for (const text of ["bald", "13/2027", "2027", "0/2027"]) assert.equal(parseMonth(text), null, text);
  assert.equal(month("2027-04"), "Apr 2027");
});

test("a queued card arrives once, however often it is delivered and from wherever it is kept", () => {
  const kept = new Map<string, string>();
  const store = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, text: string) => void kept.set(key, text), removeItem: (key: string) => void kept.delete(key) };
  new Queue("q", store).add({ id: "k1", text: "Regenfässer", item: "" });
  const again = new Queue("q", store); // after a reload
  const [one, two] = [new Y.Doc(), new Y.Doc()];
  for (const doc of [one, two, one]) deliver(again, (card) => new Board(doc).cards.put(card.id, { text: card.text }));
  meet(one, two);
  assert.equal(new Board(two).cards.all().length, 1);
  assert.equal(new Board(one).cards.all()[0]?.["text"], "Regenfässer");
  again.done(["k1"]);
  assert.deepEqual(new Queue("q", store).all(), []);
});

test("two people lay two cards under each other: both stay to be seen", () => {
  const [one, two] = [new Y.Doc(), new Y.Doc()];
  const [anna, ben] = [new Board(one), new Board(two)];
  anna.cards.put("a", { text: "a" });
  anna.cards.put("b", { text: "b" });
  meet(one, two);
  anna.cluster("a", "b");
  ben.cluster("b", "a");
  meet(one, two);
  const seen = (board: Board): string[] => board.piles().flatMap((pile) => pile.cards.flatMap(({ card, under }) => [card.id, ...under.map((each) => each.id)]));
  assert.deepEqual(seen(anna).sort(), ["a", "b"]);
  assert.deepEqual(anna.piles(), ben.piles());
});

test("a card whose column is deleted lies among the new ones", () => {
  const board = new Board(new Y.Doc());
  const column = board.columns.add({ label: "Speichern" });
  board.cards.put("a", { text: "a" });
  board.move("a", column);
  assert.equal(board.piles()[1]?.cards[0]?.card.id, "a");
  board.columns.remove(column);
  assert.equal(board.piles()[0]?.cards[0]?.card.id, "a");
});

test("what is not saved can be read", () => {
  const doc = new Y.Doc();
  const updates: Uint8Array[] = [];
  doc.on("update", (update: Uint8Array) => updates.push(update));
  const rows = table(doc);
  const row = rows.add({ label: "Regale" });
  for (const text of ["Regale,", "Regale, ge", "Regale, gebraucht"]) rows.set(row, "label", text);
  assert.match(textOf(updates), /Regale/);
  assert.match(textOf(updates), /, gebraucht/);
});

class Wire extends EventTarget {
  readyState = 1;
  binaryType = "";
  sent: Uint8Array[] = [];
  send(frame: Uint8Array): void {
    this.sent.push(frame);
  }
  close(): void {
    this.readyState = 3;
  }
  hear(frame: Uint8Array): void {
    this.dispatchEvent(new MessageEvent("message", { data: frame.slice().buffer }));
  }
  drop(code: number): void {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code, reason: "" }));
  }
}

type Line = { doc: Y.Doc; wires: Wire[]; states: State[]; connection: Connection; later: (() => void)[]; opened: () => Promise<Wire>; done: () => void };

function line(answers: ("sign-in" | "gone" | "later" | "ticket")[] = []): Line {
  const [doc, wires, states, later] = [new Y.Doc(), [] as Wire[], [] as State[], [] as (() => void)[]];
  const awareness = new Awareness(doc);
  const ticket = { ticket: "t", url: "ws://town.example", person: "p-1", name: "Selin B.", hue: 3, right: "write" as const, schema: 1 };
  const ask = async () => {
    const answer = answers.shift() ?? "ticket";
    return answer === "ticket" ? { ticket } : answer;
  };
  const around = {
    open: (_url: string, protocols: string[]) => {
      assert.deepEqual(protocols, ["gemeinwerk.v1", "ticket.t"]);
      wires.push(new Wire());
      return wires.at(-1) as unknown as WebSocket;
    },
    random: () => 0.5,
    wait: (act: () => void, after: number) => {
      if (after < 30_000) later.push(act);
      return () => void later.splice(0, later.length, ...later.filter((each) => each !== act));
    },
  };
  const connection = new Connection(doc, awareness, ask, { state: (state) => states.push(state) }, around);
  const opened = async (): Promise<Wire> => {
    await connection.connect();
    const wire = wires.at(-1)!;
    wire.dispatchEvent(new Event("open"));
    return wire;
  };
  return { doc, wires, states, connection, later, opened, done: () => awareness.destroy() };
}

const SAVED = (count: number, ...position: number[]): Uint8Array => new Uint8Array([100, count, ...position]);
const greet = (wire: Wire): void => {
  wire.hear(sync("step1", Y.encodeStateVector(new Y.Doc())));
  wire.hear(sync("step2", Y.encodeStateAsUpdate(new Y.Doc())));
};

test("saved is what the gateway has counted, step 2 included", async () => {
  const { doc, connection, opened, done } = line();
  const wire = await opened();
  greet(wire);
  assert.equal(connection.state.phase, "saving");
  wire.hear(SAVED(1));
  assert.equal(connection.state.phase, "saved");
  doc.getMap("profile").set("place", "Löbtau");
  doc.getMap("profile").delete("place"); // does not move the state vector
  assert.equal(connection.state.phase, "saving");
  wire.hear(SAVED(2));
  assert.equal(connection.state.phase, "saving");
  wire.hear(SAVED(3, 41));
  assert.equal(connection.state.phase, "saved");
  assert.equal(connection.position, 41);
  done();
});

test("what was typed without network goes out with the next step 2", async () => {
  const { doc, connection, opened, later, done } = line();
  const first = await opened();
  greet(first);
  first.hear(SAVED(1));
  first.drop(1006);
  assert.equal(connection.state.phase, "offline");
  doc.getMap("profile").set("place", "Löbtau");
  assert.equal(connection.unsaved.length, 1);
  assert.equal(later.length, 1); // the next try
  const second = await opened();
  assert.notEqual(second, first);
  greet(second);
  const step2 = second.sent.map((frame) => read(frame.slice().buffer)).find((frame) => frame.kind === "step2");
  const other = new Y.Doc();
  Y.applyUpdate(other, (step2 as { payload: Uint8Array }).payload);
  assert.equal(other.getMap("profile").get("place"), "Löbtau");
  second.hear(SAVED(1));
  assert.equal(connection.state.phase, "saved");
  assert.deepEqual(connection.unsaved, []);
  done();
});

test("what reconnecting cannot mend ends the line and keeps the text", async () => {
  for (const code of [4403, 4413, 4422, 4426]) {
    const { doc, connection, opened, later, done } = line();
    const wire = await opened();
    greet(wire);
    doc.getMap("profile").set("place", "Am Wall steht das Wasser");
    wire.drop(code);
    assert.deepEqual(connection.state, { phase: "broken", code, reason: "" });
    assert.match(textOf(connection.unsaved), /Am Wall steht das Wasser/);
    assert.deepEqual(later, []);
    await connection.connect();
    assert.equal(connection.state.phase, "broken");
    done();
  }
});

test("a restart, a full gateway and other transient ends are tried again", async () => {
  for (const code of [1006, 1012, 1013, 4529]) {
    const { connection, opened, later, done } = line();
    (await opened()).drop(code);
    assert.equal(connection.state.phase, "offline");
    assert.equal(later.length, 1);
    done();
  }
});

test("without a session the page asks to sign in, and connects when there is one again", async () => {
  const { connection, opened, done } = line(["sign-in", "ticket"]);
  await connection.connect();
  assert.equal(connection.state.phase, "sign-in");
  greet(await opened());
  assert.equal(connection.state.phase, "saving");
  done();
});

test("who has no right to the document is told once", async () => {
  const { connection, done } = line(["gone"]);
  await connection.connect();
  assert.deepEqual(connection.state, { phase: "broken", code: 4403, reason: "right_gone" });
  done();
});

test("a row is one need, whoever presses and however often", () => {
  const id = needId("0190a5c4-6b1e-7c3d-8f00-3a5b7c9d1e2f", "kZ3_a-Bcd09xYz12");
  assert.equal(id, needId("0190a5c4-6b1e-7c3d-8f00-3a5b7c9d1e2f", "kZ3_a-Bcd09xYz12"));
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.notEqual(id, needId("0190a5c4-6b1e-7c3d-8f00-3a5b7c9d1e2f", "kZ3_a-Bcd09xYz13"));
});

test("undo takes back what one did oneself, and leaves what others did meanwhile", () => {
  const [mine, hers, meetNow] = pair("Regale");
  const undo = new Y.UndoManager([mine.rows], { trackedOrigins: new Set([OWN]), captureTimeout: 0 });
  const [row] = mine.all();
  mine.set(row?.id ?? "", "label", "Regale, gebraucht");
  meetNow();
  hers.set(row?.id ?? "", "amount_cents", 18_500);
  hers.add({ label: "Miete" });
  meetNow();
  mine.add({ label: "Flyer" });
  for (let times = 0; times < 5; times++) undo.undo();
  meetNow();
  assert.deepEqual(hers.all().map((each) => [each["label"], each["amount_cents"]]), [["Regale", 18_500], ["Miete", 0]]);
  undo.redo();
  assert.equal(mine.all()[0]?.["label"], "Regale, gebraucht");
});

test("an address is what people mean by it, or none", () => {
  const typed = ["example.org/bauen", "https://example.org", "mail@example.org", "javascript:alert(1)", "data:text/html,x", "wort", "zwei worte.de", ""];
  assert.deepEqual(typed.map(address), ["https://example.org/bauen", "https://example.org", "mailto:mail@example.org", "", "", "", "", ""]);
});
