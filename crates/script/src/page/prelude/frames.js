// Frames: their documents run where they may reach the top. Others' documents do not run here.

/** number of a frame element → the realm its document lives in, and what was last asked of it. */
const frameRealms = new Map();
let frameBaseUrl = null;
let frameReferrer = null;
let windowName = '';

function frameElements() {
  return document ? wrapAll(host.byName(document[NODE], ['iframe', 'frame'])) : [];
}

function framesByName(name) {
  return frameElements().filter((frame) => (stateOfFrame(frame)?.name ?? frame.getAttribute('name')) === name);
}

function stateOfFrame(frame) {
  return frameRealms.get(frame[NODE]);
}

/** A realm for the frame's next document. */
function newRealm(frame, { url, base, inherit, policies = [], opaque = false }) {
  const index = host.takeRealm();
  if (index === undefined) return null;
  const state = { realm: index, name: frame.getAttribute('name'), opaque, blank: url === 'about:blank' };
  frameRealms.set(frame[NODE], state);
  const tokens = frame.getAttribute('sandbox');
  const sandbox = opaque ? sandboxWithoutOrigin(tokens) : tokens;
  host.setUpRealm(index, url, base, { policies, inherit, sandbox: sandbox ?? undefined, name: state.name ?? '' });
  return state;
}

/** A `data:` document is of no origin, as in a sandbox that allows all else and lists nothing. */
function sandboxWithoutOrigin(tokens) {
  const all = 'allow-scripts allow-forms allow-top-navigation-to-own-host allow-modals';
  return tokens === null ? all : tokens.replace(/\ballow-same-origin\b/gi, '');
}

function blankRealm(frame) {
  const state = newRealm(frame, { url: 'about:blank', base: host.baseUrl(), inherit: true });
  if (state) host.runRealm(state.realm, '<html><head></head><body></body></html>');
  return state;
}

function isOpaqueFrame(frame) {
  const tokens = frame.getAttribute('sandbox');
  return stateOfFrame(frame)?.opaque || (tokens !== null && !/\ballow-same-origin\b/i.test(tokens));
}

function frameWindow(frame) {
  if (!frame.isConnected) return null;
  const state = stateOfFrame(frame);
  if (state?.foreign) return foreignWindow(frame);
  const known = state ?? blankRealm(frame);
  if (!known) return null;
  const inner = host.windowOf(known.realm);
  doors.set(inner, (request) => navigateFrame(frame, request));
  return isOpaqueFrame(frame) ? foreignWindow(frame) : inner;
}

function frameDocument(frame) {
  return isOpaqueFrame(frame) || stateOfFrame(frame)?.foreign ? null : frameWindow(frame)?.document ?? null;
}

/** What a document may see of a window of another origin. */
function foreignWindow(frame) {
  return keptFor(frame, 'foreign', () => {
    const go = (url) => navigateFrame(frame, { url: resolveForLocation(`${url}`, 'navigate'), cause: 'script' });
    return restrictedWindow(go, (message) => { if (stateOfFrame(frame)?.realm) host.postTo(stateOfFrame(frame).realm, host.realm, message); });
  });
}

function restrictedWindow(go, post) {
  const refuse = () => { throw new DOMException('Blocked a frame from accessing a cross-origin frame.', 'SecurityError'); };
  const place = { replace: go };
  Object.defineProperty(place, 'href', { get: refuse, set: go });
  const members = { postMessage: post, focus: noop, blur: noop, close: noop, closed: false, length: 0 };
  const restricted = new Proxy(members, {
    get(target, name) {
      if (name === 'location') return place;
      if (['window', 'self', 'frames', 'top', 'parent'].includes(name)) return restricted;
      if (name === 'opener') return null;
      return Object.hasOwn(target, name) ? target[name] : typeof name === 'symbol' || name === 'then' ? undefined : refuse();
    },
    set(_, name, value) {
      if (name === 'location') go(value);
      else refuse();
      return true;
    },
  });
  return restricted;
}

/** A frame is in the document, or was given another address. */
function frameArrived(frame) {
  const markup = frame.getAttribute('srcdoc');
  if (frame.localName === 'iframe' && markup !== null) {
    loadFrame(frame, { url: 'about:srcdoc', base: host.baseUrl(), inherit: true, html: markup });
    return;
  }
  const source = (frame.getAttribute('src') ?? '').trim();
  const url = source === '' ? 'about:blank' : host.resolve(text(source));
  if (url !== undefined) navigateFrame(frame, { url });
}

function navigateFrame(frame, { url, body }) {
  const { protocol } = urlParts(url);
  if (url.startsWith('about:blank')) {
    queueTask(() => fire(frame, 'load'), 0, { blocksLoad: true });
  } else if (protocol === 'javascript:') {
    const known = stateOfFrame(frame) ?? blankRealm(frame);
    if (known) host.runInRealm(known.realm, decodeBytes(percentDecode(url.slice(11)), 'utf-8'));
    queueTask(() => fire(frame, 'load'), 0, { blocksLoad: true });
  } else if (protocol === 'data:') {
    const answer = dataUrlAnswer(url);
    const html = answer && contentTypeOf(answer).essence === 'text/html' ? answer.text(contentTypeOf(answer).charset ?? 'utf-8') : null;
    loadFrame(frame, { url, base: url, inherit: true, opaque: true, html });
  } else if (/^https?:$/.test(protocol)) {
    fetchFrame(frame, url, body);
  }
}

/** Documents of other origins can neither be seen nor, without a user's hand, move the top: they are not fetched. */
function fetchFrame(frame, url, body) {
  if (!host.allowsUrl(['frame-src', 'child-src', 'default-src'], url)) return;
  const foreign = !isSameOrigin(url) || body !== undefined;
  if (foreign) frameRealms.set(frame[NODE], { foreign: true, name: frame.getAttribute('name') });
  queueTask(() => {
    if (!frame.isConnected) return;
    if (foreign) {
      fire(frame, 'load');
      return;
    }
    const answer = request({ kind: 'frame', url, mode: 'no-cors', credentials: 'include' });
    const type = answer && contentTypeOf(answer);
    const framed = answer !== null && mayBeFramed(answer) && isSameOrigin(answer.url) && type.essence === 'text/html';
    const policies = framed ? answer.headers.filter(([name]) => name === 'content-security-policy').map(([, value]) => value) : [];
    showFrame(frame, framed ? { url: answer.url, base: answer.url, inherit: false, policies, html: answer.text(type.charset ?? 'utf-8') } : { html: null });
  }, host.fetchMs, { blocksLoad: true });
}

function mayBeFramed(answer) {
  const ancestors = answer.headers.filter(([name]) => name === 'content-security-policy').some(([, value]) => /frame-ancestors\s+'none'/i.test(value));
  return !ancestors && !/^\s*deny\b/i.test(headerOf(answer, 'x-frame-options') ?? '');
}

function loadFrame(frame, content) {
  queueTask(() => { if (frame.isConnected) showFrame(frame, content); }, 0, { blocksLoad: true });
}

function showFrame(frame, content) {
  const tokens = frame.getAttribute('sandbox');
  const mayScript = tokens === null || /\ballow-scripts\b/i.test(tokens);
  if (content.html !== null && mayScript && (content.html.includes('<') || content.html.trim() === '')) {
    const state = newRealm(frame, content);
    if (state) host.runRealm(state.realm, text(content.html));
  }
  if (!host.leaving()) fire(frame, 'load');
}

function framesRemoved(node) {
  if (!(node instanceof Element) || frameRealms.size === 0) return;
  for (const id of [node[NODE], ...host.byName(node[NODE], ['iframe', 'frame'])]) {
    const state = frameRealms.get(id);
    if (state?.realm) host.leaveRealm(state.realm);
    frameRealms.delete(id);
  }
}

/** A frame's own code navigates the frame: its parent loads the next document. */
function navigateFrameItself({ url }) {
  host.askParent(url);
}

function frameAsks(realm, url) {
  const id = [...frameRealms].find(([, state]) => state.realm === realm)?.[0];
  if (id !== undefined) navigateFrame(wrap(id), { url });
}

/** Who this document is among the windows: 0 is the top, which has no parent. */
function begin(parentIndex, name) {
  if (host.realm === 0) {
    [[, windowName]] = host.storage()[2];
    return;
  }
  windowName = name ?? '';
  frameBaseUrl = host.baseUrl();
  frameReferrer = '';
  const [, , sameOrigin, topNavigation, , anywhere] = host.sandbox();
  const goTop = (request) => { if (topNavigation) host.topGoes(request.url, request.cause ?? 'script', request.body && latin1(request.body), request.contentType); };
  const goForeign = (value) => {
    const url = resolveForLocation(`${value}`, 'navigate');
    // Without a user's hand a foreign frame may move the top only within the top's own site, unless its sandbox lets it.
    if (anywhere || host.topHost() === urlParts(url).hostname) goTop({ url });
  };
  const restricted = restrictedWindow(goForeign, (message) => host.postTo(parentIndex, host.realm, message));
  topWindow = sameOrigin ? host.windowOf(0) : restricted;
  parentWindow = sameOrigin ? host.windowOf(parentIndex) : restricted;
  doors.set(topWindow, goTop);
  if (parentIndex === 0) doors.set(parentWindow, goTop);
}
let topWindow = window;
let parentWindow = window;
