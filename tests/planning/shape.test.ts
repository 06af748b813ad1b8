/** The tables that the islands edit have the roots, fields and beginnings that the typed shape gives them. */
import assert from "node:assert/strict";
import { test } from "node:test";

import * as Y from "yjs";

import { Board } from "../../shared/web/islands/live/cards";
import { LIVE, sheets } from "../../shared/web/islands/plan/columns";
import { COMMENT, COMMENTS } from "../../shared/web/islands/plan/talk";
import { TABLES } from "../../shared/web/islands/sync/shape.gen";
import type { Fields } from "../../shared/web/islands/sync/table";

type Shape = { root: string; fields: Record<string, { kind: string; default: unknown }> };
type Edited = { root: string; empty: Fields; live: ReadonlySet<string> };

Object.assign(globalThis, { document: { documentElement: { lang: "de" } } });

function edited(): Record<string, Edited> {
  const board = new Board(new Y.Doc()) as unknown as Record<string, Edited>;
  const plan = sheets().map((sheet) => [sheet.name, { root: sheet.root, empty: sheet.empty, live: LIVE }] as const);
  const comments = { root: COMMENTS, empty: COMMENT, live: new Set<string>() };
  return { comments, ...Object.fromEntries(plan), columns: board["columns"] as Edited, cards: board["cards"] as Edited };
}

test("every table of the documents is edited by an island", () => {
  assert.deepEqual(Object.keys(edited()).sort(), Object.keys(TABLES).sort());
});

for (const [name, shape] of Object.entries(TABLES as unknown as Record<string, Shape>)) {
  test(`${name}: root, fields, what they are before anybody types, which are live`, () => {
    const table = edited()[name] as Edited;
    const { order, ...fields } = shape.fields;
    assert.equal(order?.default, "");
    assert.equal(table.root, shape.root);
    assert.deepEqual(table.empty, Object.fromEntries(Object.entries(fields).map(([field, { default: first }]) => [field, first])));
    const live = Object.keys(fields).filter((field) => fields[field]?.kind === "live");
    assert.deepEqual(Object.keys(table.empty).filter((field) => table.live.has(field)), live);
  });
}
