// Time and chance: a clock that jumps from task to task, and numbers from the page's seed.

/** `performance.now()`. */
function clockNow() {
  return host.readClock();
}

const epochNow = () => Math.floor(host.epoch() + host.readClock());

/** Date with our clock where it would read the machine's. */
function PageDate(...values) {
  if (!new.target) return new NativeDate(epochNow()).toString();
  return Reflect.construct(NativeDate, values.length === 0 ? [epochNow()] : values, new.target);
}
Object.defineProperties(PageDate, {
  ...Object.getOwnPropertyDescriptors(NativeDate),
  now: { value: epochNow, writable: true, configurable: true },
});
Object.defineProperty(NativeDate.prototype, 'constructor', { value: PageDate, writable: true, configurable: true });

class Performance extends EventTarget {
  get timeOrigin() { return host.epoch(); }
  now() { return clockNow(); }
  mark(name) { return { name, entryType: 'mark', startTime: host.now(), duration: 0 }; }
  measure(name) { return { name, entryType: 'measure', startTime: 0, duration: host.now() }; }
  clearMarks() {}
  clearMeasures() {}
  clearResourceTimings() {}
  setResourceTimingBufferSize() {}
  getEntries() { return []; }
  getEntriesByType(type) { return type === 'navigation' ? [{ name: host.documentUrl(), entryType: 'navigation', type: 'navigate', redirectCount: 0, startTime: 0 }] : []; }
  getEntriesByName() { return []; }
  get navigation() { return { type: 0, redirectCount: 0 }; }
  get timing() {
    const start = host.epoch();
    const names = ['navigationStart', 'fetchStart', 'domainLookupStart', 'domainLookupEnd', 'connectStart', 'connectEnd', 'requestStart', 'responseStart',
      'responseEnd', 'domLoading', 'domInteractive', 'domContentLoadedEventStart', 'domContentLoadedEventEnd', 'domComplete', 'loadEventStart', 'loadEventEnd'];
    return Object.fromEntries(names.map((name) => [name, start]));
  }
  toJSON() { return { timeOrigin: this.timeOrigin }; }
}
const performance = new Performance();

Object.defineProperty(Math, 'random', { value: () => host.random(), writable: true, configurable: true });

class Crypto {
  get subtle() { return subtle; }
  getRandomValues(array) {
    const bytes = bytesOf(array);
    for (let at = 0; at < bytes.length; at++) bytes[at] = Math.floor(host.random() * 256);
    return array;
  }
  randomUUID() { return randomUuid(); }
}

function randomUuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

class SubtleCrypto {
  digest(algorithm, data) {
    const name = `${algorithm?.name ?? algorithm}`.toUpperCase();
    const digest = host.digest(name, latin1(bytesOf(data)));
    if (digest === undefined) need('crypto_subtle');
    return digest ? Promise.resolve(digest.buffer) : Promise.reject(new DOMException('Unrecognized name.', 'NotSupportedError'));
  }
}
for (const name of ['encrypt', 'decrypt', 'sign', 'verify', 'generateKey', 'deriveKey', 'deriveBits', 'importKey', 'exportKey', 'wrapKey', 'unwrapKey']) {
  SubtleCrypto.prototype[name] = () => {
    need('crypto_subtle');
    return Promise.reject(new DOMException('The operation is not supported.', 'NotSupportedError'));
  };
}
const subtle = new SubtleCrypto();
const crypto = new Crypto();
/** Some of it is there in secure contexts only. */
whenPageComes(() => {
  if (/^https:|^http:\/\/(localhost|127\.)/.test(host.documentUrl())) return;
  delete Crypto.prototype.subtle;
  delete Crypto.prototype.randomUUID;
});

expose({ Date: PageDate, Performance, performance, Crypto, SubtleCrypto, crypto });
