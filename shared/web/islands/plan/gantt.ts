/** The chart of the schedule, moved by pointer and keyboard; the tables below it say the same and take the same changes. */
import { announce } from "../page/announce";
import type { Row, Table } from "../sync/table";
import { say } from "./words";

/** A line of the chart: a work package, or a milestone, which has one day only. */
type Line = { table: Table; row: Row; single: boolean };

type Held = { id: string; what: "move" | "end" | "link"; from: number; days: number; bar: SVGGraphicsElement; offset: number; width: number };

const DAY = 86_400_000;
const EDGE = 10; // px at the end of a bar that lengthen it
const WEEK = 7;

export type Course = { find: (id: string) => Line | undefined; number: (id: string) => string; mayWrite: () => boolean; step: () => void };

/** Makes every chart of the page movable; charts that are drawn anew later are taken up by themselves. */
export class Gantt {
  private held: Held | null = null;
  private linking = "";

  constructor(private readonly course: Course) {
    document.addEventListener("pointerdown", (event) => this.take(event));
    document.addEventListener("pointermove", (event) => this.drag(event));
    document.addEventListener("pointerup", (event) => this.drop(event));
    document.addEventListener("pointercancel", () => this.release());
    document.addEventListener("keydown", (event) => this.key(event));
    new MutationObserver(() => this.enliven()).observe(document.body, { childList: true, subtree: true });
    this.enliven();
  }

  /** Gives each bar a name and a place in the tab order, once. */
  enliven(): void {
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

  private name(group: SVGGElement): string {
    const { line = "", starts = "", ends = "" } = group.dataset;
    const found = this.course.find(line);
    const seen = group.textContent?.trim() ?? ""; // a name begins with what is seen
    const days = seen && !group.dataset["drawn"] ? `${seen} ${starts.slice(0, 4)}` : starts === ends ? date(starts) : `${date(starts)} – ${date(ends)}`;
    return `${this.course.number(line)} ${String(found?.row["label"] ?? "")}, ${days}`;
  }

  private take(event: PointerEvent): void {
    const group = groupOf(event.target);
    const bar = group?.querySelector<SVGGraphicsElement>(".d-crit, .d-plan, .d-mile");
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
    if (held.what === "move") held.bar.setAttribute("transform", `translate(${held.offset + held.days * day} 0)`);
    else held.bar.setAttribute("width", String(Math.max(day, held.width + held.days * day)));
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

  private release(): void {
    this.held?.bar.closest("[data-held]")?.removeAttribute("data-held");
    this.held = null;
  }

  private key(event: KeyboardEvent): void {
    const id = groupOf(event.target)?.dataset["line"] ?? "";
    if (!id || !this.course.mayWrite() || event.ctrlKey || event.metaKey) return;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0;
    if (step) this.change(id, event.altKey ? "end" : "move", step * (event.shiftKey ? WEEK : 1));
    else if (event.key === "Escape") this.linking = "";
    else if (event.key === "Enter" || event.key === " ") this.pick(id);
    else return;
    event.preventDefault();
  }

  /** The first line that is picked comes before the second. */
  private pick(id: string): void {
    const before = this.linking;
    this.linking = before && before !== id ? "" : id;
    if (before && before !== id) this.link(before, id);
    else announce(say("ganttPicked", { name: this.course.number(id) }));
  }

  private change(id: string, what: "move" | "end", days: number): void {
    const line = this.course.find(id);
    if (!line) return;
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
    const now = this.course.find(id)?.row;
    if (!now) return;
    const [starts, ends] = [String(now["starts"] ?? now["day"] ?? ""), String(now["ends"] ?? now["day"] ?? "")];
    for (const group of document.querySelectorAll<SVGGElement>(`g[data-line="${CSS.escape(id)}"]`)) {
      const day = Number(group.ownerSVGElement?.dataset["day"]);
      const bar = group.querySelector<SVGGraphicsElement>(".d-crit, .d-plan, .d-mile");
      if (!bar || !group.ownerSVGElement) continue;
      const original = (group.dataset["drawn"] ??= `${group.dataset["starts"]} ${group.dataset["ends"]}`).split(" ");
      bar.dataset["offset"] = String(between(original[0] ?? "", starts) * day);
      bar.setAttribute("transform", `translate(${bar.dataset["offset"]} 0)`);
      if (bar instanceof SVGRectElement) {
        const wide = Number((bar.dataset["width"] ??= bar.getAttribute("width") ?? "0"));
        const more = between(original[1] ?? "", ends) - between(original[0] ?? "", starts);
        bar.setAttribute("width", String(Math.max(day, wide + more * day)));
      }
      group.dataset["starts"] = starts;
      group.dataset["ends"] = ends;
      group.setAttribute("aria-label", this.name(group));
    }
    announce(say("ganttMoved", { name: this.course.number(id), from: date(starts), to: date(ends) }));
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

const groupOf = (target: EventTarget | null): SVGGElement | null => (target instanceof Element ? target.closest<SVGGElement>("g[data-line]") : null);
const between = (from: string, to: string): number => Math.round((Date.parse(to) - Date.parse(from)) / DAY);
const later = (day: string, days: number): string => new Date(Date.parse(day) + days * DAY).toISOString().slice(0, 10);
const date = (day: string): string => day.split("-").reverse().join(".");
