// The document comes from where the API is, which only the deployment knows.
fetch('/config.json', { cache: 'no-store' })
  .then((answer) => (answer.ok ? answer.json() : {}))
  .catch(() => ({}))
  .then(({ apiBaseUrl = '' }) => {
    SwaggerUIBundle({
      url: `${apiBaseUrl.replace(/\/+$/, '')}/openapi.json`,
      dom_id: '#swagger-ui',
      deepLinking: true,
      presets: [SwaggerUIBundle.presets.apis],
      // Documents are not to be sent to a validator on another host.
      validatorUrl: null,
    });
  });
