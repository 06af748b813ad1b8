/** The few words that scripts say, in the page's language. */
const WORDS = {
  de: {
    cancel: "Abbrechen",
    discard: "Verwerfen",
    failed: "Das hat nicht geklappt. Es ist nichts verloren, versuch es bitte noch einmal.",
    offline: "Keine Verbindung. Was du geschrieben hast, steht noch da.",
    restored: "Dein Text von vorhin ist wieder da.",
    tooMany: "Das war gerade sehr viel auf einmal. Bitte warte einen Moment.",
    yes: "Ja",
  },
  en: {
    cancel: "Cancel",
    discard: "Discard",
    failed: "That did not work. Nothing is lost, please try again.",
    offline: "No connection. What you wrote is still there.",
    restored: "The text you wrote earlier is back.",
    tooMany: "That was a lot at once. Please wait a moment.",
    yes: "Yes",
  },
} as const;

/** What is said for `key`; German unless the page is in English. */
export function say(key: keyof (typeof WORDS)["de"]): string {
  return (document.documentElement.lang.startsWith("en") ? WORDS.en : WORDS.de)[key];
}
