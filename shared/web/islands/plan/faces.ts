/** Shows who is in which part of the plan: faces in the head and the tabs, a list in the rail. */
import { face, persons, type Somebody } from "../sync/people";
import { say as sayShared } from "../sync/words";
import type { Follow } from "./follow";
import { choice, say } from "./words";

export type Me = { person: string; name: string; hue: number; part: string };

/** Fills `[data-faces]`, `[data-tab=<part>] .gw-faces` and `[data-people]`, as far as the page has them. */
export function showFaces(me: Me | null, everybody: Somebody[], numberOf: (cell: string) => string, follow: Follow): void {
  const here = persons(everybody).filter((each) => each.person !== me?.person);
  const all = [...(me?.person ? [{ ...me, cell: "", typing: false, client: 0 }] : []), ...here];
  for (const line of document.querySelectorAll("[data-faces]")) {
    line.setAttribute("role", "group");
    line.setAttribute("aria-label", `${sayShared("here")}: ${all.map((each) => `${each.name}, ${choice("part", each.part)}`).join("; ")}`);
    line.replaceChildren(...all.map((each) => titled(face(each, true), `${each.name}, ${choice("part", each.part)}`)));
  }
  for (const tab of document.querySelectorAll<HTMLElement>("[data-tab]")) {
    const inside = all.filter((each) => each.part === tab.dataset["tab"]).map((each) => titled(face(each), each.name));
    for (const drawn of inside) drawn.setAttribute("aria-hidden", "true");
    tab.querySelector(".gw-faces")?.replaceChildren(...inside);
  }
  for (const list of document.querySelectorAll("[data-people]")) {
    const focused = (document.activeElement as HTMLElement | null)?.dataset["follow"];
    list.replaceChildren(...all.map((each) => entry(each, each.person === me?.person, numberOf, follow)));
    if (focused && list.contains(document.activeElement) === false) list.querySelector<HTMLElement>(`[data-follow="${CSS.escape(focused)}"]`)?.focus();
  }
}

function entry(somebody: Somebody | (Me & { cell: string }), isMe: boolean, numberOf: (cell: string) => string, follow: Follow): HTMLLIElement {
  const item = document.createElement("li");
  item.className = "gw-row";
  const drawn = face(somebody, true);
  drawn.setAttribute("aria-hidden", "true");
  const words = document.createElement("span");
  words.className = "gw-small";
  const name = document.createElement("b");
  name.textContent = somebody.name;
  const where = somebody.cell ? numberOf(somebody.cell) || say("reads") : say("reads");
  words.append(name, isMe ? ` (${sayShared("me")})` : ` · ${choice("part", somebody.part)}, ${where}`);
  if (!isMe) words.append(" ", button(somebody, follow));
  item.append(drawn, words);
  return item;
}

function button({ person, name }: { person: string; name: string }, follow: Follow): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "gw-text-link gw-small";
  made.dataset["follow"] = person;
  made.setAttribute("aria-pressed", String(follow.person === person));
  made.textContent = say(follow.person === person ? "followEnd" : "follow");
  made.setAttribute("aria-label", `${made.textContent}: ${name}`);
  made.addEventListener("click", () => follow.toggle(person));
  return made;
}

function titled(drawn: HTMLElement, title: string): HTMLElement {
  drawn.title = title;
  return drawn;
}
