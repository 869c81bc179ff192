// Serves raw responses byte for byte on loopback. Paths it does not know answer 200 with the title FINAL.
import { createServer } from "node:net";

/** The port the recorded URLs name. Chromium is told to find another one behind it. */
export const RECORDED_PORT = 18080;
/** The names the cases use. */
export const HOSTS = ["a.test", "b.test", "b.test.", "sub.a.test", "xn--bcher-kva.test", "127.0.0.1", "[::ffff:7f00:1]"];

/** How a TLS client begins; there is no TLS here. */
const TLS_HANDSHAKE = 0x16;
const HEAD_BYTES_MAX = 65_536;

/** An answer with a body, as the helper paths give it. */
export function ok(body, contentType = "text/html; charset=utf-8", status = "200 OK") {
  const bytes = Buffer.from(body);
  const head = `HTTP/1.1 ${status}\r\nContent-Length: ${bytes.length}\r\nContent-Type: ${contentType}\r\nConnection: close\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), bytes]);
}

const FIXED = {
  "/ext.js": ok("location='/final'", "text/javascript"),
  "/json": ok('{"url":"/final"}', "application/json"),
  "/nope": ok("", undefined, "404 X"),
  "/favicon.ico": ok("", undefined, "404 X"),
};

/** Starts serving `responses` (path → bytes); answers the port and the rules that lead Chromium to it. */
export async function serve(responses) {
  const server = createServer((socket) => {
    let received = Buffer.alloc(0);
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received[0] === TLS_HANDSHAKE) return socket.destroy();
      const end = received.indexOf("\r\n\r\n");
      if (end < 0) return received.length > HEAD_BYTES_MAX ? socket.destroy() : undefined;
      const head = received.subarray(0, end).toString("latin1");
      const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
      if (received.length >= end + 4 + length) socket.end(answer(responses, head));
    });
  });
  await new Promise((done, fail) => server.once("error", fail).listen(0, "127.0.0.1", done));
  const { port } = server.address();
  const rules = HOSTS.map((host) => `MAP ${host}:${RECORDED_PORT} 127.0.0.1:${port}`);
  return { port, resolverRules: [...rules, "MAP * ^NOTFOUND"].join(","), stop: () => server.close() };
}

function answer(responses, head) {
  const [method, target] = head.split(" ", 2);
  const path = target.split("?")[0];
  const response = responses.get(path) ?? FIXED[path] ?? ok(`<title>FINAL</title>method=${method}`);
  return method === "HEAD" ? response.subarray(0, response.indexOf("\r\n\r\n") + 4) : response;
}
