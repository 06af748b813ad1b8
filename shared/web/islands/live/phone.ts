/** A guest's phone: writes cards with one thumb; without network they wait here and nobody needs to worry. */
import { html, nothing, render, type TemplateResult } from "lit/html.js";

import { announce } from "../page/announce";
import type { State } from "../sync/connection";
import { icon } from "../sync/icon";
import type { Session } from "../sync/session";
import { newId } from "../sync/table";
import type { Ticket } from "../sync/tickets";
import { Board, type Card } from "./cards";
import { Queue, deliver } from "./queue";
import { say } from "./words";

/** Fits on a card that is read from three metres away. */
const MOST = 140;

export class Phone {
  private readonly board: Board;
  private readonly queue: Queue;
  private readonly draftKey: string;
  private me: Ticket | null = null;
  private offline = false;

  /** `place`: `[data-write-card]`, filled with form and list; `data-item` names the agenda item that is on. */
  constructor(
    private readonly place: HTMLElement,
    private readonly session: Session,
    name: string,
    store: Storage | null,
  ) {
    this.board = new Board(session.doc);
    this.queue = new Queue(`gemeinwerk.queue.${name}`, store);
    this.draftKey = `gemeinwerk.draft.${name}`;
    this.store = store;
    session.doc.on("update", () => this.draw());
    this.draw();
    const field = this.field();
    if (field) field.value = store?.getItem(this.draftKey) ?? "";
    this.draw();
  }

  private readonly store: Storage | null;

  /** The document is here: what waits goes in, each under its own id, so that twice is once. */
  synced(ticket: Ticket | null): void {
    this.me = ticket;
    this.hand();
    this.draw();
  }

  /** Once everything is durable, what stands in the document need not wait any longer. */
  state(state: State): void {
    this.offline = state.phase === "offline";
    if (state.phase === "saved") this.queue.done(this.queue.all().map((card) => card.id).filter((id) => this.board.cards.rows.has(id)));
    showNet(this.place, this.offline);
    this.draw();
  }

  private hand(): void {
    const me = this.me;
    if (!me || this.session.right() !== "write") return;
    deliver(this.queue, (card) => {
      this.board.cards.put(card.id, { text: card.text, item: card.item, author: me.person, name: me.name, site: this.place.dataset["site"] !== "no" });
    });
  }

  private submit(event: SubmitEvent): void {
    event.preventDefault();
    const field = this.field();
    const text = field?.value.trim().slice(0, MOST) ?? "";
    if (!field || !text) {
      field?.focus();
      return;
    }
    this.queue.add({ id: newId(), text, item: this.item() });
    field.value = "";
    this.keepDraft();
    this.hand();
    announce(`${say("taken")} ${this.offline ? say("waits") : ""}`);
    this.draw();
    field.focus();
  }

  private item(): string {
    return document.querySelector<HTMLElement>("[data-item]")?.dataset["item"] ?? "";
  }

  private field(): HTMLTextAreaElement | null {
    return this.place.querySelector("textarea");
  }

  private keepDraft(): void {
    const text = this.field()?.value ?? "";
    try {
      if (text) this.store?.setItem(this.draftKey, text);
      else this.store?.removeItem(this.draftKey);
    } catch {
      return; // full: the text still stands in its field
    }
  }

  private draw(): void {
    render(this.whole(), this.place);
  }

  private whole(): TemplateResult {
    const length = this.field()?.value.length ?? 0;
    const waiting = this.queue.all();
    const handed = (this.board.cards.all() as Card[]).filter((card) => this.me && card.author === this.me.person);
    const known = new Set(waiting.map((card) => card.id));
    const mine = [...waiting.map((card) => ({ ...card, waits: true })), ...handed.filter((card) => !known.has(card.id)).map((card) => ({ ...card, waits: false }))];
    return html`<form class="gw-sheet" aria-label=${say("newCard")} @submit=${(event: SubmitEvent) => this.submit(event)}>
        <label class="gw-h3" for="karte">${say("yourCard")}</label>
        <textarea id="karte" name="text" maxlength=${MOST} enterkeyhint="send" @input=${() => this.typed()}></textarea>
        <div class="gw-row gw-row--apart"><span class="gw-small gw-soft gw-num">${say("of", { count: String(length), most: String(MOST) })}</span>
          <button class="kern-btn kern-btn--primary" type="submit"><span class="kern-label">${say("submit")}</span></button></div>
      </form>
      ${mine.length ? html`<section class="gw-stack gw-stack--tight" aria-labelledby="meine"><h2 class="gw-h3" id="meine">${say("mine")}</h2><ul class="gw-notes">${mine.map((card) => this.note(card.text, card.waits))}</ul></section>` : nothing}`;
  }

  private note(text: string, waits: boolean): TemplateResult {
    const words = waits ? (this.offline ? say("waits") : say("onItsWay")) : say("delivered");
    return html`<li class="gw-note gw-p3"><span>${text}</span><span class="gw-state${waits ? " gw-state--wait" : ""}">${icon(waits ? "clock" : "okay", true)}${words}</span></li>`;
  }

  private typed(): void {
    this.keepDraft();
    this.draw();
  }
}

/** The bar that reassures while there is no network. */
export function showNet(place: HTMLElement, offline: boolean): void {
  const known = document.querySelector<HTMLElement>("[data-net]");
  const bar = known ?? document.createElement("p");
  if (!known) {
    bar.dataset["net"] = "";
    bar.setAttribute("role", "status");
    const head = place.closest(".gw-guest")?.firstElementChild;
    if (head) head.after(bar);
    else place.before(bar);
  }
  bar.hidden = !offline;
  bar.className = offline ? "gw-offline" : "";
  const words = document.createElement("span");
  const bold = document.createElement("b");
  bold.textContent = say("offline");
  words.append(bold, ` ${say("offlineCalm")}`);
  bar.replaceChildren(...(offline ? [icon("offline"), words] : []));
}
