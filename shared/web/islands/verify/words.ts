/** What the verifier says to people; a fault's sentence gets its facts in place of `{…}`. */
import type { Fault, Verified } from "./report";

const FAULTS: Record<string, string> = {
  unreadable: "Das ist kein Prüfbündel.",
  truncated: "Die Datei endet zu früh: Sie wurde nicht vollständig übertragen oder gespeichert.",
  damaged: "{file} ist beschädigt: Die Bytes ergeben nicht mehr, was eingepackt wurde.",
  unknown_format: "Das Bündel hat das Format {format}. Diese Seite kennt es nicht.",
  missing_file: "{file} fehlt im Bündel.",
  wrong_checkpoint: "{file} ist kein unterschriebener Prüfpunkt.",
  wrong_key: "{file} hat niemand unterschrieben, dem hier vertraut wird: Es ist ein fremder Schlüssel.",
  wrong_signature: "Die Unterschrift unter {file} passt nicht zum Text.",
  wrong_origin: "{file} gehört zu einem anderen Protokoll: {origin}.",
  wrong_line: "Zeile {line} von {file} ist kein Eintrag.",
  missing_entry: "Eintrag {position} fehlt.",
  reordered_entry: "Eintrag {position} steht an einer anderen Stelle.",
  duplicate_entry: "Eintrag {position} kommt zweimal vor.",
  changed_header: "Der Kopf von Eintrag {position} wurde verändert.",
  changed_body: "Der Inhalt von Eintrag {position} wurde verändert.",
  changed_sealed: "Der versiegelte Teil von Eintrag {position} wurde verändert.",
  earlier_time: "Eintrag {position} ist früher datiert als der davor.",
  missing_version: "Eintrag {position} ist nicht der nächste in seiner Reihe {stream}: Davor fehlt etwas.",
  wrong_proof: "Der Beweis von Eintrag {position} führt nicht zum Prüfpunkt.",
  old_checkpoint: "Der Prüfpunkt ist zu alt: Er reicht bis Eintrag {size}, es gibt aber weitere.",
  missing_end: "Das Ende fehlt: Der Prüfpunkt umfasst {size} Einträge, vorhanden sind {entries}.",
  forked: "Das sind nicht die Einträge, die unterschrieben wurden: Über {size} Einträge ergibt sich eine andere Prüfsumme.",
  forked_earlier:
    "Ein früherer Prüfpunkt über {size} Einträge passt nicht zu diesen Einträgen: Das Protokoll wurde umgeschrieben.",
  older_than_yours:
    "Dein Prüfpunkt umfasst {size} Einträge, dieses Bündel nur {entries}: Es ist älter oder wurde gekürzt.",
  not_in_yours:
    "Dein Prüfpunkt über {size} Einträge passt nicht zu diesen Einträgen: Das Protokoll wurde umgeschrieben, oder es " +
    "gibt zwei.",
  wrong_attachment: "{file} nennt eine Datei, die in Eintrag {position} nicht vorkommt.",
};

const AGREED = " Bis Eintrag {agreed} passen sie noch zu einem früheren Prüfpunkt.";

const SERVICES: Record<string, string> = {
  marketplace: "Projekte",
  planning: "Pläne",
  funding: "Förderung",
  events: "Termine",
  realtime: "Schnittstellen",
};

export const WORDS = {
  bad: "Hier stimmt etwas nicht",
  badKey: "Der Schlüssel lässt sich nicht lesen. Ein Schlüssel ist ein einziges Wort: Name, plus, Kennung, plus, Zeichen.",
  badOwn: "Dein Prüfpunkt lässt sich nicht lesen. Er beginnt mit drei Zeilen: Name, Zahl, Prüfsumme.",
  bundled:
    "Geprüft wurde mit den Schlüsseln aus dem Bündel selbst. Gib oben den Schlüssel an, den du anderswo her hast, etwa " +
    "aus einem Bescheid: Erst dann steht fest, wer unterschrieben hat.",
  compared: "Dein Prüfpunkt passt dazu.",
  failed: "Die Prüfung ist abgebrochen. Vielleicht ist die Datei für diesen Browser zu groß.",
  firstOnly: "Geprüft wird bis zum ersten Fehler. Was danach kommt, sagt diese Prüfung nicht.",
  good: "Alles stimmt",
  noEd25519:
    "Dieser Browser kann die Unterschriften (Ed25519) nicht prüfen. Nimm einen neueren: Firefox ab 129, Safari ab 17, " +
    "Chrome oder Edge ab 137. Oder prüfe mit gemeinwerk verify.",
  root: "Prüfsumme über alle Einträge",
  notCompared: "Mit deinem Prüfpunkt lässt sich dieser Auszug nicht vergleichen: Er ist über eine andere Zahl.",
};

const count = new Intl.NumberFormat("de-DE");

export function faultIn(fault: Fault): string {
  const said = (FAULTS[fault.code] ?? fault.code) + (fault.facts["agreed"] ? AGREED : "");
  const sentence = said.replace(/\{(\w+)\}/g, (_, name: string) => {
    const fact = fault.facts[name] ?? "";
    return typeof fact === "number" ? count.format(fact) : fact || "Dein Prüfpunkt";
  });
  return fault.service ? `${titleOf(fault.service)}: ${sentence}` : sentence;
}

export function titleOf(service: string): string {
  return SERVICES[service] ?? service;
}

export function moving(service: string, done: number): string {
  return `${titleOf(service)}: ${count.format(done)} Einträge geprüft`;
}

/** What holds of a log, one sentence a line. */
export function* linesOf(log: Verified): Generator<string> {
  yield log.whole
    ? `${entries(log.entries)}, lückenlos vom ersten bis zum letzten.`
    : `${entries(log.entries)} von ${count.format(log.size)}, jeder mit seinem Beweis.`;
  for (const { key, time } of log.signed) {
    const [name = "", id = ""] = key.split("+");
    yield time === null
      ? `Unterschrieben: ${name}, Schlüssel ${id}.`
      : `Bezeugt: ${name}, Schlüssel ${id}, am ${moment(time)}.`;
  }
  if (log.earlier) yield `Auch ${log.earlier === 1 ? "ein früherer Prüfpunkt passt" : `${log.earlier} frühere Prüfpunkte passen`} dazu.`;
  if (log.redacted.length) {
    yield `Ohne Inhalt, weil geschwärzt: ${log.redacted.length === 1 ? "Eintrag" : "Einträge"} ${log.redacted.join(", ")}.`;
  }
}

export function madeAt(iso: string): string {
  const time = Date.parse(iso);
  return Number.isNaN(time) ? iso : moment(time / 1000);
}

function entries(number: number): string {
  return number === 1 ? "Ein Eintrag" : `${count.format(number)} Einträge`;
}

function moment(seconds: number): string {
  return new Date(seconds * 1000).toLocaleString("de-DE", { dateStyle: "long", timeStyle: "short" });
}
