// Requests: what a script may ask for is judged here; origins, CORS and cookies are the host's to judge.

const FORBIDDEN = /^(accept-charset|accept-encoding|access-control-request-.*|connection|content-length|cookie2?|date|dnt|expect|host|keep-alive|origin|referer|set-cookie|te|trailer|transfer-encoding|upgrade|via|proxy-.*|sec-.*)$/;
const SAFE_TYPES = new Set(['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain']);

function isSameOrigin(url) {
  const origin = host.origin();
  return origin !== 'null' && urlParts(url)?.origin === origin;
}

function headerOf(answer, name) {
  return answer.headers.find(([known]) => known === name)?.[1];
}

/** Essence and charset of an answer's content type. */
function contentTypeOf(answer) {
  const value = headerOf(answer, 'content-type') ?? '';
  const [essence, ...parameters] = value.split(';').map((part) => part.trim());
  const charset = parameters.map((part) => part.match(/^charset="?([^"]+)"?$/i)?.[1]).find(Boolean);
  return { essence: essence.toLowerCase(), charset };
}

/** An answer whose body stays with the host until somebody wants its bytes. */
function receivedAnswer({ id, url, status, headers, crossed }) {
  let body = null;
  return { url, status, headers, crossed, text: (label) => host.answerText(id, text(label)), get body() { return (body ??= host.answerBytes(id)); } };
}

/** An answer that came with the page. */
function localAnswer(url, type, body) {
  return { url, status: 200, headers: [['content-type', type]], body, text: (label) => decodeBytes(body, label), crossed: false };
}

/** The content of a `data:` URL as an answer. */
function dataUrlAnswer(url) {
  const match = url.replace(/#.*$/s, '').match(/^data:([^,]*?)(;\s*base64\s*)?,(.*)$/is);
  if (!match) return null;
  const [, type, base64, data] = match;
  let body = percentDecode(data);
  if (base64) {
    try {
      body = Uint8Array.from(atob(latin1(body)), (letter) => letter.charCodeAt(0));
    } catch {
      return null;
    }
  }
  return localAnswer(url, type || 'text/plain;charset=US-ASCII', body);
}

function blobAnswer(url) {
  const blob = blobUrls.get(url.replace(/#.*$/, ''));
  return blob ? localAnswer(url, blob.type, bytesOfBlob(blob)) : null;
}

function isMixed(url) {
  return host.documentUrl().startsWith('https:') && url.startsWith('http:') && !/^http:\/\/(localhost|127\.|\[::1\])/.test(url);
}

/**
 * One request; null is a network error.
 * `mode`: cors, no-cors or same-origin; `credentials`: omit, same-origin or include.
 */
function request({ kind, url, method = 'GET', headers = [], body = null, mode, credentials }) {
  if (url.startsWith('data:')) return dataUrlAnswer(url);
  if (url.startsWith('blob:')) return blobAnswer(url);
  if (!/^https?:/.test(url) || isMixed(url)) return null;
  const answer = host.fetch({ kind, url, method, headers: headers.flat(), body: body ? latin1(body) : undefined, mode, credentials });
  return answer === undefined ? null : receivedAnswer(answer);
}

/** Headers a page may set, in lowercase. */
function settableHeaders(headers) {
  return [...headers].filter(([name]) => !FORBIDDEN.test(name));
}

function fetchNow(wanted) {
  if (!host.allowsUrl(['connect-src', 'default-src'], wanted.url)) return null;
  const { url, method, mode, credentials } = wanted;
  return request({ kind: 'data', url, method, headers: settableHeaders(wanted.headers), body: bytesOfBody(wanted), mode, credentials });
}

function responseOf(answer, wanted) {
  const { url, status, headers, body, crossed } = answer;
  if (wanted.mode === 'no-cors' && crossed) return new Response(null, {}, { status: 0, type: 'opaque' });
  const visible = headers.filter(([name]) => !/^set-cookie2?$/.test(name));
  const empty = [101, 204, 205, 304].includes(status) || wanted.method === 'HEAD';
  return new Response(empty ? null : body, { headers: visible }, { status, url: url.replace(/#.*$/, ''), type: crossed ? 'cors' : 'basic', redirected: url !== wanted.url });
}

function fetch(input, init) {
  return new Promise((resolve, reject) => {
    const wanted = new Request(input, init ?? {});
    if (wanted.signal?.aborted) throw wanted.signal.reason;
    let aborted = false;
    wanted.signal?.addEventListener('abort', () => {
      aborted = true;
      reject(wanted.signal.reason);
    });
    queueTask(() => {
      if (aborted) return;
      const answer = fetchNow(wanted);
      if (answer === null) reject(new TypeError('Failed to fetch'));
      else if (wanted.redirect === 'error' && answer.url !== wanted.url) reject(new TypeError('Failed to fetch'));
      else resolve(responseOf(answer, wanted));
    }, host.fetchMs);
  });
}

class AbortSignal extends EventTarget {
  aborted = false;
  reason = undefined;
  throwIfAborted() { if (this.aborted) throw this.reason; }
  static abort(reason) {
    const controller = new AbortController();
    controller.abort(reason);
    return controller.signal;
  }
  static timeout(delay) {
    const controller = new AbortController();
    queueTask(() => controller.abort(new DOMException('signal timed out', 'TimeoutError')), delay);
    return controller.signal;
  }
  static any(signals) {
    const controller = new AbortController();
    for (const signal of signals) signal.addEventListener('abort', () => controller.abort(signal.reason));
    return controller.signal;
  }
}
handlerProperties(AbortSignal.prototype, ['abort']);
class AbortController {
  signal = new AbortSignal();
  abort(reason = new DOMException('signal is aborted without reason', 'AbortError')) {
    if (this.signal.aborted) return;
    Object.assign(this.signal, { aborted: true, reason });
    fire(this.signal, 'abort');
  }
}

/** `navigator.sendBeacon`: sent for its effect; nobody sees the answer. */
function sendBeacon(url, data = null) {
  const { bytes, type } = extractBody(data);
  const target = urlParts(url, host.baseUrl());
  if (!target || !/^https?:$/.test(target.protocol)) throw new TypeError('The URL argument is ill-formed or unsupported.');
  if (!host.allowsUrl(['connect-src', 'default-src'], target.href)) return false;
  const mode = type && !SAFE_TYPES.has(type.split(';')[0].trim().toLowerCase()) ? 'cors' : 'no-cors';
  request({ kind: 'data', url: target.href, method: 'POST', headers: type ? [['content-type', type]] : [], body: bytes, mode, credentials: 'include' });
  return true;
}

expose({ fetch, AbortController, AbortSignal });
