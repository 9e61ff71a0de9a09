// An npm registry on loopback that holds what is published to it, and remembers which tarballs it handed out.
import { createServer } from 'node:http';

export async function startRegistry() {
  /** What is published of each package: the document that npm reads before it installs. */
  const packages = new Map();
  /** The packed packages, by the path of their address. */
  const tarballs = new Map();
  const handedOut = [];

  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://registry').pathname).slice(1);
    const answer = (status, body) => {
      const [type, bytes] = Buffer.isBuffer(body) ? ['octet-stream', body] : ['json', JSON.stringify(body)];
      // A later registry on the same port has other packages of the same name and version.
      response.writeHead(status, { 'content-type': `application/${type}`, 'cache-control': 'no-store' }).end(bytes);
    };
    if (request.method === 'PUT') {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const { _attachments, ...published } = JSON.parse(Buffer.concat(chunks).toString());
      const [version] = Object.keys(published.versions);
      if (packages.get(path)?.versions[version]) return answer(409, { error: `${path} ${version} is there already` });
      packages.set(path, published);
      for (const [name, { data }] of Object.entries(_attachments))
        tarballs.set(`${path}/-/${name}`, Buffer.from(data, 'base64'));
      return answer(201, { ok: true });
    }
    if (tarballs.has(path)) {
      handedOut.push(path.split('/-/')[0]);
      return answer(200, tarballs.get(path));
    }
    if (packages.has(path)) return answer(200, packages.get(path));
    return answer(404, { error: `${path} is not here` });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${server.address().port}`;

  return {
    /** For the environment of an npm that shall find the packages of a scope here, and all others where it always does. */
    settings: (scope) => ({
      [`npm_config_${scope}:registry`]: `http://${host}/`,
      [`npm_config_//${host}/:_authToken`]: 'anybody',
      npm_config_noproxy: '127.0.0.1',
    }),
    published: () => [...packages.keys()],
    manifest: (name) => Object.values(packages.get(name).versions)[0],
    tarball: (name) => tarballs.get([...tarballs.keys()].find((path) => path.startsWith(`${name}/-/`))),
    /** The names of the packages whose tarballs were asked for since the last question. */
    handedOut: () => handedOut.splice(0),
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}
