/** Tables in the texts of a plan: rows of cells that hold paragraphs, none of them merged; what `shared/documents` reads. */
import { callOrReturn, Extension, getExtensionField, Node, type AnyExtension, type Editor } from "@tiptap/core";
import { Document } from "@tiptap/extension-document";
import { TableCell } from "@tiptap/extension-table/cell";
import { TableHeader } from "@tiptap/extension-table/header";
import { TableRow } from "@tiptap/extension-table/row";
import type { Node as Made, NodeType } from "@tiptap/pm/model";
import { Plugin, TextSelection, type Command } from "@tiptap/pm/state";
import { addColumnAfter, addRowAfter, deleteColumn, deleteRow, deleteTable, goToNextCell, tableEditing } from "@tiptap/pm/tables";
import { ySyncPluginKey } from "@tiptap/y-tiptap";

import { announce } from "../page/announce";
import type { Tool } from "../sync/prose";
import { say } from "./words";

const ROWS = 3;
const COLUMNS = 3;

/** Cells are what they seem: none reaches over others, whatever a pasted table did. */
const CELL = {
  content: "paragraph+",
  addAttributes: () => ({
    colspan: { default: 1, parseHTML: () => 1, rendered: false },
    rowspan: { default: 1, parseHTML: () => 1, rendered: false },
    colwidth: { default: null, parseHTML: () => null, rendered: false },
  }),
};

/**
 * Rows that became shorter than others, because somebody added a column while somebody added a row, are filled up by
 * who next works in the table, and not by everybody who hears of it: two who did that at once would never come to an end.
 */
function editing(): Plugin {
  const { spec } = tableEditing({});
  const mend = spec.appendTransaction;
  return new Plugin({
    ...spec,
    appendTransaction(steps, before, now) {
      const heard = steps.every((step) => Boolean((step.getMeta(ySyncPluginKey) as { isChangeOrigin?: boolean } | undefined)?.isChangeOrigin));
      return heard ? null : mend?.call(this, steps, before, now);
    },
  });
}

/** Not the one of Tiptap, which brings a third more to load for widths set by hand and for Markdown. */
const TABLE = Node.create({
  name: "table",
  group: "wide", // between paragraphs and lists, not in them
  content: "tableRow+",
  isolating: true,
  tableRole: "table",
  parseHTML: () => [{ tag: "table" }],
  renderHTML: ({ HTMLAttributes }) => ["div", { class: "gw-scroll" }, ["table", HTMLAttributes, ["tbody", 0]]],
  addProseMirrorPlugins: () => [editing()],
  extendNodeSchema: (extension) => ({ tableRole: callOrReturn(getExtensionField(extension, "tableRole", extension)) as unknown }),
  addKeyboardShortcuts() {
    // Behind the last cell, Tab leaves the text as everywhere: no trap for the keyboard (WCAG 2.1.2).
    return {
      Tab: () => act(this.editor, goToNextCell(1)),
      "Shift-Tab": () => act(this.editor, goToNextCell(-1)),
    };
  },
});

const KEYS = Extension.create({
  name: "tableKeys",
  priority: 200, // before the line break that has the same keys
  addKeyboardShortcuts() {
    return { "Mod-Enter": () => act(this.editor, addRowAfter) && below(this.editor) };
  },
});

export const BLOCKS: AnyExtension[] = [
  Document.extend({ content: "(block | wide)+" }), TABLE, TableRow, TableCell.extend(CELL), TableHeader.extend(CELL), KEYS,
];

export const TOOLS: Tool[] = [
  { sign: say("table"), name: say("table"), shown: (editor) => !inTable(editor), run: insert },
  { sign: say("rowAdd"), name: say("rowAdd"), shown: inTable, run: (editor) => step(editor, addRowAfter) },
  { sign: say("columnAdd"), name: say("columnAdd"), shown: inTable, run: (editor) => step(editor, addColumnAfter) },
  { sign: say("rowRemove"), name: say("rowRemove"), shown: inTable, run: (editor) => step(editor, deleteRow) },
  { sign: say("columnRemove"), name: say("columnRemove"), shown: inTable, run: (editor) => step(editor, deleteColumn) },
  { sign: say("tableRemove"), name: say("tableRemove"), shown: inTable, run: (editor) => step(editor, deleteTable) },
];

const act = (editor: Editor, command: Command): boolean => command(editor.state, editor.view.dispatch.bind(editor.view), editor.view);

/** The last row or column goes with its table. */
function step(editor: Editor, command: Command): void {
  if (!act(editor, command)) act(editor, deleteTable);
  editor.view.focus();
}

/** To the first cell of the row below. */
function below(editor: Editor): boolean {
  const { $from } = editor.state.selection;
  const row = Array.from({ length: $from.depth }, (_, at) => at + 1).find((at) => $from.node(at).type.name === "tableRow");
  if (row) editor.commands.setTextSelection($from.after(row) + 3);
  return true;
}

function inTable(editor: Editor): boolean {
  return editor.isActive("table");
}

/** Below the block with the caret, or instead of it if it is empty and not the first; a paragraph follows. */
function insert(editor: Editor): void {
  const { schema, selection, doc, tr } = editor.state;
  const { tableHeader, tableCell, tableRow, table, paragraph } = schema.nodes as Record<string, NodeType>;
  if (!tableHeader || !tableCell || !tableRow || !table || !paragraph) return;
  const row = (kind: NodeType): Made => tableRow.create(null, Array.from({ length: COLUMNS }, () => kind.createAndFill() as Made));
  const { $from } = selection;
  const behind = $from.depth ? $from.after(1) : doc.content.size;
  const empty = $from.depth === 1 && !$from.parent.content.size && $from.before(1) > 0;
  const begin = empty ? $from.before(1) : behind;
  const made = table.create(null, Array.from({ length: ROWS }, (_, at) => row(at ? tableCell : tableHeader)));
  tr.replaceWith(begin, behind, behind === doc.content.size ? [made, paragraph.create()] : made);
  editor.view.dispatch(tr.setSelection(TextSelection.near(tr.doc.resolve(begin + 1))).scrollIntoView());
  editor.view.focus();
  announce(say("tableMade"));
}
