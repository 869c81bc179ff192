// Leaving the page: every way ends in `goTo`. What stays in the document is told apart from what leaves it.

/** Addresses that pages cannot go to (HTML and Chromium block them at the top). */
const BLOCKED = new Set(['data:', 'file:', 'filesystem:', 'view-source:', 'chrome:', 'chrome-extension:', 'devtools:']);
/** How often the page asked to leave: a `javascript:` URL waiting its turn gives way to a later request. */
let departures = 0;

/**
 * Navigates this window. `cause` is script, anchor, form or reload; with a `body` it posts.
 * @param {{url: string, cause: string, noReferrer?: boolean, body?: Uint8Array, contentType?: string}} request
 */
function goTo(request) {
  const { url, cause, noReferrer = false, body, contentType } = request;
  const protocol = url.slice(0, url.indexOf(':') + 1);
  if (protocol === 'javascript:') return runJavascriptUrl(url);
  if (BLOCKED.has(protocol)) return undefined;
  const here = host.documentUrl();
  if (!body && cause !== 'reload' && url.includes('#') && host.sameButFragment(url, here)) {
    return navigateEventAllows({ ...request, hashChange: true }) ? goToFragment(url) : undefined;
  }
  if (!mayNavigateHere(url) || !navigateEventAllows(request)) return undefined;
  if (host.realm !== 0) return navigateFrameItself(request);
  departures += 1;
  const silent = noReferrer || documentSendsNoReferrer();
  if (body) host.navigate(url, cause, silent, latin1(body), contentType);
  else host.navigate(url, cause, silent);
  return undefined;
}

/** Code of a frame may move the top only if its sandbox lets it. */
function mayNavigateHere() {
  const entry = host.entryRealm();
  if (entry === host.realm) return true;
  const [, , , topNavigation] = host.sandboxOf(entry);
  return topNavigation;
}

function documentSendsNoReferrer() {
  const metas = wrapAll(host.byAttribute(document[NODE], 'name', 'referrer')).filter((meta) => meta instanceof HTMLMetaElement);
  const policy = (metas.at(-1)?.content ?? '').trim().toLowerCase();
  return policy === 'no-referrer' || policy === 'never';
}

/** HTML, "javascript: URLs": the code runs on a turn of its own; a string it gives becomes the document. */
function runJavascriptUrl(url) {
  const code = decodeBytes(percentDecode(url.slice('javascript:'.length)), 'utf-8');
  const known = departures;
  queueTask(() => {
    if (known !== departures || !host.allowsInline('navigation', text(code), '')) return;
    const result = runGlobal(code, host.documentUrl());
    if (typeof result === 'string' && !host.leaving()) showMarkup(result);
  });
}

function percentDecode(words) {
  const encoded = host.encode(text(words), 'utf-8');
  const bytes = [];
  for (let at = 0; at < encoded.length; at++) {
    const hex = encoded[at] === 0x25 ? String.fromCharCode(encoded[at + 1], encoded[at + 2]) : '';
    const isHex = /^[0-9a-f]{2}$/i.test(hex);
    bytes.push(isHex ? parseInt(hex, 16) : encoded[at]);
    if (isHex) at += 2;
  }
  return new Uint8Array(bytes);
}

/** Windows by the names that links, forms and `window.open` use; null for a window that does not exist yet. */
function windowByName(name) {
  const wanted = `${name}`;
  switch (wanted.toLowerCase()) {
    case '': case '_self': return window;
    case '_parent': return window.parent;
    case '_top': case '_unfencedtop': return window.top;
    case '_blank': return null;
    default:
  }
  if (windowName === wanted) return window;
  const frame = framesByName(wanted)[0];
  if (frame) return frame;
  for (const relative of [window.parent, window.top]) {
    if (relative !== window && guardedName(relative) === wanted) return relative;
  }
  return null;
}

function guardedName(other) {
  try {
    return other.name;
  } catch {
    return undefined;
  }
}

/** Navigates the window of that name. New windows open nothing here: the page itself stays where it is. */
function navigateTarget(name, request) {
  const target = windowByName(name);
  if (target === null) return null;
  if (target === window) goTo(request);
  else if (target instanceof HTMLIFrameElement) navigateFrame(target, request);
  else doors.get(target)?.(request);
  return target instanceof HTMLIFrameElement ? target.contentWindow : target;
}

/** Other windows of this page → how to navigate them. */
const doors = new WeakMap();

/** `window.open`. */
function openWindow(url = '', name = '_blank', features = '') {
  const target = `${name}` === '' ? '_blank' : name;
  if (`${url}` === '') return windowByName(target);
  const resolved = urlParts(url, host.entryBaseUrl())?.href;
  if (resolved === undefined) throw new DOMException(`Unable to open a window with invalid URL '${url}'.`, 'SyntaxError');
  const noReferrer = /\bnoreferrer\b/i.test(features);
  const opened = navigateTarget(target, { url: resolved, cause: 'script', noReferrer });
  return opened ?? popupWindow(features);
}

/** A new window: pages may talk to it, nothing comes of it. */
function popupWindow(features) {
  if (/\bnoopener\b|\bnoreferrer\b/i.test(features)) return null;
  let address = 'about:blank';
  const popupLocation = { get href() { return address; }, set href(value) { address = `${value}`; }, assign: noop, replace: noop, reload: noop };
  const popup = { closed: false, opener: window, name: '', focus: noop, blur: noop, close() { this.closed = true; }, postMessage: noop };
  popup.document = { write: noop, writeln: noop, close: noop, open: noop };
  return Object.defineProperty(popup, 'location', { get: () => popupLocation, set(value) { address = `${value}`; } });
}
