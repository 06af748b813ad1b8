/** One table of the plan, edited in place by several people: inputs that look like text until somebody touches them. */
import { html, nothing, render, type TemplateResult } from "lit/html.js";
import { repeat } from "lit/directives/repeat.js";

import { announce } from "../page/announce";
import { icon } from "../sync/icon";
import { say as sayShared } from "../sync/words";
import { isCell, keepingFocus, keyOf, put, grow, type Cell } from "../sync/cells";
import { options, shown, typed, type Column, type Sheet } from "./columns";
import { dayWords } from "./months";
import { money } from "./numbers";
import type { Fields, Row, Table } from "../sync/table";
import { copied, fill } from "./paste";
import { rowMenu } from "./rowmenu";
import type { Talk } from "./talk";
import { say } from "./words";

/** Somebody else in a cell. */
export type Guest = { name: string; hue: number; typing: boolean };

/** Who else is anywhere in a row, and where the person of this page is now. */
export type Around = { guestOf: (row: string) => Guest | undefined; here: (cell: string, typing: boolean) => void };

export type Surroundings = {
  /** Printed numbers of all rows of the plan by id. */
  numbers: () => ReadonlyMap<string, string>;
  /** Who else is in the cell `<root>/<row>/<field>`. */
  guest: (cell: string) => Guest | undefined;
  /** Why a row is marked, or "". */
  reason: (row: string) => string;
  mayWrite: () => boolean;
  /** What else follows in a row from what has just been typed there. */
  follows: (row: string, fields: Fields) => Fields;
  /** What stands in the column `extra` of the sheet. */
  extra: (row: Row, number: string) => TemplateResult | typeof nothing;
  /** What is said about rows. */
  talk: Talk;
  /** The person of this page is in this cell now ("" for none). */
  here: (cell: string, typing: boolean) => void;
  /** What comes next is a step of its own for undo. */
  step: () => void;
  undo: () => void;
  redo: () => void;
};

export class Grid {
  private readonly heading: string;
  /** What is wrong with a cell that somebody has left. */
  private readonly wrong = new Map<string, string>();
  /** Rows whose cells below somebody wants to see, though nothing stands in them. */
  private readonly opened = new Set<string>();
  private readonly beside: Column[];
  private readonly ranged: Column[];

  constructor(
    private readonly host: HTMLElement,
    private readonly sheet: Sheet,
    private readonly table: Table,
    private readonly around: Surroundings,
  ) {
    this.beside = sheet.columns.filter((column) => !column.below);
    this.ranged = sheet.columns.filter((column) => column.below);
    this.heading = host.closest("[aria-labelledby]")?.getAttribute("aria-labelledby") ?? "";
    host.addEventListener("input", (event) => this.input(event.target, false));
    host.addEventListener("change", (event) => this.input(event.target, true));
    host.addEventListener("focusin", (event) => this.enter(event.target));
    host.addEventListener("focusout", (event) => this.leave(event.target));
    host.addEventListener("keydown", (event) => this.key(event));
    host.addEventListener("paste", (event) => this.paste(event));
  }

  /** Adds a row at the end and takes the person into it. */
  add(): void {
    this.around.step();
    const id = this.table.add();
    this.draw();
    this.cell(id, "label")?.focus();
  }

  /** Whether a row is a task of a package that is there; one of its own is none. */
  private under(row: Row): boolean {
    return Boolean(row["parent"]) && row["parent"] !== row.id && this.table.rows.has(String(row["parent"]));
  }

  /** Adds a task below a package and its other tasks. */
  private task(row: Row): void {
    this.around.step();
    const tasks = this.table.all().filter((each) => each["parent"] === row.id);
    const id = this.table.add({ parent: row.id }, (tasks.at(-1) ?? row).id);
    this.draw();
    this.cell(id, "label")?.focus();
  }

  draw(): void {
    const rows = this.table.all();
    keepingFocus(this.host, () => render(this.whole(rows), this.host));
    this.host.closest("section")?.querySelector("[data-empty]")?.toggleAttribute("hidden", rows.length > 0);
    // Once for all: to look for each cell anew, or to count the rows for it, takes seconds in a table of hundreds.
    const numbers = this.around.numbers();
    const cells = new Map([...this.host.querySelectorAll<Cell>("[data-cell]")].map((cell) => [keyOf(cell), cell]));
    for (const row of rows) {
      for (const column of this.sheet.columns) {
        const cell = cells.get(`${this.table.root}/${row.id}/${column.field}`);
        if (cell && !this.wrong.has(keyOf(cell))) put(cell, this.said(column, row, numbers), column.kind === "text");
      }
    }
  }

  /** Who only reads has no use for the browser's field for dates, and sees them as they are printed. */
  private said(column: Column, row: Row, numbers: ReadonlyMap<string, string>): string {
    const words = shown(column, row, numbers);
    return column.kind === "day" && !this.around.mayWrite() ? dayWords(words) : words;
  }

  private whole(rows: Row[]): TemplateResult {
    const { sum } = this.sheet;
    const columns = this.beside;
    const own = sum?.column === "own";
    return html`<table class="gw-grid gw-grid--lines gw-edit" aria-labelledby=${this.heading || nothing}>
      <thead><tr><th scope="col">${say("no")}</th>${columns.map((column) => html`<th scope="col" class=${right(column) ? "gw-r" : ""}>${column.label}</th>`)}
        ${own ? html`<th scope="col" class="gw-r">${say("sum")}</th>` : nothing}
        ${this.sheet.extra ? html`<th scope="col">${this.sheet.extra}</th>` : nothing}
        <th scope="col"><span class="kern-sr-only">${say("comments")}</span></th></tr></thead>
      <tbody>${repeat(rows, (row) => row.id, (row, place) => this.line(row, place, rows.length))}</tbody>
      ${sum ? html`<tfoot><tr><th scope="row" colspan=${columns.length + (own ? 1 : 0)}>${sum.label}</th><td class="gw-r gw-num">${money(rows.reduce((all, row) => all + sum.of(row), 0))}</td><td></td></tr></tfoot>` : nothing}
    </table>`;
  }

  private line(row: Row, place: number, count: number): TemplateResult {
    const { sum, prefix } = this.sheet;
    const below = this.isOpen(row);
    const why = this.around.reason(row.id);
    const number = `${prefix}${place + 1}`;
    const about = `${this.table.root}/${row.id}`;
    const task = this.under(row);
    return html`<tr class="${why ? "is-warn" : ""}${why || below ? " is-joined" : ""}${task ? " is-task" : ""}" id="zeile-${row.id}"><td class="gw-grid__no">${number}</td>
        ${this.beside.map((column) => this.field(column, row, number))}
        ${sum?.column === "own" ? html`<td class="gw-r gw-grid__sum gw-num">${money(sum.of(row))}</td>` : nothing}
        ${this.sheet.extra ? html`<td class="gw-grid__extra" data-label=${this.sheet.extra}>${this.around.extra(row, number)}</td>` : nothing}
        <td class="gw-grid__talk gw-r">${this.around.talk.button(about, number)}${this.around.mayWrite() ? this.menu(row, number, place, count) : nothing}</td>
      </tr>${below ? this.ranges(row, number, Boolean(why)) : nothing}${this.around.talk.isOpen(about) ? html`<tr class="gw-grid__said"><td colspan="9" class="gw-grid__all">${this.around.talk.panel(about)}</td></tr>` : nothing}${why ? html`<tr class="is-warn"><td colspan="9" class="gw-grid__all"><p class="gw-grid__why" id="grund-${row.id}">${icon("warn", true)}<span>${why}</span></p></td></tr>` : nothing}`;
  }

  private isOpen(row: Row): boolean {
    return this.ranged.length > 0 && (this.opened.has(row.id) || this.ranged.some((column) => Boolean(row[column.field])));
  }

  private ranges(row: Row, number: string, joined: boolean): TemplateResult {
    return html`<tr class=${joined ? "is-warn is-joined" : ""}><td colspan="9" class="gw-grid__all"><p class="gw-grid__span">${this.ranged.map((column) => {
      const key = `${this.table.root}/${row.id}/${column.field}`;
      const wrong = this.wrong.get(key);
      return html`<span><span aria-hidden="true">${column.label}</span>${this.control(column, key, `${column.label} ${number}`, row)}${wrong ? html`<span class="gw-why" id="fehler-${key}">${wrong}</span>` : nothing}</span>`;
    })}</p></td></tr>`;
  }

  private field(column: Column, row: Row, number: string): TemplateResult {
    const key = `${this.table.root}/${row.id}/${column.field}`;
    const guest = this.around.guest(key);
    const place = `gw-grid__${column.place}${right(column) ? " gw-r" : ""}`;
    const hidden = column.when && !column.when(row);
    const wrong = this.wrong.get(key);
    return html`<td data-label=${column.label} class="${place}${guest ? ` gw-busy gw-who gw-who--${guest.hue}` : ""}">${guest ? html`<span class="gw-flag">${guest.typing ? sayShared("writes", { name: guest.name }) : guest.name}</span>` : nothing}${hidden ? nothing : this.control(column, key, `${column.label} ${number}`, row)}
      ${wrong ? html`<span class="gw-why" id="fehler-${key}">${wrong}</span>` : nothing}</td>`;
  }

  private control(column: Column, key: string, label: string, row: Row): TemplateResult {
    const off = !this.around.mayWrite();
    // What may take several lines: a field that cannot would push the table out of its sheet.
    if (column.kind === "text" || (column.kind === "word" && !column.suggest)) {
      return html`<textarea class="gw-cell" rows="1" maxlength=${column.kind === "text" ? 300 : 120} data-cell=${key} aria-label=${label} ?readonly=${off}
        aria-describedby=${this.around.reason(row.id) ? `grund-${row.id}` : nothing}></textarea>`;
    }
    if (column.kind === "choice") {
      return html`<select class="gw-cell" data-cell=${key} aria-label=${label} ?disabled=${off}>${options(column).map(([value, words]) => html`<option value=${value}>${words}</option>`)}</select>`;
    }
    const list = column.suggest ? `vorrat-${column.field}` : nothing;
    const mode = column.kind === "money" || column.kind === "quantity" ? "decimal" : nothing;
    return html`<input class="gw-cell" type=${column.kind === "day" && !off ? "date" : "text"} data-cell=${key} aria-label=${label}
      inputmode=${mode} list=${list} aria-invalid=${this.wrong.has(key) ? "true" : nothing} aria-describedby=${this.wrong.has(key) ? `fehler-${key}` : nothing} autocomplete="off" maxlength="120" ?readonly=${off}>`;
  }

  private menu(row: Row, number: string, place: number, count: number): TemplateResult {
    return rowMenu(number, {
      up: place > 0 && (() => this.shift(row.id, -1)),
      down: place < count - 1 && (() => this.shift(row.id, 1)),
      task: "parent" in this.sheet.empty && !this.under(row) && (() => this.task(row)),
      range: this.ranged.length > 0 && !this.isOpen(row) && (() => this.open(row.id)),
      remove: () => this.remove(row.id, String(row["label"]) || number),
    });
  }

  /** Shows the cells below a row and takes the person into the first one. */
  private open(id: string): void {
    this.opened.add(id);
    this.draw();
    this.cell(id, this.ranged[0]?.field ?? "")?.focus();
  }

  private cell(id: string, field: string): Cell | null {
    return this.host.querySelector<Cell>(`[data-cell="${CSS.escape(`${this.table.root}/${id}/${field}`)}"]`);
  }

  private columnOf(cell: Cell): [id: string, column: Column | undefined] {
    const [, id = "", field = ""] = keyOf(cell).split("/");
    return [id, this.sheet.columns.find((column) => column.field === field)];
  }

  /** Writes what can be understood at once, so that sums and others follow; says what is wrong when left. */
  private input(target: EventTarget | null, done: boolean): void {
    if (!isCell(target) || !this.around.mayWrite()) return;
    const [id, column] = this.columnOf(target);
    if (!column) return;
    const fields = typed(column, target.value, this.around.numbers());
    const wrong = "wrong" in fields ? String(fields["wrong"]) : "";
    const written = wrong ? {} : { ...fields, ...this.around.follows(id, fields as Fields) };
    for (const [field, value] of Object.entries(written)) this.table.set(id, field, value as string | number);
    this.complain(target, done ? wrong : "");
    grow(target);
    if (!done) this.around.here(keyOf(target), true);
  }

  /** What was typed stays, with the reason below it, until it can be understood. */
  private complain(cell: Cell, wrong: string): void {
    const before = this.wrong.get(keyOf(cell)) ?? "";
    if (wrong) this.wrong.set(keyOf(cell), wrong);
    else this.wrong.delete(keyOf(cell));
    if (wrong && wrong !== before) announce(wrong, true);
    if (wrong !== before) this.draw();
  }

  private enter(target: EventTarget | null): void {
    if (!isCell(target)) return;
    const [id, column] = this.columnOf(target);
    if (column?.below) this.opened.add(id); // what is emptied there does not go away under her fingers
    this.around.here(keyOf(target), false);
  }

  private leave(target: EventTarget | null): void {
    if (!isCell(target)) return;
    this.around.here("", false);
    requestAnimationFrame(() => this.draw());
  }

  private key(event: KeyboardEvent): void {
    const cell = event.target;
    if (!isCell(cell)) return;
    const [id] = this.columnOf(cell);
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key.toLowerCase() === "z") (event.shiftKey ? this.around.redo : this.around.undo)();
    else if (command && event.key.toLowerCase() === "y") this.around.redo();
    else if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) this.shift(id, event.key === "ArrowUp" ? -1 : 1);
    else if (event.key === "Enter" && !(cell instanceof HTMLSelectElement)) this.below(cell, event.shiftKey ? -1 : 1);
    else return;
    event.preventDefault();
  }

  /** The cell of the same column one row further; below the last row a new one. */
  private below(cell: Cell, step: 1 | -1): void {
    const [id, column] = this.columnOf(cell);
    const rows = this.table.all();
    const next = rows[rows.findIndex((row) => row.id === id) + step];
    if (next && column) this.cell(next.id, column.field)?.focus();
    else if (step === 1 && this.around.mayWrite()) this.add();
  }

  private shift(id: string, step: -1 | 1): void {
    if (!this.around.mayWrite()) return;
    this.around.step();
    if (!this.table.move(id, step)) return;
    this.draw();
    const rows = this.table.all();
    const place = rows.findIndex((row) => row.id === id);
    announce(say("moved", { name: String(rows[place]?.["label"] ?? ""), place: String(place + 1) }));
  }

  /** Cells copied from a spreadsheet fill rows from here on, column by column. */
  private paste(event: ClipboardEvent): void {
    const lines = copied(event);
    if (!lines || !isCell(event.target) || !this.around.mayWrite()) return;
    event.preventDefault();
    this.around.step();
    const [id, column] = this.columnOf(event.target);
    fill(this.table, this.beside.slice(this.beside.findIndex((each) => each === column)), id, lines, this.around.numbers());
    this.draw();
  }

  private remove(id: string, name: string): void {
    const rows = this.table.all();
    const next = rows[rows.findIndex((row) => row.id === id) + 1] ?? rows.at(-2);
    this.around.step();
    this.table.remove(id);
    this.around.step();
    this.draw();
    announce(say("removed", { name }));
    if (next) this.cell(next.id, "label")?.focus();
  }
}

const right = (column: Column): boolean => column.kind === "money" || column.kind === "quantity" || column.kind === "amount";
