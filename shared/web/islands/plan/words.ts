/** What the plan's tables are called and say, in the page's language. */
import { english } from "../sync/words";

const DE = {
  after: "Nach",
  amount: "Betrag",
  balance: "Kosten und Einnahmen sind ausgeglichen",
  beyond: "Einnahmen übersteigen die Kosten um {amount} €",
  category: "Kategorie",
  checkLater: "Die Regeln des Topfes lassen sich gerade nicht prüfen.",
  day: "Tag",
  effort: "Stunden",
  ends: "Ende",
  freezing: "Wird festgehalten …",
  frozen: "Die Fassung ist festgehalten.",
  hours: "Stunden",
  kind: "Art",
  label: "Bezeichnung",
  lacks: "Es fehlen",
  missing: "Es fehlen {amount} € Einnahmen",
  month: "Wann",
  moved: "{name} steht jetzt an Stelle {place}.",
  no: "Nr.",
  none: "Noch keine Zeilen.",
  notAfter: "Bitte Nummern wie A1, A3.",
  notChoice: "Bitte eine der Möglichkeiten wählen.",
  notDay: "Bitte einen Tag.",
  notAmount: "Bitte eine Menge wie 24 Stück oder 1,5 Tage.",
  notMoney: "Bitte einen Betrag wie 1.234,50.",
  notMonth: "Bitte einen Monat wie Apr 2027.",
  notSaved: "Erst wenn alles gespeichert ist, lässt sich eine Fassung festhalten. Bitte versuch es gleich noch einmal.",
  notQuantity: "Bitte eine Zahl wie 1,5.",
  owner: "Wer",
  price: "Einzelpreis",
  quantity: "Menge",
  reads: "liest",
  removed: "{name} ist gelöscht. Rückgängig mit Strg+Z.",
  rowMenu: "{name} verschieben oder löschen",
  shortEven: "ausgeglichen",
  shortLacks: "es fehlen {amount} €",
  shortTooMuch: "{amount} € zu viel",
  source: "Woher",
  starts: "Beginn",
  state: "Stand",
  sum: "Summe",
  sumCosts: "Summe Kosten",
  sumIncomes: "Summe Einnahmen",
  tooMuch: "Zu viel",
};

const EN: typeof DE = {
  after: "After",
  amount: "Amount",
  balance: "Costs and income are balanced",
  beyond: "Income exceeds the costs by €{amount}",
  category: "Category",
  checkLater: "The rules of the pot cannot be checked right now.",
  day: "Day",
  effort: "Hours",
  ends: "End",
  freezing: "Being frozen …",
  frozen: "The revision is frozen.",
  hours: "Hours",
  kind: "Kind",
  label: "Name",
  lacks: "Lacking",
  missing: "Income lacks €{amount}",
  month: "When",
  moved: "{name} is now at place {place}.",
  no: "No.",
  none: "No rows yet.",
  notAfter: "Numbers such as A1, A3, please.",
  notChoice: "One of the choices, please.",
  notDay: "A day, please.",
  notAmount: "An amount such as 24 pieces or 1,5 days, please.",
  notMoney: "An amount such as 1.234,50, please.",
  notMonth: "A month such as Apr 2027, please.",
  notSaved: "A revision can be frozen only when everything is saved. Please try again in a moment.",
  notQuantity: "A number such as 1,5, please.",
  owner: "Who",
  price: "Unit price",
  quantity: "Quantity",
  reads: "reads",
  removed: "{name} is deleted. Undo with Ctrl+Z.",
  rowMenu: "Move or delete {name}",
  shortEven: "balanced",
  shortLacks: "€{amount} lacking",
  shortTooMuch: "€{amount} too much",
  source: "From",
  starts: "Start",
  state: "State",
  sum: "Sum",
  sumCosts: "Sum of costs",
  sumIncomes: "Sum of income",
  tooMuch: "Too much",
};

/** Choices of fields: value → German and English. */
const CHOICES = {
  income: {
    own: ["Eigenmittel", "Own money"], donation: ["Spenden", "Donations"], in_kind: ["Sachleistung", "In kind"],
    volunteer: ["Eigenleistung", "Volunteering"], applied: ["beantragt", "applied for"],
    granted: ["bewilligt", "granted"], other: ["Sonstiges", "Other"],
  },
  work: { open: ["offen", "open"], doing: ["in Arbeit", "in progress"], done: ["fertig", "done"] },
  resource: {
    people: ["Menschen", "People"], room: ["Raum", "Room"], thing: ["Dinge", "Things"],
    know_how: ["Wissen", "Know-how"], hours: ["Zeit", "Time"],
  },
  supply: { needed: ["gesucht", "needed"], offered: ["angeboten", "offered"], secured: ["gesichert", "secured"] },
  part: {
    profile: ["Profil", "Profile"], work: ["Arbeit", "Work"], resources: ["Ressourcen", "Resources"],
    schedule: ["Zeit", "Schedule"], finance: ["Finanzen", "Finance"],
  },
} as const;

export type Choices = keyof typeof CHOICES;

export function say(key: keyof typeof DE, facts: Record<string, string> = {}): string {
  return (english() ? EN : DE)[key].replace(/\{(\w+)\}/g, (whole, name: string) => facts[name] ?? whole);
}

export function choices(of: Choices): [value: string, words: string][] {
  return Object.entries(CHOICES[of]).map(([value, words]) => [value, words[english() ? 1 : 0] as string]);
}

export function choice(of: Choices, value: string): string {
  return choices(of).find(([each]) => each === value)?.[1] ?? value;
}
