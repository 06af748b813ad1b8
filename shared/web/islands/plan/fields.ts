/** Plain fields of the project's profile: place, reach, first and last day. */
import type * as Y from "yjs";

import { put, type Cell } from "../sync/cells";
import { OWN } from "../sync/table";

/** Binds every `[data-field]` input to the map `profile`; what was written last counts. */
export function bindFields(doc: Y.Doc, mayWrite: () => boolean, here: (cell: string) => void): void {
  const fields = doc.getMap("profile");
  const inputs = [...document.querySelectorAll<Cell>("[data-field]")];
  const fill = (): void => {
    for (const input of inputs) put(input, String(fields.get(input.dataset["field"] ?? "") ?? ""), false);
  };
  for (const input of inputs) {
    const name = input.dataset["field"] ?? "";
    input.toggleAttribute("readonly", !mayWrite()); // until now, so that nothing is typed that nobody keeps
    input.addEventListener("input", () => {
      if (mayWrite()) doc.transact(() => fields.set(name, input.value.slice(0, 120)), OWN);
    });
    input.addEventListener("focus", () => here(`profile/${name}`));
    input.addEventListener("blur", () => {
      here("");
      fill();
    });
  }
  fields.observe(fill);
  fill();
}
