// `<script>`: which ones run, when their turn is, and running them (HTML, "prepare the script element").

/** Scripts that have had their one run, or never get one. */
const startedScripts = new Set();
/** Scripts that are not asynchronous by themselves: the parser's, and those whose `async` a page has set. */
const tamedScripts = new Set();
/** External scripts that run when the parser is elsewhere: they cannot write into the document. */
const lateScripts = new Set();
/** `defer` and module scripts: they run when the document has been parsed, in order. */
const deferredScripts = [];

const SCRIPT_TYPES = new Set(wordsOf(`application/ecmascript application/javascript application/x-ecmascript application/x-javascript
  text/ecmascript text/javascript text/javascript1.0 text/javascript1.1 text/javascript1.2 text/javascript1.3 text/javascript1.4
  text/javascript1.5 text/jscript text/livescript text/x-ecmascript text/x-javascript`));

class HTMLScriptElement extends HTMLElement {
  get text() { return childText(this); }
  set text(value) { this.textContent = value; }
  get async() { return this.hasAttribute('async') || !tamedScripts.has(this[NODE]); }
  set async(value) {
    tamedScripts.add(this[NODE]);
    this.toggleAttribute('async', !!value);
  }
  static supports(type) { return type === 'classic' || type === 'module'; }
}
reflect(HTMLScriptElement, ['type', 'charset', 'crossOrigin', 'integrity', 'referrerPolicy', 'event', ['htmlFor', 'for'], ['fetchPriority', 'fetchpriority']]);
reflectFlags(HTMLScriptElement, ['defer', 'noModule']);
reflectUrls(HTMLScriptElement, ['src']);
classOfName.script = HTMLScriptElement;
expose({ HTMLScriptElement });

function isScript(element) {
  return element instanceof HTMLScriptElement || (element instanceof SVGElement && element.localName === 'script');
}

function childText(element) {
  return host.children(element[NODE]).filter((id) => host.describe(id) === 't').map((id) => host.data(id)).join('');
}

function sourceAttribute(script) {
  return script instanceof HTMLScriptElement ? script.getAttribute('src') : svgHref(script);
}

/** classic, module, or null for what is data. */
function scriptKind(script) {
  const type = script.getAttribute('type');
  const language = script.getAttribute('language');
  if (type === '' || (type === null && !language)) return 'classic';
  const name = (type ?? `text/${language}`).trim().toLowerCase();
  if (name === 'module') return 'module';
  return SCRIPT_TYPES.has(name) ? 'classic' : null;
}

function isImportMap(script) {
  return (script.getAttribute('type') ?? '').trim().toLowerCase() === 'importmap';
}

function addImportMap(script, code) {
  startedScripts.add(script[NODE]);
  guarded(() => {
    const { imports = {}, scopes } = JSON.parse(code);
    if (scopes) need('import_map_scopes');
    for (const [name, target] of Object.entries(imports)) {
      const url = typeof target === 'string' ? urlParts(target, host.baseUrl())?.href : undefined;
      if (url !== undefined) host.mapImport(text(name), url);
    }
  });
}

function forOtherEvent(script) {
  const [target, event] = [script.getAttribute('for'), script.getAttribute('event')];
  if (target === null || event === null) return false;
  return target.trim().toLowerCase() !== 'window' || !['onload', 'onload()'].includes(event.trim().toLowerCase());
}

/** What is to be run, or null. A script that has nothing to run yet may get it later. */
function prepareScript(script) {
  const id = script[NODE];
  if (startedScripts.has(id) || !script.isConnected) return null;
  const source = sourceAttribute(script);
  const code = childText(script);
  if (source === null && code === '') return null;
  const kind = scriptKind(script);
  if (kind === null) {
    if (isImportMap(script) && host.allowsInline('element', text(code), script.getAttribute('nonce') ?? '')) addImportMap(script, code);
    return null;
  }
  startedScripts.add(id);
  if ((kind === 'classic' && script.hasAttribute('nomodule')) || (kind === 'classic' && forOtherEvent(script))) return null;
  const nonce = script.getAttribute('nonce') ?? '';
  if (source === null) return host.allowsInline('element', text(code), nonce) ? { script, kind, code, nonce } : null;
  const url = source.trim() === '' ? undefined : host.resolve(text(source));
  if (url === undefined) {
    queueTask(() => fire(script, 'error'), 0, { blocksLoad: true });
    return null;
  }
  return { script, kind, url, nonce };
}

/**
 * The parser's stop at a script. Returns false when an external script has to wait for whoever is writing.
 */
function parserScript(id, mayWait) {
  const script = wrap(id);
  if (script.isConnected && !mayWait && blocksParser(script)) return false;
  tamedScripts.add(id);
  const job = prepareScript(script);
  if (job === null) return true;
  if (job.kind === 'module' || (job.url && script.hasAttribute('defer') && !script.hasAttribute('async'))) {
    if (script.hasAttribute('async')) runLater(job, true);
    else deferredScripts.push(job);
  } else if (job.url && script.hasAttribute('async')) {
    runLater(job, true);
  } else if (job.url) {
    const loaded = loadScript(job, true);
    waitUntil(host.now() + host.fetchMs);
    if (!host.leaving()) runJob(job, loaded);
  } else {
    runJob(job, job.code);
  }
  return true;
}

function blocksParser(script) {
  return sourceAttribute(script) !== null && !startedScripts.has(script[NODE]) && scriptKind(script) === 'classic'
    && !script.hasAttribute('async') && !script.hasAttribute('defer');
}

/** A script that came into the document by a script's hand, or got its code there. */
function insertedScript(script) {
  if (!isScript(script)) return;
  const job = prepareScript(script);
  if (job === null) return;
  if (job.url || job.kind === 'module') runLater(job, false);
  else runJob(job, job.code);
}

function scriptTextChanged(element) {
  if (element instanceof Element && isScript(element) && element.isConnected && !startedScripts.has(element[NODE])) insertedScript(element);
}

function copyScriptStates(node, copy, deep) {
  if (startedScripts.has(node[NODE])) startedScripts.add(copy[NODE]);
  if (!deep) return;
  const [from, to] = [host.byName(node[NODE], ['script']), host.byName(copy[NODE], ['script'])];
  from.forEach((id, index) => { if (startedScripts.has(id)) startedScripts.add(to[index]); });
}

/** Fetches at once and runs as soon as the answer would be there; answers come in the order they were asked for. */
function runLater(job, parserInserted) {
  const loaded = job.url ? loadScript(job, parserInserted) : job.code;
  lateScripts.add(job.script[NODE]);
  queueTask(() => runJob(job, loaded), host.fetchMs, { blocksLoad: true });
}

/** The code of an external script, or null. */
function loadScript({ script, kind, url, nonce }, parserInserted) {
  if (!host.allowsScript(url, nonce, parserInserted)) return null;
  const cors = kind === 'module' || script.hasAttribute('crossorigin');
  const withCookies = !cors || script.getAttribute('crossorigin')?.toLowerCase() === 'use-credentials';
  const answer = request({ kind: 'script', url, mode: cors ? 'cors' : 'no-cors', credentials: withCookies ? 'include' : 'same-origin' });
  if (answer === null || answer.status < 200 || answer.status > 299) return null;
  if (answer.url !== url && !host.allowsScript(answer.url, nonce, parserInserted)) return null;
  const type = contentTypeOf(answer);
  const refused = kind === 'module' || headerOf(answer, 'x-content-type-options')?.toLowerCase() === 'nosniff'
    ? !SCRIPT_TYPES.has(type.essence) : /^(image|audio|video)\/|^text\/csv$/.test(type.essence);
  if (refused || !hasIntegrity(script, answer)) return null;
  return answer.text(type.charset ?? script.getAttribute('charset') ?? (kind === 'module' ? 'utf-8' : host.charset()));
}

/** Subresource Integrity: one digest of the strongest kind named must fit. */
function hasIntegrity(script, answer) {
  const wanted = (script.getAttribute('integrity') ?? '').split(/\s+/).map((item) => item.match(/^sha(256|384|512)-([^?]+)/)).filter(Boolean);
  if (wanted.length === 0) return true;
  if (answer.crossed) return false;
  const strongest = Math.max(...wanted.map(([, bits]) => Number(bits)));
  const digest = btoa(latin1(host.digest(`SHA-${strongest}`, latin1(answer.body))));
  const plain = (value) => value.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
  return wanted.some(([, bits, value]) => Number(bits) === strongest && plain(value) === plain(digest));
}

function runJob({ script, kind, url }, code) {
  if (code === null) {
    fire(script, 'error');
    return;
  }
  const before = currentScript;
  currentScript = kind === 'classic' ? script : null;
  if (kind === 'module') runModule(code, url ?? host.baseUrl());
  else runGlobal(code, url ?? host.documentUrl());
  currentScript = before;
  if (url && !host.leaving()) fire(script, 'load');
}

function runGlobal(code, name) {
  syncNames();
  return guarded(() => host.runScript(text(code), text(name)));
}

function runModule(code, name) {
  syncNames();
  guarded(() => host.runModule(text(code), text(name))?.catch(reportException));
}

/** Scripts that waited for the end of parsing. Each may be the last, when it leaves the page. */
function runDeferred() {
  while (deferredScripts.length > 0 && !host.leaving()) {
    const job = deferredScripts.shift();
    const loaded = job.url ? loadScript(job, true) : job.code;
    lateScripts.add(job.script[NODE]);
    if (job.url) waitUntil(host.now() + host.fetchMs);
    if (host.leaving()) return;
    runJob(job, loaded);
    host.microtasks();
  }
}
