const byId = (id) => document.getElementById(id);
const outcome = byId("outcome");
const stream = new EventSource("/stream");

// Also after the connection was lost.
stream.addEventListener("opened", ({ data }) => {
  byId("real").textContent = `Real here: ${JSON.parse(data).real}. Simulated: the rest.`;
  byId("story").replaceChildren();
  say("", false);
});
stream.addEventListener("clock", ({ data }) => {
  const { clock, speed } = JSON.parse(data);
  byId("clock").textContent = clock;
  byId("speed").textContent = `UTC, ${speed}× real time while nothing runs`;
});
stream.addEventListener("world", ({ data }) => {
  const { html, pools, instances } = JSON.parse(data);
  const { pick } = document.activeElement.dataset;
  byId("world").innerHTML = html;
  if (pick) document.querySelector(`[data-pick="${pick}"]`)?.focus();
  fill(byId("pool"), pools);
  fill(byId("instance"), instances);
});
stream.addEventListener("line", ({ data }) => {
  const { html, at } = JSON.parse(data);
  const times = [...byId("story").querySelectorAll("time")];
  const earlier = times.find((each) => each.dateTime <= at)?.closest("li");
  if (earlier) earlier.insertAdjacentHTML("beforebegin", html);
  else byId("story").insertAdjacentHTML("beforeend", html);
});
stream.addEventListener("status", () => void showStatus());
stream.addEventListener("error", () => say("The sandbox does not answer. Start it again: npm start", true));

/** Keeps the choice of a list, if it is still there. */
function fill(select, targets) {
  if ([...select.options].map(({ value }) => value).join() === targets.map(([value]) => value).join()) return;
  const chosen = select.value;
  select.replaceChildren(...targets.map(([value, text]) => new Option(text, value, false, value === chosen)));
}

/** Replaces the body of the status page, with its scroll position and what is unfolded. */
async function showStatus() {
  const { contentDocument: shown } = byId("status");
  const text = await (await fetch("/status")).text();
  if (!shown?.body) return;
  const next = new DOMParser().parseFromString(text, "text/html");
  const open = [...shown.querySelectorAll("details")].map((each) => each.open);
  next.querySelectorAll("details").forEach((each, index) => (each.open = open[index] ?? false));
  shown.body.innerHTML = next.body.innerHTML;
}

function say(text, isRefused) {
  outcome.textContent = text;
  outcome.className = isRefused ? "refused" : "";
}

document.addEventListener("click", async ({ target }) => {
  const { pick } = target.dataset;
  if (pick) byId("instance").value = pick;
  if (pick) byId("instance").focus();
  const button = target.closest("button[data-path]");
  if (!button || button.ariaBusy === "true") return;
  const [scaleSet = "", id = ""] = byId("instance").value.split("/");
  const names = { pool: byId("pool").value, scaleSet, id };
  const path = button.dataset.path.replaceAll(/\{(\w+)\}/g, (_, name) => names[name]);
  button.ariaBusy = "true";
  say(`${button.textContent.trim()} …`, false);
  const answer = await fetch(path, { method: "POST", body: button.dataset.body });
  const { error } = await answer.json();
  button.ariaBusy = "false";
  say(
    error ? `Refused: ${error}` : `Done: ${button.textContent.trim()}. POST ${path} ${button.dataset.body}`,
    error !== undefined,
  );
});
