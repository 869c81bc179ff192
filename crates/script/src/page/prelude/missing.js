// What browsers have and this engine lacks: not defined at all, so that code fails where it would without it, and named
// in the report when the failure shows.

const LACKING = new Set(wordsOf(`AudioContext BroadcastChannel CSSStyleSheet CompressionStream CredentialsContainer DOMMatrix DOMPoint
  DecompressionStream EventSource FontFace GPU IDBKeyRange ImageData Intl Lock MediaRecorder MediaSource OfflineAudioContext
  OffscreenCanvas Path2D PaymentRequest PublicKeyCredential RTCPeerConnection ReadableStream SharedWorker SpeechSynthesisUtterance
  TransformStream TrustedHTML WebAssembly WebGLRenderingContext WebSocket WebTransport Worker WritableStream XPathResult XSLTProcessor
  caches cookieStore createImageBitmap indexedDB scheduler speechSynthesis trustedTypes
  webkitAudioContext webkitRTCPeerConnection`));

const snake = (name) => name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/([A-Z])([A-Z][a-z])/g, '$1_$2').toLowerCase();

/** Names the API an uncaught error of the page points to, or that there was an error at all. */
function noteLackBehind(error) {
  if (!(error instanceof NativeError)) return;
  if (/out of memory/.test(error.message)) need('memory');
  const name = error.message.match(/^'?([A-Za-z_$][\w$]*)'? is not defined/)?.[1];
  if (name && LACKING.has(name)) need(snake(name));
  else if (error instanceof TypeError || error instanceof ReferenceError) need('script_error');
}

/** CSP: `eval` and its kin, where policies do not allow them. */
for (const Kind of [NativeFunction, ...[async () => {}, function* () {}, async function* () {}].map((example) => example.constructor)]) {
  const guardedKind = function (...parts) {
    if (!host.allowsEval()) refuseEval();
    return Reflect.construct(Kind, parts, new.target ? (new.target === guardedKind ? Kind : new.target) : Kind);
  };
  Object.defineProperty(guardedKind, 'name', { value: Kind.name });
  Object.defineProperty(guardedKind, 'length', { value: 1 });
  guardedKind.prototype = Kind.prototype;
  Object.defineProperty(Kind.prototype, 'constructor', { value: guardedKind, writable: true, configurable: true });
  if (Kind === NativeFunction) expose({ Function: guardedKind });
}
whenPageComes(policiesChanged);

function refuseEval() {
  throw new EvalError("Refused to evaluate a string as JavaScript because 'unsafe-eval' is not an allowed source of script in the Content Security Policy directive.");
}

/** A `<meta>` may forbid what was allowed. */
function policiesChanged() {
  if (!host.allowsEval()) expose({ eval: refuseEval });
}

/** `Intl` as far as pages ask where they are. */
function DateTimeFormat() {
  return {
    resolvedOptions: () => ({ locale: navigator.language, calendar: 'gregory', numberingSystem: 'latn', timeZone: 'UTC' }),
    format: (date = new PageDate()) => new NativeDate(+date).toLocaleDateString(),
  };
}

function NumberFormat() {
  return {
    resolvedOptions: () => ({ locale: navigator.language, numberingSystem: 'latn' }),
    format: (number) => Number(number).toLocaleString(),
  };
}
expose({ Intl: { DateTimeFormat, NumberFormat, getCanonicalLocales: (locales) => [].concat(locales ?? []) } });
