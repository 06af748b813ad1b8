/**
 * The plan workspace: takes over the page that the server rendered, and several people edit it at once.
 *
 * `<main data-plan data-document="plan-…" data-tickets="/…" data-schema="1" data-part="finance" data-person="…"
 * data-right="write|read">`, with `data-pot` and `data-check` (endpoint) where an application is being prepared.
 * Inside or beside it, each optional: `[data-grid=costs|incomes|work|resources|milestones]` (its table is replaced,
 * `.gw-row--apart` gets the button for rows), `[data-text=<section>]` (rich text), `[data-field=place|reaches|starts|
 * ends]` (inputs), `[data-sum=costs|incomes|missing]`, `[data-checks]`, `[data-faces]`, `[data-people]`,
 * `[data-work]` (the board), `[data-talk]` (what is said about the part), `[data-tab=<part>]` with `.gw-faces`, `[data-saved role=status]`, `form[data-freeze]`, `[data-undo]`, `[data-redo]`.
 */
import type { Editor } from "@tiptap/core";
import * as Y from "yjs";

import { announceComing, others, type Somebody } from "../sync/people";
import { write } from "../sync/prose";
import { join, type Session } from "../sync/session";
import type { Ticket } from "../sync/tickets";
import { Board } from "./board";
import { LIVE, sheets, type Sheet } from "./columns";
import { showFaces } from "./faces";
import { bindFields } from "./fields";
import { askPot, ownFindings, question, showFindings, showSums, sums, valued, type Finding } from "./finance";
import { Follow } from "./follow";
import { freezeSaved } from "./freeze";
import { Gantt } from "./gantt";
import { Grid, type Around, type Guest } from "./grid";
import { Needs } from "./needs";
import { keepPages, tellOffline } from "./offline";
import { addButton, calmly, once, suggestions, takeOver } from "./page";
import { People } from "./names";
import { refreshing } from "./refresh";
import { BLOCKS, TOOLS } from "./tables";
import { showTalk, Talk } from "./talk";
import { closeMenus } from "./rowmenu";
import { OWN, Table, type Row } from "../sync/table";

const CHECK_AFTER = 800;
/** Before the part in the address of a page is that of the plan. */
const PAGE = /(\/plans\/[^/]+).*/;
/** Who has not changed anything for so long is in the cell, but no longer types. */
const TYPING = 2_500;

class Workspace {
  private readonly tables = new Map<string, [Sheet, Table]>();
  private readonly grids: Pick<Grid, "draw">[] = []; // and whatever else is drawn from rows
  private readonly undo: Y.UndoManager;
  private everybody: Somebody[] = [];
  private answered: Finding[] | null = null; // what the pot said last
  private started = false;
  private resting: ReturnType<typeof setTimeout> | undefined;
  private me: Ticket | null = null;
  private readonly people: People;
  private readonly talk: Talk;
  private readonly follow: Follow;
  private writing: Editor | null = null; // the text she was in last, if it was a text
  private readonly needs: Needs;
  private readonly tellComing = announceComing();
  private readonly around: Around = {
    guestOf: (row) => this.everybody.find((each) => each.cell.split("/")[1] === row),
    here: (cell, typing) => this.here(cell, typing),
  };
  readonly draw = once(() => this.drawNow());

  constructor(
    private readonly place: HTMLElement,
    private readonly session: Session,
  ) {
    const { doc } = session;
    for (const sheet of sheets()) this.tables.set(sheet.name, [sheet, new Table(doc, sheet.root, LIVE, sheet.empty)]);
    const fields = doc.getMap("profile");
    const scope = [...[...this.tables.values()].map(([, table]) => table.rows), fields];
    this.undo = new Y.UndoManager(scope, { trackedOrigins: new Set([OWN]), captureTimeout: 600 });
    this.people = new People(place.dataset["names"] ?? "", () => {
      this.talk.named();
      this.draw();
    });
    this.talk = new Talk(doc, this.people, () => this.me?.person ?? "", () => this.mayComment(), this.draw);
    const [, resources] = this.tables.get("resources") as [Sheet, Table];
    const { document: name = "", town = location.pathname.split("/")[1] ?? "" } = place.dataset;
    this.needs = new Needs(town, name.replace(/^plan-/, ""), resources, () => this.mayWrite(), this.draw);
    this.follow = new Follow(location.pathname.replace(PAGE, "$1"), place.dataset["part"] ?? "", this.draw);
    doc.on("update", this.draw);
    session.awareness.on("change", this.draw);
    for (const button of document.querySelectorAll("[data-undo]")) button.addEventListener("click", () => (this.writing ? this.writing.commands.undo() : this.undo.undo()));
    for (const button of document.querySelectorAll("[data-redo]")) button.addEventListener("click", () => (this.writing ? this.writing.commands.redo() : this.undo.redo()));
    document.addEventListener("keydown", (event) => this.key(event));
    doc.on("update", calmly(() => void this.check(), CHECK_AFTER));
    doc.on("update", refreshing(place));
  }

  /** The first time the document is here: now inputs stand where the server's tables stood. */
  start(ticket: Ticket | null): void {
    this.me = ticket;
    if (!this.started) {
      this.started = true;
      suggestions();
      closeMenus();
      void this.people.fetch();
      this.talk.follow(location.hash);
      if (this.place.dataset["part"] === "schedule") this.chart();
      for (const section of document.querySelectorAll<HTMLElement>("[data-grid]")) this.takeOver(section);
      for (const host of document.querySelectorAll<HTMLElement>("[data-work]")) this.board(host);
      for (const host of document.querySelectorAll<HTMLElement>("[data-text]")) this.write(host);
      bindFields(this.session.doc, () => this.mayWrite(), (cell) => this.here(cell, false));
      this.here("", false);
      void this.check();
    }
    this.draw();
  }

  /** Undo by keyboard wherever nothing is being written: on the board, on the chart, on the page. */
  private key(event: KeyboardEvent): void {
    const key = event.key.toLowerCase();
    if (event.defaultPrevented || !(event.ctrlKey || event.metaKey) || (key !== "z" && key !== "y") || !this.mayWrite()) return;
    if ((event.target as Element).closest("input, textarea, select, [contenteditable]")) return;
    event.preventDefault();
    (key === "y" || event.shiftKey ? this.undo.redo : this.undo.undo).call(this.undo);
  }

  private board(host: HTMLElement): void {
    const [, table] = this.tables.get("work") as [Sheet, Table];
    const number = (id: string): string => this.numbers().get(id) ?? "";
    this.grids.push(new Board(host, table, { number, mayWrite: () => this.mayWrite(), step: () => this.undo.stopCapturing(), around: this.around }));
  }

  private chart(): void {
    const find = (id: string): { table: Table; row: Row; single: boolean } | undefined => {
      for (const name of ["work", "milestones"]) {
        const table = this.tables.get(name)?.[1];
        const row = table?.one(id);
        if (table && row) return { table, row, single: name === "milestones" };
      }
      return undefined;
    };
    this.grids.push(new Gantt({ find, number: (id) => this.numbers().get(id) ?? "", mayWrite: () => this.mayWrite(), step: () => this.undo.stopCapturing(), around: this.around }));
  }

  private takeOver(section: HTMLElement): void {
    const found = this.tables.get(section.dataset["grid"] ?? "");
    if (!found) return;
    const [sheet, table] = found;
    const part = this.place.dataset["part"] ?? "";
    const shown = { ...sheet, columns: sheet.columns.filter((column) => !column.part || column.part === part) };
    const grid = new Grid(takeOver(section), shown, table, {
      numbers: () => this.numbers(),
      guest: (cell) => this.guest(cell),
      reason: (row) => (this.answered ?? []).filter((each) => each.failing && each.line_id === row).map((each) => each.words).join(" "),
      mayWrite: () => this.mayWrite(),
      talk: this.talk,
      extra: (row, number) => this.needs.cell(row, number),
      here: (cell, typing) => this.here(cell, typing),
      follows: (row, fields) => (sheet.name === "incomes" ? valued(table.all(), row, fields, this.answered ?? []) : {}),
      step: () => this.undo.stopCapturing(),
      undo: () => this.undo.undo(),
      redo: () => this.undo.redo(),
    });
    this.grids.push(grid);
    if (this.mayWrite()) addButton(section, grid);
  }

  private write(host: HTMLElement): void {
    const section = host.dataset["text"] ?? "";
    const text = this.session.doc.getXmlFragment(`profile.${section}`);
    if (!this.mayWrite() && !text.length) {
      const come = (): void => {
        text.unobserve(come);
        this.write(host);
      };
      text.observe(come); // until then the server's words stay, that nobody has written here yet
      return;
    }
    const me = { name: this.me?.name ?? "", colour: this.me?.hue ?? 1 };
    const editor = write(host, this.session.doc, `profile.${section}`, this.session.awareness, me, this.mayWrite(), { blocks: BLOCKS, tools: TOOLS });
    editor.on("focus", () => {
      this.here(`profile.${section}`, false);
      this.writing = editor;
    });
    editor.on("blur", () => this.here("", false));
  }

  private mayWrite(): boolean {
    return this.place.dataset["right"] !== "read" && this.session.right() === "write";
  }

  private mayComment(): boolean {
    return this.place.dataset["right"] !== "read" && this.session.right() !== "read";
  }

  private here(cell: string, typing: boolean): void {
    const { awareness } = this.session;
    if (cell) this.writing = null;
    if (awareness.getLocalState()?.["cell"] !== cell) this.undo.stopCapturing();
    const now = { ...awareness.getLocalState(), part: this.place.dataset["part"] ?? "", cell, typing };
    if (JSON.stringify(now) !== JSON.stringify(awareness.getLocalState())) awareness.setLocalState(now);
    clearTimeout(this.resting);
    if (typing) this.resting = setTimeout(() => this.here(cell, false), TYPING);
  }

  private guest(cell: string): Guest | undefined {
    return this.everybody.find((each) => each.cell === cell);
  }

  /** Printed numbers by row: K1, E3, A2 … */
  private numbers(): Map<string, string> {
    const found = new Map<string, string>();
    for (const [sheet, table] of this.tables.values()) {
      table.all().forEach((row, place) => found.set(row.id, `${sheet.prefix}${place + 1}`));
    }
    return found;
  }

  private drawNow(): void {
    if (!this.started) return;
    this.everybody = others(this.session.awareness);
    this.tellComing(this.everybody);
    for (const each of this.everybody) this.people.meet(each.person, each.name, each.hue);
    for (const grid of this.grids) grid.draw();
    const me = this.me && { ...this.me, part: this.place.dataset["part"] ?? "" };
    const numbers = this.numbers();
    showFaces(me, this.everybody, (cell) => numbers.get(cell.split("/")[1] ?? "") ?? "", this.follow);
    this.follow.look(this.everybody);
    showTalk(this.talk, this.place.dataset["part"] ?? "", numbers);
    const now = sums(this.rows("costs"), this.rows("incomes"));
    showSums(now);
    showFindings(this.answered ?? ownFindings(now));
  }

  private rows(name: string): ReturnType<Table["all"]> {
    return this.tables.get(name)?.[1].all() ?? [];
  }

  /** Asks the pot for which this plan is made; without one, or without network, the page says what it can itself. */
  private async check(): Promise<void> {
    const { pot = "", check = `/${location.pathname.split("/")[1]}/api/funding/check` } = this.place.dataset;
    if (!this.started || !pot) return;
    const fields = this.session.doc.getMap("profile");
    const [starts, ends] = [fields.get("starts"), fields.get("ends")].map((day) => (typeof day === "string" ? day : ""));
    const asked = question(pot, this.rows("costs"), this.rows("incomes"), this.rows("work"), starts ?? "", ends ?? "");
    this.answered = await askPot(check, asked);
    this.draw();
  }
}

const place = document.querySelector<HTMLElement>("[data-plan]");
if (place?.dataset["document"]) void open(place);

async function open(main: HTMLElement): Promise<void> {
  let workspace: Workspace | null = null;
  let ticket: Ticket | null = null;
  let here = false;
  const session = await join(main, {
    offline: true,
    state: (state) => tellOffline(main, state.phase),
    ticket: (given) => {
      ticket = given;
    },
    synced: () => {
      here = true;
      workspace?.start(ticket);
    },
  });
  workspace = new Workspace(main, session);
  freezeSaved(session);
  if (main.dataset["right"] !== "read") void keepPages(main.dataset["worker"] ?? "", location.pathname.replace(PAGE, "$1"), main.dataset["names"] ?? "");
  if (here) workspace.start(ticket);
}
