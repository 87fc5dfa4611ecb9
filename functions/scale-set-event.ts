import { app, type EventGridEvent, type InvocationContext } from "@azure/functions";
import { dependencies } from "../shared/dependencies.ts";
import { extensionFlow } from "../shared/extension/flow.ts";
import { handleEvent } from "../shared/triggers/events.ts";

/** AKS has scaled, upgraded or otherwise changed a node pool: its scale set may have lost the extension. */
const scaleSetEvent = (event: EventGridEvent, context: InvocationContext): Promise<void> =>
  handleEvent(event, extensionFlow, dependencies(), context);

app.eventGrid("scaleSetEvent", { handler: scaleSetEvent });
