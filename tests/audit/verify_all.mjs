// Runs the browser's verifier over a folder of bundles: `node verify_all.mjs <verifier> <folder>`; reports as JSON.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [verifier, folder] = process.argv.slice(2);
const { verifyBundle } = await import(pathToFileURL(verifier));
const reports = {};
for (const { name, keys, own } of JSON.parse(readFileSync(join(folder, "cases.json"), "utf8"))) {
  reports[name] = await verifyBundle(new Blob([readFileSync(join(folder, `${name}.zip`))]), keys, own);
}
console.log(JSON.stringify(reports));
