/** Signing out leaves nothing of a person on a shared computer, and offers first what is not saved yet. No Yjs here. */
import { say } from "./words";

const PREFIX = "gemeinwerk.";
const UNSAVED = "gemeinwerk.unsaved.";
const QUEUE = "gemeinwerk.queue.";

/** Empties this browser's copies of documents before a form to `/sign-out` goes off. */
export function forgetDocuments(): void {
  const settled = new WeakSet<HTMLFormElement>();
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (form.getAttribute("action") !== "/sign-out" || event.defaultPrevented || settled.has(form)) return;
    event.preventDefault();
    void leave().then((may) => {
      if (!may) return;
      settled.add(form);
      // Later: a form that is just going off does not go off again (HTML, form submission algorithm, step 5).
      setTimeout(() => form.requestSubmit());
    });
  });
}

async function leave(): Promise<boolean> {
  const text = Object.keys(localStorage).map(unsavedIn).filter(Boolean).join("\n\n");
  if (text.trim() && !(await offer(say("unsavedSignOut"), text, say("stillSignOut")))) return false;
  for (const key of Object.keys(localStorage).filter((each) => each.startsWith(PREFIX))) localStorage.removeItem(key);
  for (const name of await copies()) indexedDB.deleteDatabase(name);
  await forgetPages();
  return true;
}

/** The text of unsaved edits, or of cards that wait for the network. */
function unsavedIn(key: string): string {
  const kept = localStorage.getItem(key) ?? "";
  if (key.startsWith(UNSAVED)) return kept;
  if (!key.startsWith(QUEUE)) return "";
  return (JSON.parse(kept || "[]") as { text: string }[]).map((card) => card.text).join("\n");
}

async function copies(): Promise<string[]> {
  try {
    const found = await indexedDB.databases();
    return found.map((each) => each.name ?? "").filter((name) => name.startsWith(PREFIX));
  } catch {
    return []; // where the store is forbidden nothing was kept
  }
}

/** Pages that a worker keeps for the time without network. */
async function forgetPages(): Promise<void> {
  try {
    for (const name of await caches.keys()) if (name.startsWith(PREFIX)) await caches.delete(name);
  } catch {
    return; // where the store is forbidden nothing was kept
  }
}

/** Shows `text` for copying; true if the person then chose `deed`, false if she stays. */
export function offer(why: string, text: string, deed: string, closable = true): Promise<boolean> {
  const dialog = document.createElement("dialog");
  dialog.className = "gw-dialog";
  const heading = document.createElement("h2");
  heading.className = "gw-h3";
  heading.id = "ungesichert";
  heading.textContent = why;
  dialog.setAttribute("aria-labelledby", heading.id);
  const field = document.createElement("textarea");
  field.className = "kern-form-input__input gw-unsaved";
  field.readOnly = true;
  field.rows = 8;
  field.value = text;
  field.setAttribute("aria-labelledby", heading.id);
  const row = document.createElement("form");
  row.method = "dialog";
  row.className = "gw-row";
  const copy = button(say("copy"), "secondary");
  copy.type = "button";
  copy.addEventListener("click", () => {
    void navigator.clipboard.writeText(text).then(() => label(copy, say("copied")));
  });
  const go = button(deed, "primary");
  go.value = "go";
  if (text) row.append(copy);
  if (closable) row.append(button(say("close"), "tertiary"));
  row.append(go);
  dialog.append(heading, ...(text ? [field] : []), row);
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "go");
    });
    dialog.showModal();
  });
}

function button(words: string, kind: string): HTMLButtonElement {
  const made = document.createElement("button");
  made.className = `kern-btn kern-btn--${kind}`;
  label(made, words);
  return made;
}

function label(made: HTMLButtonElement, words: string): void {
  const inside = document.createElement("span");
  inside.className = "kern-label";
  inside.textContent = words;
  made.replaceChildren(inside);
}
