/** Asks before a form with `data-confirm="…?"` (on the form or its button) goes off; `data-confirm-yes` names the deed. */
import { say } from "./words";

/** Listens before htmx does, so that the question also holds for its forms. */
export function askFirst(): void {
  const agreed = new WeakSet<HTMLFormElement>();
  const listen = (event: SubmitEvent): void => {
    const form = event.target as HTMLFormElement;
    const asked = event.submitter?.hasAttribute("data-confirm") ? event.submitter : form;
    const question = asked.getAttribute("data-confirm");
    if (!question || agreed.delete(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const deed = asked.getAttribute("data-confirm-yes") ?? event.submitter?.textContent?.trim();
    void ask(question, deed || say("yes")).then((yes) => {
      if (!yes) return;
      agreed.add(form);
      form.requestSubmit(event.submitter);
    });
  };
  document.addEventListener("submit", listen, { capture: true });
}

/** Puts `question` in a dialog; true if the person chose `deed`, false for cancel and Escape. */
export function ask(question: string, deed: string): Promise<boolean> {
  const dialog = document.createElement("dialog");
  dialog.className = "gw-dialog";
  const heading = document.createElement("h2");
  heading.className = "gw-h3";
  heading.id = "frage";
  heading.textContent = question;
  dialog.setAttribute("aria-labelledby", heading.id);
  const row = document.createElement("form");
  row.method = "dialog";
  row.className = "gw-row";
  row.append(button(say("cancel"), "no", "secondary"), button(deed, "yes", "primary"));
  dialog.append(heading, row);
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    dialog.showModal();
  });
}

function button(words: string, value: string, kind: string): HTMLButtonElement {
  const made = document.createElement("button");
  made.className = `kern-btn kern-btn--${kind}`;
  made.value = value;
  const label = document.createElement("span");
  label.className = "kern-label";
  label.textContent = words;
  made.append(label);
  return made;
}
