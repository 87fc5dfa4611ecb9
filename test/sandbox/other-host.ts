import { setTimeout as sleep } from "node:timers/promises";
import { Clock } from "../clock.ts";
import { startHost } from "../simulators/host/functions-host.ts";

/**
 * A program that runs the app from its sources in a host of its own, with the settings of its environment. It tells a
 * sandbox where the host is, and follows the sandbox's clock. Argument: the address of the sandbox's control API.
 */
const FOLLOWED_EVERY_MS = 50;
const [control = ""] = process.argv.slice(2);
const clock = new Clock();
clock.start();
clock.shiftDate();
const host = await startHost(() => import("../../functions/main.ts"), { clock });
clock.addGate(() => host.idle());
const { url, eventGridKey, masterKey } = host;
const answer = await fetch(`${control}/host`, {
  method: "POST",
  body: JSON.stringify({ url, eventGridKey, masterKey }),
});
console.log(answer.status, await answer.text());
for (;;) {
  const { clock: at }: { clock: string } = JSON.parse(await (await fetch(`${control}/world`)).text());
  await clock.advance(Date.parse(at) - clock.now());
  await sleep(FOLLOWED_EVERY_MS);
}
