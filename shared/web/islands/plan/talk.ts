/** What is said about the plan: threads on a part or a row, answered, settled, taken up again; kept in the document. */
import { html, nothing, render, type TemplateResult } from "lit/html.js";
import { repeat } from "lit/directives/repeat.js";
import type * as Y from "yjs";

import { announce } from "../page/announce";
import { icon } from "../sync/icon";
import { initials } from "../sync/people";
import { Table, type Fields, type Row } from "../sync/table";
import { english } from "../sync/words";
import { People } from "./names";
import { say } from "./words";

export const COMMENT: Fields = { about: "", text: "", author: "", at: "", state: "open", closer: "", mentions: "", parent: "" };
export const COMMENTS = "comments";
const NO_LIVE: ReadonlySet<string> = new Set();

export class Talk {
  readonly table: Table;
  /** What people look at, and what they have begun to answer: keys are `about` of a thread, or the id of its first remark. */
  private readonly opened = new Set<string>();
  /** Who is to be told by what is being written, and who is not although she is named. */
  private readonly told = new Map<string, Map<string, boolean>>();

  constructor(
    doc: Y.Doc,
    private readonly people: People,
    private readonly me: () => string,
    private readonly may: () => boolean,
    private readonly draw: () => void,
  ) {
    this.table = new Table(doc, COMMENTS, NO_LIVE, COMMENT);
  }

  /** First remarks on something, oldest first. */
  threads(about: string): Row[] {
    return this.all().filter((row) => row["about"] === about && !row["parent"]);
  }

  /** What has a text, or answers although its author took the text back. */
  all(): Row[] {
    const rows = this.table.all();
    const answered = new Set(rows.filter(worded).map((row) => row["parent"]));
    const said = rows.filter((row) => worded(row) || answered.has(row.id));
    return said.sort((a, b) => String(a["at"]).localeCompare(String(b["at"])) || a.id.localeCompare(b.id));
  }

  isOpen(about: string): boolean {
    return this.opened.has(about);
  }

  show(about: string, open = !this.opened.has(about)): void {
    if (open) this.opened.add(about);
    else this.opened.delete(about);
    this.draw();
    if (open && this.may()) requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-draft="${CSS.escape(about)}"]`)?.focus());
  }

  /** Opens what a link to `#kommentar-<id>` points to. */
  follow(hash: string): void {
    const found = this.all().find((row) => hash === `#kommentar-${row.id}`);
    if (!found) return;
    this.opened.add(String(found["about"]));
    if (found["state"] === "resolved") this.opened.add(found.id);
    setTimeout(() => document.getElementById(hash.slice(1))?.scrollIntoView({ block: "center" }), 200);
  }

  /** The button at a row's end; nothing where there is nothing to read and nothing may be said. */
  button(about: string, number: string): TemplateResult | typeof nothing {
    const threads = this.threads(about);
    const waiting = threads.filter((row) => row["state"] === "open").length;
    if (!threads.length && !this.may()) return nothing;
    const label = threads.length ? say("commentsOn", { count: String(threads.length), name: number }) : say("commentOn", { name: number });
    return html`<button type="button" class="gw-iconbtn ${waiting ? "is-on" : ""}" aria-expanded=${String(this.isOpen(about))} aria-label=${label}
      @click=${() => this.show(about)}>${icon("talk", true)}${threads.length ? threads.length : nothing}</button>`;
  }

  /** All threads on something, with a form for a new one. */
  panel(about: string): TemplateResult {
    return html`${repeat(this.threads(about), (row) => row.id, (row) => this.thread(row))}
      ${this.may() ? this.form(about, say("commentNew"), (text) => this.add({ about, text }, about)) : nothing}`;
  }

  /** What was said about rows that somebody has deleted since: it stays with the part. */
  gone(first: Row): TemplateResult {
    return html`<div><p class="gw-soft gw-small">${say("talkGone")}</p>${this.thread(first)}</div>`;
  }

  private thread(first: Row): TemplateResult {
    const settled = first["state"] === "resolved";
    const answers = this.all().filter((row) => row["parent"] === first.id);
    const folded = settled && !this.isOpen(first.id);
    return html`<article class="gw-talk ${settled ? "is-settled" : ""}" id="kommentar-${first.id}" aria-label=${say("threadOf", { name: this.people.name(String(first["author"])) })}>
      ${folded ? nothing : html`${this.remark(first)}${answers.map((row) => this.remark(row))}`}
      <p class="gw-row gw-small">${settled ? html`<span class="gw-state">${icon("okay", true)}${say("settledBy", { name: this.people.name(String(first["closer"])) })}</span>` : nothing}
        ${folded ? html`<button type="button" class="gw-text-link" @click=${() => this.show(first.id, true)}>${say("showThread", { count: String(answers.length + 1) })}</button>` : nothing}
        ${this.may() && !settled ? html`<button type="button" class="gw-text-link" aria-expanded=${String(this.isOpen(first.id))} @click=${() => this.show(first.id)}>${say("answer")}</button>` : nothing}
        ${this.may() ? html`<button type="button" class="gw-text-link" @click=${() => this.settle(first, !settled)}>${settled ? say("reopen") : say("settle")}</button>` : nothing}
        ${this.mine(first) && !folded ? html`<button type="button" class="gw-text-link" @click=${() => this.withdraw(first)}>${say("withdraw")}</button>` : nothing}</p>
      ${this.may() && !settled && this.isOpen(first.id) ? this.form(first.id, say("answer"), (text) => this.answer(first, answers, text)) : nothing}</article>`;
  }

  private remark(row: Row): TemplateResult {
    const { name, hue } = this.people.of(String(row["author"]));
    const named = String(row["mentions"]).split(" ").filter(Boolean).map((each) => this.people.name(each));
    return html`<span class="gw-face gw-who gw-who--${hue}" aria-hidden="true">${initials(name)}</span><div id=${row["parent"] ? `kommentar-${row.id}` : nothing}>
      <p><b>${name}</b> <span class="gw-soft">${when(String(row["at"]))}</span></p>
      <p class="gw-talk__text ${worded(row) ? "" : "gw-soft"}">${worded(row) ? row["text"] : say("takenBack")}</p>${named.length ? html`<p class="gw-soft gw-small">${say("toldTo", { names: named.join(", ") })}</p>` : nothing}
      ${row["parent"] && this.mine(row) ? html`<p><button type="button" class="gw-text-link gw-small" @click=${() => this.withdraw(row)}>${say("withdraw")}</button></p>` : nothing}</div>`;
  }

  private mine(row: Row): boolean {
    return this.may() && row["author"] === this.me() && worded(row);
  }

  private form(key: string, label: string, send: (text: string) => void): TemplateResult {
    const chosen = this.told.get(key);
    const submit = (event: Event): void => {
      event.preventDefault();
      const field = (event.currentTarget as HTMLFormElement).querySelector("textarea");
      if (!field?.value.trim()) return;
      send(field.value.trim());
      field.value = "";
    };
    const keys = (event: KeyboardEvent): void => {
      const form = (event.target as HTMLTextAreaElement).form;
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form?.requestSubmit();
      else if (event.key === "Escape") this.show(key, false);
    };
    return html`<form class="gw-talk__form gw-stack gw-stack--tight" @submit=${submit}>
      <textarea class="kern-form-input__input" rows="2" maxlength="2000" data-draft=${key} aria-label=${label} placeholder=${say("commentHint")} @keydown=${keys}
        @input=${(event: Event) => this.look(key, (event.target as HTMLTextAreaElement).value)}></textarea>
      <div class="gw-chips" role="group" aria-label=${say("tell")}><span class="gw-soft gw-small" aria-hidden="true">${say("tell")}</span>${this.people.team().filter((each) => each.person !== this.me()).map((each) => html`<button type="button" class="gw-chip" aria-pressed=${String(chosen?.get(each.person) ?? false)}
        @click=${() => this.tell(key, each.person, !chosen?.get(each.person))}>@${each.name}</button>`)}</div>
      <p><button class="kern-btn kern-btn--secondary kern-btn--x-small"><span class="kern-label">${label}</span></button></p></form>`;
  }

  private tell(key: string, person: string, on: boolean): void {
    this.told.set(key, (this.told.get(key) ?? new Map<string, boolean>()).set(person, on));
    this.draw();
  }

  /** The names of the team have come: somebody may have begun to write before. */
  named(): void {
    for (const field of document.querySelectorAll<HTMLTextAreaElement>("[data-draft]")) this.look(field.dataset["draft"] ?? "", field.value);
  }

  /** Who types "@Mira" need not also press her button. */
  private look(key: string, text: string): void {
    for (const { person, name } of this.people.team()) {
      const first = `@${name.split(" ")[0]}`.toLowerCase();
      if (text.toLowerCase().includes(first) && !this.told.get(key)?.has(person)) this.tell(key, person, true);
    }
  }

  private add(fields: Fields, key: string, more: string[] = []): void {
    const told = [...(this.told.get(key) ?? [])].filter(([, on]) => on).map(([person]) => person);
    const mentions = [...new Set([...told, ...more])].filter((person) => person && person !== this.me());
    this.told.delete(key);
    this.table.add({ ...fields, author: this.me(), at: new Date().toISOString(), mentions: mentions.join(" ") });
    announce(say("commented"));
  }

  /** All who have said something in the thread hear of the answer. */
  private answer(first: Row, answers: Row[], text: string): void {
    const others = [first, ...answers].map((row) => String(row["author"]));
    this.opened.delete(first.id);
    this.add({ about: String(first["about"]), parent: first.id, text }, first.id, others);
  }

  private settle(first: Row, done: boolean): void {
    this.opened.delete(first.id);
    this.table.together(() => {
      this.table.set(first.id, "state", done ? "resolved" : "open");
      this.table.set(first.id, "closer", done ? this.me() : "");
    });
    announce(say(done ? "settled" : "reopened"));
  }

  /** Only one's own: of a remark that others have answered, the words go and the answers stay. */
  private withdraw(row: Row): void {
    const answers = this.all().filter((each) => each["parent"] === row.id);
    const others = answers.some((each) => each["author"] !== this.me());
    this.table.together(() => {
      if (others) this.table.set(row.id, "text", "");
      else for (const each of [row, ...answers]) this.table.remove(each.id);
    });
    announce(say("withdrawn"));
  }
}

const worded = (row: Row): boolean => Boolean(String(row["text"]).trim());

/** Fills `[data-talk]`: what is said about the part as a whole, and which rows have something open. */
export function showTalk(talk: Talk, part: string, numbers: ReadonlyMap<string, string>): void {
  const place = document.querySelector<HTMLElement>("[data-talk]");
  if (!place) return;
  if (!place.hasAttribute("data-alive")) place.replaceChildren(); // what the server had to say about it
  place.setAttribute("data-alive", "");
  const number = (row: Row): string => numbers.get(String(row["about"]).split("/")[1] ?? "") ?? "";
  const all = talk.all().filter((row) => !row["parent"] && belongs(String(row["about"]), part));
  const rows = all.filter((row) => row["state"] === "open" && number(row));
  const gone = all.filter((row) => !number(row));
  const silent = !all.length && !talk.threads(part).length;
  render(html`${rows.length ? html`<ul class="gw-stack gw-stack--tight gw-small">${repeat(rows, (row) => row.id, (row) => html`<li><button type="button" class="gw-text-link" @click=${() => talk.show(String(row["about"]), true)}>${number(row)}</button> ${String(row["text"]).slice(0, 80) || say("takenBack")}</li>`)}</ul>` : nothing}${silent ? html`<p class="gw-soft gw-small">${say("talkNone")}</p>` : nothing}${repeat(gone, (row) => row.id, (row) => talk.gone(row))}${talk.panel(part)}`, place);
}

const belongs = (about: string, part: string): boolean => about.includes("/") && (about.split(/[./]/)[0] ?? "") === part;

function when(at: string): string {
  const day = new Date(at);
  if (Number.isNaN(day.getTime())) return "";
  return day.toLocaleString(english() ? "en-GB" : "de-DE", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone: "Europe/Berlin" });
}
