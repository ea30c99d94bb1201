// An authorization server on a free port of this machine. It prints {"url"} once it listens, then obeys lines of standard
// input, each answered by one of output: `rotate` signs with a new key from now on and publishes the old one beside it,
// `forget` publishes the new one alone. It ends with its input.
import { createServer } from 'node:http';
import { generateKeyPairSync } from 'node:crypto';
import { createInterface } from 'node:readline';
import Provider from 'oidc-provider';

const [algorithm, audience, clients] = process.argv.slice(2);
const kind = { RS256: ['rsa', { modulusLength: 2048 }], ES256: ['ec', { namedCurve: 'P-256' }] }[algorithm];
const say = (told) => process.stdout.write(`${JSON.stringify(told)}\n`);
console.info = console.warn; // its own notices
let made = 0;
const fresh = () => ({
  ...generateKeyPairSync(...kind).privateKey.export({ format: 'jwk' }), kid: `key-${++made}`, alg: algorithm, use: 'sig',
});

let keys = [fresh()];
let answer;
const server = createServer((request, response) => answer(request, response));

function serve(url) {
  const provider = new Provider(url, {
    jwks: { keys },
    clientDefaults: { id_token_signed_response_alg: algorithm },
    clients: JSON.parse(clients).map(([id, secret, scope]) => ({
      client_id: id, client_secret: secret, scope, redirect_uris: [], response_types: [],
      grant_types: ['client_credentials'],
    })),
    scopes: [...new Set(JSON.parse(clients).flatMap(([, , scope]) => scope.split(' ')))],
    extraTokenClaims: (_, token) => (token.clientId === 'desk' ? { role: 'support_agent', sub: 'desk' } : undefined),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'https://graph.example',
        getResourceServerInfo: (_, __, client) => ({
          audience, scope: client.scope, accessTokenFormat: 'jwt', accessTokenTTL: 600,
          jwt: { sign: { alg: algorithm, kid: keys[0].kid } },
        }),
      },
    },
  });
  answer = provider.callback();
}

server.listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  serve(url);
  say({ url });
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    if (line === 'rotate') keys = [fresh(), keys[0]];
    if (line === 'forget') keys = [keys[0]];
    serve(url);
    say({ keys: keys.map(({ kid }) => kid) });
  });
  lines.on('close', () => process.exit(0));
});
