// Starts Swagger UI on this server's own document, and fetches the document again when the caller changes, since each
// caller is shown what their roles may see.
"use strict";

(async function () {
  const answer = await fetch("docs/config.json");
  const config = answer.ok ? await answer.json() : {};

  if (config.title) {
    document.title = config.title;
    document.getElementById("title").textContent = config.title;
  }
  document.getElementById("explorer").hidden = !config.explorer;
  document.getElementById("wsdl").hidden = !config.wsdl;
  if (config.publishable) {
    document.getElementById("note").textContent =
      "You are authorised with the publishable key, so you see what anybody may see. " +
      "Press Authorize to ask as somebody else: a token from `bistro keys token`, or the secret key.";
  }

  // What the caller has authorised with, as headers.
  function credentials() {
    const headers = {};
    const held = ui.getSystem().authSelectors.authorized().toJS();
    if (held.apikey && held.apikey.value) headers.apikey = held.apikey.value;
    if (held.bearer && held.bearer.value) headers.Authorization = "Bearer " + held.bearer.value;
    return headers;
  }

  function fetchAgain(system) {
    const url = system.specSelectors.url();
    system.specActions.download(url);
  }

  const refetch = () => ({
    statePlugins: {
      auth: {
        wrapActions: {
          authorize: (original, system) => (payload) => {
            const result = original(payload);
            fetchAgain(system);
            return result;
          },
          logout: (original, system) => (payload) => {
            const result = original(payload);
            fetchAgain(system);
            return result;
          },
        },
      },
    },
  });

  let ready = false;
  const ui = SwaggerUIBundle({
    url: new URL("rest/v1/openapi.json", document.baseURI).href,
    dom_id: "#swagger-ui",
    deepLinking: true,
    displayRequestDuration: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    filter: true,
    validatorUrl: null,
    persistAuthorization: false,
    plugins: [refetch],
    requestInterceptor: (request) => {
      if (ready && request.loadSpec) Object.assign(request.headers, credentials());
      // A key pasted as a token decides as a key, also beside the publishable one.
      const bearer = request.headers.Authorization || "";
      if (bearer.startsWith("Bearer sb_")) {
        request.headers.apikey = bearer.slice("Bearer ".length);
        delete request.headers.Authorization;
      }
      return request;
    },
    onComplete: () => {
      if (ready) return;
      ready = true;
      if (config.publishable) ui.preauthorizeApiKey("apikey", config.publishable);
    },
  });
})();
