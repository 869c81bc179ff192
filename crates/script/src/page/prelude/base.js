// Ground for the other files: saved built-ins, definitions on the window, DOMException.

/** Key under which a wrapper keeps the number of its node; another document's wrappers have another key. */
const NODE = Symbol('node');
const HTML = 'http://www.w3.org/1999/xhtml';
const SVG = 'http://www.w3.org/2000/svg';
const NativeFunction = Function;
const NativeDate = Date;
const NativeError = Error;

/** What follows from the page: this code runs before there is one. */
const openings = [];
function whenPageComes(run) { openings.push(run); }

/** Whether the page is shown on a telephone: touch is there only then. */
let isMobile = false;
whenPageComes(() => { isMobile = host.profile()[2] === '1'; });

/** Words of a long list; without regular expressions, whose first use costs more than all the list. */
function wordsOf(list) {
  return list.split('\n').map((line) => line.trim()).join(' ').split(' ');
}

/** Objects of classes say its name: `[object HTMLDivElement]`. */
function isClass(name, value) {
  return typeof value === 'function' && name[0] >= 'A' && name[0] <= 'Z' && name !== 'Function' && name !== 'Date'
    && !!value.prototype && !Object.hasOwn(value.prototype, Symbol.toStringTag);
}

/** Defines a global as browsers do: not enumerable, replaceable by the page. */
function expose(definitions) {
  for (const [name, value] of Object.entries(definitions)) {
    Object.defineProperty(window, name, { value, writable: true, configurable: true, enumerable: false });
    if (isClass(name, value)) Object.defineProperty(value.prototype, Symbol.toStringTag, { value: name, configurable: true });
  }
}

/** Defines a global that the page can neither replace nor delete. */
function exposeForever(name, get, set) {
  Object.defineProperty(window, name, { get, set, enumerable: true, configurable: false });
}

/** Defines read-only accessors on a prototype from a map of getters. */
function getters(target, map) {
  for (const [name, get] of Object.entries(map)) {
    Object.defineProperty(target, name, { get, set: undefined, configurable: true, enumerable: true });
  }
}

const EXCEPTION_CODES = {
  IndexSizeError: 1, HierarchyRequestError: 3, InvalidCharacterError: 5, NotFoundError: 8, NotSupportedError: 9,
  InvalidStateError: 11, SyntaxError: 12, InvalidAccessError: 15, SecurityError: 18, NetworkError: 19, AbortError: 20,
  QuotaExceededError: 22, TimeoutError: 23, DataCloneError: 25,
};

class DOMException extends Error {
  #name;
  constructor(message = '', name = 'Error') {
    super(message);
    this.#name = String(name);
  }
  get name() { return this.#name; }
  get code() { return EXCEPTION_CODES[this.#name] ?? 0; }
}

/** Text as Rust can take it: lone surrogates replaced. */
function text(value) {
  return `${value}`.toWellFormed();
}

/** Bytes as a string of as many characters: how they reach the host. */
function latin1(bytes) {
  let words = '';
  for (let at = 0; at < bytes.length; at += 4096) words += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return words;
}

function decodeBytes(bytes, label) {
  return host.decode(latin1(bytes), text(label));
}

/** What the element or API lacks here; a browser may know better. */
function need(word) {
  host.need(word);
}

/** Runs code of the page; what it throws is reported, not passed on. */
function guarded(run) {
  try {
    return run();
  } catch (error) {
    reportException(error);
    return undefined;
  }
}

function noop() {}
