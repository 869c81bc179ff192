// `history` and `navigation`: addresses that change while the document stays.

/** Entries of this document, oldest first. */
const entries = [{ url: '', state: null }];
whenPageComes(() => { entries[0].url = host.documentUrl(); });
let current = 0;

function addEntry(url, state, replace) {
  if (replace) entries[current] = { url, state };
  else entries.splice(++current, entries.length, { url, state });
  host.setDocumentUrl(url);
}

/** A new fragment: the address changes at once, the events come later. */
function goToFragment(url) {
  const oldURL = host.documentUrl();
  addEntry(url, null, url === oldURL);
  if (url === oldURL) return;
  queueTask(() => {
    fire(window, 'popstate', { Class: PopStateEvent, state: null });
    if (urlParts(oldURL).hash !== urlParts(url).hash) fire(window, 'hashchange', { Class: HashChangeEvent, oldURL, newURL: url });
  });
}

function changeState(state, url, replace) {
  let target = host.documentUrl();
  if (url !== undefined && url !== null) {
    const parts = urlParts(url, host.baseUrl());
    const own = urlParts(target);
    if (!parts || parts.origin !== own.origin || parts.username !== own.username || parts.password !== own.password) {
      const name = replace ? 'replaceState' : 'pushState';
      throw new DOMException(`Failed to execute '${name}' on 'History': '${url}' is not of this origin.`, 'SecurityError');
    }
    target = parts.href;
  }
  addEntry(target, structuredClone(state ?? null), replace);
}

function travel(steps) {
  const delta = Math.trunc(Number(steps)) || 0;
  if (delta === 0) return goTo({ url: host.documentUrl(), cause: 'reload' });
  queueTask(() => {
    const entry = entries[current + delta];
    if (!entry) return;
    current += delta;
    const oldURL = host.documentUrl();
    host.setDocumentUrl(entry.url);
    fire(window, 'popstate', { Class: PopStateEvent, state: entry.state });
    if (urlParts(oldURL).hash !== urlParts(entry.url).hash) fire(window, 'hashchange', { Class: HashChangeEvent, oldURL, newURL: entry.url });
  });
  return undefined;
}

class History {
  // The blank page every tab begins with counts.
  get length() { return entries.length + 1; }
  get state() { return entries[current].state; }
  get scrollRestoration() { return 'auto'; }
  set scrollRestoration(_) {}
  pushState(state, _, url) { changeState(state, url, false); }
  replaceState(state, _, url) { changeState(state, url, true); }
  back() { travel(-1); }
  forward() { travel(1); }
  go(steps = 0) { travel(steps); }
}

const pendingForever = () => new Promise(noop);

class NavigationHistoryEntry extends EventTarget {
  #entry;
  constructor(entry) {
    super();
    this.#entry = entry;
  }
  get url() { return this.#entry.url; }
  get key() { return String(entries.indexOf(this.#entry)); }
  get id() { return this.key; }
  get index() { return entries.indexOf(this.#entry); }
  get sameDocument() { return true; }
  getState() { return this.#entry.state; }
}

/** The Navigation API. */
class Navigation extends EventTarget {
  get currentEntry() { return new NavigationHistoryEntry(entries[current]); }
  get canGoBack() { return current > 0; }
  get canGoForward() { return current < entries.length - 1; }
  get transition() { return null; }
  get activation() { return null; }
  entries() { return entries.map((entry) => new NavigationHistoryEntry(entry)); }
  navigate(url) {
    const parts = urlParts(url, host.entryBaseUrl());
    if (!parts) {
      const failed = () => Promise.reject(new DOMException(`Invalid URL '${url}'.`, 'SyntaxError'));
      return { committed: failed(), finished: failed() };
    }
    goTo({ url: parts.href, cause: 'script' });
    return { committed: pendingForever(), finished: pendingForever() };
  }
  reload() {
    location.reload();
    return { committed: pendingForever(), finished: pendingForever() };
  }
  back() {
    travel(-1);
    return { committed: pendingForever(), finished: pendingForever() };
  }
  forward() {
    travel(1);
    return { committed: pendingForever(), finished: pendingForever() };
  }
  updateCurrentEntry({ state }) { entries[current].state = state; }
}

const NavigateEvent = eventClass('NavigateEvent', {
  navigationType: 'push', destination: null, canIntercept: false, userInitiated: false, hashChange: false, signal: null, formData: null,
  downloadRequest: null, info: undefined, hasUAVisualTransition: false, sourceElement: null,
});
const interceptions = new WeakMap();
NavigateEvent.prototype.intercept = function intercept({ handler } = {}) {
  if (!this.canIntercept) throw new DOMException('A navigation with URL of another origin cannot be intercepted.', 'SecurityError');
  interceptions.set(this, [...(interceptions.get(this) ?? []), handler]);
};
NavigateEvent.prototype.scroll = noop;

/** Asks the page's own `navigate` listeners: they may refuse, or take the navigation over. */
function navigateEventAllows({ url, cause, body, hashChange = false }) {
  if (!isHeard(navigation, 'navigate')) return true;
  const event = new NavigateEvent('navigate', {
    cancelable: true, hashChange, canIntercept: isSameOrigin(url), navigationType: cause === 'reload' ? 'reload' : 'push',
    destination: { url, key: '', id: '', index: -1, sameDocument: hashChange, getState: () => undefined },
    signal: new AbortController().signal, formData: body ? new FormData() : null,
  });
  if (!dispatch(navigation, event)) return false;
  const handlers = interceptions.get(event);
  if (!handlers) return true;
  addEntry(url, null, false);
  for (const handler of handlers) if (handler) queueTask(() => Promise.resolve(handler()).catch(reportException));
  return false;
}

const history = new History();
const navigation = new Navigation();
handlerProperties(Navigation.prototype, ['navigate', 'navigatesuccess', 'navigateerror', 'currententrychange']);
expose({ NavigateEvent, History, Navigation, NavigationHistoryEntry, history, navigation });
