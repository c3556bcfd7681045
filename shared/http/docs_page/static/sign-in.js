// The sign-in form of these pages. The ID token stays in the page's memory.
"use strict";

const BASE = new URL(`${document.documentElement.dataset.base}/`, document.baseURI);

const byId = (id) => document.getElementById(id);

function say(text) {
  const said = byId("said");
  if (said.textContent !== text) said.textContent = text; // what is said twice is read aloud twice
}

async function post(path, body, token) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  const answer = await fetch(new URL(path, BASE), { method: "POST", headers, body: JSON.stringify(body) });
  const text = await answer.text();
  const document = text ? JSON.parse(text) : {};
  if (answer.ok) return document;
  const fields = (document.errors ?? []).map((one) => `${one.field} ${one.message}`);
  throw new Error(fields.join("; ") || document.detail || `The server answered ${answer.status}.`);
}

function rolesIn(token) {
  const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes)).role ?? "no role";
}

class SignIn {
  // `changed` is called with the token after a sign-in, with "" after a sign-out.
  constructor(changed) {
    this.token = "";
    this.changed = changed;
    byId("sign-in").addEventListener("submit", (event) => {
      event.preventDefault();
      this.attempt(() => this.enter(event.submitter?.value === "signup"));
    });
    byId("log-out").addEventListener("click", () => this.attempt(() => this.leave()));
  }

  async attempt(work) {
    say("");
    try {
      await work();
    } catch (error) {
      say(error.message);
    }
  }

  async enter(isNew) {
    const credentials = { email: byId("email").value, password: byId("password").value };
    if (isNew) await post("signup", credentials);
    const token = (await post("login", credentials)).idToken;
    byId("password").value = "";
    this.show(token, `${credentials.email} (${rolesIn(token)})`);
  }

  async leave() {
    const ended = this.token;
    this.show("", "");
    await post("logout", {}, ended);
  }

  show(token, who) {
    this.token = token;
    byId("sign-in").hidden = Boolean(token);
    byId("signed-in").hidden = !token;
    byId("who").textContent = who;
    this.changed(token);
  }
}
