import { runCommand } from "./command.ts";
import { parseOptions, required } from "./option.ts";
import { openPackages } from "./package-container.ts";
import { formatChecks, verifyContainer } from "./verify-container.ts";

const USAGE = `Downloads and checks everything that is published.

npm run dsc:verify -- --container URL [--json]

  --container URL     https://ACCOUNT.blob.core.windows.net/CONTAINER`;

await runCommand(USAGE, async (args) => {
  const { values } = parseOptions({ args, options: { container: { type: "string" } } });
  const container = await openPackages(required(values.container, "--container"));
  const checks = await verifyContainer(container, AbortSignal.timeout(30 * 60_000));
  const failed = checks.filter(({ problem }) => problem !== undefined).length;
  return {
    lines: formatChecks(checks),
    json: { checks, failed },
    notes: failed > 0 ? [`${failed} of ${checks.length} checks failed`] : [],
    exitCode: failed > 0 ? 1 : 0,
  };
});
