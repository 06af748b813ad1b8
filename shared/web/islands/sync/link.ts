/** Asks for the address of a link below the toolbar of a text, and puts it on what is selected. */
import type { Editor } from "@tiptap/core";

import { say } from "./words";

/** Takes an existing link away; otherwise asks, with the text's selection kept until the answer. */
export function askForLink(editor: Editor, bar: HTMLElement): void {
  if (editor.isActive("link")) {
    editor.chain().focus().extendMarkRange("link").unsetLink().run();
    return;
  }
  const there = bar.nextElementSibling;
  if (there?.matches(".gw-linkform")) {
    there.remove();
    return;
  }
  const form = document.createElement("form");
  form.className = "gw-linkform gw-row";
  const field = document.createElement("input");
  field.className = "kern-form-input__input";
  field.type = "text";
  field.inputMode = "url";
  field.maxLength = 500;
  field.placeholder = "https://";
  field.setAttribute("aria-label", say("linkAddress"));
  const done = document.createElement("button");
  done.className = "kern-btn kern-btn--secondary kern-btn--x-small";
  const label = document.createElement("span");
  label.className = "kern-label";
  label.textContent = say("linkSet");
  done.append(label);
  form.append(field, done);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const href = address(field.value);
    form.remove();
    if (href) put(editor, href);
    else editor.commands.focus();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    form.remove();
    editor.commands.focus();
  });
  bar.after(form);
  field.focus();
}

function put(editor: Editor, href: string): void {
  if (editor.state.selection.empty) editor.chain().focus().insertContent({ type: "text", text: href, marks: [{ type: "link", attrs: { href } }] }).run();
  else editor.chain().focus().setLink({ href }).run();
}

/** As people type it: `example.org` is meant to be https; other schemes than those of the documents are none. */
export function address(typed: string): string {
  const text = typed.trim();
  if (!text || /\s/.test(text)) return "";
  if (/^(https?:\/\/|mailto:)\S+$/i.test(text)) return text;
  if (/^[^@\s/:]+@[^@\s/]+\.[^@\s/]+$/.test(text)) return `mailto:${text}`;
  return /^[a-z][a-z0-9+.-]*:/i.test(text) || !text.includes(".") ? "" : `https://${text}`;
}
