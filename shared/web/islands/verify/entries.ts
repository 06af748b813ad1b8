// The entries of a log in a bundle: each line rebuilt from its parts, and the tree that grows over them (RFC 6962).

import { unpacked, type Checkpoint } from "./notes";
import { Broken } from "./report";
import { hex, sha256 } from "./sha256";

const [LEAF, NODE, NONE] = [Uint8Array.of(0), Uint8Array.of(1), new Uint8Array(0)];
const TAB = 9;
const ascii = new TextDecoder("latin1");
const TEXT = '"([ !#-\\[\\]-~]*)"';
const NUMBER = "(0|[1-9][0-9]{0,15})";
const DIGEST = '"([0-9a-f]{64})"';

/** The one form that a leaf can have: these fields in this order. */
const FORM = new RegExp(
  `^\\{"actor":${TEXT},"body":${DIGEST},"cause":${TEXT},"correlation":${TEXT},"event_id":${TEXT},"form":${NUMBER}` +
    `,"municipality":${TEXT},"on_behalf_of":${TEXT},"position":${NUMBER},"project":${TEXT}` +
    ',"recorded_at":"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}Z)"' +
    `,"sealed":"((?:[0-9a-f]{64})?)","stream":${TEXT},"type":${TEXT},"version":${NUMBER}\\}$`,
);

interface Entry {
  position: number;
  time: string;
  stream: string;
  version: number;
  leaf: Uint8Array;
  body: Uint8Array;
  proof: string;
}

/** Hashes that lie one after another, 32 bytes each. */
class Hashes {
  count = 0;
  private bytes = new Uint8Array(1 << 15);

  push(hash: Uint8Array): void {
    if (this.bytes.length < (this.count + 1) * 32) {
      const more = new Uint8Array(this.bytes.length * 2);
      more.set(this.bytes);
      this.bytes = more;
    }
    this.bytes.set(hash, this.count++ * 32);
  }

  at(index: number): Uint8Array {
    return this.bytes.subarray(index * 32, index * 32 + 32);
  }
}

export class Followed {
  readonly leaves = new Hashes();
  readonly redacted: number[] = [];
  private time = "";
  private readonly versions = new Map<string, number>();

  /** `wanted`: digests that bodies must name, by position. `moved` hears how many entries are done. */
  constructor(
    private readonly service: string,
    private readonly municipality: string,
    private readonly wanted: Map<number, Set<string>>,
    private readonly moved: (done: number) => void,
  ) {}

  /** Every entry from the first on. */
  async whole(batches: AsyncGenerator<Uint8Array[]>, size: number): Promise<void> {
    let number = 0;
    for await (const lines of batches) {
      for (const [at, line] of lines.entries()) {
        number++;
        const entry = this.read(line, number, 4);
        if (entry.position < number) this.fail("duplicate_entry", { position: entry.position });
        if (entry.position > number) await this.outOfOrder(number, lines.slice(at + 1), batches);
        if (number > size) this.fail("old_checkpoint", { size });
        this.follow(entry, true);
      }
      this.moved(number);
    }
    if (number < size) this.fail("missing_end", { size, entries: number });
  }

  /** Single entries, each with its proof; `streams` are there from their beginning. */
  async excerpt(batches: AsyncGenerator<Uint8Array[]>, checkpoint: Checkpoint, streams: string[]): Promise<void> {
    const positions = new Set<number>();
    let [number, last] = [0, 0];
    for await (const lines of batches) {
      for (const line of lines) {
        const entry = this.read(line, ++number, 5);
        const { position } = entry;
        if (position <= last) this.fail(positions.has(position) ? "duplicate_entry" : "reordered_entry", { position });
        if (position > checkpoint.size) this.fail("old_checkpoint", { size: checkpoint.size });
        this.follow(entry, streams.includes(entry.stream));
        if (climbed(entry, checkpoint.size) !== checkpoint.root) this.fail("wrong_proof", { position });
        positions.add(position);
        last = position;
      }
      this.moved(number);
    }
  }

  private read(line: Uint8Array, number: number, columns: number): Entry {
    const parts = split(line);
    const text = ascii.decode(parts[1] ?? NONE);
    const found = FORM.exec(text);
    const named = ascii.decode(parts[0]);
    if (!found || parts.length !== columns || found[7] !== this.municipality || !/^[0-9a-f]{64}$/.test(named)) {
      this.fail("wrong_line", { file: `${this.service}/entries.tsv`, line: number });
    }
    const position = Number(found[9]);
    const leaf = sha256(LEAF, parts[1]!);
    if (hex(leaf) !== named) this.fail("changed_header", { position });
    const body = parts[2]!;
    if (!body.length) this.redacted.push(position);
    else if (hex(sha256(body)) !== found[2]) this.fail("changed_body", { position });
    const sealed = ascii.decode(parts[3]);
    if ((sealed || (found[12] && body.length)) && digest(sealed) !== found[12]) {
      this.fail("changed_sealed", { position });
    }
    this.names(position, body);
    this.leaves.push(leaf);
    const proof = columns === 5 ? ascii.decode(parts[4]) : "";
    return { position, time: found[11]!, stream: found[13]!, version: Number(found[15]), leaf, body, proof };
  }

  private names(position: number, body: Uint8Array): void {
    const wanted = this.wanted.get(position);
    if (!wanted || !body.length) return;
    const text = new TextDecoder().decode(body);
    if (![...wanted].every((one) => text.includes(`"${one}"`))) {
      this.fail("wrong_attachment", { file: `${this.service}/attachments.txt`, position });
    }
  }

  private follow(entry: Entry, complete: boolean): void {
    if (entry.time < this.time) this.fail("earlier_time", { position: entry.position });
    this.time = entry.time;
    if (!complete) return;
    if (entry.version !== (this.versions.get(entry.stream) ?? 0) + 1) {
      this.fail("missing_version", { position: entry.position, stream: entry.stream });
    }
    this.versions.set(entry.stream, entry.version);
  }

  /** Entry `expected` is not where it should be: looks whether it comes later. */
  private async outOfOrder(expected: number, rest: Uint8Array[], more: AsyncGenerator<Uint8Array[]>): Promise<never> {
    const sought = `,"position":${expected},"project":`;
    const has = (lines: Uint8Array[]) => lines.some((line) => ascii.decode(line).includes(sought));
    let later = has(rest);
    for (let next = await more.next(); !later && !next.done; next = await more.next()) later = has(next.value);
    this.fail(later ? "reordered_entry" : "missing_entry", { position: expected });
  }

  private fail(code: string, facts: Record<string, string | number>): never {
    throw new Broken(code, this.service, facts);
  }
}

/** The roots of a log at any size that it once had. */
export class Tree {
  private readonly levels: Hashes[];

  constructor(leaves: Hashes) {
    this.levels = [leaves];
    for (let below = leaves; below.count > 1; ) {
      const above = new Hashes();
      for (let at = 0; at + 1 < below.count; at += 2) above.push(sha256(NODE, below.at(at), below.at(at + 1)));
      this.levels.push(above);
      below = above;
    }
  }

  /** The root, in hex, over the first `size` leaves: the perfect subtrees of that size, joined from the right. */
  root(size: number): string {
    let root: Uint8Array | null = null;
    this.levels.forEach((nodes, level) => {
      const full = Math.floor(size / 2 ** level);
      if (full % 2 === 0) return;
      const left = nodes.at(full - 1);
      root = root ? sha256(NODE, left, root) : left;
    });
    return hex(root ?? sha256(NONE));
  }
}

/** The root to which an entry's proof leads (RFC 9162, 2.1.3.2), in hex; "" where it leads nowhere. */
function climbed(entry: Entry, size: number): string {
  let [here, last, root] = [entry.position - 1, size - 1, entry.leaf];
  for (const text of entry.proof ? entry.proof.split(" ") : []) {
    const sibling = unpacked(text);
    if (sibling?.length !== 32 || last === 0) return "";
    if (here % 2 === 1 || here === last) {
      root = sha256(NODE, sibling, root);
      while (here % 2 === 0 && here !== 0) [here, last] = [here / 2, Math.floor(last / 2)];
    } else {
      root = sha256(NODE, root, sibling);
    }
    [here, last] = [Math.floor(here / 2), Math.floor(last / 2)];
  }
  return last === 0 ? hex(root) : "";
}

function digest(sealed: string): string {
  const data = unpacked(sealed);
  return sealed === "" ? "" : data ? hex(sha256(data)) : "no base64";
}

function split(line: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let from = 0;
  for (let end = line.indexOf(TAB); end >= 0; end = line.indexOf(TAB, from)) {
    parts.push(line.subarray(from, end));
    from = end + 1;
  }
  parts.push(line.subarray(from));
  return parts;
}
