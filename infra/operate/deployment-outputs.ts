import { readFileSync } from "node:fs";

/**
 * `node infra/operate/deployment-outputs.ts FILE NAME...` prints a deployment's outputs of these names, each on a line:
 * a text as it is, all else as JSON. The file is what `az deployment sub create --query properties.outputs` has
 * printed.
 */
const [file = "", ...names] = process.argv.slice(2);
const outputs: Readonly<Record<string, { readonly value: unknown }>> = JSON.parse(readFileSync(file, "utf8"));
for (const name of names) {
  // Resource Manager writes the first letters of names in its own way: azurE_FUNCTION_NAME.
  const found = Object.entries(outputs).find(([key]) => key.toLowerCase() === name.toLowerCase());
  if (!found) throw new Error(`the deployment has no output ${name}, but ${Object.keys(outputs).join(", ")}`);
  const { value } = found[1];
  console.log(typeof value === "string" ? value : JSON.stringify(value));
}
