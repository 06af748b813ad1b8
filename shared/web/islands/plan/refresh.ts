/** Pictures and lists that the server draws from the plan follow what is typed: fetched anew once it is saved. */

/** Sections of the page by the id of their heading, and where a new one belongs. */
const SECTIONS = { fluss: "append", bild: "before", offen: null, zuletzt: null } as const;
/** The server applies edits in bursts: the second look sees what the first one missed. */
const LOOKS = [1_500, 12_000];
/** What the server had drawn last where scripts have changed something since. */
const drawn = new WeakMap<Element, string>();

/** Gives a function to be called whenever something has changed and is saved; nothing that is being typed moves. */
export function refreshing(place: HTMLElement): () => void {
  let waiting: ReturnType<typeof setTimeout>[] = [];
  return () => {
    waiting.forEach(clearTimeout);
    waiting = LOOKS.map((after) => setTimeout(() => void look(place), after));
  };
}

async function look(place: HTMLElement): Promise<void> {
  if (document.hidden || !navigator.onLine) return;
  let text: string;
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (!answer.ok) return;
    text = await answer.text();
  } catch {
    return; // no network: the pictures are a little old, nothing else
  }
  const fresh = new DOMParser().parseFromString(text, "text/html");
  swap(document.querySelector("[data-bars]"), fresh.querySelector("[data-bars]"));
  for (const tab of document.querySelectorAll<HTMLElement>("[data-tab]:not([data-tab=finance])")) {
    const come = fresh.querySelector(`[data-tab="${tab.dataset["tab"]}"]`);
    const [sign, signed] = [tab.querySelector("span"), come?.querySelector("span")];
    if (sign && signed) sign.className = signed.className;
    swap(sign, signed ?? null);
    swap(tab.querySelector("small"), come?.querySelector("small") ?? null);
  }
  for (const [id, where] of Object.entries(SECTIONS)) {
    const [there, come] = [document.getElementById(id)?.closest("section"), fresh.getElementById(id)?.closest("section")];
    if (there && come) swap(there, come);
    else if (come && where) (where === "before" ? place : place.querySelector(".gw-stack"))?.[where](document.importNode(come, true));
  }
}

/** Keeps what is the same, and a table that somebody has opened. */
function swap(there: Element | null, come: Element | null): void {
  if (!there || !come || (drawn.get(there) ?? there.innerHTML) === come.innerHTML || there.querySelector("[data-held]")) return;
  const line = document.activeElement?.closest("g[data-line]")?.getAttribute("data-line") ?? "";
  drawn.set(there, come.innerHTML);
  const open = there.querySelector("details")?.open ?? false;
  there.replaceChildren(...[...come.childNodes].map((node) => document.importNode(node, true)));
  const details = there.querySelector("details");
  if (details) details.open = open;
  if (line) requestAnimationFrame(() => visible(there.querySelectorAll<SVGGElement>(`g[data-line="${CSS.escape(line)}"]`))?.focus());
}

const visible = (found: Iterable<SVGGElement>): SVGGElement | undefined => [...found].find((each) => each.getClientRects().length);
