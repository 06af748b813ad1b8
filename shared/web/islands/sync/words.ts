/** What the editing pages say, in the page's language. */
const WORDS = {
  de: {
    add: "Zeile",
    broken_4403: "Du kannst hier gerade nicht mehr schreiben.",
    broken_4413: "Dieses Dokument ist zu groß geworden.",
    broken_4422: "Eine Änderung ließ sich nicht übernehmen.",
    broken_4426: "Diese Seite ist veraltet.",
    broken: "Die Verbindung zu diesem Dokument ist beendet.",
    close: "Schließen",
    connecting: "Verbindet …",
    copied: "Kopiert.",
    copy: "Text kopieren",
    down: "nach unten",
    heavy: "Dieses Dokument ist fast voll. Bitte teile es auf oder kürze, was nicht mehr gebraucht wird.",
    here: "Jetzt hier",
    joined: "{name} ist da.",
    left: "{name} ist gegangen.",
    me: "du",
    notConnected: "Gerade nicht verbunden",
    reading: "Du liest mit",
    offline: "Ohne Netz: auf diesem Gerät behalten",
    reload: "Seite neu laden",
    remove: "löschen",
    saved: "Gespeichert um {time} Uhr",
    saving: "Speichert …",
    signIn: "Neu anmelden",
    signInWhy: "Deine Anmeldung ist abgelaufen. Dein Text bleibt hier stehen.",
    unsaved: "Das hier war noch nicht gespeichert. Kopiere es dir, bevor du weitergehst:",
    unsavedSignOut: "Das hier ist noch nicht gespeichert. Beim Abmelden wird es von diesem Gerät entfernt.",
    stillSignOut: "Trotzdem abmelden",
    up: "nach oben",
    writes: "{name} schreibt",
  },
  en: {
    add: "Row",
    broken_4403: "You can no longer write here.",
    broken_4413: "This document has become too big.",
    broken_4422: "A change could not be taken over.",
    broken_4426: "This page is outdated.",
    broken: "The connection to this document has ended.",
    close: "Close",
    connecting: "Connecting …",
    copied: "Copied.",
    copy: "Copy text",
    down: "down",
    heavy: "This document is nearly full. Please split it, or shorten what is no longer needed.",
    here: "Here now",
    joined: "{name} is here.",
    left: "{name} has left.",
    me: "you",
    notConnected: "Not connected right now",
    reading: "You are reading along",
    offline: "No network: kept on this device",
    reload: "Reload the page",
    remove: "delete",
    saved: "Saved at {time}",
    saving: "Saving …",
    signIn: "Sign in again",
    signInWhy: "Your session has ended. Your text stays here.",
    unsaved: "This was not saved yet. Copy it before you go on:",
    unsavedSignOut: "This is not saved yet. Signing out removes it from this device.",
    stillSignOut: "Sign out anyway",
    up: "up",
    writes: "{name} is typing",
  },
} as const;

export type Word = keyof (typeof WORDS)["de"];

export const english = (): boolean => document.documentElement.lang.startsWith("en");

/** What is said for `key`, with `{…}` filled; German unless the page is in English. */
export function say(key: Word, facts: Record<string, string> = {}): string {
  const words = (english() ? WORDS.en : WORDS.de)[key];
  return words.replace(/\{(\w+)\}/g, (whole, name: string) => facts[name] ?? whole);
}
