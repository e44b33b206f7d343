// A plain reverse proxy: what one writes with Node's own http module and a keep-alive agent.
// node node_proxy.mjs PORT BACK_END_PORT
import http from 'node:http';

const [port, backEndPort] = process.argv.slice(2).map(Number);
const agent = new http.Agent({ keepAlive: true, maxSockets: Infinity });

const server = http.createServer((request, response) => {
  const options = {
    agent,
    host: '127.0.0.1',
    port: backEndPort,
    method: request.method,
    path: request.url,
    headers: withoutConnection(request.headers),
  };
  const forwarded = http.request(options, (answer) => {
    response.writeHead(answer.statusCode, withoutConnection(answer.headers));
    answer.pipe(response);
  });
  forwarded.on('error', () => {
    if (!response.headersSent) response.writeHead(502);
    response.end();
  });
  request.pipe(forwarded);
});

function withoutConnection(headers) {
  const { connection, 'keep-alive': keepAlive, ...rest } = headers;
  return rest;
}

server.keepAliveTimeout = 60_000;
server.listen(port, '127.0.0.1', 2048);
process.on('SIGTERM', () => process.exit(0));
