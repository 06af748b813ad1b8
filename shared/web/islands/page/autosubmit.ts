/** Sends a form when a choice inside `data-autosubmit` changes; its button (`gw-fallback`) is for pages without scripts. */

type Choice = HTMLSelectElement | HTMLInputElement;

/**
 * With the keyboard a select or radio group changes on every arrow: then the form goes off on Enter or when the field
 * is left (WCAG 2.2, 3.2.2 On Input).
 */
export function submitChoices(): void {
  const walking = new WeakSet<Choice>();
  const changed = new WeakSet<Choice>();
  const send = (field: Choice): void => {
    walking.delete(field);
    if (changed.delete(field)) field.form?.requestSubmit();
  };
  on("pointerdown", (field) => walking.delete(field));
  on("keydown", (field, event) => {
    const { key } = event as KeyboardEvent;
    if (key === "Enter" && changed.has(field)) {
      event.preventDefault();
      send(field);
    } else if (key === "Enter" || key === " ") walking.delete(field); // opens the list: what is chosen there is meant
    else if (/^(Arrow|Page|Home|End|.$)/.test(key) && field.type !== "checkbox") walking.add(field);
  });
  on("change", (field) => {
    changed.add(field);
    if (!walking.has(field)) send(field);
  });
  on("focusout", send);
}

function on(name: string, act: (field: Choice, event: Event) => void): void {
  document.addEventListener(name, (event) => {
    const field = event.target;
    if (isChoice(field) && field.closest("[data-autosubmit]")) act(field, event);
  });
}

function isChoice(field: EventTarget | null): field is Choice {
  if (field instanceof HTMLSelectElement) return true;
  return field instanceof HTMLInputElement && (field.type === "checkbox" || field.type === "radio");
}
