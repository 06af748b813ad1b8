/** Freezes a revision of exactly what this page has as saved. */
import * as Y from "yjs";

import { announce, notice } from "../page/announce";
import type { Session } from "../sync/session";
import { say } from "./words";

const PATIENCE = 5_000;

/**
 * Before the form `data-freeze` goes off, everything typed must be durable: then its hidden field `saved` says what the
 * page had as saved: `<position in the stream of documents>:<state vector of the document, base64>`.
 */
export function freezeSaved(session: Session): void {
  const ready = new WeakSet<HTMLFormElement>();
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (!form.matches("[data-freeze]") || ready.delete(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    announce(say("freezing"));
    void durable(session).then((saved) => {
      if (!saved) {
        notice(say("notSaved"), true);
        return;
      }
      const vector = btoa(String.fromCharCode(...Y.encodeStateVector(session.doc)));
      field(form).value = `${session.connection.position}:${vector}`;
      ready.add(form);
      // Later: a form that is just going off does not go off again (HTML, form submission algorithm, step 5).
      setTimeout(() => form.requestSubmit(event.submitter));
    });
  }, { capture: true });
}

/** Whether everything is durable within the patience of somebody who has pressed a button. */
export async function durable(session: Session, patience = PATIENCE): Promise<boolean> {
  const until = Date.now() + patience;
  while (session.connection.state.phase !== "saved" && Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return session.connection.state.phase === "saved";
}

function field(form: HTMLFormElement): HTMLInputElement {
  const known = form.querySelector<HTMLInputElement>('input[name="saved"]');
  if (known) return known;
  const made = document.createElement("input");
  made.type = "hidden";
  made.name = "saved";
  form.append(made);
  return made;
}
