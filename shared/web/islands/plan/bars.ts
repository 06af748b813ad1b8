/** Bars of the schedule's chart, which the server has drawn: where they stand, and for which days. */
import type { Row } from "../sync/table";
import { english } from "../sync/words";

const DAY = 86_400_000;
export const BAR = ".d-crit, .d-plan, .d-mile";

/** Moves a line's bar, with what belongs to it, from where the server has drawn it to these days. */
export function put(group: SVGGElement, starts: string, ends: string): void {
  const day = Number(group.ownerSVGElement?.dataset["day"]);
  const bar = group.querySelector<SVGGraphicsElement>(BAR);
  if (!bar) return;
  const [from = "", to = ""] = (group.dataset["drawn"] ??= `${group.dataset["starts"]} ${group.dataset["ends"]}`).split(" ");
  const [offset, end] = [between(from, starts) * day, between(to, ends) * day];
  bar.dataset["offset"] = String(offset);
  bar.setAttribute("transform", `translate(${offset} 0)`);
  if (bar instanceof SVGRectElement) {
    const wide = Number((bar.dataset["width"] ??= bar.getAttribute("width") ?? "0"));
    bar.setAttribute("width", String(Math.max(day, wide + end - offset)));
  }
  for (const face of group.parentElement?.querySelectorAll(`[data-end="${CSS.escape(group.dataset["line"] ?? "")}"]`) ?? []) face.setAttribute("transform", `translate(${end} 0)`);
  const words = bar instanceof SVGRectElement ? null : group.querySelector("text");
  words?.setAttribute("transform", `translate(${offset} 0)`);
  if (words) words.textContent = new Date(starts).toLocaleDateString(english() ? "en-GB" : "de-DE", { day: "numeric", month: "short", timeZone: "UTC" });
  group.dataset["starts"] = starts;
  group.dataset["ends"] = ends;
  group.classList.add("is-moved");
}

/** The days for which a bar would stand, above it while it is held. */
export function caption(bar: SVGGraphicsElement, chart: SVGSVGElement, starts: string, ends: string): void {
  const words = chart.querySelector<SVGTextElement>(".gw-held") ?? chart.appendChild(document.createElementNS(chart.namespaceURI ?? "", "text") as SVGTextElement);
  const { x, y } = bar.getBBox();
  words.setAttribute("class", "gw-held t-bold");
  words.setAttribute("y", String(y - 6));
  words.textContent = starts >= ends ? date(starts) : `${date(starts)} – ${date(ends)}`;
  const left = x + (bar.transform.baseVal.consolidate()?.matrix.e ?? 0);
  words.setAttribute("x", String(Math.max(0, Math.min(left, chart.viewBox.baseVal.width - words.getComputedTextLength()))));
}

export const groupOf = (target: EventTarget | null): SVGGElement | null => (target instanceof Element ? target.closest<SVGGElement>("g[data-line]") : null);
/** The first and the last day of a line that has both. */
export function daysOf(row: Row | undefined): [string, string] | null {
  const [starts, ends] = [String(row?.["starts"] ?? row?.["day"] ?? ""), String(row?.["ends"] ?? row?.["day"] ?? "")];
  return Number.isNaN(between(starts, ends)) || ends < starts ? null : [starts, ends];
}

export const between = (from: string, to: string): number => Math.round((Date.parse(to) - Date.parse(from)) / DAY);
export const later = (day: string, days: number): string => new Date(Date.parse(day) + days * DAY).toISOString().slice(0, 10);
export const date = (day: string): string => day.split("-").reverse().join(".");
