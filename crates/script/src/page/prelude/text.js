// Text in other clothes: base64, encoders, structured clones.

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** HTML, "forgiving-base64 decode". */
function atob(value) {
  let data = `${value}`.replace(/[\t\n\f\r ]+/g, '');
  if (data.length % 4 === 0) data = data.replace(/==?$/, '');
  if (data.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(data)) {
    throw new DOMException("Failed to execute 'atob' on 'Window': The string to be decoded is not correctly encoded.", 'InvalidCharacterError');
  }
  let bits = 0;
  let count = 0;
  let decoded = '';
  for (const letter of data) {
    bits = (bits << 6) | BASE64.indexOf(letter);
    count += 6;
    if (count >= 8) {
      count -= 8;
      decoded += String.fromCharCode((bits >> count) & 255);
    }
  }
  return decoded;
}

function btoa(value) {
  const data = `${value}`;
  let encoded = '';
  for (let at = 0; at < data.length; at += 3) {
    const codes = [data.charCodeAt(at), data.charCodeAt(at + 1), data.charCodeAt(at + 2)];
    if (codes.some((code) => code > 255)) {
      throw new DOMException("Failed to execute 'btoa' on 'Window': The string contains characters outside of the Latin1 range.", 'InvalidCharacterError');
    }
    const [first, second, third] = codes;
    encoded += BASE64[first >> 2] + BASE64[((first & 3) << 4) | (second >> 4)];
    encoded += Number.isNaN(second) ? '=' : BASE64[((second & 15) << 2) | (third >> 6)];
    encoded += Number.isNaN(third) ? '=' : BASE64[third & 63];
  }
  return encoded;
}

class TextEncoder {
  get encoding() { return 'utf-8'; }
  encode(value = '') { return host.encode(text(value), 'utf-8'); }
  encodeInto(value, target) {
    const bytes = this.encode(value).subarray(0, target.length);
    target.set(bytes);
    return { read: value.length, written: bytes.length };
  }
}

class TextDecoder {
  #label;
  constructor(label = 'utf-8', { fatal = false, ignoreBOM = false } = {}) {
    const name = host.encodingName(text(label));
    if (name === undefined) throw new RangeError(`The encoding label provided ('${label}') is invalid.`);
    this.#label = name;
    this.encoding = name.toLowerCase();
    this.fatal = fatal;
    this.ignoreBOM = ignoreBOM;
  }
  decode(data = new Uint8Array()) {
    const decoded = decodeBytes(bytesOf(data), this.#label);
    if (this.fatal && decoded.includes('\ufffd')) throw new TypeError('The encoded data was not valid.');
    return decoded;
  }
}

/** HTML, "structured clone", for what pages send around. */
function structuredClone(value, seen = new Map()) {
  if (typeof value === 'function' || typeof value === 'symbol') throw new DOMException(`${String(value)} could not be cloned.`, 'DataCloneError');
  if (typeof value !== 'object' || value === null) return value;
  if (seen instanceof Map && seen.has(value)) return seen.get(value);
  const known = seen instanceof Map ? seen : new Map();
  if (value instanceof Node) throw new DOMException('A node could not be cloned.', 'DataCloneError');
  const keep = (copy) => (known.set(value, copy), copy);
  if (value instanceof NativeDate) return keep(new NativeDate(+value));
  if (value instanceof RegExp) return keep(new RegExp(value));
  if (value instanceof ArrayBuffer) return keep(value.slice());
  if (ArrayBuffer.isView(value) || value instanceof Blob) return keep(value.slice());
  if (value instanceof Map) {
    const copy = keep(new Map());
    for (const [name, item] of value) copy.set(structuredClone(name, known), structuredClone(item, known));
    return copy;
  }
  if (value instanceof Set) {
    const copy = keep(new Set());
    for (const item of value) copy.add(structuredClone(item, known));
    return copy;
  }
  if (value instanceof NativeError) return keep(Object.assign(new value.constructor(value.message), { stack: value.stack }));
  const copy = keep(Array.isArray(value) ? [] : {});
  for (const name of Object.keys(value)) copy[name] = structuredClone(value[name], known);
  return copy;
}

expose({ atob, btoa, TextEncoder, TextDecoder, structuredClone: (value) => structuredClone(value) });
