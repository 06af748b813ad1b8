/** The work packages as cards in three columns by their state, moved by pointer and keyboard; the list says the same. */
import { html, nothing, render, type TemplateResult } from "lit/html.js";
import { repeat } from "lit/directives/repeat.js";

import { announce } from "../page/announce";
import { icon } from "../sync/icon";
import type { Row, Table } from "../sync/table";
import type { Around } from "./grid";
import { quantity } from "./numbers";
import { choice, choices, say } from "./words";

const STATES = choices("work").map(([state]) => state);

export type Bench = { number: (id: string) => string; mayWrite: () => boolean; step: () => void; around: Around };

export class Board {
  private taken = "";

  constructor(
    private readonly place: HTMLElement,
    private readonly table: Table,
    private readonly bench: Bench,
  ) {
    place.addEventListener("keydown", (event) => this.key(event));
    place.addEventListener("focusin", (event) => this.enter(event.target as Element));
    place.addEventListener("focusout", () => bench.around.here("", false));
    place.addEventListener("dragover", (event) => (this.taken && columnOf(event.target) ? event.preventDefault() : undefined));
    place.addEventListener("drop", (event) => this.drop(event));
  }

  draw(): void {
    const rows = this.table.all();
    const held = document.activeElement?.closest("[data-card]")?.getAttribute("data-card") ?? "";
    render(html`${STATES.map((state) => this.column(state, rows))}`, this.place);
    if (held && !this.place.contains(document.activeElement)) this.card(held)?.focus();
  }

  private column(state: string, rows: Row[]): TemplateResult {
    const own = rows.filter((row) => row["state"] === state);
    return html`<section class="gw-cluster" data-state=${state} aria-label=${choice("work", state)}><div class="gw-row gw-row--apart"><h3 class="gw-h3">${choice("work", state)}</h3><span class="gw-soft gw-small">${own.length}</span></div>
      <ul class="gw-notes">${repeat(own, (row) => row.id, (row) => this.entry(row, rows, STATES.indexOf(state)))}</ul></section>`;
  }

  private entry(row: Row, rows: Row[], at: number): TemplateResult {
    const number = this.bench.number(row.id);
    const parent = row["parent"] && row["parent"] !== row.id ? rows.find((each) => each.id === row["parent"]) : undefined;
    const tasks = rows.filter((each) => each["parent"] === row.id && each.id !== row.id);
    const may = this.bench.mayWrite();
    const about = [
      String(row["owner"]),
      row["effort"] ? say("hoursOf", { hours: quantity(Number(row["effort"])) }) : "",
      row["ends"] ? say("until", { day: String(row["ends"]).split("-").reverse().join(".") }) : "",
      tasks.length ? say("tasksDone", { done: String(tasks.filter((each) => each["state"] === "done").length), all: String(tasks.length) }) : "",
    ].filter(Boolean);
    const to = (step: -1 | 1): TemplateResult | typeof nothing => {
      const state = STATES[at + step];
      if (!state || !may) return nothing;
      return html`<button type="button" class="gw-iconbtn" aria-label=${say("boardTo", { name: number, state: choice("work", state) })} @click=${() => this.move(row.id, state)}>${icon(step < 0 ? "back" : "next", true)}</button>`;
    };
    const guest = this.bench.around.guestOf(row.id);
    return html`<li class="gw-note${parent ? " is-task" : ""}${this.taken === row.id ? " is-taken" : ""}${guest ? ` is-busy gw-who gw-who--${guest.hue}` : ""}" data-card=${row.id} tabindex=${may ? "0" : nothing} draggable=${String(may)}
      @dragstart=${(event: DragEvent) => this.take(event, row.id)} @dragend=${() => this.take(null, "")}>
      ${guest ? html`<span class="gw-flag">${guest.name}</span>` : nothing}
      ${parent ? html`<span class="gw-soft gw-small">${this.bench.number(parent.id)} ${parent["label"]}</span>` : nothing}
      <span><b class="gw-soft">${number}</b> ${row["label"]}</span>
      <span class="gw-note__foot"><span class="gw-soft">${about.join(" · ")}</span><span class="gw-note__to">${to(-1)}${to(1)}</span></span></li>`;
  }

  private enter(target: Element): void {
    const id = target.closest("[data-card]")?.getAttribute("data-card");
    if (id && this.bench.mayWrite()) this.bench.around.here(`${this.table.root}/${id}/state`, false);
  }

  private take(event: DragEvent | null, id: string): void {
    this.taken = this.bench.mayWrite() ? id : "";
    event?.dataTransfer?.setData("text/plain", id);
    this.draw();
  }

  /** Into a column; on another card, before it. */
  private drop(event: DragEvent): void {
    const state = columnOf(event.target)?.dataset["state"];
    const onto = (event.target as Element).closest("[data-card]")?.getAttribute("data-card") ?? "";
    const id = this.taken;
    this.taken = "";
    if (!state || !id) return;
    event.preventDefault();
    const rows = this.table.all().filter((row) => row.id !== id);
    const at = rows.findIndex((row) => row.id === onto);
    this.bench.step();
    this.table.together(() => {
      if (at >= 0) this.table.place(id, rows[at - 1]?.order ?? "", rows[at]?.order ?? "");
      this.table.set(id, "state", state);
    });
    this.told(id, state);
  }

  private key(event: KeyboardEvent): void {
    const card = event.target as HTMLElement;
    const id = card.dataset["card"] ?? "";
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0;
    const state = STATES[STATES.indexOf(columnOf(card)?.dataset["state"] ?? "") + step];
    if (!id || !step || !state || !this.bench.mayWrite()) return;
    event.preventDefault();
    this.move(id, state);
  }

  private move(id: string, state: string): void {
    this.bench.step();
    this.table.set(id, "state", state);
    this.told(id, state);
  }

  private told(id: string, state: string): void {
    this.draw();
    this.card(id)?.focus();
    announce(say("boardMoved", { name: this.bench.number(id), state: choice("work", state) }));
  }

  private card(id: string): HTMLElement | null {
    return this.place.querySelector<HTMLElement>(`[data-card="${CSS.escape(id)}"]`);
  }
}

const columnOf = (target: EventTarget | null): HTMLElement | null => (target instanceof Element ? target.closest<HTMLElement>("[data-state]") : null);
