/** The card board: columns that everybody sees; who may write sorts cards by pointer, keyboard or menu. */
import { html, nothing, render, type TemplateResult } from "lit/html.js";
import { repeat } from "lit/directives/repeat.js";

import { announce } from "../page/announce";
import { icon } from "../sync/icon";
import { isCell, keepingFocus, keyOf, put } from "../sync/cells";
import { others } from "../sync/people";
import type { Session } from "../sync/session";
import type { Ticket } from "../sync/tickets";
import { Board, LONGEST, type Card, type Column, type Pile } from "./cards";
import { say } from "./words";

export class BoardView {
  private readonly board: Board;
  private me: Ticket | null = null;
  private taken = "";

  /** `place`: `[data-board]`; with `data-show` it is only shown, large. */
  constructor(
    private readonly place: HTMLElement,
    private readonly session: Session,
  ) {
    this.board = new Board(session.doc);
    session.doc.on("update", () => this.draw());
    session.awareness.on("change", () => this.draw());
    place.addEventListener("input", (event) => this.input(event.target));
    place.addEventListener("keydown", (event) => this.key(event));
    place.addEventListener("focusin", (event) => this.here(isCell(event.target) ? keyOf(event.target) : ""));
    place.addEventListener("focusout", () => this.here(""));
  }

  synced(ticket: Ticket | null): void {
    this.me = ticket;
    this.draw();
  }

  private get mayWrite(): boolean {
    return !("show" in this.place.dataset) && this.session.right() === "write";
  }

  private item(): string {
    return this.place.dataset["item"] ?? "";
  }

  private draw(): void {
    const piles = this.board.piles(this.item());
    keepingFocus(this.place, () => render(this.whole(piles), this.place));
    for (const { column, cards } of piles) {
      if (column) this.fill(`boards/${column.id}/label`, column.label);
      for (const { card, under } of cards) for (const each of [card, ...under]) this.fill(`cards/${each.id}/text`, each.text);
    }
  }

  private fill(key: string, value: string): void {
    const cell = this.place.querySelector<HTMLTextAreaElement>(`[data-cell="${CSS.escape(key)}"]`);
    if (cell) put(cell, value, true);
  }

  private whole(piles: Pile[]): TemplateResult {
    const [unsorted, ...columns] = piles;
    const any = piles.some((pile) => pile.cards.length);
    return html`<div class="gw-board">
      ${repeat(columns, (pile) => pile.column?.id, (pile) => this.pile(pile))}
      ${unsorted?.cards.length || !columns.length ? this.pile(unsorted as Pile) : nothing}
      ${any ? nothing : html`<p class="gw-small gw-soft">${say("boardEmpty")}</p>`}
    </div>
    ${this.mayWrite ? html`<form class="gw-board__new" @submit=${(event: SubmitEvent) => this.add(event)}>
      <label class="kern-sr-only" for="neue-karte">${say("newCard")}</label><textarea class="kern-form-input__input" id="neue-karte" name="text" rows="1" maxlength=${LONGEST} placeholder=${say("newCard")}></textarea>
      <button class="kern-btn kern-btn--secondary kern-btn--x-small">${icon("plus", true)}<span class="kern-label">${say("addCard")}</span></button>
      <button class="kern-btn kern-btn--tertiary kern-btn--x-small" type="button" @click=${() => this.addColumn()}>${icon("plus", true)}<span class="kern-label">${say("addColumn")}</span></button></form>` : nothing}`;
  }

  private pile({ column, cards }: Pile): TemplateResult {
    const count = html`<span class="gw-small gw-soft gw-num">${cards.length === 1 ? say("cardOne") : say("cardsOf", { count: String(cards.length) })}</span>`;
    const name = column && this.mayWrite
      ? html`<textarea class="gw-cluster__name gw-h3" rows="1" maxlength="120" data-cell="boards/${column.id}/label" aria-label=${say("column")}></textarea>`
      : html`<h3 class="gw-h3">${column ? column.label : say("newOnes")}</h3>`;
    return html`<section class="gw-cluster${column ? ` gw-p${column.colour}` : " gw-cluster--new"}" aria-label=${column?.label || say("newOnes")}
      @dragover=${(event: DragEvent) => this.over(event)} @dragleave=${off} @drop=${(event: DragEvent) => this.drop(event, () => this.board.move(this.taken, column?.id ?? ""))}>
      <div class="gw-row gw-row--apart">${name}${count}</div>
      <ul class="gw-notes">${repeat(cards, ({ card }) => card.id, ({ card, under }) => this.note(card, under))}</ul>
      ${column && this.mayWrite && !cards.length ? html`<button type="button" class="gw-text-link gw-small" @click=${() => this.board.columns.remove(column.id)}>${say("removeColumn")}</button>` : nothing}
    </section>`;
  }

  private note(card: Card, under: Card[]): TemplateResult {
    const guest = others(this.session.awareness).find((each) => each.cell === `cards/${card.id}/text`);
    return html`<li class="gw-note gw-p${card.colour || 3}${guest ? ` is-moved gw-who gw-who--${guest.hue}` : ""}" draggable=${this.mayWrite ? "true" : nothing}
      @dragstart=${(event: DragEvent) => this.take(event, card.id)} @dragend=${(event: DragEvent) => (event.currentTarget as Element).classList.remove("is-taken")}
      @dragover=${(event: DragEvent) => this.over(event)} @dragleave=${off} @drop=${(event: DragEvent) => this.drop(event, () => this.board.cluster(this.taken, card.id))}>
      ${guest ? html`<span class="gw-flag">${guest.name}</span>` : nothing}${this.text(card)}
      ${under.length ? html`<ul class="gw-note__under">${repeat(under, (each) => each.id, (each) => html`<li>${this.text(each)}${this.mayWrite ? html`<button type="button" class="gw-text-link gw-small" @click=${() => this.board.move(each.id, card.column)}>${say("free")}</button>` : nothing}</li>`)}</ul>` : nothing}
      <div class="gw-note__foot"><span>${[card.name, card.site ? say("hall") : say("screen")].filter(Boolean).join(", ")}</span>${this.mayWrite ? this.menu(card) : nothing}</div></li>`;
  }

  private text(card: Card): TemplateResult {
    if (!this.mayWrite) return html`<span>${card.text}</span>`;
    return html`<textarea class="gw-note__text" rows="1" maxlength=${LONGEST} data-cell="cards/${card.id}/text" aria-label=${say("card")}></textarea>`;
  }

  private menu(card: Card): TemplateResult {
    const act = (deed: () => void) => (event: Event) => {
      (event.target as Element).closest("details")?.removeAttribute("open");
      deed();
    };
    const piles = this.board.piles(this.item());
    const columns: [string, string][] = [["", say("newOnes")], ...piles.flatMap(({ column }): [string, string][] => (column ? [[column.id, column.label]] : []))];
    const neighbours = piles.find((pile) => pile.cards.some((each) => each.card.id === card.id))?.cards.filter((each) => each.card.id !== card.id) ?? [];
    return html`<details class="gw-rowmenu"><summary class="gw-iconbtn" aria-label=${say("cardMenu", { text: card.text.slice(0, 40) })}>⋯</summary><div class="gw-rowmenu__list">
      ${columns.filter(([id]) => id !== card.column).map(([id, label]) => html`<button type="button" class="gw-text-link" @click=${act(() => this.send(card.id, id, label))}>${say("to", { column: label })}</button>`)}
      ${neighbours.slice(0, 8).map((each) => html`<button type="button" class="gw-text-link" @click=${act(() => this.board.cluster(card.id, each.card.id))}>${say("under", { text: each.card.text.slice(0, 24) })}</button>`)}
      <button type="button" class="gw-text-link" @click=${act(() => this.board.cards.remove(card.id))}>${say("remove")}</button></div></details>`;
  }

  private send(card: string, column: string, label: string): void {
    this.board.move(card, column);
    announce(say("moved", { column: label }));
    this.draw();
  }

  private add(event: SubmitEvent): void {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const field = form.querySelector("textarea");
    const text = field?.value.trim() ?? "";
    if (!field || !text) return;
    this.board.cards.add({ text, item: this.item(), author: this.me?.person ?? "", name: this.me?.name ?? "", site: this.place.dataset["site"] === "yes" });
    field.value = "";
    field.focus();
  }

  private addColumn(): void {
    const count = this.board.allColumns(this.item()).length;
    const id = this.board.columns.add({ colour: (count % 3) + 1, item: this.item() });
    this.draw();
    this.place.querySelector<HTMLElement>(`[data-cell="boards/${CSS.escape(id)}/label"]`)?.focus();
  }

  private input(target: EventTarget | null): void {
    if (!isCell(target) || !this.mayWrite) return;
    const [root = "", id = "", field = ""] = keyOf(target).split("/");
    (root === "cards" ? this.board.cards : this.board.columns).set(id, field, target.value.replace(/[\r\n]+/g, " "));
  }

  /** Alt and an arrow: to the next column, or past the next card. */
  private key(event: KeyboardEvent): void {
    if (!isCell(event.target) || !event.altKey || !this.mayWrite) return;
    const [root, id = ""] = keyOf(event.target).split("/");
    const piles = this.board.piles(this.item());
    const from = piles.findIndex((pile) => pile.cards.some(({ card }) => card.id === id));
    const pile = piles[from];
    if (root !== "cards" || !pile) return;
    const side = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    const to = piles[from + side];
    if (side && to) this.send(id, to.column?.id ?? "", to.column?.label ?? say("newOnes"));
    else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      this.board.cards.move(id, event.key === "ArrowUp" ? -1 : 1, pile.cards.map(({ card }) => card));
    } else return;
    event.preventDefault();
  }

  private here(cell: string): void {
    if (this.session.awareness.getLocalState()?.["cell"] !== cell) this.session.awareness.setLocalStateField("cell", cell);
  }

  private take(event: DragEvent, id: string): void {
    this.taken = id;
    event.dataTransfer?.setData("text/plain", id);
    (event.currentTarget as Element).classList.add("is-taken");
    event.stopPropagation();
  }

  private over(event: DragEvent): void {
    if (!this.taken || !this.mayWrite) return;
    event.preventDefault();
    event.stopPropagation();
    (event.currentTarget as Element).classList.add("is-over");
  }

  private drop(event: DragEvent, deed: () => void): void {
    off(event);
    if (!this.taken || !this.mayWrite) return;
    event.preventDefault();
    event.stopPropagation();
    deed();
    this.taken = "";
  }
}

const off = (event: Event): void => (event.currentTarget as Element).classList.remove("is-over");

export type { Column };
