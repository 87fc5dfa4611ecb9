import { parseArgs } from "node:util";
import { required, runCommand, say } from "./command.ts";
import { openPackages } from "./package-container.ts";
import { formatChecks, verifyContainer } from "./verify-container.ts";

const USAGE = `Downloads and checks everything that is published.

npm run dsc:verify -- --container URL

  --container URL   https://ACCOUNT.blob.core.windows.net/CONTAINER`;

await runCommand(USAGE, async (args) => {
  const { values } = parseArgs({ args, options: { container: { type: "string" } } });
  const container = await openPackages(required(values.container, "--container"));
  const checks = await verifyContainer(container, AbortSignal.timeout(30 * 60_000));
  for (const line of formatChecks(checks)) say(line);
  const failed = checks.filter(({ problem }) => problem !== undefined).length;
  if (failed > 0) throw new Error(`${failed} of ${checks.length} checks failed`);
});
