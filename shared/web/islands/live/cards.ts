/** Cards and columns of a meeting, as `shared/contracts/documents.py` has them. */
import type * as Y from "yjs";

import { Table, type Fields, type Row } from "../sync/table";

export const LONGEST = 280;

const CARD: Fields = { text: "", author: "", name: "", site: false, column: "", cluster: "", colour: 0, item: "" };
const COLUMN: Fields = { label: "", colour: 1, item: "" };

export type Card = Row & { text: string; author: string; name: string; site: boolean; column: string; cluster: string; colour: number; item: string };
export type Column = Row & { label: string; colour: number; item: string };

/** A column with the cards on top level, each with those that lie under it. */
export type Pile = { column: Column | null; cards: { card: Card; under: Card[] }[] };

export class Board {
  readonly cards: Table;
  readonly columns: Table;

  constructor(doc: Y.Doc) {
    this.cards = new Table(doc, "cards", new Set(["text"]), CARD);
    this.columns = new Table(doc, "boards", new Set(["label"]), COLUMN);
  }

  allColumns(item = ""): Column[] {
    return (this.columns.all() as Column[]).filter((column) => !column.item || !item || column.item === item);
  }

  /**
   * The cards as they lie: first those in no column, then column by column. A card whose column or cover is gone lies
   * where it can be found; one that would lie under itself lies on top.
   */
  piles(item = ""): Pile[] {
    const columns = this.allColumns(item);
    const cards = (this.cards.all() as Card[]).filter((card) => !item || !card.item || card.item === item);
    const byId = new Map(cards.map((card) => [card.id, card]));
    const tops = cards.filter((card) => coverOf(card, byId) === card);
    const under = (top: Card): Card[] => cards.filter((card) => card !== top && coverOf(card, byId) === top);
    const pile = (column: Column | null): Pile => ({
      column,
      cards: tops.filter((card) => whereOf(card, columns) === (column?.id ?? "")).map((card) => ({ card, under: under(card) })),
    });
    return [pile(null), ...columns.map(pile)];
  }

  /** Lays a card at the end of a column, or right before the card `before`. */
  move(id: string, column: string, before?: string): void {
    const there = (this.cards.all() as Card[]).filter((card) => card.column === column && card.id !== id);
    const at = before === undefined ? there.length : there.findIndex((card) => card.id === before);
    this.cards.together(() => {
      this.cards.set(id, "column", column);
      this.cards.set(id, "cluster", "");
      this.cards.place(id, there[at - 1]?.order ?? "", there[at]?.order ?? "");
    });
  }

  /** Lays a card, with all that lie under it, under another. */
  cluster(id: string, cover: string): void {
    if (id === cover) return;
    const moved = (this.cards.all() as Card[]).filter((card) => card.id === id || card.cluster === id);
    const column = String((this.cards.all() as Card[]).find((card) => card.id === cover)?.column ?? "");
    this.cards.together(() => {
      for (const card of moved) {
        this.cards.set(card.id, "cluster", cover);
        this.cards.set(card.id, "column", column);
      }
    });
  }
}

/** The card on top of the pile that this card is in; two people may have laid two cards under each other. */
function coverOf(card: Card, byId: Map<string, Card>): Card {
  const seen = [card];
  for (let here = card; ; ) {
    const cover = byId.get(here.cluster);
    if (!cover) return here;
    if (seen.includes(cover)) return seen.slice(seen.indexOf(cover)).reduce((least, each) => (each.id < least.id ? each : least));
    seen.push(cover);
    here = cover;
  }
}

const whereOf = (card: Card, columns: Column[]): string => (columns.some((column) => column.id === card.column) ? card.column : "");
