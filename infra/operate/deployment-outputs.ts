import { readFileSync } from "node:fs";

/**
 * `node infra/operate/deployment-outputs.ts FILE NAME...` prints these outputs of a deployment, each on its own line:
 * strings unquoted, all other values as JSON. FILE is the output of
 * `az deployment sub create --query properties.outputs`.
 */
const [file = "", ...names] = process.argv.slice(2);
const outputs: Readonly<Record<string, { readonly value: unknown }>> = JSON.parse(readFileSync(file, "utf8"));
for (const name of names) {
  // Resource Manager changes the case of output names: azurE_FUNCTION_NAME.
  const found = Object.entries(outputs).find(([key]) => key.toLowerCase() === name.toLowerCase());
  if (!found) throw new Error(`The deployment has no output ${name}. It has: ${Object.keys(outputs).join(", ")}`);
  const { value } = found[1];
  console.log(typeof value === "string" ? value : JSON.stringify(value));
}
