/** A table that several people edit at once: a Yjs map of rows by id, each row a map of its fields. */
import * as Y from "yjs";

import { between, sorted } from "./order";

export type Value = string | number | boolean;
export type Fields = Record<string, Value>;
export type Row = { id: string; order: string } & Fields;

/** Origin of what the person at this page does herself: only that can she undo. */
export const OWN = { name: "own" };

export class Table {
  readonly rows: Y.Map<Y.Map<unknown>>;

  /** `live`: fields that are texts two people can type in at the same time; others keep what was written last. */
  constructor(
    private readonly doc: Y.Doc,
    readonly root: string,
    private readonly live: ReadonlySet<string>,
    private readonly empty: Fields,
  ) {
    this.rows = doc.getMap(root);
  }

  /** All rows in their order, with every field; what has the wrong form is as if it were empty. */
  all(): Row[] {
    const found: Row[] = [];
    this.rows.forEach((row, id) => {
      if (row instanceof Y.Map) found.push(this.plain(id, row));
    });
    return sorted(found);
  }

  one(id: string): Row | undefined {
    const row = this.rows.get(id);
    return row instanceof Y.Map ? this.plain(id, row) : undefined;
  }

  /** Adds a row at the end, or after the row `after`, and returns its id. */
  add(fields: Fields = {}, after?: string): string {
    const id = newId();
    this.put(id, fields, after);
    return id;
  }

  /** Adds a row under an id of the caller's own; a row that is there already stays as it is. */
  put(id: string, fields: Fields, after?: string): void {
    if (this.rows.has(id)) return;
    const rows = this.all();
    const place = after === undefined ? rows.length - 1 : rows.findIndex((row) => row.id === after);
    const order = between(rows[place]?.order ?? "", rows[place + 1]?.order ?? "");
    this.act(() => {
      const row = new Y.Map<unknown>();
      for (const [field, value] of Object.entries({ ...this.empty, ...fields })) {
        row.set(field, this.live.has(field) ? new Y.Text(String(value)) : value);
      }
      row.set("order", order);
      this.rows.set(id, row);
    });
  }

  remove(id: string): void {
    this.act(() => this.rows.delete(id));
  }

  /** Moves a row up (−1) or down (1) among `among`, all rows unless given; false if it cannot go further. */
  move(id: string, step: -1 | 1, among: Row[] = this.all()): boolean {
    const from = among.findIndex((row) => row.id === id);
    const to = from + step;
    if (from < 0 || to < 0 || to >= among.length) return false;
    const [before, after] = step < 0 ? [among[to - 1], among[to]] : [among[to], among[to + 1]];
    this.place(id, before?.order ?? "", after?.order ?? "");
    return true;
  }

  /** Puts a row between two keys; keys that are equal, or the wrong way round, leave it after the first. */
  place(id: string, before: string, after: string): void {
    this.set(id, "order", between(before, after > before ? after : ""));
  }

  /** Writes a field; a live text is changed only where it differs. */
  set(id: string, field: string, value: Value): void {
    const row = this.rows.get(id);
    if (!row) return;
    const there = row.get(field);
    if (this.live.has(field)) {
      this.act(() => {
        if (there instanceof Y.Text) retype(there, String(value));
        else row.set(field, new Y.Text(String(value)));
      });
    } else if (there !== value) {
      this.act(() => row.set(field, value));
    }
  }

  /** Several changes at once: others see all or none, and one undo takes all back. */
  together(changes: () => void): void {
    this.act(changes);
  }

  private act(change: () => void): void {
    this.doc.transact(change, OWN);
  }

  private plain(id: string, row: Y.Map<unknown>): Row {
    const order = row.get("order");
    const plain: Row = { id, order: typeof order === "string" ? order : "" };
    for (const [field, nothing] of Object.entries(this.empty)) {
      const there = row.get(field);
      const value = there instanceof Y.Text ? there.toString() : there;
      plain[field] = typeof value === typeof nothing ? (value as Value) : nothing;
    }
    return plain;
  }
}

/** Short, since fields name rows by it, and made without what only https pages have. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
}

/** Makes `text` read `wanted` by one deletion and one insertion around what stays the same. */
export function retype(text: Y.Text, wanted: string): void {
  const [start, gone, come] = difference(text.toString(), wanted);
  if (gone) text.delete(start, gone);
  if (come) text.insert(start, come);
}

/** Where two texts begin to differ, how many code units go there, and what comes; never parts a surrogate pair. */
export function difference(from: string, to: string): [start: number, gone: number, come: string] {
  const shorter = Math.min(from.length, to.length);
  let start = 0;
  while (start < shorter && from[start] === to[start]) start++;
  if (start && isHigh(from, start - 1)) start--;
  let end = 0;
  while (end < shorter - start && from[from.length - 1 - end] === to[to.length - 1 - end]) end++;
  if (end && isLow(from, from.length - end)) end--;
  return [start, from.length - start - end, to.slice(start, to.length - end)];
}

const isHigh = (text: string, place: number): boolean => (text.charCodeAt(place) & 0xfc00) === 0xd800;
const isLow = (text: string, place: number): boolean => (text.charCodeAt(place) & 0xfc00) === 0xdc00;
