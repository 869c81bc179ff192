// localStorage and sessionStorage: they last as long as the chain, by the caller's hand.

/** Characters of names and values together, as browsers bound them. */
const STORAGE_CHARS_MAX = 5 * 1024 * 1024;

class Storage {
  constructor() { throw new TypeError('Illegal constructor'); }
}

function storageArea(which) {
  const items = new Map();
  whenPageComes(() => { for (const [name, value] of host.storage()[which]) items.set(name, value); });
  const size = () => [...items].reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  const methods = {
    getItem: (name) => items.get(`${name}`) ?? null,
    setItem(name, value) {
      if (size() + `${name}`.length + `${value}`.length > STORAGE_CHARS_MAX) throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
      items.set(`${name}`, `${value}`);
    },
    removeItem(name) { items.delete(`${name}`); },
    clear() { items.clear(); },
    key: (index) => [...items.keys()][index] ?? null,
  };
  const area = new Proxy(Object.create(Storage.prototype), {
    get(target, name) {
      if (typeof name === 'symbol') return target[name];
      if (name === 'length') return items.size;
      return Object.hasOwn(methods, name) ? methods[name] : items.has(name) ? items.get(name) : target[name];
    },
    set(_, name, value) {
      methods.setItem(name, value);
      return true;
    },
    has: (target, name) => items.has(name) || name in methods || name in target,
    deleteProperty: (_, name) => (items.delete(name), true),
    ownKeys: () => [...items.keys()],
    getOwnPropertyDescriptor: (_, name) => (items.has(name) ? { value: items.get(name), writable: true, enumerable: true, configurable: true } : undefined),
  });
  return { area, pairs: () => [...items] };
}

const localArea = storageArea(0);
const sessionArea = storageArea(1);

function guardedArea({ area }, name) {
  return () => {
    if (!host.sandbox()[2]) throw new DOMException(`Failed to read the '${name}' property from 'Window': Access is denied for this document.`, 'SecurityError');
    if (host.realm !== 0 && window.top !== window && parentWindow[name]) return parentWindow[name];
    return area;
  };
}
for (const [name, area] of [['localStorage', localArea], ['sessionStorage', sessionArea]]) {
  Object.defineProperty(window, name, { get: guardedArea(area, name), configurable: true, enumerable: true });
}
expose({ Storage });
