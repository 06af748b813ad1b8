// What a verifier says of a bundle: the same words for programs as `gemeinwerk verify --json`.

export type Facts = Record<string, string | number>;

/** The first thing that does not hold; `service` is "" where it is the file as a whole. */
export interface Fault {
  code: string;
  service: string;
  facts: Facts;
}

export interface Signed {
  key: string;
  time: number | null;
}

export interface Verified {
  service: string;
  origin: string;
  size: number;
  root: string;
  whole: boolean;
  entries: number;
  earlier: number;
  redacted: number[];
  signed: Signed[];
}

export interface Report {
  holds: boolean;
  trusted: boolean;
  compared: boolean | null;
  municipality: string;
  made_at: string;
  logs: Verified[];
  fault: Fault | null;
}

/** Something does not hold; nothing after it was looked at. */
export class Broken extends Error {
  readonly fault: Fault;

  constructor(code: string, service = "", facts: Facts = {}) {
    super(code);
    this.fault = { code, service, facts };
  }
}
