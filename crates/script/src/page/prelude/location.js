// `location`: reading the document's address, and leaving it.

class Location {
  constructor() { throw new TypeError('Illegal constructor'); }
}

/** Resolves against the code that asks, which may be a frame's. */
function resolveForLocation(value, method) {
  const parts = urlParts(value, host.entryBaseUrl());
  if (!parts) throw new DOMException(`Failed to ${method} on 'Location': '${value}' is not a valid URL.`, 'SyntaxError');
  return parts.href;
}

const location = Object.create(Location.prototype);

function locationMember(name, get, set) {
  Object.defineProperty(location, name, { get, set, enumerable: true, configurable: false });
}

function locationMethod(name, value) {
  Object.defineProperty(location, name, { value, enumerable: true, configurable: false, writable: false });
}

function setHref(value) {
  goTo({ url: resolveForLocation(`${value}`, "set the 'href' property"), cause: 'script' });
}

locationMember('href', () => host.documentUrl(), setHref);
locationMember('origin', () => urlParts(host.documentUrl()).origin, undefined);
for (const part of ['protocol', 'host', 'hostname', 'port', 'pathname', 'search']) {
  locationMember(part, () => urlParts(host.documentUrl())[part], (value) => {
    const here = host.documentUrl();
    const changed = host.setUrlPart(here, part, text(value));
    // A scheme that cannot be is no reason to go; one that stays is.
    if (part === 'protocol' && changed === here && !here.startsWith(`${value}`.replace(/:.*$/, ':').toLowerCase())) return;
    if (part === 'protocol' && !/^https?:/.test(changed)) return;
    if (changed !== undefined) goTo({ url: changed, cause: 'script' });
  });
}
locationMember('hash', () => urlParts(host.documentUrl()).hash, (value) => {
  const here = host.documentUrl();
  const changed = host.setUrlPart(here, 'hash', text(value)) ?? here;
  const withMark = changed.includes('#') || !here.includes('#') ? changed : `${changed}#`;
  if (urlParts(withMark).hash !== urlParts(here).hash) goTo({ url: withMark, cause: 'script' });
});
locationMember('ancestorOrigins', () => Object.assign([], { item: () => null, contains: () => false }), undefined);
locationMethod('assign', (url) => goTo({ url: resolveForLocation(`${url}`, "execute 'assign'"), cause: 'script' }));
locationMethod('replace', (url) => goTo({ url: resolveForLocation(`${url}`, "execute 'replace'"), cause: 'script' }));
locationMethod('reload', () => goTo({ url: host.documentUrl(), cause: 'reload' }));
locationMethod('toString', () => host.documentUrl());
locationMethod('valueOf', () => location);
Object.defineProperty(location, Symbol.toPrimitive, { value: undefined });

exposeForever('location', () => location, setHref);
expose({ Location });
