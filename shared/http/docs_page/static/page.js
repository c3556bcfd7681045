// Swagger UI for openapi.json, and a sign-in that hands the token to it.
"use strict";

const SCHEME = "firebase";
const SHOWN = 100_000; // characters of an answer: a list of 15 MB would freeze the page

const byId = (id) => document.getElementById(id);
const form = byId("sign-in");

const ui = SwaggerUIBundle({
  url: "openapi.json",
  domNode: byId("api"),
  deepLinking: false, // the page's fragments name problems
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  validatorUrl: null, // asks another host
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  responseInterceptor: shortened,
});

function shortened(response) {
  if (typeof response.text === "string" && response.text.length > SHOWN) {
    const note = `\n... ${response.text.length} characters in all; send "limit" for pages.`;
    response.text = response.text.slice(0, SHOWN) + note;
    response.data = response.text;
    response.obj = undefined;
    response.body = undefined;
  }
  return response;
}

async function post(path, body, token) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  const text = await answer.text();
  const document = text ? JSON.parse(text) : {};
  if (answer.ok) return document;
  const fields = (document.errors ?? []).map((one) => `${one.field} ${one.message}`);
  throw new Error(fields.join("; ") || document.detail || `The server answered ${answer.status}.`);
}

function show(token, who) {
  form.hidden = Boolean(token);
  byId("signed-in").hidden = !token;
  byId("who").textContent = who;
  if (token) ui.preauthorizeApiKey(SCHEME, token);
  else ui.authActions.logout([SCHEME]);
}

function rolesIn(token) {
  const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes)).role ?? "no role";
}

async function attempt(work) {
  byId("said").textContent = "";
  try {
    await work();
  } catch (error) {
    byId("said").textContent = error.message;
  }
}

let token = "";

form.addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => {
    const credentials = { email: byId("email").value, password: byId("password").value };
    if (event.submitter?.value === "signup") await post("signup", credentials);
    token = (await post("login", credentials)).idToken;
    byId("password").value = "";
    show(token, `${credentials.email} (${rolesIn(token)})`);
  });
});

byId("log-out").addEventListener("click", () =>
  attempt(async () => {
    const ended = token;
    token = "";
    show("", "");
    await post("logout", {}, ended);
  }),
);
