/** The places of the plan page that scripts fill, and the small parts that are the same in each of its five parts. */
import { icon } from "../sync/icon";
import { say as sayShared } from "../sync/words";
import { sheets } from "./columns";
import type { Grid } from "./grid";

/** Replaces the server's table inside `[data-grid=<name>]`; gives the element to draw in. */
export function takeOver(section: HTMLElement): HTMLElement {
  const host = document.createElement("div");
  host.className = "gw-edit__host";
  const there = section.querySelector("table");
  const outer = there?.closest(".gw-scroll") ?? there;
  if (outer) outer.replaceWith(host);
  else section.append(host);
  return host;
}

/** "+ Zeile" in the head of a table's section. */
export function addButton(section: HTMLElement, grid: Grid): void {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "kern-btn kern-btn--secondary kern-btn--x-small";
  const label = document.createElement("span");
  label.className = "kern-label";
  label.textContent = sayShared("add");
  button.append(icon("plus", true), label);
  button.addEventListener("click", () => grid.add());
  const row = section.querySelector(".gw-row--apart");
  if (row) row.append(button);
  else section.append(button);
}

/** Categories and the like that fields suggest, once for the page. */
export function suggestions(): void {
  for (const column of sheets().flatMap((sheet) => sheet.columns)) {
    if (!column.suggest || document.getElementById(`vorrat-${column.field}`)) continue;
    const list = document.createElement("datalist");
    list.id = `vorrat-${column.field}`;
    list.append(...column.suggest.map((each) => Object.assign(document.createElement("option"), { value: each })));
    document.body.append(list);
  }
}

/** Runs `act` once before the next picture, however often it is asked for. */
export function once(act: () => void): () => void {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      act();
    });
  };
}

/** Runs `act` when nobody has asked for it for a while. */
export function calmly(act: () => void, milliseconds: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(act, milliseconds);
  };
}
