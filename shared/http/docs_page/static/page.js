// Swagger UI for openapi.json, and a sign-in that hands the token to it.
"use strict";

const SCHEME = "firebase";
const SHOWN = 100_000; // characters of an answer: a list of 15 MB would freeze the page

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

new SignIn((token) => {
  if (token) ui.preauthorizeApiKey(SCHEME, token);
  else ui.authActions.logout([SCHEME]);
});
