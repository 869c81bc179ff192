// XMLHttpRequest.

class XMLHttpRequestEventTarget extends EventTarget {}
handlerProperties(XMLHttpRequestEventTarget.prototype, ['loadstart', 'progress', 'abort', 'error', 'load', 'timeout', 'loadend']);
class XMLHttpRequestUpload extends XMLHttpRequestEventTarget {}

class XMLHttpRequest extends XMLHttpRequestEventTarget {
  #state = 0;
  #request = null;
  #answer = null;
  #task = 0;
  #type = '';
  #mime = null;
  timeout = 0;
  withCredentials = false;
  upload = new XMLHttpRequestUpload();
  get readyState() { return this.#state; }
  get status() { return this.#answer?.status ?? 0; }
  get statusText() { return this.#answer ? STATUS_TEXTS[this.#answer.status] ?? '' : ''; }
  get responseURL() { return this.#answer?.url.replace(/#.*$/, '') ?? ''; }
  get responseType() { return this.#type; }
  set responseType(value) { if (['', 'text', 'json', 'arraybuffer', 'blob', 'document'].includes(value)) this.#type = value; }
  get responseText() {
    if (!['', 'text'].includes(this.#type)) throw new DOMException("The value is only accessible if the object's 'responseType' is '' or 'text'.", 'InvalidStateError');
    return this.#text();
  }
  get responseXML() { return this.#answer && this.#type === 'document' ? readDetached(this.#text()) : null; }
  get response() {
    if (['', 'text'].includes(this.#type)) return this.#text();
    if (this.#state !== 4 || !this.#answer) return null;
    const { body } = this.#answer;
    switch (this.#type) {
      case 'json':
        try {
          return JSON.parse(this.#text());
        } catch {
          return null;
        }
      case 'arraybuffer': return bufferOf(body);
      case 'blob': return new Blob([body], { type: contentTypeOf(this.#answer).essence });
      default: return this.responseXML;
    }
  }
  #text() {
    if (!this.#answer || this.#state < 3) return '';
    const label = this.#mime?.match(/charset=([^;]+)/i)?.[1] ?? contentTypeOf(this.#answer).charset ?? 'utf-8';
    return label === 'x-user-defined' ? latin1(this.#answer.body) : this.#answer.text(label);
  }
  open(method, url, isAsync = true) {
    const parts = urlParts(url, host.baseUrl());
    if (!parts) throw new DOMException(`Failed to execute 'open' on 'XMLHttpRequest': Invalid URL`, 'SyntaxError');
    const upper = `${method}`.toUpperCase();
    if (['CONNECT', 'TRACE', 'TRACK'].includes(upper)) throw new DOMException(`'${method}' HTTP method is unsupported.`, 'SecurityError');
    cancelTask(this.#task);
    this.#answer = null;
    this.#request = { url: parts.href, method: /^(GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH)$/.test(upper) ? upper : `${method}`, isAsync: !!isAsync, headers: new Headers(), sent: false };
    this.#change(1);
  }
  setRequestHeader(name, value) {
    if (this.#state !== 1 || this.#request.sent) throw new DOMException("The object's state must be OPENED.", 'InvalidStateError');
    this.#request.headers.append(name, value);
  }
  overrideMimeType(mime) { this.#mime = `${mime}`; }
  getResponseHeader(name) {
    const wanted = `${name}`.toLowerCase();
    const values = this.#visible().filter(([known]) => known === wanted).map(([, value]) => value);
    return values.length > 0 ? values.join(', ') : null;
  }
  getAllResponseHeaders() { return this.#visible().map(([name, value]) => `${name}: ${value}\r\n`).join(''); }
  #visible() { return (this.#answer?.headers ?? []).filter(([name]) => !/^set-cookie2?$/.test(name)); }
  send(body = null) {
    const wanted = this.#request;
    if (this.#state !== 1 || wanted.sent) throw new DOMException("The object's state must be OPENED.", 'InvalidStateError');
    wanted.sent = true;
    const { bytes, type } = ['GET', 'HEAD'].includes(wanted.method) ? { bytes: null, type: null } : extractBody(body);
    if (type && !wanted.headers.has('content-type')) wanted.headers.set('content-type', type);
    if (!wanted.isAsync) {
      host.advanceTo(host.now() + host.fetchMs);
      const answer = this.#fetch(bytes);
      if (answer === null) throw new DOMException(`Failed to execute 'send' on 'XMLHttpRequest': Failed to load '${wanted.url}'.`, 'NetworkError');
      this.#finish(answer);
      return;
    }
    fire(this, 'loadstart', { Class: ProgressEvent });
    this.#task = queueTask(() => this.#finish(this.#fetch(bytes)), host.fetchMs);
  }
  #fetch(body) {
    const { url, method, headers } = this.#request;
    if (!host.allowsUrl(['connect-src', 'default-src'], url)) return null;
    return request({ kind: 'data', url, method, headers: settableHeaders(headers), body, mode: 'cors', credentials: this.withCredentials ? 'include' : 'same-origin' });
  }
  #finish(answer) {
    if (answer === null) {
      this.#change(4);
      fire(this, 'error', { Class: ProgressEvent });
      fire(this, 'loadend', { Class: ProgressEvent });
      return;
    }
    this.#answer = answer;
    const progress = { Class: ProgressEvent, loaded: answer.body.length, total: answer.body.length, lengthComputable: true };
    for (const state of [2, 3]) this.#change(state);
    fire(this, 'progress', progress);
    this.#change(4);
    fire(this, 'load', progress);
    fire(this, 'loadend', progress);
  }
  #change(state) {
    this.#state = state;
    fire(this, 'readystatechange');
  }
  abort() {
    cancelTask(this.#task);
    if (this.#request?.sent && this.#state !== 4) {
      this.#change(4);
      fire(this, 'abort', { Class: ProgressEvent });
    }
    this.#state = 0;
    this.#answer = null;
  }
}
const STATUS_TEXTS = { 200: 'OK', 201: 'Created', 204: 'No Content', 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 500: 'Internal Server Error' };
for (const [name, value] of Object.entries({ UNSENT: 0, OPENED: 1, HEADERS_RECEIVED: 2, LOADING: 3, DONE: 4 })) {
  XMLHttpRequest[name] = value;
  XMLHttpRequest.prototype[name] = value;
}
handlerProperties(XMLHttpRequest.prototype, ['readystatechange']);
expose({ XMLHttpRequest, XMLHttpRequestUpload, XMLHttpRequestEventTarget });
