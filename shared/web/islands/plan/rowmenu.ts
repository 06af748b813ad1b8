/** What can be done with a whole row, behind three dots at its end. */
import { html, nothing, type TemplateResult } from "lit/html.js";

import { say as sayShared } from "../sync/words";
import { say } from "./words";

type Deed = () => void;

/** `up` and `down` are shown when they cannot be done, `task` and `range` only where they can. */
export type Deeds = { up: Deed | false; down: Deed | false; task: Deed | false; range: Deed | false; remove: Deed };

/** Once for the page: a menu closes when somebody goes on elsewhere, or presses Escape in it. */
export function closeMenus(): void {
  const open = (): Iterable<HTMLDetailsElement> => document.querySelectorAll<HTMLDetailsElement>("details.gw-rowmenu[open]");
  const leave = (event: Event): void => {
    for (const menu of open()) if (!menu.contains(event.target as Node)) menu.open = false;
  };
  document.addEventListener("pointerdown", leave);
  document.addEventListener("focusin", leave);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  });
}

export function rowMenu(number: string, deeds: Deeds): TemplateResult {
  const act = (deed: Deed | false) => (event: Event) => {
    (event.target as Element).closest("details")?.removeAttribute("open");
    if (deed) deed();
  };
  return html`<details class="gw-rowmenu"><summary class="gw-iconbtn" aria-label=${say("rowMenu", { name: number })}>⋯</summary><div class="gw-rowmenu__list">
    <button type="button" class="gw-text-link" ?disabled=${!deeds.up} @click=${act(deeds.up)}>${sayShared("up")}</button>
    <button type="button" class="gw-text-link" ?disabled=${!deeds.down} @click=${act(deeds.down)}>${sayShared("down")}</button>
    ${deeds.task ? html`<button type="button" class="gw-text-link" @click=${act(deeds.task)}>${say("addTask")}</button>` : nothing}
    ${deeds.range ? html`<button type="button" class="gw-text-link" @click=${act(deeds.range)}>${say("range")}</button>` : nothing}
    <button type="button" class="gw-text-link" @click=${act(deeds.remove)}>${sayShared("remove")}</button></div></details>`;
}
