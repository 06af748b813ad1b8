/**
 * The page on which anybody checks a bundle: the file never leaves the browser, and nothing is fetched meanwhile.
 *
 * `[data-verify]` is the form: `[name=bundle]` (file), `[name=keys]` and `[name=own]` (texts, both optional), a button,
 * and after it `[data-moving]` (progress) and `[data-verdict]` (what was found).
 */
import { BadNote, NoEd25519, readCheckpoint, readKey, readNote } from "./notes";
import type { Report } from "./report";
import { verifyBundle } from "./verify";
import { WORDS, faultIn, linesOf, madeAt, moving, titleOf } from "./words";

const form = document.querySelector<HTMLFormElement>("[data-verify]");
if (form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void check(form);
  });
}

async function check(form: HTMLFormElement): Promise<void> {
  const [line, place] = [part(form, "[data-moving]"), part(form, "[data-verdict]")];
  const file = form.querySelector<HTMLInputElement>("[name=bundle]")?.files?.[0];
  if (!file) return;
  const button = form.querySelector("button");
  button?.setAttribute("disabled", "");
  place.replaceChildren();
  try {
    const given = { keys: text(form, "keys").split(/\s+/).filter(Boolean), own: text(form, "own") };
    const wrong = unreadable(given);
    const report = wrong ?? (await verifyBundle(file, given.keys, given.own, (service, done) => {
      line.textContent = moving(service, done);
    }));
    place.replaceChildren(...(typeof report === "string" ? refused(report) : verdict(report, file.name)));
  } catch (error) {
    place.replaceChildren(...refused(error instanceof NoEd25519 ? WORDS.noEd25519 : WORDS.failed));
  }
  line.textContent = "";
  button?.removeAttribute("disabled");
  place.focus();
}

/** Why what was typed cannot be used; null where it can. */
function unreadable({ keys, own }: { keys: string[]; own: string }): string | null {
  try {
    keys.map(readKey);
  } catch {
    return WORDS.badKey;
  }
  try {
    if (own) readCheckpoint(own.includes("\n\n") ? readNote(own).text : own);
  } catch (error) {
    if (error instanceof BadNote) return WORDS.badOwn;
    throw error;
  }
  return null;
}

function refused(words: string): Node[] {
  return [made("p", "gw-notice", words)];
}

function verdict(report: Report, name: string): Node[] {
  if (report.fault) {
    const found = made("section", "gw-sheet gw-verdict--bad");
    found.append(made("h2", "gw-h2", WORDS.bad), made("p", "", faultIn(report.fault)));
    found.append(made("p", "gw-small gw-soft", WORDS.firstOnly), made("p", "gw-small gw-soft", name));
    return [found];
  }
  const found = made("section", "gw-sheet gw-verdict--good");
  found.append(made("h2", "gw-h2", WORDS.good));
  found.append(made("p", "gw-small gw-soft", `${name}, zusammengestellt am ${madeAt(report.made_at)}.`));
  for (const log of report.logs) {
    const list = made("ul", "gw-stack gw-stack--tight");
    for (const line of linesOf(log)) list.append(made("li", "", line));
    found.append(made("h3", "gw-h3", titleOf(log.service)), list);
    found.append(made("p", "gw-small gw-soft", WORDS.root), made("code", "gw-hash", log.root));
  }
  if (report.compared !== null) found.append(made("p", "", report.compared ? WORDS.compared : WORDS.notCompared));
  if (!report.trusted) found.append(made("p", "gw-small", WORDS.bundled));
  return [found];
}

function text(form: HTMLFormElement, name: string): string {
  const typed = form.querySelector<HTMLTextAreaElement>(`[name=${name}]`)?.value ?? "";
  const lines = typed.replace(/\r\n?/g, "\n").replace(/^\s+/, "").trimEnd();
  return lines && `${lines}\n`;
}

function part(form: HTMLFormElement, selector: string): HTMLElement {
  const found = form.querySelector<HTMLElement>(selector) ?? document.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(selector);
  return found;
}

function made(kind: string, style: string, text = ""): HTMLElement {
  const element = document.createElement(kind);
  if (style) element.className = style;
  element.textContent = text;
  return element;
}
