// Rebuilds the golden leaves from the written format alone and names the first that differs.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const ORDER = [
  "actor", "body", "cause", "correlation", "event_id", "form", "municipality", "on_behalf_of",
  "position", "project", "recorded_at", "sealed", "stream", "type", "version",
];
const NUMBERS = new Set(["form", "position", "version"]);

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();
const digest = (bytes) => (bytes === null || bytes.length === 0 ? "" : sha256(bytes).toString("hex"));

function leafBytes(header) {
  const names = Object.keys(header).sort();
  if (names.join() !== ORDER.join()) throw new Error(`fields ${names.join()}`);
  const pairs = ORDER.map((name) => {
    const fits = NUMBERS.has(name) ? Number.isSafeInteger(header[name]) : typeof header[name] === "string";
    if (!fits) throw new Error(`field ${name}`);
    return `"${name}":` + (NUMBERS.has(name) ? String(header[name]) : `"${header[name]}"`);
  });
  return Buffer.from(`{${pairs.join()}}`, "ascii");
}

const leafHash = (header) => sha256(Buffer.of(0), leafBytes(header));

function root(leaves) {
  if (leaves.length === 0) return sha256("");
  if (leaves.length === 1) return leaves[0];
  let half = 1;
  while (half * 2 < leaves.length) half *= 2;
  return sha256(Buffer.of(1), root(leaves.slice(0, half)), root(leaves.slice(half)));
}

const golden = JSON.parse(readFileSync(process.argv[2], "utf8"));
const leaves = [];
for (const [index, entry] of golden.entries()) {
  leaves.push(leafHash(entry.header));
  const found = {
    body: digest(entry.body === null ? null : Buffer.from(entry.body, "utf8")),
    sealed: digest(Buffer.from(entry.sealed, "hex")),
    leaf: leaves.at(-1).toString("hex"),
    root: root(leaves).toString("hex"),
  };
  const expected = { body: entry.header.body, sealed: entry.header.sealed, leaf: entry.leaf, root: entry.root };
  for (const name of Object.keys(expected)) {
    if (found[name] !== expected[name]) {
      console.error(`entry ${index + 1} (${entry.note}): ${name} differs`);
      process.exit(1);
    }
  }
}
console.log(`${golden.length} leaves, root ${root(leaves).toString("hex")}`);
