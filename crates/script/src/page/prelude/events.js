// Events: dispatch along the path, listeners, and handlers in attributes and properties.

/** target → type → listeners in the order they were added. */
const listenersOf = new WeakMap();
/** Stops that listeners asked for, kept apart from the event so that pages cannot see them. */
const eventState = new WeakMap();

class Event {
  constructor(type, options = {}) {
    if (arguments.length === 0) throw new TypeError("Failed to construct 'Event': 1 argument required");
    const { bubbles = false, cancelable = false, composed = false } = options ?? {};
    eventState.set(this, {
      type: `${type}`, bubbles: !!bubbles, cancelable: !!cancelable, composed: !!composed, target: null, currentTarget: null,
      phase: 0, prevented: false, stopped: false, stoppedNow: false, path: [], trusted: false, timeStamp: host.now(),
    });
  }
  get type() { return eventState.get(this).type; }
  get bubbles() { return eventState.get(this).bubbles; }
  get cancelable() { return eventState.get(this).cancelable; }
  get composed() { return eventState.get(this).composed; }
  get target() { return eventState.get(this).target; }
  get srcElement() { return eventState.get(this).target; }
  get currentTarget() { return eventState.get(this).currentTarget; }
  get eventPhase() { return eventState.get(this).phase; }
  get defaultPrevented() { return eventState.get(this).prevented; }
  get isTrusted() { return eventState.get(this).trusted; }
  get timeStamp() { return eventState.get(this).timeStamp; }
  get returnValue() { return !eventState.get(this).prevented; }
  set returnValue(value) { if (value === false) this.preventDefault(); }
  get cancelBubble() { return eventState.get(this).stopped; }
  set cancelBubble(value) { if (value) this.stopPropagation(); }
  composedPath() { return [...eventState.get(this).path]; }
  preventDefault() { if (this.cancelable) eventState.get(this).prevented = true; }
  stopPropagation() { eventState.get(this).stopped = true; }
  stopImmediatePropagation() { Object.assign(eventState.get(this), { stopped: true, stoppedNow: true }); }
  initEvent(type, bubbles = false, cancelable = false) {
    Object.assign(eventState.get(this), { type: `${type}`, bubbles: !!bubbles, cancelable: !!cancelable });
  }
}
for (const [name, value] of Object.entries({ NONE: 0, CAPTURING_PHASE: 1, AT_TARGET: 2, BUBBLING_PHASE: 3 })) {
  Event[name] = value;
  Event.prototype[name] = value;
}

/** An event class whose further members come from its options. */
function eventClass(name, defaults, Base = Event) {
  const made = { [name]: class extends Base {
    constructor(type, options = {}) {
      super(type, options);
      for (const [member, value] of Object.entries(defaults)) {
        Object.defineProperty(this, member, { value: options?.[member] ?? value, configurable: true, enumerable: true });
      }
    }
  } }[name];
  return made;
}

const UIEvent = eventClass('UIEvent', { view: null, detail: 0, which: 0 });
const mouseDefaults = {
  clientX: 0, clientY: 0, screenX: 0, screenY: 0, pageX: 0, pageY: 0, offsetX: 0, offsetY: 0, button: 0, buttons: 0,
  ctrlKey: false, shiftKey: false, altKey: false, metaKey: false, relatedTarget: null,
};
const MouseEvent = eventClass('MouseEvent', mouseDefaults, UIEvent);
const ErrorEvent = eventClass('ErrorEvent', { message: '', filename: '', lineno: 0, colno: 0, error: undefined });
const MessageEvent = eventClass('MessageEvent', { data: null, origin: '', lastEventId: '', source: null, ports: [] });
const PopStateEvent = eventClass('PopStateEvent', { state: null });
const HashChangeEvent = eventClass('HashChangeEvent', { oldURL: '', newURL: '' });
const PageTransitionEvent = eventClass('PageTransitionEvent', { persisted: false });
const ProgressEvent = eventClass('ProgressEvent', { lengthComputable: false, loaded: 0, total: 0 });
const SubmitEvent = eventClass('SubmitEvent', { submitter: null });
const PromiseRejectionEvent = eventClass('PromiseRejectionEvent', { promise: undefined, reason: undefined });
const CustomEvent = class CustomEvent extends Event {
  #detail;
  constructor(type, options = {}) {
    super(type, options);
    this.#detail = options?.detail ?? null;
  }
  get detail() { return this.#detail; }
  initCustomEvent(type, bubbles, cancelable, detail = null) {
    this.initEvent(type, bubbles, cancelable);
    this.#detail = detail;
  }
};
const eventClasses = {
  Event, CustomEvent, UIEvent, MouseEvent, ErrorEvent, MessageEvent, PopStateEvent, HashChangeEvent, PageTransitionEvent,
  ProgressEvent, SubmitEvent, PromiseRejectionEvent,
  PointerEvent: eventClass('PointerEvent', { pointerId: 0, pointerType: '', isPrimary: false, width: 1, height: 1, pressure: 0 }, MouseEvent),
  WheelEvent: eventClass('WheelEvent', { deltaX: 0, deltaY: 0, deltaMode: 0 }, MouseEvent),
  KeyboardEvent: eventClass('KeyboardEvent', { key: '', code: '', keyCode: 0, location: 0, repeat: false, ctrlKey: false, shiftKey: false, altKey: false, metaKey: false }, UIEvent),
  FocusEvent: eventClass('FocusEvent', { relatedTarget: null }, UIEvent),
  InputEvent: eventClass('InputEvent', { data: null, inputType: '', isComposing: false }, UIEvent),
  TouchEvent: eventClass('TouchEvent', { touches: [], targetTouches: [], changedTouches: [] }, UIEvent),
  StorageEvent: eventClass('StorageEvent', { key: null, oldValue: null, newValue: null, url: '', storageArea: null }),
  AnimationEvent: eventClass('AnimationEvent', { animationName: '', elapsedTime: 0 }),
  TransitionEvent: eventClass('TransitionEvent', { propertyName: '', elapsedTime: 0 }),
  BeforeUnloadEvent: eventClass('BeforeUnloadEvent', {}),
  FormDataEvent: eventClass('FormDataEvent', { formData: null }),
  SecurityPolicyViolationEvent: eventClass('SecurityPolicyViolationEvent', { violatedDirective: '', blockedURI: '' }),
};

function listeners(target, type) {
  let types = listenersOf.get(target);
  if (!types) listenersOf.set(target, (types = new Map()));
  let list = types.get(type);
  if (!list) types.set(type, (list = []));
  return list;
}

class EventTarget {
  addEventListener(type, callback, options) {
    if (callback === null || callback === undefined) return;
    const { capture = false, once = false, signal = null } = typeof options === 'object' && options ? options : { capture: !!options };
    if (signal?.aborted) return;
    const target = this ?? window;
    const list = listeners(target, `${type}`);
    if (list.some((known) => known.callback === callback && known.capture === !!capture)) return;
    list.push({ callback, capture: !!capture, once: !!once });
    signal?.addEventListener('abort', () => target.removeEventListener(type, callback, options));
  }
  removeEventListener(type, callback, options) {
    const capture = typeof options === 'object' && options ? !!options.capture : !!options;
    const list = listeners(this ?? window, `${type}`);
    const at = list.findIndex((known) => known.callback === callback && known.capture === capture);
    if (at >= 0) list[at].removed = list.splice(at, 1).length > 0;
  }
  dispatchEvent(event) {
    if (!eventState.has(event)) throw new TypeError("Failed to execute 'dispatchEvent': parameter 1 is not of type 'Event'.");
    return dispatch(this ?? window, event);
  }
}

/** Where an event goes after `target`. */
function eventParent(target, event) {
  if (target instanceof Node) return target.parentNode ?? (target === document && event.type !== 'load' ? window : null);
  return null;
}

/** Dispatches and says whether the default action is still wanted. */
function dispatch(target, event) {
  const state = eventState.get(event);
  const path = [target];
  for (let at = eventParent(target, event); at; at = eventParent(at, event)) path.push(at);
  Object.assign(state, { target, path, stopped: false, stoppedNow: false });
  for (let index = path.length - 1; index > 0 && !state.stopped; index--) invoke(path[index], event, state, 1, true);
  if (!state.stopped) invoke(target, event, state, 2, true);
  if (!state.stoppedNow && !state.stopped) invoke(target, event, state, 2, false);
  for (let index = 1; event.bubbles && index < path.length && !state.stopped; index++) invoke(path[index], event, state, 3, false);
  Object.assign(state, { currentTarget: null, phase: 0, stopped: false, stoppedNow: false });
  return !state.prevented;
}

/** `window.event`: what is being handled. */
let currentEvent;

function invoke(target, event, state, phase, capture) {
  if (!capture) adoptHandlerAttribute(target, event.type);
  const list = listenersOf.get(target)?.get(event.type);
  if (!list?.length) return;
  Object.assign(state, { currentTarget: target, phase });
  for (const listener of [...list]) {
    if (state.stoppedNow) return;
    if (listener.removed || listener.capture !== capture) continue;
    if (listener.once) target.removeEventListener(event.type, listener.callback, listener.capture);
    const outer = currentEvent;
    currentEvent = event;
    guarded(() => callListener(listener, target, event));
    currentEvent = outer;
  }
}

function callListener(listener, target, event) {
  if (listener.handler) return callHandler(listener, target, event);
  const { callback } = listener;
  if (typeof callback === 'function') return callback.call(target, event);
  return callback.handleEvent(event);
}

/** A handler's `false` cancels; `window.onerror` gets its own arguments and cancels by `true`. */
function callHandler(listener, target, event) {
  const handler = handlerFunction(listener, target, event.type);
  if (typeof handler !== 'function') return;
  if (event instanceof ErrorEvent && target === window) {
    const result = handler.call(target, event.message, event.filename, event.lineno, event.colno, event.error);
    if (result === true) event.preventDefault();
  } else if (handler.call(target, event) === false) {
    event.preventDefault();
  }
}

function handlerFunction(listener, target, type) {
  if (listener.source !== undefined) {
    listener.value = compileHandler(listener.source, listener.element ?? target, type);
    listener.source = undefined;
  }
  return listener.value;
}

/** Code of an `on…` attribute, with the scopes HTML gives it. */
function compileHandler(source, element, type) {
  if (!host.allowsInline('attribute', text(source), '')) return null;
  return guarded(() => {
    const parameters = element === document.body && type === 'error' ? 'event,source,lineno,colno,error' : 'event';
    const code = `with(document){with(form){with(element){return function on${type}(${parameters}){${source}\n}}}}`;
    const make = NativeFunction('document', 'form', 'element', code);
    return make(document, element.form ?? Object.create(null), element);
  }) ?? null;
}

function handlerListener(target, type) {
  return listenersOf.get(target)?.get(type)?.find((listener) => listener.handler);
}

/** A handler attribute that the parser wrote becomes a listener when it is first looked for. */
function adoptHandlerAttribute(target, type) {
  if (!(target instanceof Element) || handlerListener(target, type)) return;
  const source = host.attribute(target[NODE], `on${type}`);
  if (source !== undefined) listeners(target, type).unshift({ handler: true, source, capture: false });
}

/** `element.onclick = …` and `setAttribute('onclick', …)`. */
function setHandler(target, type, content) {
  const list = listeners(target, type);
  const known = list.find((listener) => listener.handler);
  if (known) Object.assign(known, { source: undefined, value: undefined }, content);
  else list.push({ handler: true, capture: false, ...content });
}

const HANDLER_TYPES = wordsOf(`abort animationend animationstart animationiteration auxclick beforeinput beforetoggle blur cancel
  canplay canplaythrough change click close contextmenu cuechange dblclick drag dragend dragenter dragleave dragover dragstart
  drop durationchange emptied ended error focus formdata gotpointercapture input invalid keydown keypress keyup load
  loadeddata loadedmetadata loadstart lostpointercapture mousedown mouseenter mouseleave mousemove mouseout mouseover mouseup
  mousewheel pause play playing pointercancel pointerdown pointerenter pointerleave pointermove pointerout pointerover
  pointerup progress ratechange reset resize scroll scrollend seeked seeking select selectionchange selectstart stalled submit
  suspend timeupdate toggle transitionend volumechange waiting wheel`);
const TOUCH_HANDLER_TYPES = ['touchcancel', 'touchend', 'touchmove', 'touchstart'];
const WINDOW_HANDLER_TYPES = wordsOf(`afterprint beforeprint beforeunload hashchange languagechange message messageerror offline online
  pagehide pageshow popstate rejectionhandled storage unhandledrejection unload`);
/** Handlers that `<body>` holds for its window. */
const BODY_HANDLER_TYPES = ['blur', 'error', 'focus', 'load', 'resize', 'scroll', ...WINDOW_HANDLER_TYPES];

/** Whose handler it is: `<body>` holds some for its window. */
function handlerTarget(self, type) {
  if (!(self instanceof HTMLElement)) return self ?? window;
  const isForWindow = self instanceof HTMLBodyElement && WINDOW_HANDLER_TYPES.includes(type);
  return isForWindow || (BODY_HANDLER_TYPES.includes(type) && self === document.body) ? window : self;
}

/** type → its property, the same on every holder. */
const handlerDescriptors = new Map();

function handlerDescriptor(type) {
  return {
    configurable: true,
    enumerable: true,
    get() {
      const target = handlerTarget(this, type);
      adoptHandlerAttribute(target, type);
      const listener = handlerListener(target, type);
      return (listener && handlerFunction(listener, target, type)) ?? null;
    },
    set(value) {
      const handler = typeof value === 'function' || (typeof value === 'object' && value) ? value : null;
      setHandler(handlerTarget(this, type), type, { value: handler });
    },
  };
}

/** Gives a prototype (or the window) its `on…` properties. */
function handlerProperties(holder, types) {
  for (const type of types) {
    let descriptor = handlerDescriptors.get(type);
    if (!descriptor) handlerDescriptors.set(type, (descriptor = handlerDescriptor(type)));
    Object.defineProperty(holder, `on${type}`, descriptor);
  }
}

/** Fires a trusted event; says whether its default action is still wanted. */
function fire(target, type, { Class = Event, ...options } = {}) {
  const event = new Class(type, options);
  eventState.get(event).trusted = true;
  return dispatch(target, event);
}

let reporting = false;

/** What a page did not catch: told to `window.onerror`, else noted. */
function reportException(error) {
  const message = error instanceof NativeError ? `Uncaught ${error.name}: ${error.message}` : `Uncaught ${String(error)}`;
  if (reporting) return;
  reporting = true;
  try {
    const options = { Class: ErrorEvent, message, error, filename: host.documentUrl(), lineno: 1, colno: 1, cancelable: true };
    if (fire(window, 'error', options)) host.noteError(text(message));
    noteLackBehind(error);
  } finally {
    reporting = false;
  }
}

expose({ ...eventClasses, EventTarget, DOMException });
