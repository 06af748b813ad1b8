/** Who else is in the document, and where: names and colours are the gateway's, places the others' own. */
import type { Awareness } from "y-protocols/awareness";

import { announce } from "../page/announce";
import { say } from "./words";

/** `part` and `cell` are where she is; `typing`: she changed something there a moment ago. */
export type Somebody = { client: number; person: string; name: string; hue: number; part: string; cell: string; typing: boolean };

type Told = { user?: { person?: string; name?: string; colour?: number }; part?: string; cell?: string; typing?: boolean };

/** Everybody else whom the gateway has named, each device of its own, sorted by name. */
export function others(awareness: Awareness): Somebody[] {
  const found: Somebody[] = [];
  for (const [client, state] of awareness.getStates() as Map<number, Told>) {
    const person = state.user?.person ?? "";
    if (client === awareness.clientID || !person) continue;
    const { name = "", colour = 1 } = state.user ?? {};
    found.push({ client, person, name, hue: hueOf(colour), part: String(state.part ?? ""), cell: String(state.cell ?? ""), typing: state.typing === true });
  }
  return found.sort((a, b) => a.name.localeCompare(b.name) || a.client - b.client);
}

/** One entry a person, for faces: the device on which she is in a cell wins. */
export function persons(everybody: Somebody[]): Somebody[] {
  const found = new Map<string, Somebody>();
  for (const each of everybody) if (!found.has(each.person) || each.cell) found.set(each.person, each);
  return [...found.values()];
}

/** Says who came and who left, once each; not those who were here before us. */
export function announceComing(): (everybody: Somebody[]) => void {
  let known: Map<string, string> | null = null;
  return (everybody) => {
    const now = new Map(everybody.map((each) => [each.person, each.name]));
    for (const [person, name] of now) if (known && !known.has(person)) announce(say("joined", { name }));
    for (const [person, name] of known ?? []) if (!now.has(person)) announce(say("left", { name }));
    known = now;
  };
}

/** `Mira K.` → `MK`, as the server does. */
export function initials(name: string): string {
  const parts = name.replaceAll(".", " ").split(/\s+/).filter(Boolean);
  return `${parts[0]?.[0] ?? "?"}${parts.length > 1 ? parts.at(-1)?.[0] : ""}`.toUpperCase();
}

/** A face as the server draws it. */
export function face(somebody: { name: string; hue: number }, here = false): HTMLSpanElement {
  const drawn = document.createElement("span");
  drawn.className = `gw-face gw-who gw-who--${somebody.hue}${here ? " gw-face--here" : ""}`;
  drawn.textContent = initials(somebody.name);
  return drawn;
}

const hueOf = (colour: number): number => (Number.isInteger(colour) && colour >= 1 && colour <= 8 ? colour : 1);
