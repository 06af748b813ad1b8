/** The chart of the schedule, moved by pointer and keyboard; the tables below it say the same and take the same changes. */
import { announce } from "../page/announce";
import type { Row, Table } from "../sync/table";
import { BAR, between, caption, date, daysOf, groupOf, later, put } from "./bars";
import type { Around } from "./grid";
import { say } from "./words";

/** A line of the chart: a work package, or a milestone, which has one day only. */
type Line = { table: Table; row: Row; single: boolean };

type Held = { id: string; what: "move" | "end" | "link"; from: number; days: number; bar: SVGGraphicsElement; offset: number; width: number };

const EDGE = 10; // px at the end of a bar that lengthen it
const WEEK = 7;

export type Course = { find: (id: string) => Line | undefined; number: (id: string) => string; mayWrite: () => boolean; step: () => void; around: Around };

/** Makes every chart of the page follow what is typed, and movable for who may write; charts that are drawn anew later are taken up by themselves. */
export class Gantt {
  private held: Held | null = null;
  private linking = "";
  private clashes: string | null = null; // what the page says is wrong, null before its first look

  constructor(private readonly course: Course) {
    document.addEventListener("pointerdown", (event) => this.take(event));
    document.addEventListener("pointermove", (event) => this.drag(event));
    document.addEventListener("pointerup", (event) => this.drop(event));
    document.addEventListener("pointercancel", () => this.release());
    document.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("click", (event) => this.mend(event.target));
    document.addEventListener("focusin", (event) => this.enter(groupOf(event.target)));
    document.addEventListener("focusout", (event) => (groupOf(event.target) ? course.around.here("", false) : undefined));
    new MutationObserver(() => this.enliven()).observe(document.body, { childList: true, subtree: true });
    this.enliven();
  }

  /** Bars stand where the document says, whoever moved them, until the server has drawn them there. */
  draw(): void {
    if (this.held) return;
    for (const group of document.querySelectorAll<SVGGElement>("svg[data-day] g[data-line]")) {
      const id = group.dataset["line"] ?? "";
      group.classList.toggle("is-picked", id !== "" && id === this.linking);
      const guest = this.course.around.guestOf(id);
      for (const name of [...group.classList].filter((each) => each.startsWith("gw-who"))) group.classList.remove(name);
      group.classList.toggle("is-busy", guest !== undefined);
      if (guest) group.classList.add("gw-who", `gw-who--${guest.hue}`);
      const now = daysOf(this.course.find(id)?.row);
      if (!now || (now[0] === group.dataset["starts"] && now[1] === group.dataset["ends"])) continue;
      put(group, ...now);
      if (group.hasAttribute("tabindex")) group.setAttribute("aria-label", this.name(group));
    }
  }

  /** Gives each bar a name and a place in the tab order, once. */
  private enliven(): void {
    this.draw();
    this.tell();
    if (!this.course.mayWrite()) return;
    for (const chart of document.querySelectorAll<SVGSVGElement>("svg[data-day]:not([data-alive])")) {
      chart.setAttribute("data-alive", "");
      chart.setAttribute("role", "group");
      for (const group of chart.querySelectorAll<SVGGElement>("g[data-line]")) {
        const line = this.course.find(group.dataset["line"] ?? "");
        if (!line) continue;
        group.setAttribute("tabindex", "0");
        group.setAttribute("role", "button");
        group.setAttribute("aria-label", this.name(group));
        group.setAttribute("aria-describedby", "gantt-hilfe");
        group.classList.add(line.single ? "is-mile" : "is-bar");
      }
    }
  }

  /** Others see who is at a bar where they see who is in a cell. */
  private enter(group: SVGGElement | null): void {
    const id = group?.dataset["line"] ?? "";
    const line = this.course.find(id);
    if (line && this.course.mayWrite()) this.course.around.here(`${line.table.root}/${id}/${line.single ? "day" : "starts"}`, false);
  }

  /** Says what is newly wrong with the dates, to those who do not see the page change. */
  private tell(): void {
    const titles = [...document.querySelectorAll("[data-clash] .kern-title")].map((each) => each.textContent).join(". ");
    if (this.clashes !== null && titles && titles !== this.clashes) announce(titles);
    this.clashes = titles;
  }

  /** `[data-mend=<line>]` with `data-begin` or `data-end`, a day: the way out of a conflict that was chosen. */
  private mend(target: EventTarget | null): void {
    const button = target instanceof Element ? target.closest<HTMLElement>("[data-mend]") : null;
    const { mend: id = "", begin = "", end = "" } = button?.dataset ?? {};
    const now = daysOf(this.course.find(id)?.row);
    if (!button || !now || !this.course.mayWrite()) return;
    this.change(id, end ? "end" : "move", end ? between(now[1], end) : between(now[0], begin));
    button.closest<HTMLElement>("[data-clash]")?.setAttribute("hidden", ""); // comes back with the next drawing, if it is still so
    [...document.querySelectorAll<SVGGElement>(`g[data-line="${CSS.escape(id)}"]`)].find((each) => each.getClientRects().length)?.focus();
  }

  private name(group: SVGGElement): string {
    const { line = "", starts = "", ends = "" } = group.dataset;
    const found = this.course.find(line);
    const [seen = "", warning = ""] = ["text", ".t-bad, .t-warn"].map((words) => group.querySelector(words)?.textContent?.trim());
    const moved = group.classList.contains("is-moved");
    const days = starts !== ends ? `${date(starts)} – ${date(ends)}` : seen ? `${seen} ${starts.slice(0, 4)}` : date(starts); // a name has what is seen
    const words = [String(found?.row["label"] ?? ""), String(found?.row["owner"] ?? ""), days, moved ? "" : warning];
    return `${this.course.number(line)} ${words.filter(Boolean).join(", ")}`;
  }

  private take(event: PointerEvent): void {
    const group = groupOf(event.target);
    const bar = group?.querySelector<SVGGraphicsElement>(BAR);
    const id = group?.dataset["line"] ?? "";
    const line = this.course.find(id);
    if (!group || !bar || !line || event.button || !this.course.mayWrite() || event.target !== bar) return;
    event.preventDefault();
    group.focus();
    const atEnd = !line.single && bar.getBoundingClientRect().right - event.clientX < EDGE;
    this.held = { id, what: event.altKey ? "link" : atEnd ? "end" : "move", from: event.clientX, days: 0, bar, offset: Number(bar.dataset["offset"] ?? 0), width: Number(bar.getAttribute("width")) };
    group.setAttribute("data-held", "");
  }

  private drag(event: PointerEvent): void {
    const held = this.held;
    const chart = held?.bar.ownerSVGElement;
    if (!held || !chart || held.what === "link") return;
    const scale = chart.getBoundingClientRect().width / chart.viewBox.baseVal.width;
    const day = Number(chart.dataset["day"]);
    held.days = Math.round((event.clientX - held.from) / scale / day);
    if (held.days) held.bar.parentElement?.classList.add("is-moved");
    if (held.what === "move") held.bar.setAttribute("transform", `translate(${held.offset + held.days * day} 0)`);
    else held.bar.setAttribute("width", String(Math.max(day, held.width + held.days * day)));
    const now = daysOf(this.course.find(held.id)?.row);
    if (now) caption(held.bar, chart, held.what === "move" ? later(now[0], held.days) : now[0], later(now[1], held.days));
  }

  /** Taken with the Alt key and let go over another line: that one waits for it. */
  private drop(event: PointerEvent): void {
    const held = this.held;
    if (!held) return;
    const target = groupOf(document.elementFromPoint(event.clientX, event.clientY))?.dataset["line"] ?? "";
    this.release();
    if (held.what === "link") this.link(held.id, target);
    else if (held.days) this.change(held.id, held.what, held.days);
  }

  private giveUp(): void {
    this.linking = "";
    this.release();
    this.draw();
  }

  private release(): void {
    if (!this.held) return;
    const { bar, offset, width } = this.held;
    const group = bar.closest<SVGGElement>("[data-held]");
    group?.removeAttribute("data-held");
    bar.ownerSVGElement?.querySelector(".gw-held")?.remove();
    if (!group?.dataset["drawn"]) group?.classList.remove("is-moved");
    bar.setAttribute("transform", `translate(${offset} 0)`);
    if (width) bar.setAttribute("width", String(width));
    this.held = null;
    this.draw();
  }

  private key(event: KeyboardEvent): void {
    const id = groupOf(event.target)?.dataset["line"] ?? "";
    if (!id || !this.course.mayWrite() || event.ctrlKey || event.metaKey) return;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0;
    if (step) this.change(id, event.altKey ? "end" : "move", step * (event.shiftKey ? WEEK : 1));
    else if (event.key === "Escape") this.giveUp();
    else if (event.key === "Enter" || event.key === " ") this.pick(id);
    else return;
    event.preventDefault();
  }

  /** The first line that is picked comes before the second. */
  private pick(id: string): void {
    const before = this.linking;
    this.linking = before && before !== id ? "" : id;
    this.draw();
    if (before && before !== id) this.link(before, id);
    else announce(say("ganttPicked", { name: this.course.number(id) }));
  }

  private change(id: string, what: "move" | "end", days: number): void {
    const line = this.course.find(id);
    if (!line || !days) return;
    const { table, row, single } = line;
    this.course.step();
    if (single) {
      table.set(id, "day", later(String(row["day"]), days));
    } else {
      const ends = later(String(row["ends"]), days);
      table.together(() => {
        if (what === "move") table.set(id, "starts", later(String(row["starts"]), days));
        table.set(id, "ends", what === "end" && ends < String(row["starts"]) ? String(row["starts"]) : ends);
      });
    }
    this.course.step();
    this.settle(id);
  }

  /** The bar stands where it will be drawn by the server a moment later. */
  private settle(id: string): void {
    const now = daysOf(this.course.find(id)?.row);
    if (!now) return;
    this.draw();
    announce(say("ganttMoved", { name: this.course.number(id), from: date(now[0]), to: date(now[1]) }));
  }

  /** `after` waits for `before` from now on; if it did already, no more. */
  private link(before: string, after: string): void {
    const line = this.course.find(after);
    if (!line || before === after || !this.course.find(before)) return;
    const waits = String(line.row["after"]).split(" ").filter(Boolean);
    const now = waits.includes(before) ? waits.filter((each) => each !== before) : [...waits, before];
    this.course.step();
    line.table.set(after, "after", now.join(" "));
    const words = waits.includes(before) ? "ganttFreed" : "ganttLinked";
    announce(say(words, { name: this.course.number(after), before: this.course.number(before) }));
  }
}
