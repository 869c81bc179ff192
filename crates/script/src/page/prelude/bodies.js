// Bytes and what wraps them: Blob, File, FileReader, Headers, Request, Response.

function joinBytes(chunks) {
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

function bytesOf(part) {
  if (part instanceof Blob) return bytesOfBlob(part);
  if (part instanceof ArrayBuffer) return new Uint8Array(part);
  if (ArrayBuffer.isView(part)) return new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
  return host.encode(text(part), 'utf-8');
}

const utf8 = (bytes) => decodeBytes(bytes, 'utf-8');
const bufferOf = (bytes) => bytes.slice().buffer;

class Blob {
  #bytes;
  #type;
  constructor(parts = [], { type = '' } = {}) {
    this.#bytes = joinBytes([...parts].map(bytesOf));
    this.#type = /^[\x20-\x7e]*$/.test(type) ? `${type}`.toLowerCase() : '';
  }
  static bytes(blob) { return blob.#bytes; }
  get size() { return this.#bytes.length; }
  get type() { return this.#type; }
  text() { return Promise.resolve(utf8(this.#bytes)); }
  arrayBuffer() { return Promise.resolve(bufferOf(this.#bytes)); }
  bytes() { return Promise.resolve(this.#bytes.slice()); }
  slice(from = 0, to = this.size, type = '') { return new Blob([this.#bytes.slice(from, to)], { type }); }
}
const bytesOfBlob = Blob.bytes;
delete Blob.bytes;

class File extends Blob {
  #name;
  constructor(parts, name, options = {}) {
    super(parts, options);
    this.#name = `${name}`;
    this.lastModified = options.lastModified ?? host.epoch();
  }
  get name() { return this.#name; }
}

class FileReader extends EventTarget {
  result = null;
  error = null;
  readyState = 0;
  #read(blob, convert) {
    queueTask(() => {
      this.result = convert(bytesOfBlob(blob));
      this.readyState = 2;
      fire(this, 'load', { Class: ProgressEvent });
      fire(this, 'loadend', { Class: ProgressEvent });
    });
  }
  readAsText(blob, label = 'utf-8') { this.#read(blob, (bytes) => decodeBytes(bytes, text(label))); }
  readAsArrayBuffer(blob) { this.#read(blob, bufferOf); }
  readAsDataURL(blob) { this.#read(blob, (bytes) => `data:${blob.type || 'application/octet-stream'};base64,${btoa(latin1(bytes))}`); }
  readAsBinaryString(blob) { this.#read(blob, latin1); }
  abort() {}
}
handlerProperties(FileReader.prototype, ['load', 'loadend', 'loadstart', 'progress', 'error', 'abort']);

class Headers {
  #pairs = new Map();
  constructor(init) {
    if (init === undefined || init === null) return;
    const pairs = typeof init[Symbol.iterator] === 'function' ? [...init] : Object.entries(init);
    for (const [name, value] of pairs) this.append(name, value);
  }
  #name(name) {
    const known = `${name}`;
    if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(known)) throw new TypeError(`'${name}' is not a valid header name.`);
    return known.toLowerCase();
  }
  append(name, value) {
    const known = this.#name(name);
    const old = this.#pairs.get(known);
    const added = text(value).trim();
    this.#pairs.set(known, old === undefined ? added : `${old}, ${added}`);
  }
  set(name, value) { this.#pairs.set(this.#name(name), text(value).trim()); }
  get(name) { return this.#pairs.get(this.#name(name)) ?? null; }
  has(name) { return this.#pairs.has(this.#name(name)); }
  delete(name) { this.#pairs.delete(this.#name(name)); }
  getSetCookie() { return []; }
  forEach(callback, self) { for (const [name, value] of this) callback.call(self, value, name, this); }
  entries() { return [...this.#pairs].sort(([left], [right]) => (left < right ? -1 : 1))[Symbol.iterator](); }
  keys() { return [...this.entries()].map(([name]) => name)[Symbol.iterator](); }
  values() { return [...this.entries()].map(([, value]) => value)[Symbol.iterator](); }
  [Symbol.iterator]() { return this.entries(); }
}

/** Bytes and content type of what is to be sent. */
function extractBody(body) {
  if (body === null || body === undefined) return { bytes: null, type: null };
  if (body instanceof URLSearchParams) return { bytes: bytesOf(`${body}`), type: 'application/x-www-form-urlencoded;charset=UTF-8' };
  if (body instanceof FormData) return writeMultipart([...body], 'utf-8');
  if (body instanceof Blob) return { bytes: bytesOfBlob(body), type: body.type || null };
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return { bytes: bytesOf(body), type: null };
  return { bytes: bytesOf(body), type: 'text/plain;charset=UTF-8' };
}

/** What Request and Response share. */
class Body {
  #bytes = null;
  #used = false;
  constructor(bytes) { this.#bytes = bytes; }
  get bodyUsed() { return this.#used; }
  get body() {
    if (this.#bytes === null) return null;
    return { getReader: () => this.#reader(), locked: false, cancel: () => Promise.resolve() };
  }
  #reader() {
    let done = false;
    const read = () => {
      const chunk = { value: done ? undefined : this.#bytes, done };
      done = true;
      return Promise.resolve(chunk);
    };
    return { read, cancel: () => Promise.resolve(), releaseLock: noop, closed: Promise.resolve() };
  }
  #consume(convert) {
    if (this.#used) return Promise.reject(new TypeError('body stream already read'));
    this.#used = this.#bytes !== null;
    try {
      return Promise.resolve(convert(this.#bytes ?? new Uint8Array()));
    } catch (error) {
      return Promise.reject(error);
    }
  }
  static bytes(body) { return body.#bytes; }
  text() { return this.#consume(utf8); }
  json() { return this.#consume((bytes) => JSON.parse(utf8(bytes))); }
  arrayBuffer() { return this.#consume(bufferOf); }
  bytes() { return this.#consume((bytes) => bytes.slice()); }
  blob() { return this.#consume((bytes) => new Blob([bytes], { type: this.headers.get('content-type') ?? '' })); }
  formData() { return this.#consume((bytes) => [...new URLSearchParams(utf8(bytes))].reduce((data, [name, value]) => (data.append(name, value), data), new FormData())); }
}
const bytesOfBody = Body.bytes;
delete Body.bytes;

class Response extends Body {
  #meta;
  constructor(body = null, { status = 200, statusText = '', headers } = {}, meta = {}) {
    const { bytes, type } = extractBody(body);
    super(bytes);
    this.headers = new Headers(headers);
    if (type && !this.headers.has('content-type')) this.headers.set('content-type', type);
    this.#meta = { status, statusText, url: '', type: 'default', redirected: false, ...meta };
  }
  static error() { return new Response(null, {}, { status: 0, type: 'error' }); }
  static json(data, options) { return new Response(JSON.stringify(data), { ...options, headers: { 'content-type': 'application/json', ...options?.headers } }); }
  static redirect(url, status = 302) { return new Response(null, { status, headers: { location: `${url}` } }); }
  get status() { return this.#meta.status; }
  get statusText() { return this.#meta.statusText; }
  get ok() { return this.status >= 200 && this.status < 300; }
  get url() { return this.#meta.url; }
  get type() { return this.#meta.type; }
  get redirected() { return this.#meta.redirected; }
  clone() { return new Response(bytesOfBody(this), { headers: this.headers }, { ...this.#meta }); }
}

class Request extends Body {
  constructor(input, init = {}) {
    const from = input instanceof Request ? input : null;
    const { bytes, type } = extractBody(init.body ?? null);
    super(bytes ?? (from && bytesOfBody(from)));
    const url = from?.url ?? urlParts(input, host.baseUrl())?.href;
    if (url === undefined) throw new TypeError(`Failed to parse URL from ${input}`);
    const method = `${init.method ?? from?.method ?? 'GET'}`;
    this.url = url;
    this.method = /^(get|head|post|put|delete|options)$/i.test(method) ? method.toUpperCase() : method;
    if (bytesOfBody(this) !== null && ['GET', 'HEAD'].includes(this.method)) throw new TypeError('Request with GET/HEAD method cannot have body.');
    this.headers = new Headers(init.headers ?? from?.headers);
    if (type && !this.headers.has('content-type')) this.headers.set('content-type', type);
    for (const [name, value] of Object.entries({ mode: 'cors', credentials: 'same-origin', redirect: 'follow', cache: 'default', referrer: 'about:client', signal: null })) {
      this[name] = init[name] ?? from?.[name] ?? value;
    }
    const known = { mode: ['same-origin', 'cors', 'no-cors'], credentials: ['omit', 'same-origin', 'include'] };
    for (const [name, values] of Object.entries(known)) {
      if (!values.includes(`${this[name]}`)) throw new TypeError(`Failed to construct 'Request': '${this[name]}' is not a valid ${name}.`);
    }
  }
  clone() { return new Request(this); }
}

expose({ Blob, File, FileReader, Headers, Request, Response });
