// The window itself: its class, its own properties, and functions that answer as if nobody were there.

class Window extends EventTarget {
  constructor() {
    super();
    throw new TypeError('Illegal constructor');
  }
}
Object.setPrototypeOf(namedProperties, EventTarget.prototype);
Object.setPrototypeOf(Window.prototype, namedProperties);
Object.setPrototypeOf(window, Window.prototype);
// The engine's own word for it.
delete window[Symbol.toStringTag];
Object.defineProperty(Window.prototype, Symbol.toStringTag, { value: 'Window' });

exposeForever('window', () => window, undefined);
exposeForever('top', () => topWindow, undefined);

/** Properties that a page may put another value in the place of. */
function replaceable(name, get) {
  Object.defineProperty(window, name, {
    configurable: true,
    enumerable: true,
    get,
    set(value) { Object.defineProperty(window, name, { value, writable: true, configurable: true, enumerable: true }); },
  });
}
replaceable('self', () => window);
replaceable('frames', () => window);
replaceable('parent', () => parentWindow);
replaceable('length', () => frameElements().length);
replaceable('event', () => currentEvent);
for (const [name, value] of Object.entries({
  scrollX: 0, scrollY: 0, pageXOffset: 0, pageYOffset: 0, screenX: 0, screenY: 0, screenLeft: 0, screenTop: 0, opener: null,
  crossOriginIsolated: false, closed: false,
  external: {}, locationbar: { visible: true }, menubar: { visible: true }, personalbar: { visible: true }, scrollbars: { visible: true },
  statusbar: { visible: true }, toolbar: { visible: true }, originAgentCluster: false,
})) {
  replaceable(name, () => value);
}
for (const [name, get] of Object.entries({
  innerWidth: () => viewport.width, innerHeight: () => viewport.height, outerWidth: () => screen.availWidth, outerHeight: () => screen.availHeight,
  devicePixelRatio: () => viewport.ratio, origin: () => host.origin(), isSecureContext: () => host.baseUrl().startsWith('https:'),
  frameElement: () => null,
})) {
  replaceable(name, get);
}
const visualViewport = Object.assign(new EventTarget(), { scale: 1, offsetLeft: 0, offsetTop: 0, pageLeft: 0, pageTop: 0 });
replaceable('visualViewport', () => visualViewport);
Object.defineProperty(window, 'name', { get: () => windowName, set(value) { windowName = `${value}`; }, configurable: true, enumerable: true });
Object.defineProperty(window, 'status', { value: '', writable: true, configurable: true });
for (let index = 0; index < 8; index++) {
  Object.defineProperty(namedProperties, index, { configurable: true, get: () => frameElements()[index]?.contentWindow });
}

/** What a click on `event.target` does when a page dispatches it itself. */
const plainDispatch = EventTarget.prototype.dispatchEvent;
Element.prototype.dispatchEvent = function dispatchEvent(event) {
  if (event instanceof MouseEvent && event.type === 'click') return activate(this, () => plainDispatch.call(this, event));
  return plainDispatch.call(this, event);
};

/** Asking for permission is answered as nobody would. */
class Notification extends EventTarget {
  static get permission() { return 'denied'; }
  static requestPermission() { return Promise.resolve('denied'); }
}
const CSS = { supports: () => true, escape: (name) => `${name}`.replace(/[^\w-]/g, (letter) => `\\${letter}`) };
whenPageComes(() => { if (/Chrome\//.test(userAgent)) expose({ chrome: { app: { isInstalled: false }, csi: () => ({}), loadTimes: () => ({}) } }); });

const CONSOLE_METHODS = wordsOf(`assert clear count countReset debug dir dirxml error group groupCollapsed groupEnd info log profile
  profileEnd table time timeEnd timeLog timeStamp trace warn`);

function askModal(name, answer) {
  return () => {
    need(name);
    return answer;
  };
}

function postMessage(message, target) {
  receiveMessage(structuredClone(message), host.realm, typeof target === 'object' ? target?.targetOrigin : target);
}

/** A message from one of the page's windows, by its number. */
function receiveMessage(data, from, targetOrigin = '*') {
  const own = host.origin();
  if (targetOrigin !== undefined && targetOrigin !== '*' && targetOrigin !== '/' && urlParts(targetOrigin)?.origin !== own) return;
  queueTask(() => fire(window, 'message', { Class: MessageEvent, data, origin: host.originOf(from), source: host.windowOf(from) }));
}

class MessagePort extends EventTarget {
  other = null;
  postMessage(data) {
    const copy = structuredClone(data);
    queueTask(() => fire(this.other, 'message', { Class: MessageEvent, data: copy }));
  }
  start() {}
  close() {}
}
handlerProperties(MessagePort.prototype, ['message', 'messageerror']);
class MessageChannel {
  port1 = new MessagePort();
  port2 = new MessagePort();
  constructor() {
    this.port1.other = this.port2;
    this.port2.other = this.port1;
  }
}

handlerProperties(window, [...HANDLER_TYPES, ...WINDOW_HANDLER_TYPES]);
handlerProperties(Document.prototype, [...HANDLER_TYPES, 'readystatechange', 'visibilitychange']);
whenPageComes(() => {
  Object.assign(visualViewport, { width: viewport.width, height: viewport.height });
  if (isMobile) for (const holder of [window, Document.prototype, HTMLElement.prototype, SVGElement.prototype]) handlerProperties(holder, TOUCH_HANDLER_TYPES);
});
expose({
  Window, Notification, CSS, MessageChannel, MessagePort, postMessage, reportError: reportException,
  // New windows are refused to pages that nobody has clicked in; those of the page's own are not new.
  open: openWindow,
  stop: () => host.stop(),
  close: noop, focus: noop, blur: noop, print: noop, moveTo: noop, moveBy: noop, resizeTo: noop, resizeBy: noop,
  scroll: noop, scrollTo: noop, scrollBy: noop, captureEvents: noop, releaseEvents: noop, find: () => false,
  alert: noop,
  // Nobody is there to answer: dismissed, as an unattended browser does.
  confirm: askModal('confirm', false),
  prompt: askModal('prompt', null),
  console: Object.fromEntries(CONSOLE_METHODS.map((name) => [name, noop])),
  getComputedStyle: computedStyle,
  getSelection: () => selection,
});
