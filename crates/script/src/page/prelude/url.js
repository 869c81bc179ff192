// URL and URLSearchParams over the host's parser.

const PARTS = ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash'];

/** The parts of an absolute URL; nothing for no URL. */
function urlParts(value, base) {
  const parts = host.parseUrl(text(value), base === undefined ? undefined : text(base));
  return parts && Object.fromEntries(PARTS.map((name, index) => [name, parts[index]]));
}

const unreserved = /[A-Za-z0-9*\-._]/;

/** application/x-www-form-urlencoded of one name or value. */
function formEncode(bytes) {
  let encoded = '';
  for (const byte of bytes) {
    const letter = String.fromCharCode(byte);
    if (byte === 0x20) encoded += '+';
    else encoded += byte < 0x80 && unreserved.test(letter) ? letter : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

function formDecode(part) {
  const bytes = [];
  const encoded = host.encode(text(part.replaceAll('+', ' ')), 'utf-8');
  for (let at = 0; at < encoded.length; at++) {
    const hex = encoded[at] === 0x25 ? String.fromCharCode(encoded[at + 1], encoded[at + 2]) : '';
    if (/^[0-9a-f]{2}$/i.test(hex)) {
      bytes.push(parseInt(hex, 16));
      at += 2;
    } else {
      bytes.push(encoded[at]);
    }
  }
  return decodeBytes(new Uint8Array(bytes), 'utf-8');
}

function serializePairs(pairs, encoding = 'utf-8') {
  const encode = (value) => formEncode(host.encode(text(value), encoding));
  return pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
}

class URLSearchParams {
  #pairs = [];
  #url = null;
  constructor(init = '', url = null) {
    if (url instanceof URL) this.#url = url;
    if (init !== null && typeof init === 'object') {
      const pairs = typeof init[Symbol.iterator] === 'function' ? [...init] : Object.entries(init);
      this.#pairs = pairs.map(([name, value]) => [text(name), text(value)]);
    } else {
      parseInto(this, `${init}`.replace(/^\?/, ''));
    }
  }
  parse(query) {
    this.#pairs = query.split('&').filter(Boolean).map((pair) => {
      const at = pair.indexOf('=');
      return at < 0 ? [formDecode(pair), ''] : [formDecode(pair.slice(0, at)), formDecode(pair.slice(at + 1))];
    });
  }
  #changed() {
    if (this.#url) this.#url.search = this.toString();
  }
  get size() { return this.#pairs.length; }
  append(name, value) {
    this.#pairs.push([text(name), text(value)]);
    this.#changed();
  }
  delete(name, value) {
    this.#pairs = this.#pairs.filter((pair) => pair[0] !== `${name}` || (value !== undefined && pair[1] !== `${value}`));
    this.#changed();
  }
  get(name) { return this.#pairs.find((pair) => pair[0] === `${name}`)?.[1] ?? null; }
  getAll(name) { return this.#pairs.filter((pair) => pair[0] === `${name}`).map((pair) => pair[1]); }
  has(name, value) { return this.#pairs.some((pair) => pair[0] === `${name}` && (value === undefined || pair[1] === `${value}`)); }
  set(name, value) {
    const first = this.#pairs.findIndex((pair) => pair[0] === `${name}`);
    if (first < 0) this.#pairs.push([text(name), text(value)]);
    else {
      this.#pairs[first][1] = text(value);
      this.#pairs = this.#pairs.filter((pair, index) => index <= first || pair[0] !== `${name}`);
    }
    this.#changed();
  }
  sort() {
    this.#pairs.sort((left, right) => (left[0] < right[0] ? -1 : Number(left[0] > right[0])));
    this.#changed();
  }
  forEach(callback, self) { for (const [name, value] of this.#pairs) callback.call(self, value, name, this); }
  keys() { return this.#pairs.map((pair) => pair[0])[Symbol.iterator](); }
  values() { return this.#pairs.map((pair) => pair[1])[Symbol.iterator](); }
  entries() { return this.#pairs.map((pair) => [...pair])[Symbol.iterator](); }
  [Symbol.iterator]() { return this.entries(); }
  toString() { return serializePairs(this.#pairs); }
}
// Ours, for `url.search = …`: pages do not get to see it.
const { parse: parseQuery } = URLSearchParams.prototype;
delete URLSearchParams.prototype.parse;
const parseInto = (params, query) => parseQuery.call(params, query);

const blobUrls = new Map();

class URL {
  #parts;
  #params = null;
  constructor(url, base) {
    this.#parts = urlParts(url, base);
    if (!this.#parts) throw new TypeError(`Failed to construct 'URL': Invalid URL`);
  }
  static canParse(url, base) { return urlParts(url, base) !== undefined; }
  static parse(url, base) { return URL.canParse(url, base) ? new URL(url, base) : null; }
  static createObjectURL(blob) {
    const url = `blob:${host.origin()}/${randomUuid()}`;
    blobUrls.set(url, blob);
    return url;
  }
  static revokeObjectURL() {}
  get href() { return this.#parts.href; }
  set href(value) {
    const parts = urlParts(value);
    if (!parts) throw new TypeError(`Failed to set the 'href' property on 'URL': Invalid URL`);
    this.#parts = parts;
    this.#syncParams();
  }
  get origin() { return this.#parts.origin; }
  get searchParams() { return (this.#params ??= new URLSearchParams(this.search, this)); }
  part(name) { return this.#parts[name]; }
  setPart(name, value) {
    const href = host.setUrlPart(this.#parts.href, name, text(value));
    if (href !== undefined) this.#parts = urlParts(href);
  }
  #syncParams() {
    if (this.#params) parseInto(this.#params, this.search.replace(/^\?/, ''));
  }
  get search() { return this.#parts.search; }
  set search(value) {
    setPartOfUrl.call(this, 'search', value);
    this.#syncParams();
  }
  toString() { return this.href; }
  toJSON() { return this.href; }
}
const { part: partOfUrl, setPart: setPartOfUrl } = URL.prototype;
delete URL.prototype.part;
delete URL.prototype.setPart;
for (const part of ['protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'hash']) {
  Object.defineProperty(URL.prototype, part, {
    configurable: true,
    enumerable: true,
    get() { return partOfUrl.call(this, part); },
    set(value) { setPartOfUrl.call(this, part, value); },
  });
}

expose({ URL, URLSearchParams, webkitURL: URL });
