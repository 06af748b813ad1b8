// A zip file (APPNOTE.TXT), as far as a bundle needs it: stored or deflated, unpacked piece by piece.

import { Broken } from "./report";

const END = 0x06054b50;
const DIRECTORY = 0x02014b50;
const LOCAL = 0x04034b50;
const [STORED, DEFLATED] = [0, 8];
const TAIL = 22; // bytes of the directory's end, which has no comment after it
const LONGEST = 1 << 24; // bytes of a line, or of a file that is read at once
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  return sum;
});

interface Member {
  method: number;
  sum: number;
  packed: number;
  header: number;
}

/** An open bundle. */
export class BundleFile {
  private constructor(
    private readonly blob: Blob,
    private readonly members: Map<string, Member>,
  ) {}

  /** Reads the directory at the end of the file. */
  static async open(blob: Blob): Promise<BundleFile> {
    const members = await directory(blob);
    if (members) return new BundleFile(blob, members);
    const begin = await view(blob, 0, 4);
    throw new Broken(begin.byteLength === 4 && begin.getUint32(0, true) === LOCAL ? "truncated" : "unreadable");
  }

  /** The files in a folder. */
  names(folder: string): string[] {
    return [...this.members.keys()].filter((name) => name.startsWith(`${folder}/`)).sort();
  }

  /** A small file. */
  async text(name: string, service = ""): Promise<string> {
    const pieces: Uint8Array[] = [];
    let length = 0;
    for await (const piece of this.pieces(name, service)) {
      pieces.push(piece);
      length += piece.length;
      if (length > LONGEST) throw new Broken("damaged", service, { file: name });
    }
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(joined(pieces));
    } catch {
      throw new Broken("damaged", service, { file: name });
    }
  }

  /** The lines of a file without their ends, as many at a time as are there; its sum is checked after the last. */
  async *lines(name: string, service = ""): AsyncGenerator<Uint8Array[]> {
    let rest = new Uint8Array(0);
    for await (const piece of this.pieces(name, service)) {
      const text = rest.length ? joined([rest, piece]) : piece;
      const lines: Uint8Array[] = [];
      let from = 0;
      for (let end = text.indexOf(10); end >= 0; end = text.indexOf(10, from)) {
        lines.push(text.subarray(from, end));
        from = end + 1;
      }
      rest = text.slice(from);
      if (rest.length > LONGEST) throw new Broken("damaged", service, { file: name });
      yield lines;
    }
    if (rest.length) yield [rest];
  }

  private async *pieces(name: string, service: string): AsyncGenerator<Uint8Array> {
    const member = this.members.get(name);
    if (!member) throw new Broken("missing_file", service, { file: name });
    let sum = 0xffffffff;
    try {
      for await (const piece of this.unpacked(member)) {
        for (let at = 0; at < piece.length; at++) sum = (sum >>> 8) ^ TABLE[(sum ^ piece[at]!) & 0xff]!;
        yield piece;
      }
    } catch (error) {
      if (error instanceof Broken) throw error;
      throw new Broken("damaged", service, { file: name });
    }
    if ((sum ^ 0xffffffff) >>> 0 !== member.sum) throw new Broken("damaged", service, { file: name });
  }

  private async *unpacked(member: Member): AsyncGenerator<Uint8Array> {
    const local = await view(this.blob, member.header, 30);
    if (local.byteLength < 30) throw new Error("cut");
    const start = member.header + 30 + local.getUint16(26, true) + local.getUint16(28, true);
    const packed = this.blob.slice(start, start + member.packed).stream();
    const plain =
      member.method === STORED ? packed : packed.pipeThrough(new DecompressionStream("deflate-raw") as Inflate);
    const reader = plain.getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
  }
}

type Inflate = ReadableWritablePair<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>;

async function directory(blob: Blob): Promise<Map<string, Member> | null> {
  const at = blob.size - TAIL;
  if (at < 0) return null;
  const tail = await view(blob, at, TAIL);
  const [count, size, start] = [tail.getUint16(10, true), tail.getUint32(12, true), tail.getUint32(16, true)];
  if (tail.getUint32(0, true) !== END || tail.getUint16(20, true) !== 0 || start + size !== at) return null;
  return members(await view(blob, start, size), count);
}

function members(found: DataView, count: number): Map<string, Member> | null {
  const names = new Map<string, Member>();
  let at = 0;
  for (let number = 0; number < count; number++) {
    if (at + 46 > found.byteLength || found.getUint32(at, true) !== DIRECTORY) return null;
    const length = found.getUint16(at + 28, true);
    if (at + 46 + length > found.byteLength) return null;
    const name = new TextDecoder().decode(new Uint8Array(found.buffer, found.byteOffset + at + 46, length));
    const method = found.getUint16(at + 10, true);
    if (names.has(name) || (method !== STORED && method !== DEFLATED)) throw new Broken("unreadable");
    names.set(name, {
      method,
      sum: found.getUint32(at + 16, true),
      packed: found.getUint32(at + 20, true),
      header: found.getUint32(at + 42, true),
    });
    at += 46 + length + found.getUint16(at + 30, true) + found.getUint16(at + 32, true);
  }
  return at === found.byteLength ? names : null;
}

async function view(blob: Blob, from: number, length: number): Promise<DataView> {
  return new DataView(await blob.slice(from, from + length).arrayBuffer());
}

export function joined(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
