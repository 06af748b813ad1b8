// Verifies a bundle with nothing but the file, from the written format alone: a second opinion on `gemeinwerk verify`.

import { Followed, Tree } from "./entries";
import { BadNote, LOG, needEd25519, readCheckpoint, readKey, readNote, renamed, signers, type Checkpoint, type Key } from "./notes";
import { Broken, type Report, type Verified } from "./report";
import { BundleFile } from "./zip";

const FORMAT = "gemeinwerk-bundle@1";
const CODES = { form: "wrong_checkpoint", signature: "wrong_signature", unknown_key: "wrong_key" };

interface Log {
  service: string;
  origin: string;
  whole: boolean;
  streams: string[];
}

interface Manifest {
  municipality: string;
  made_at: string;
  logs: Log[];
}

interface Trust {
  given: Key[];
  bundled: Key[];
}

export type Moved = (service: string, done: number) => void;

/**
 * Verifies a bundle against `keys`, without any against its own, and against `own`, a checkpoint that the reader kept:
 * a signed note or its three lines. Throws `BadNote` where `own` or a key cannot be read, `NoEd25519`.
 */
export async function verifyBundle(blob: Blob, keys: string[], own: string, moved: Moved = () => {}): Promise<Report> {
  await needEd25519();
  const given = keys.map(readKey);
  const yours = own ? readCheckpoint(own.includes("\n\n") ? readNote(own).text : own) : null;
  const report: Report = {
    holds: false, trusted: given.length > 0, compared: null, municipality: "", made_at: "", logs: [], fault: null,
  };
  try {
    const file = await BundleFile.open(blob);
    const manifest = readManifest(await file.text("bundle.json"));
    const trust = { given, bundled: await bundledKeys(file) };
    const logs: Verified[] = [];
    for (const log of manifest.logs) logs.push(await verifyLog(file, manifest, log, trust, yours, moved));
    if (yours && !logs.some((log) => log.origin === yours.origin)) {
      throw new Broken("wrong_origin", "", { file: "", origin: yours.origin });
    }
    const compared = yours && logs.some((log) => log.origin === yours.origin && (log.whole || log.size === yours.size));
    return { ...report, holds: true, compared, municipality: manifest.municipality, made_at: manifest.made_at, logs };
  } catch (error) {
    if (error instanceof Broken) return { ...report, fault: error.fault };
    throw error;
  }
}

function readManifest(text: string): Manifest {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    throw new Broken("unreadable");
  }
  const manifest = found as Manifest & { format?: unknown };
  if (typeof manifest?.format === "string" && manifest.format !== FORMAT) {
    throw new Broken("unknown_format", "", { format: manifest.format.slice(0, 40) });
  }
  const isText = (value: unknown) => typeof value === "string";
  const isList = (value: unknown) => value === undefined || (Array.isArray(value) && value.every(isText));
  const isLog = (log: Log) =>
    isText(log?.service) && isText(log.origin) && typeof log.whole === "boolean" && isList(log.streams);
  const right = manifest?.format === FORMAT && isText(manifest.municipality) && isText(manifest.made_at);
  if (!right || !Array.isArray(manifest.logs) || !manifest.logs.length || !manifest.logs.every(isLog)) {
    throw new Broken("unreadable");
  }
  return manifest;
}

async function bundledKeys(file: BundleFile): Promise<Key[]> {
  const lines = (await file.text("keys.txt")).split("\n");
  if (lines.at(-1) === "") lines.pop();
  try {
    return lines.map(readKey);
  } catch {
    throw new Broken("damaged", "", { file: "keys.txt" });
  }
}

async function verifyLog(
  file: BundleFile, manifest: Manifest, log: Log, trust: Trust, own: Checkpoint | null, moved: Moved,
): Promise<Verified> {
  const { service, origin } = log;
  const end = `/${manifest.municipality}/audit/${service}`;
  if (!origin.replace(/\/recovery-[0-9]+$/, "").endsWith(end)) {
    throw new Broken("wrong_origin", service, { file: "bundle.json", origin });
  }
  const [checkpoint, signed] = await readSigned(file, `${service}/checkpoint.txt`, log, trust);
  const known = { given: [], bundled: [...believed(trust, origin), ...trust.bundled] };
  const earlier: Checkpoint[] = [];
  for (const name of file.names(`${service}/earlier`)) earlier.push((await readSigned(file, name, log, known))[0]);
  const wanted = await attachments(file, service);
  const followed = new Followed(service, manifest.municipality, wanted, (done) => moved(service, done));
  const yours = own?.origin === origin ? own : null;
  const lines = file.lines(`${service}/entries.tsv`, service);
  if (log.whole) {
    await followed.whole(lines, checkpoint.size);
    compare(service, new Tree(followed.leaves), checkpoint, earlier, yours);
  } else {
    await followed.excerpt(lines, checkpoint, log.streams ?? []);
    compareExcerpt(service, checkpoint, yours);
  }
  return {
    service, origin, size: checkpoint.size, root: checkpoint.root, whole: log.whole, entries: followed.leaves.count,
    earlier: earlier.length, redacted: followed.redacted, signed: signed.map(([key, time]) => ({ key: key.text, time })),
  };
}

async function readSigned(
  file: BundleFile, name: string, log: Log, trust: Trust,
): Promise<[Checkpoint, [Key, number | null][]]> {
  const text = await file.text(name, log.service);
  try {
    const note = readNote(text);
    const found = readCheckpoint(note.text);
    const signed = await signers(note, believed(trust, log.origin));
    if (!trust.given.length && !signed.some(([key]) => key.kind === LOG)) throw new BadNote("unknown_key");
    if (found.origin === log.origin) return [found, signed];
    throw new Broken("wrong_origin", log.service, { file: name, origin: found.origin });
  } catch (error) {
    if (error instanceof BadNote) throw new Broken(CODES[error.code], log.service, { file: name });
    throw error;
  }
}

/**
 * Whom to believe about a log. The keys of an installation's logs differ in name only: a given one counts for each of
 * them, since what it signs names the log.
 */
function believed(trust: Trust, origin: string): Key[] {
  if (!trust.given.length) return trust.bundled;
  return [...trust.given, ...trust.given.filter((key) => key.kind === LOG).map((key) => renamed(key, origin))];
}

/** The digests of attachments by the position of the entry that has to name them. */
async function attachments(file: BundleFile, service: string): Promise<Map<number, Set<string>>> {
  const wanted = new Map<number, Set<string>>();
  const name = `${service}/attachments.txt`;
  for await (const lines of file.lines(name, service)) {
    for (const line of lines) {
      const found = /^(.{64})  ([0-9]+)$/s.exec(new TextDecoder("latin1").decode(line));
      if (!found) throw new Broken("damaged", service, { file: name });
      const position = Number(found[2]);
      wanted.set(position, (wanted.get(position) ?? new Set()).add(found[1]!));
    }
  }
  return wanted;
}

/** Whether every checkpoint lies on the tree of the entries. */
function compare(service: string, tree: Tree, checkpoint: Checkpoint, earlier: Checkpoint[], yours: Checkpoint | null): void {
  const { size, root } = checkpoint;
  if (tree.root(size) !== root) {
    const agreed = earlier.filter((one) => one.size <= size && tree.root(one.size) === one.root).map((one) => one.size);
    throw new Broken("forked", service, { size, agreed: Math.max(0, ...agreed) });
  }
  for (const one of earlier) {
    if (one.size > size || tree.root(one.size) !== one.root) throw new Broken("forked_earlier", service, { size: one.size });
  }
  if (yours && yours.size > size) throw new Broken("older_than_yours", service, { size: yours.size, entries: size });
  if (yours && tree.root(yours.size) !== yours.root) throw new Broken("not_in_yours", service, { size: yours.size });
}

/** An excerpt can be compared with a checkpoint of its own size only. */
function compareExcerpt(service: string, checkpoint: Checkpoint, yours: Checkpoint | null): void {
  const { size, root } = checkpoint;
  if (yours && yours.size > size) throw new Broken("older_than_yours", service, { size: yours.size, entries: size });
  if (yours && yours.size === size && yours.root !== root) throw new Broken("not_in_yours", service, { size });
}
