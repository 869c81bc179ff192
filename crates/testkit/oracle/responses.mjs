// How a case is written: builders of raw HTTP responses. A string is sent as UTF-8, a Buffer as it is.

const HTML = "text/html; charset=utf-8";

/** A whole response; `headers` are lines without their line ends, strings or Buffers, in order. */
export function raw(statusLine, headers, body = "") {
  const bytes = Buffer.from(body);
  const lines = [statusLine, ...headers].map((line) => Buffer.concat([Buffer.from(line), Buffer.from("\r\n")]));
  return Buffer.concat([...lines, Buffer.from("\r\n"), bytes]);
}

/** A response with the usual headers after its own. `type: null` leaves Content-Type out. */
export function response(status, headers = [], body = "", type = HTML) {
  const length = `Content-Length: ${Buffer.from(body).length}`;
  const usual = [length, ...(type ? [`Content-Type: ${type}`] : []), "Connection: close"];
  return raw(`HTTP/1.1 ${status} X`, [...headers, ...usual], body);
}

/** A redirect to `location`; bytes beyond ASCII may be given as a Buffer. */
export function redirect(location, status = 302, body = "") {
  return response(status, [Buffer.concat([Buffer.from("Location: "), Buffer.from(location)])], body);
}

/** A page whose body begins with `body`. */
export function page(body, { head = "", headers = [], status = 200 } = {}) {
  return response(status, headers, `<!doctype html><html><head><title>p</title>${head}</head><body>${body}`);
}

/** A page with this script in its body. */
export function script(code, options) {
  return page(`<script>${code}</script>`, options);
}

/** A page with this in its head, and nothing else. */
export function head(markup, options = {}) {
  return page("x", { ...options, head: markup });
}

/** A script of its own. */
export function code(text, type = "text/javascript") {
  return response(200, [], text, type);
}

/** The bytes of a string, one byte per character. */
export function latin1(text) {
  return Buffer.from(text, "latin1");
}
