import { isRecord, parseJson } from "../simulators/arm/http.ts";
import { type AzCall, type AzCommands, AzError, choice, one } from "./az-command.ts";

const ARM = "https://management.azure.com";
const API_VERSION = "2026-04-01";
const SET = { "resource-group": "required", name: "required" } as const;
const EXTENSION = { "resource-group": "required", "vmss-name": "required", name: "required" } as const;
/** The operations of Compute that are modelled are shorter than this. */
const PATIENCE_SECONDS = 3600;

/** Requests to any resource, and the commands of scale sets. */
export const RESOURCE_COMMANDS: AzCommands = {
  rest: {
    options: { method: "required", url: "required", body: "optional" },
    // The real one does not wait either.
    run: async (call) =>
      (await send(call, one(call, "method").toUpperCase(), one(call, "url"), one(call, "body"))).body,
  },
  "resource patch": { options: { ids: "list", properties: "required" }, run: patch },
  "resource show": {
    options: { ids: "list" },
    run: async (call) => (await send(call, "GET", `${one(call, "ids")}?api-version=${API_VERSION}`)).body,
  },
  "resource delete": {
    options: { ids: "list" },
    run: async (call) => {
      for (const id of call.options.get("ids") ?? []) await change(call, "DELETE", id);
    },
  },
  "vmss update": {
    options: { ...SET, set: "optional", "instance-id": "optional", "protect-from-scale-set-actions": "optional" },
    run: updateSet,
  },
  "vmss extension delete": {
    options: EXTENSION,
    run: async (call) => {
      call.world.arm.operator.deleteExtension(one(call, "vmss-name"), one(call, "name"));
      await untilIdle(call);
    },
  },
};

async function patch(call: AzCall): Promise<void> {
  const properties = parseJson(one(call, "properties"));
  if (!isRecord(properties)) throw new AzError("Invalid JSON in --properties");
  for (const id of call.options.get("ids") ?? []) await change(call, "PATCH", id, JSON.stringify({ properties }));
}

/** Sets the mode of the upgrade policy, or the protection of an instance. */
async function updateSet(call: AzCall): Promise<void> {
  const { operator } = call.world.arm;
  if (call.options.has("instance-id")) {
    const isProtected = choice(call, "protect-from-scale-set-actions", ["true", "false"]) === "true";
    const id = one(call, "instance-id");
    operator.setProtection(one(call, "name"), id, { protectFromScaleSetActions: isProtected });
  } else {
    const mode = choice(call, "set", ["upgradePolicy.mode=Manual", "upgradePolicy.mode=Automatic"]);
    operator.setUpgradePolicy(one(call, "name"), mode === "upgradePolicy.mode=Manual" ? "Manual" : "Automatic");
  }
  await untilIdle(call);
}

/** Changes a resource and waits for the end of the operation. */
async function change(call: AzCall, method: string, id: string, body = ""): Promise<void> {
  const { headers } = await send(call, method, `${id}?api-version=${API_VERSION}`, body);
  const operation = headers["azure-asyncoperation"];
  if (operation === undefined) return;
  await untilIdle(call);
  const { status, error } = (await send(call, "GET", operation)).body as {
    status: string;
    error?: { message: string };
  };
  if (status !== "Succeeded") throw new AzError(error?.message ?? status);
}

/** Sends a request to Azure Resource Manager as the operator; throws its error. */
async function send({ world }: AzCall, method: string, address: string, body = "") {
  const { origin, href } = new URL(address, ARM);
  if (origin !== ARM && origin !== world.armUrl) throw new AzError(`the simulator does not model ${origin}`, 2);
  const headers = { authorization: `Bearer ${world.operatorToken()}` };
  const reply = await world.arm.handle({ method, url: href, headers, body: body === "" ? undefined : body });
  const answer = parseJson(reply.body);
  if (reply.status < 400) return { headers: reply.headers, body: answer };
  const { error } = answer as { error: { code: string; message: string } };
  throw new AzError(`(${error.code}) ${error.message}\nCode: ${error.code}\nMessage: ${error.message}`);
}

async function untilIdle({ world }: AzCall): Promise<void> {
  const isWorking = (): boolean => world.arm.world.operations.some(({ status }) => status === "InProgress");
  // The operation begins in the same turn of the event loop as the call, or in the next one.
  await world.clock.advance(1000);
  for (let i = 0; i < PATIENCE_SECONDS && isWorking(); i++) await world.clock.advance(1000);
}
