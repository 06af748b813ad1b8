/** Rich text that several people write: paragraphs, headings, lists, quotes; what `shared/documents.py` can read. */
import { Editor, Extension, type AnyExtension } from "@tiptap/core";
import { Blockquote } from "@tiptap/extension-blockquote";
import { Bold } from "@tiptap/extension-bold";
import { Collaboration } from "@tiptap/extension-collaboration";
import { CollaborationCaret } from "@tiptap/extension-collaboration-caret";
import { Document } from "@tiptap/extension-document";
import { HardBreak } from "@tiptap/extension-hard-break";
import { Heading } from "@tiptap/extension-heading";
import { Italic } from "@tiptap/extension-italic";
import { Link } from "@tiptap/extension-link";
import { BulletList, ListItem, ListKeymap, OrderedList } from "@tiptap/extension-list";
import { Paragraph } from "@tiptap/extension-paragraph";
import { Text } from "@tiptap/extension-text";
import type { Awareness } from "y-protocols/awareness";
import type * as Y from "yjs";

import { askForLink } from "./link";
import { english } from "./words";

export type Writer = { name: string; colour: number };

type User = { name?: unknown; colour?: unknown };

/** A button above a text; `active`: what it shows whether the caret is in, `shown`: when there is any. */
export type Tool = {
  sign: string;
  name: string;
  active?: string;
  shown?: (editor: Editor) => boolean;
  run: (editor: Editor, bar: HTMLElement) => void;
};

/** What a text may hold beyond paragraphs, headings, lists and quotes; a document among it, and its buttons. */
export type More = { blocks: AnyExtension[]; tools: Tool[] };

const PLAIN: More = { blocks: [Document], tools: [] };

/** Starts an editor in `host` on the root `root`; a toolbar stands before it unless it is only read. */
export function write(host: HTMLElement, doc: Y.Doc, root: string, awareness: Awareness, me: Writer, mayWrite: boolean, more: More = PLAIN): Editor {
  const label = host.closest("[aria-labelledby]")?.getAttribute("aria-labelledby") ?? "";
  host.replaceChildren();
  host.classList.remove("gw-prose"); // what the server showed becomes the frame of the editor
  host.removeAttribute("role");
  const editor = new Editor({
    element: host,
    editable: mayWrite,
    injectCSS: false,
    extensions: [
      ...BLOCKS,
      ...more.blocks,
      Collaboration.configure({ fragment: doc.getXmlFragment(root) }),
      CollaborationCaret.configure({ provider: { awareness }, user: me, render: caret, selectionRender: selection }),
    ],
    editorProps: {
      attributes: { class: "gw-prose", role: "textbox", "aria-multiline": "true", ...(label && { "aria-labelledby": label }) },
    },
  });
  host.removeAttribute("aria-labelledby"); // the text itself bears the name now
  if (mayWrite) host.before(toolbar(editor, [...TOOLS, ...more.tools]));
  return editor;
}

const LEAVE = Extension.create({
  name: "leave",
  addKeyboardShortcuts() {
    // Tab moves on, as everywhere on the page: no trap for the keyboard (WCAG 2.1.2).
    return { Escape: () => this.editor.commands.blur() };
  },
});

const BLOCKS: AnyExtension[] = [
  Paragraph, Text, HardBreak, Bold, Italic, Blockquote, BulletList, OrderedList, ListItem, ListKeymap, LEAVE,
  Heading.configure({ levels: [3, 4] }),
  Link.configure({ openOnClick: false, autolink: true, protocols: ["mailto"], HTMLAttributes: { rel: "noopener nofollow", target: null } }),
];

const hue = (user: User): number => (Number.isInteger(user.colour) && Number(user.colour) >= 1 && Number(user.colour) <= 8 ? Number(user.colour) : 1);

function caret(user: User): HTMLElement {
  const drawn = document.createElement("span");
  drawn.className = `gw-caret gw-who gw-who--${hue(user)}`;
  const flag = document.createElement("span");
  flag.className = "gw-caret__flag";
  flag.textContent = String(user.name ?? "");
  drawn.append("\u2060", flag, "\u2060"); // joiners, so that no line breaks beside it
  return drawn;
}

const selection = (user: User): { class: string } => ({ class: `gw-selected gw-who gw-who--${hue(user)}` });

const tool = (sign: string, german: string, inEnglish: string, active: string, run: Tool["run"]): Tool => ({ sign, name: english() ? inEnglish : german, active, run });

const TOOLS: Tool[] = [
  tool("B", "Fett", "Bold", "bold", (editor) => editor.chain().focus().toggleBold().run()),
  tool("I", "Kursiv", "Italic", "italic", (editor) => editor.chain().focus().toggleItalic().run()),
  tool("H", "Überschrift", "Heading", "heading", (editor) => editor.chain().focus().toggleHeading({ level: 3 }).run()),
  tool("•", "Liste", "List", "bulletList", (editor) => editor.chain().focus().toggleBulletList().run()),
  tool("1.", "Nummern", "Numbers", "orderedList", (editor) => editor.chain().focus().toggleOrderedList().run()),
  tool("„", "Zitat", "Quote", "blockquote", (editor) => editor.chain().focus().toggleBlockquote().run()),
  tool("Link", "Link", "Link", "link", askForLink),
];

/** Buttons above a text; one of them is in the tab order, arrows go on (ARIA, toolbar pattern). */
function toolbar(editor: Editor, tools: Tool[]): HTMLElement {
  const bar = document.createElement("div");
  bar.className = "gw-tools-text";
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", english() ? "Format" : "Formatierung");
  const buttons = tools.map(({ sign, name, run }, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "gw-iconbtn";
    button.textContent = sign;
    button.title = name;
    button.setAttribute("aria-label", sign.length > 1 && sign !== button.title ? `${sign} ${button.title}` : button.title); // begins with what is seen
    button.tabIndex = place ? -1 : 0;
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => run(editor, bar));
    return button;
  });
  const turn = (to?: HTMLButtonElement): void => {
    for (const button of buttons) button.tabIndex = button === to ? 0 : -1;
  };
  const paint = (): void => {
    tools.forEach(({ active, shown }, place) => {
      const button = buttons[place] as HTMLButtonElement;
      button.hidden = shown ? !shown(editor) : false;
      if (!active) return;
      button.setAttribute("aria-pressed", String(editor.isActive(active)));
      button.classList.toggle("is-on", editor.isActive(active));
    });
    if (buttons.some((button) => button.hidden && !button.tabIndex)) turn(buttons[0]);
  };
  bar.addEventListener("keydown", (event) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const there = buttons.filter((button) => !button.hidden);
    const from = there.indexOf(document.activeElement as HTMLButtonElement);
    const to = there[(from + step + there.length) % there.length];
    if (!step || from < 0 || !to) return;
    turn(to);
    to.focus();
  });
  editor.on("transaction", paint);
  paint();
  bar.append(...buttons);
  return bar;
}
