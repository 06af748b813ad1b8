// Signed notes, checkpoints and keys after C2SP (signed-note, tlog-checkpoint, tlog-cosignature).

import { sha256, hex } from "./sha256";
import { joined } from "./zip";

export const [LOG, WITNESS] = [1, 4];
const SIGNATURES = 100;
const NAME = /^[^\s+]+$/u;
const DASH = "\u2014 ";
const utf8 = new TextEncoder();

/** Why a note cannot be relied upon: form, signature, or unknown_key. */
export class BadNote extends Error {
  constructor(readonly code: "form" | "signature" | "unknown_key") {
    super(code);
  }
}

/** This browser cannot check Ed25519 signatures. */
export class NoEd25519 extends Error {}

export interface Key {
  name: string;
  kind: number;
  id: string;
  bytes: Uint8Array<ArrayBuffer>;
  text: string;
}

interface Line {
  name: string;
  id: string;
  value: Uint8Array<ArrayBuffer>;
}

export interface Note {
  text: string;
  lines: Line[];
}

export interface Checkpoint {
  origin: string;
  size: number;
  root: string;
}

/** A key from its one word: name, id in hex, base64 of kind and key. */
export function readKey(text: string): Key {
  const [name = "", id = "", ...rest] = text.split("+");
  const data = unpacked(rest.join("+"));
  if (!NAME.test(name) || data?.length !== 33 || (data[0] !== LOG && data[0] !== WITNESS)) throw new BadNote("form");
  const key = named(name, data);
  if (key.id !== id) throw new BadNote("form");
  return key;
}

/** The same key under another name. */
export function renamed(key: Key, name: string): Key {
  return named(name, joined([Uint8Array.of(key.kind), key.bytes]));
}

/** `data`: the kind, and the 32 bytes of the key. */
function named(name: string, data: Uint8Array<ArrayBuffer>): Key {
  const id = hex(sha256(utf8.encode(name), Uint8Array.of(10), data).subarray(0, 4));
  const text = `${name}+${id}+${btoa(String.fromCharCode(...data))}`;
  return { name, kind: data[0]!, id, bytes: data.slice(1), text };
}

/** A note from its text; nothing is verified. */
export function readNote(text: string): Note {
  const blank = text.lastIndexOf("\n\n");
  const lines = text.slice(blank + 2).split("\n");
  // eslint-disable-next-line no-control-regex
  if (blank < 0 || /[\x00-\x09\x0b-\x1f]/.test(text) || lines.pop() !== "") throw new BadNote("form");
  if (lines.length === 0 || lines.length > SIGNATURES) throw new BadNote("form");
  return { text: text.slice(0, blank + 1), lines: lines.map(readLine) };
}

function readLine(line: string): Line {
  const at = line.indexOf(" ", DASH.length);
  const name = line.slice(DASH.length, at);
  const data = unpacked(line.slice(at + 1));
  if (!line.startsWith(DASH) || at < 0 || !NAME.test(name) || !data || data.length < 5) throw new BadNote("form");
  return { name, id: hex(data.subarray(0, 4)), value: data.slice(4) };
}

/** The checkpoint in a note's text; lines after the third are passed over. */
export function readCheckpoint(text: string): Checkpoint {
  const lines = text.split("\n");
  const [origin = "", size = "", root = ""] = lines;
  const hash = unpacked(root);
  if (lines.length < 4 || lines.pop() !== "" || !lines.every(Boolean)) throw new BadNote("form");
  if (!/^(0|[1-9][0-9]{0,18})$/.test(size) || hash?.length !== 32) throw new BadNote("form");
  return { origin, size: Number(size), root: hex(hash) };
}

/** Who of `keys` has signed, each with the time at which a witness saw it. */
export async function signers(note: Note, keys: Key[]): Promise<[Key, number | null][]> {
  const found: [Key, number | null][] = [];
  for (const line of note.lines) {
    const key = keys.find((one) => one.name === line.name && one.id === line.id);
    if (key) found.push([key, await verified(note.text, line.value, key)]);
  }
  if (found.length === 0) throw new BadNote("unknown_key");
  return found;
}

async function verified(text: string, value: Uint8Array<ArrayBuffer>, key: Key): Promise<number | null> {
  let time: number | null = null;
  let [signed, signature] = [text, value];
  if (key.kind === WITNESS) {
    if (value.length < 8) throw new BadNote("signature");
    const seconds = new DataView(value.buffer, value.byteOffset).getBigUint64(0);
    time = Number(seconds);
    [signed, signature] = [`cosignature/v1\ntime ${seconds}\n${text}`, value.slice(8)];
  }
  if (!(await fits(key.bytes, signature, utf8.encode(signed)))) throw new BadNote("signature");
  return time;
}

/** The first test vector of RFC 8032, 7.1: who cannot check this one can check none. */
const PROBE = [
  "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
].map((text) => Uint8Array.from(text.match(/../g)!, (two) => parseInt(two, 16)));

/** Throws `NoEd25519` where the browser cannot check signatures. */
export async function needEd25519(): Promise<void> {
  if (!(await fits(PROBE[0]!, PROBE[1]!, new Uint8Array(0)))) throw new NoEd25519();
}

async function fits(
  key: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
  signed: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  try {
    const known = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify({ name: "Ed25519" }, known, signature, signed);
  } catch {
    return false;
  }
}

/** Base64 in the one way to write it (RFC 4648, 4); null for any other text. */
export function unpacked(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    const plain = atob(text);
    return btoa(plain) === text ? joined([Uint8Array.from(plain, (sign) => sign.charCodeAt(0))]) : null;
  } catch {
    return null;
  }
}
