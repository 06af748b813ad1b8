/** Keeps what is typed into a form with `data-keep="<name>"` in this tab until the server has accepted it. */
import { notice } from "./announce";
import { say } from "./words";

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
/** A kept form: what stood in each field when the page came, what was typed, and whether it has been sent off. */
type Kept = { from: Record<string, string>; typed: Record<string, string>; sent: boolean };

const PREFIX = "gemeinwerk.keep.";
const LEFT_OUT = new Set(["hidden", "password", "file", "submit", "button", "reset", "image"]);

/** Restores kept forms and keeps what is typed from now on; signing out forgets everything. */
export function keepForms(): void {
  settle();
  for (const form of forms()) restore(form);
  document.addEventListener("input", (event) => remember(event.target as Element, false));
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    const form = event.target as HTMLFormElement;
    if (form.getAttribute("action") === "/sign-out") forgetAll();
    else remember(form, true);
  });
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const { elt, successful } = (event as CustomEvent<{ elt: Element; successful: boolean }>).detail;
    const key = keyOf(elt.closest("form"));
    if (key && successful) sessionStorage.removeItem(key);
  });
}

/**
 * What was sent off is accepted if the answer led on to another page (303) that shows no error. An error page, or
 * none at all, leaves it kept: the next visit to the form brings it back.
 */
function settle(): void {
  const [arrival] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  const accepted = (arrival?.redirectCount ?? 0) > 0 && !document.querySelector("#fehler, [aria-invalid=true]");
  for (const key of keys()) {
    const kept = read(key);
    if (!kept?.sent) continue;
    if (accepted) sessionStorage.removeItem(key);
    else write(key, { ...kept, sent: false });
  }
}

function restore(form: HTMLFormElement): void {
  const key = keyOf(form);
  const kept = key && read(key);
  if (!key || !kept) return;
  let changed = false;
  for (const field of fields(form)) {
    const typed = kept.typed[nameOf(field)];
    // The server's own word wins: a field that it has filled otherwise since then stays as it is.
    if (typed === undefined || original(field) !== kept.from[nameOf(field)] || original(field) === typed) continue;
    put(field, typed);
    changed = true;
  }
  if (changed) tell(form, key);
}

function tell(form: HTMLFormElement, key: string): void {
  const discard = document.createElement("button");
  discard.type = "button";
  discard.className = "gw-text-link";
  discard.textContent = say("discard");
  const line = notice(`${say("restored")} `, false, discard);
  discard.addEventListener("click", () => {
    form.reset();
    sessionStorage.removeItem(key);
    line.remove();
  });
}

function remember(inside: Element, sent: boolean): void {
  const form = inside.closest("form");
  const key = keyOf(form);
  if (!form || !key) return;
  const kept: Kept = { from: {}, typed: {}, sent };
  for (const field of fields(form)) {
    kept.from[nameOf(field)] = original(field);
    kept.typed[nameOf(field)] = value(field);
  }
  write(key, kept);
}

const forms = (): Iterable<HTMLFormElement> => document.querySelectorAll<HTMLFormElement>("form[data-keep]");

function fields(form: HTMLFormElement): Field[] {
  return ([...form.elements] as Field[]).filter((field) => field.name && !LEFT_OUT.has(field.type));
}

/** Boxes and radio buttons share a name; each is a field of its own here. */
function nameOf(field: Field): string {
  return isTick(field) ? `${field.name}=${field.value}` : field.name;
}

function isTick(field: Field): field is HTMLInputElement {
  return field.type === "checkbox" || field.type === "radio";
}

function value(field: Field): string {
  return isTick(field) ? String(field.checked) : field.value;
}

/** What the server sent, whatever the person or the browser has made of it since. */
function original(field: Field): string {
  if (isTick(field)) return String(field.defaultChecked);
  if (!(field instanceof HTMLSelectElement)) return field.defaultValue;
  return ([...field.options].find((option) => option.defaultSelected) ?? field.options[0])?.value ?? "";
}

function put(field: Field, typed: string): void {
  if (isTick(field)) field.checked = typed === "true";
  else field.value = typed;
}

function keyOf(form: Element | null): string | null {
  const name = form?.getAttribute("data-keep");
  return name ? `${PREFIX}${location.pathname.split("/")[1] ?? ""}.${name}` : null;
}

const keys = (): string[] => Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX));

function read(key: string): Kept | null {
  const text = sessionStorage.getItem(key);
  return text ? (JSON.parse(text) as Kept) : null;
}

function write(key: string, kept: Kept): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(kept));
  } catch (error) {
    // A full or forbidden store: the form works as any form does, it is only not kept.
    console.warn("not kept", error);
  }
}

function forgetAll(): void {
  for (const key of keys()) sessionStorage.removeItem(key);
}
