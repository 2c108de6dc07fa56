// Serves a module that handles requests (Fetch Standard) on a port of loopback; says so in one line.
import { createServer } from "node:http";

const [file, port] = process.argv.slice(2);
const { handle } = await import(file);
createServer(async (asked, answer) => {
  const chunks = await asked.toArray();
  const body = chunks.length ? Buffer.concat(chunks) : undefined;
  const request = new Request(`http://localhost:${port}${asked.url}`, {
    method: asked.method,
    headers: Object.entries(asked.headers).map(([name, value]) => [name, `${value}`]),
    body,
  });
  const given = await handle(request);
  const headers = Object.fromEntries(given.headers);
  answer.writeHead(given.status, { ...headers, "set-cookie": given.headers.getSetCookie() });
  answer.end(Buffer.from(await given.arrayBuffer()));
}).listen(Number(port), "127.0.0.1", () => console.log("ready"));
