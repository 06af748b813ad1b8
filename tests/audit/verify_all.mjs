// Runs the browser's verifier over a folder of bundles: `node verify_all.mjs <verifier> <folder>`; reports as JSON.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [verifier, folder] = process.argv.slice(2);
const { verifyBundle } = await import(pathToFileURL(verifier));
const reports = {};
for (const { name, keys, own } of JSON.parse(readFileSync(join(folder, "cases.json"), "utf8"))) {
  const bundle = new Blob([readFileSync(join(folder, `${name}.zip`))]);
  reports[name] = await verifyBundle(bundle, keys, own).catch((error) => `${error}`);
}
console.log(JSON.stringify(reports));
