// The Firebase Auth emulator alone: a third of the memory of `firebase emulators:start`.
// node auth_emulator.js NODE_MODULES_DIR PROJECT SOCKET [USERS_FILE]
// SOCKET is the file descriptor of a socket that has its port. It is served when all is ready.
// With a file the users are read from it at start, and written to it when they have changed.
// Prints "ready" when it can be used; lines that begin with "NOTE: " are for the user.
const fs = require("fs");
const http = require("http");

const [root, project, socket, usersFile] = process.argv.slice(2);
// Internal paths of firebase-tools and its packages: the versions are pinned in package-lock.json.
const find = (path, from) => require.resolve(path, { paths: [from] });
const exegesis = find("exegesis", root);
// Validating Google's own schemas, once for each parameter, would take four fifths of the start.
require(find("ajv/dist/core.js", exegesis)).default.prototype.validateSchema = () => true;
const { createApp } = require(find("firebase-tools/lib/emulator/auth/server.js", root));

let projects; // the API's URL on a port of our own, where it is first called by us alone
const accounts = `/v1/projects/${project}/accounts`;
const SAVE_MS = 2000;
let saved; // what the file holds; undefined until it was read

async function call(method, path, body) {
  const headers = { authorization: "Bearer owner", "content-type": "application/json" };
  const response = await fetch(projects + path, { method, headers, body });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.text();
}

const listen = (app, on) =>
  new Promise((listening, failed) => {
    const server = http.createServer(app);
    server.once("error", failed).listen(on, () => listening(server.address().port));
  });

async function start() {
  const app = await createApp(project);
  const port = await listen(app, { port: 0, host: "127.0.0.1" });
  projects = `http://127.0.0.1:${port}/identitytoolkit.googleapis.com`;
  // As in projects created since 2023: the same answer for an unknown e-mail and a wrong password.
  const privacy = JSON.stringify({ emailPrivacyConfig: { enableImprovedEmailPrivacy: true } });
  await call("PATCH", `/v2/projects/${project}/config?updateMask=emailPrivacyConfig`, privacy);
  if (usersFile) {
    if (fs.existsSync(usersFile)) await restore().catch(setAside);
    saved = fs.existsSync(usersFile) ? await users() : "";
    setInterval(() => save().catch(console.error), SAVE_MS);
  }
  await listen(app, { fd: Number(socket) });
  console.log("ready");
}

async function restore() {
  const text = fs.readFileSync(usersFile, "utf8");
  const list = parsed(text).users ?? [];
  if (!Array.isArray(list)) throw new Error("its users are no list");
  if (!list.length) return;
  const { error } = JSON.parse(await call("POST", `${accounts}:batchCreate`, text));
  if (error?.length) throw new Error(`${error.length} of its users: ${error[0].message}`);
}

function parsed(text) {
  let content;
  try {
    content = JSON.parse(text);
  } catch {
    throw new Error("it is not JSON");
  }
  if (content?.constructor !== Object) throw new Error("it holds no users");
  return content;
}

function setAside(error) {
  let kept = `${usersFile}.unreadable`;
  for (let number = 2; fs.existsSync(kept); number++) kept = `${usersFile}.unreadable${number}`;
  fs.renameSync(usersFile, kept);
  const why = error.message.split("\n")[0].slice(0, 150);
  console.log(`NOTE: ${usersFile} cannot be read (${why}): it is now ${kept}`);
}

const users = () => call("GET", `${accounts}:batchGet?maxResults=-1`);

async function save() {
  const now = await users();
  if (now === saved) return;
  const unfinished = `${usersFile}.unfinished`;
  fs.writeFileSync(unfinished, now, { mode: 0o600 });
  fs.renameSync(unfinished, usersFile);
  saved = now;
}

async function stop() {
  if (saved !== undefined) await save();
  process.exit(0);
}

process.on("SIGTERM", () => stop().catch(fail));
process.on("SIGINT", () => {});
start().catch(fail);

function fail(error) {
  console.error(error);
  process.exit(1);
}
