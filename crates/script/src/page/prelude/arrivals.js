// What elements do by being in the document, and what changed attributes do.

/** Names that elements have → what the window shows under them; below the window's own, above Object's. */
const namedProperties = Object.create(EventTarget.prototype);
const knownNames = new Set();

/** Makes elements with new names reachable as `window.name` and `document.name`. */
function syncNames() {
  for (const name of host.named()) {
    if (knownNames.has(name)) continue;
    knownNames.add(name);
    if (!(name in EventTarget.prototype)) {
      Object.defineProperty(namedProperties, name, {
        configurable: true,
        get: () => windowNamed(name),
        set(value) { Object.defineProperty(window, name, { value, writable: true, configurable: true, enumerable: true }); },
      });
    }
    if (!(name in document)) {
      Object.defineProperty(document, name, {
        configurable: true,
        get: () => documentNamed(name),
        set(value) { Object.defineProperty(document, name, { value, writable: true, configurable: true, enumerable: true }); },
      });
    }
  }
}

const isNamed = (names, byId) => (element) => element instanceof Element && (byId || names.includes(element.localName));

function oneOrAll(elements) {
  const distinct = [...new Set(elements)];
  return distinct.length > 1 ? htmlCollection(distinct) : distinct[0];
}

function windowNamed(name) {
  const frame = framesByName(name)[0];
  if (frame) return frame.contentWindow;
  const ids = wrapAll(host.byAttribute(document[NODE], 'id', text(name)));
  const names = wrapAll(host.byAttribute(document[NODE], 'name', text(name))).filter(isNamed(['embed', 'form', 'img', 'object']));
  return oneOrAll([...ids, ...names]);
}

function documentNamed(name) {
  const ids = wrapAll(host.byAttribute(document[NODE], 'id', text(name))).filter(isNamed(['object', 'img']));
  const names = wrapAll(host.byAttribute(document[NODE], 'name', text(name))).filter(isNamed(['embed', 'form', 'iframe', 'img', 'object']));
  const found = oneOrAll([...ids, ...names]);
  return found instanceof HTMLIFrameElement ? found.contentWindow : found;
}

/** An element came into the document. `byScript`: not with the response's own markup. */
function arrive(element, byScript) {
  if (!element.isConnected) return;
  if (isScript(element)) {
    if (byScript) insertedScript(element);
  } else if (element instanceof HTMLBaseElement) updateBase();
  else if (element instanceof HTMLMetaElement) metaArrived(element, byScript);
  else if (element instanceof HTMLIFrameElement) frameArrived(element);
  else if (element instanceof HTMLImageElement) imageWanted(element);
  else if (element instanceof HTMLLinkElement) linkWanted(element);
  else if (element instanceof HTMLBodyElement || element.localName === 'frameset') bodyArrived(element);
  else if (element instanceof HTMLStyleElement) fireIfHeard(element, 'load');
  else if (element instanceof SVGElement) svgArrived(element);
  else if (element.localName === 'details') detailsChanged(element);
  else if (element instanceof HTMLMediaElement) mediaArrived(element);
  else if (element.localName === 'object') resourceWanted(element, element.getAttribute('data'), ['object-src', 'default-src'], /./);
  else if (element.localName === 'source' && element.parentNode instanceof HTMLMediaElement) resourceWanted(element, element.getAttribute('src'), ['media-src', 'default-src'], /^(audio|video)\//);
  if (element.localName.includes('-')) upgrade(element);
  watchAnimations(element);
  if (element.hasAttribute('autofocus')) queueTask(() => element.focus?.());
}

function attributeTakesEffect(element, name) {
  if (element instanceof HTMLImageElement && name === 'src') imageWanted(element);
  if (!element.isConnected) return;
  if (element instanceof HTMLBaseElement) updateBase();
  else if (element instanceof HTMLMetaElement) metaArrived(element, true);
  else if (isScript(element) && name === 'src') insertedScript(element);
  else if (element instanceof HTMLIFrameElement && (name === 'src' || name === 'srcdoc')) frameArrived(element);
  else if (element instanceof HTMLLinkElement && (name === 'href' || name === 'rel')) linkWanted(element);
  else if (element.localName === 'details' && name === 'open') detailsChanged(element);
}

function updateBase() {
  const base = document.querySelector('base[href]');
  const parts = base && urlParts(base.getAttribute('href'), host.documentUrl());
  const usable = parts && !['data:', 'javascript:'].includes(parts.protocol) && host.allowsUrl(['base-uri'], parts.href);
  host.setBaseUrl(usable ? parts.href : frameBaseUrl ?? undefined);
}

function metaArrived(meta, byScript) {
  const content = meta.getAttribute('content');
  if (content === null) return;
  switch ((meta.getAttribute('http-equiv') ?? '').toLowerCase()) {
    case 'refresh':
      if (byScript) host.noteRefresh(text(content));
      break;
    case 'content-security-policy':
      if (!meta.closest('head')) break;
      host.addPolicy(text(content));
      policiesChanged();
      break;
    default:
  }
}

function isHeard(element, ...types) {
  return types.some((type) => {
    adoptHandlerAttribute(element, type);
    return listenersOf.get(element)?.get(type)?.some((listener) => !listener.handler || listener.source !== undefined || listener.value) ?? false;
  });
}

function fireIfHeard(element, type) {
  queueTask(() => { if (isHeard(element, type)) fire(element, type); }, 0, { blocksLoad: element.isConnected });
}

/** `<body onload>` and its kind belong to the window. */
function bodyArrived(body) {
  for (const name of body.getAttributeNames().filter((known) => known.startsWith('on'))) {
    const type = name.slice(2);
    if (BODY_HANDLER_TYPES.includes(type)) setHandler(window, type, { source: body.getAttribute(name), element: body });
  }
}

/** Images drawn in the document: their load event comes with the document's. */
const drawings = [];

function svgArrived(element) {
  if (element.localName !== 'svg') return;
  if (readyState === 'complete') fireIfHeard(element, 'load');
  else drawings.push(element);
}

function detailsChanged(details) {
  queueTask(() => { if (isHeard(details, 'toggle')) fire(details, 'toggle'); });
}

/** Media are only looked at to see them missing: playing them is beyond this page. */
function mediaArrived(media) {
  resourceWanted(media, media.getAttribute('src'), ['media-src', 'default-src'], /^(audio|video)\//);
  if (isHeard(media, 'loadeddata', 'canplay', 'canplaythrough', 'loadedmetadata', 'playing', 'ended')) need('media');
}

/** Fires `error` at somebody who listens when a resource is not there or not of its kind. */
function resourceWanted(element, source, directives, kind) {
  if (source === null || !isHeard(element, 'error')) return;
  queueTask(() => {
    const url = source.trim() === '' ? undefined : host.resolve(text(source));
    const answer = url !== undefined && host.allowsUrl(directives, url) ? request({ kind: 'image', url, mode: 'no-cors', credentials: 'include' }) : null;
    const good = answer !== null && answer.status < 400 && kind.test(contentTypeOf(answer).essence);
    if (!good) fire(element, 'error');
  }, host.fetchMs, { blocksLoad: true });
}

/** Animations do not run here. */
function watchAnimations(element) {
  if (isHeard(element, 'animationstart', 'animationend', 'animationiteration', 'transitionend')) need('animation');
}

/** Whether bytes are an image browsers can show. */
function looksLikeImage(bytes) {
  return host.looksLikeImage(latin1(bytes.subarray(0, 256)));
}

/** Images are fetched only when somebody wants to know how that went. */
function imageWanted(image) {
  const source = image.getAttribute('src');
  if (source === null) return;
  queueTask(() => {
    if (image.getAttribute('src') !== source || !isHeard(image, 'load', 'error')) return;
    const url = source.trim() === '' ? undefined : host.resolve(text(source));
    const allowed = url !== undefined && host.allowsUrl(['img-src', 'default-src'], url);
    const answer = allowed ? request({ kind: 'image', url, mode: 'no-cors', credentials: 'include' }) : null;
    fire(image, answer !== null && looksLikeImage(answer.body) ? 'load' : 'error');
  }, host.fetchMs, { blocksLoad: image.isConnected });
}

function linkWanted(link) {
  const href = link.getAttribute('href');
  if (!link.relList.contains('stylesheet') || href === null) return;
  queueTask(() => {
    if (!isHeard(link, 'load', 'error')) return;
    const url = host.resolve(text(href));
    const allowed = url !== undefined && host.allowsUrl(['style-src-elem', 'style-src', 'default-src'], url);
    const answer = allowed ? request({ kind: 'style', url, mode: 'no-cors', credentials: 'include' }) : null;
    const good = answer !== null && answer.status >= 200 && answer.status < 300 && contentTypeOf(answer).essence === 'text/css';
    fire(link, good ? 'load' : 'error');
  }, host.fetchMs, { blocksLoad: true });
}
