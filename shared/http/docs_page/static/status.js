// Draws cache/status, and reads it again every two seconds while somebody may see the page.
"use strict";

const EVERY = 2_000; // milliseconds from an answer to the next request
const TIMEOUT = 15_000;
const STATES = { fresh: "good", stale: "warn", empty: "quiet", unreadable: "bad" };

const main = byId("status");
let timer = 0;
let isReading = false;
let mayRead = true; // false: nobody with the role has signed in
let isPaused = false;
let lease = null; // {left, of, at}: seconds left of so many, when the page's clock showed `at`

const signIn = new SignIn((token) => {
  mayRead = Boolean(token);
  if (token) read();
  else ask("");
});

function ask(why) {
  mayRead = false;
  main.hidden = true;
  byId("sign-in").hidden = false;
  say(why);
}

async function read() {
  clearTimeout(timer);
  if (isReading || !mayRead) return;
  isReading = true;
  const { token } = signIn;
  const answer = await asked(token);
  isReading = false;
  if (token === signIn.token) show(answer); // else somebody signed in or out meanwhile
  plan();
}

async function asked(token) {
  try {
    const answer = await fetch(new URL("cache/status", BASE), {
      headers: token ? { Authorization: `Bearer ${token}` } : {},
      cache: "no-store",
      signal: AbortSignal.timeout(TIMEOUT),
    });
    return { status: answer.status, content: await answer.json() };
  } catch {
    return { status: 0, content: { detail: "The server does not answer." } };
  }
}

function plan() {
  clearTimeout(timer);
  if (mayRead && !isPaused && !document.hidden) timer = setTimeout(read, EVERY);
}

function show({ status, content }) {
  if (status === 200) return draw(content);
  if (status === 401) {
    const had = signIn.token;
    if (had) signIn.show("", "");
    return ask(had ? "Your sign-in has ended. Sign in again." : "Sign in as an admin to see the cache.");
  }
  if (status === 403) {
    mayRead = false;
    main.hidden = true;
    return say("This account lacks the role 'admin'. An operator can grant it; then sign in again.");
  }
  main.classList.add("old");
  return say(`${content.detail ?? `The server answered ${status}.`} Trying again.`);
}

function draw(found) {
  main.hidden = false;
  main.classList.remove("old");
  byId("sign-in").hidden = true;
  say(troubles(found).join(" "));
  text("when", `Last update ${new Date().toLocaleTimeString()}`);
  drawServices(found);
  drawReads(found.process);
  drawLease(found.process.lease);
  drawMemory(found.process.memory);
  drawLists(found.lists);
  drawInstance(found);
}

function troubles({ sql, redis }) {
  const found = [];
  if (sql === "unavailable") found.push("SQL is unavailable: versions are those of its last answer.");
  if (redis === "unavailable") found.push("Redis is unavailable: what it has is not known.");
  return found;
}

function text(target, content, state = "") {
  const element = typeof target === "string" ? byId(target) : target;
  if (element.textContent !== content) element.textContent = content;
  element.dataset.state = state;
}

function drawServices({ sql, redis, process }) {
  const kinds = { available: "good", unavailable: "bad" };
  text("sql", sql, kinds[sql]);
  text("redis", redis, kinds[redis]);
  const circuit = process.circuit;
  if (!circuit) return text("circuit", "none, because Redis is not used");
  const kind = circuit.state === "open" ? "bad" : "good";
  return text("circuit", `${circuit.state} for ${duration(circuit.changed_seconds_ago)}`, kind);
}

function drawReads({ reads, hit_ratio }) {
  text("ratio", hit_ratio === null ? "no reads yet" : `${(hit_ratio * 100).toFixed(1)} %`);
  const parts = Object.entries(reads).flatMap(([outcome, count]) => [
    made("dt", outcome),
    made("dd", count.toLocaleString()),
  ]);
  byId("reads").replaceChildren(...parts);
}

function drawLease(found) {
  lease = found && { left: found.seconds_left, of: found.lease_seconds, at: performance.now() };
  countDown();
}

function countDown() {
  const left = lease ? Math.max(0, lease.left - (performance.now() - lease.at) / 1000) : 0;
  const ended = lease ? "ended" : "none yet";
  text("lease-text", left ? `${left.toFixed(1)} s left of ${lease.of} s` : ended);
  text("lease-note", left ? "" : "The next read asks SQL first.");
  fill(byId("lease"), left, lease?.of ?? 1);
}

function drawMemory({ copies, bytes, limit_bytes }) {
  text("memory-text", `${mebibytes(bytes)} of ${mebibytes(limit_bytes)} MiB`);
  text("copies", `${copies} ${copies === 1 ? "list" : "lists"} in this process`);
  const meter = byId("memory");
  meter.max = limit_bytes || 1;
  meter.value = bytes;
}

function fill(meter, left, of) {
  meter.max = of;
  meter.value = left;
}

function drawLists(lists) {
  const body = byId("lists");
  const rows = new Map([...body.rows].map((row) => [row.dataset.scope, row]));
  const drawn = lists.map((list) => drawList(rows.get(list.scope) ?? newRow(list.scope), list));
  if (drawn.length !== body.rows.length || drawn.some((row, place) => row !== body.rows[place])) {
    body.replaceChildren(...drawn);
  }
}

const CELLS = {
  state: "", version: "Version", known: "Known", stored: "Stored",
  life: "", age: "Age", records: "Records", size: "Gzip", copies: "In memory",
};
const NUMBERS = ["version", "age", "records", "size"];

function newRow(scope) {
  const row = made("tr", "", { role: "row" });
  row.dataset.scope = scope;
  row.append(made("th", scope, { role: "rowheader", scope: "row" }));
  for (const [name, label] of Object.entries(CELLS)) {
    const cell = made("td", "", { role: "cell" });
    cell.className = NUMBERS.includes(name) ? `${name} number` : name;
    if (label) cell.dataset.label = label;
    row.append(cell);
  }
  cellOf(row, "life").append(made("span", ""), made("meter", "", { min: 0, "aria-label": `Life left of ${scope}` }));
  return row;
}

function cellOf(row, name) {
  return row.getElementsByClassName(name)[0];
}

function drawList(row, list) {
  const stored = list.stored_list;
  const shown = list.state ? stored : newestCopy(list.memory_copies);
  const views = Object.entries(shown?.views ?? {});
  text(cellOf(row, "state"), list.state ?? "not known", STATES[list.state] ?? "quiet");
  text(cellOf(row, "version"), String(list.version));
  text(cellOf(row, "known"), difference(list.known_version, list.version));
  text(cellOf(row, "stored"), difference(stored?.version, list.version));
  text(cellOf(row, "age"), shown ? duration(shown.age_seconds) : "");
  text(cellOf(row, "records"), views.length ? views[0][1].records.toLocaleString() : "");
  text(cellOf(row, "size"), views.map(sizes).join("\n"));
  text(cellOf(row, "copies"), copies(list));
  drawLife(cellOf(row, "life"), shown);
  return row;
}

// What is shown of a list while Redis does not tell: the copy in memory, in the form of a stored list.
function newestCopy(copies) {
  const [[view, copy] = []] = Object.entries(copies).sort(([, a], [, b]) => a.age_seconds - b.age_seconds);
  return copy ? { ...copy, views: { [view]: copy.size } } : null;
}

function drawLife(cell, shown) {
  const [words, meter] = cell.children;
  words.textContent = shown ? `${duration(shown.seconds_left)} left` : "";
  meter.hidden = !shown;
  if (!shown) return;
  fill(meter, shown.seconds_left, shown.age_seconds + shown.seconds_left);
  meter.low = meter.max / 10; // its next read refreshes a list that has so little left
  meter.optimum = meter.max;
}

function copies({ memory_copies, version }) {
  const found = Object.entries(memory_copies);
  return found.map(([view, copy]) => `${view} ${difference(copy.version, version)}`).join("\n");
}

function sizes([view, { gzip_bytes, uncompressed_bytes }]) {
  return `${view} ${size(gzip_bytes)} (${size(uncompressed_bytes)})`;
}

function difference(number, version) {
  if (number === null || number === undefined) return "";
  if (number === version) return "=";
  return number > version ? `+${number - version}` : `−${version - number}`;
}

function drawInstance({ epoch, instance }) {
  const { id, process_id, version, commit, running_seconds } = instance;
  const who = `Answered by process ${process_id} of instance ${id.slice(0, 12)}`;
  const what = `version ${version}, commit ${commit.slice(0, 12)}`;
  text("instance", `${who}, ${what}, running for ${duration(running_seconds)}. Epoch ${epoch || "not known"}.`);
}

function made(name, content, attributes = {}) {
  const element = document.createElement(name);
  element.textContent = content;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function duration(seconds) {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
  return `${Math.floor(seconds / 86_400)} days`;
}

function size(bytes) {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(0)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function mebibytes(bytes) {
  return (bytes / 2 ** 20).toLocaleString(undefined, { maximumFractionDigits: 1 });
}

byId("pause").addEventListener("click", (event) => {
  isPaused = !isPaused;
  event.target.setAttribute("aria-pressed", String(isPaused));
  if (isPaused) clearTimeout(timer);
  else read();
});
document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : !isPaused && read()));
setInterval(() => document.hidden || main.hidden || countDown(), 100);
byId("sign-in").hidden = true; // until the server asks for it
read();
