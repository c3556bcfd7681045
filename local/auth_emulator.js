// The Firebase Auth emulator alone: a third of the memory of `firebase emulators:start`.
// node auth_emulator.js NODE_MODULES_DIR PROJECT PORT [USERS_FILE]
// With a file the users are read from it at start, and written to it on SIGTERM.
const fs = require("fs");

const [root, project, port, usersFile] = process.argv.slice(2);
// Internal paths of firebase-tools and its packages: the versions are pinned in package-lock.json.
const find = (path, from) => require.resolve(path, { paths: [from] });
const exegesis = find("exegesis", root);
// Four fifths of the start would go into checking Google's own schemas, once for each parameter.
require(find("ajv/dist/core.js", exegesis)).default.prototype.validateSchema = () => true;
const { createApp } = require(find("firebase-tools/lib/emulator/auth/server.js", root));

const projects = `http://127.0.0.1:${port}/identitytoolkit.googleapis.com`;

async function call(method, path, body) {
  const headers = { authorization: "Bearer owner", "content-type": "application/json" };
  const response = await fetch(projects + path, { method, headers, body });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.text();
}

async function start() {
  const app = await createApp(project);
  await new Promise((listening) => app.listen(Number(port), "127.0.0.1", listening));
  // As in projects created since 2023: one answer for an unknown e-mail and a wrong password.
  const privacy = JSON.stringify({ emailPrivacyConfig: { enableImprovedEmailPrivacy: true } });
  await call("PATCH", `/v2/projects/${project}/config?updateMask=emailPrivacyConfig`, privacy);
  if (usersFile && fs.existsSync(usersFile)) {
    const users = fs.readFileSync(usersFile, "utf8");
    await call("POST", `/v1/projects/${project}/accounts:batchCreate`, users);
  }
  console.log("ready");
}

async function stop() {
  if (usersFile) {
    const users = await call("GET", `/v1/projects/${project}/accounts:batchGet?maxResults=-1`);
    if (JSON.parse(users).users) fs.writeFileSync(usersFile, users);
  }
  process.exit(0);
}

process.on("SIGTERM", () => stop().catch(fail));
process.on("SIGINT", () => {});
start().catch(fail);

function fail(error) {
  console.error(error);
  process.exit(1);
}
