// Who the browser says it is: navigator, screen, and the media queries that follow from the form factor.

let userAgent = '';
let languages = [];

const DESK = { width: 1280, height: 720, clientWidth: 1280, clientHeight: 720, ratio: 1 };
const TELEPHONE = { width: 412, height: 915, clientWidth: 412, clientHeight: 915, ratio: 2.625 };
/** CSS pixels of the window, by form factor. */
let viewport = DESK;

whenPageComes(() => {
  const [agent, languageList] = host.profile();
  userAgent = agent;
  languages = Object.freeze(languageList.split(',').filter(Boolean));
  if (isMobile) viewport = TELEPHONE;
});

function platformOf(agent) {
  if (/iPhone|iPad/.test(agent)) return agent.match(/iPhone|iPad/)[0];
  if (/Android/.test(agent)) return 'Linux armv81';
  if (/Macintosh/.test(agent)) return 'MacIntel';
  return /Windows/.test(agent) ? 'Win32' : 'Linux x86_64';
}

function vendorOf(agent) {
  if (/Firefox\//.test(agent)) return '';
  return /Chrome\/|Chromium\//.test(agent) ? 'Google Inc.' : 'Apple Computer, Inc.';
}

const PLUGINS = ['PDF Viewer', 'Chrome PDF Viewer', 'Chromium PDF Viewer', 'Microsoft Edge PDF Viewer', 'WebKit built-in PDF'];

function namedList(items, key) {
  const named = (name) => items.find((item) => item[key] === name) ?? null;
  return Object.assign(items, { item: (at) => items[at] ?? null, namedItem: named, refresh: noop });
}

/** Where the page is shown nobody says. */
function refusePosition(_, refused) {
  need('geolocation');
  queueTask(() => refused?.({ code: 1, message: 'User denied Geolocation', PERMISSION_DENIED: 1 }));
}
const geolocation = { getCurrentPosition: refusePosition, watchPosition: refusePosition, clearWatch: noop };

class Navigator {}
getters(Navigator.prototype, {
  userAgent: () => userAgent,
  appVersion: () => userAgent.replace(/^Mozilla\//, ''),
  appName: () => 'Netscape',
  appCodeName: () => 'Mozilla',
  product: () => 'Gecko',
  productSub: () => '20030107',
  platform: () => platformOf(userAgent),
  vendor: () => vendorOf(userAgent),
  vendorSub: () => '',
  language: () => languages[0] ?? 'en-US',
  languages: () => languages,
  onLine: () => true,
  cookieEnabled: () => true,
  doNotTrack: () => null,
  maxTouchPoints: () => (isMobile ? 5 : 0),
  hardwareConcurrency: () => 8,
  deviceMemory: () => 8,
  webdriver: () => false,
  pdfViewerEnabled: () => true,
  plugins: () => namedList(isMobile ? [] : PLUGINS.map((name) => ({ name, description: 'Portable Document Format', filename: 'internal-pdf-viewer', length: 2 })), 'name'),
  mimeTypes: () => namedList(isMobile ? [] : ['application/pdf', 'text/pdf'].map((type) => ({ type, suffixes: 'pdf', description: 'Portable Document Format' })), 'type'),
  geolocation: () => geolocation,
  connection: () => ({ effectiveType: '4g', rtt: 50, downlink: 10, saveData: false, addEventListener: noop }),
  permissions: () => ({ query: ({ name }) => Promise.resolve({ name, state: 'prompt', onchange: null, addEventListener: noop }) }),
  userActivation: () => ({ isActive: false, hasBeenActive: false }),
});
Object.assign(Navigator.prototype, {
  sendBeacon: (url, data) => sendBeacon(url, data),
  javaEnabled: () => false,
  vibrate: () => true,
  registerProtocolHandler: noop,
});
const navigator = new Navigator();

class Screen extends EventTarget {}
getters(Screen.prototype, {
  width: () => (isMobile ? viewport.width : 1920),
  height: () => (isMobile ? viewport.height : 1080),
  availWidth: () => (isMobile ? viewport.width : 1920),
  availHeight: () => (isMobile ? viewport.height : 1040),
  availLeft: () => 0,
  availTop: () => 0,
  colorDepth: () => 24,
  pixelDepth: () => 24,
  orientation: () => ({ type: isMobile ? 'portrait-primary' : 'landscape-primary', angle: 0, addEventListener: noop, lock: () => Promise.reject(new DOMException('Not supported.', 'NotSupportedError')) }),
});
const screen = new Screen();

function lengthOf(value) {
  const match = value.match(/^([\d.]+)(px|em|rem)?$/);
  return match ? Number(match[1]) * (match[2] && match[2] !== 'px' ? 16 : 1) : NaN;
}

/** Features of media queries, as far as pages use them to tell telephones from desks. */
function mediaFeature(feature) {
  const [name, value = ''] = feature.split(':').map((part) => part.trim().toLowerCase());
  switch (name) {
    case 'min-width': return viewport.width >= lengthOf(value);
    case 'max-width': return viewport.width <= lengthOf(value);
    case 'min-device-width': return screen.width >= lengthOf(value);
    case 'max-device-width': return screen.width <= lengthOf(value);
    case 'min-height': return viewport.height >= lengthOf(value);
    case 'max-height': return viewport.height <= lengthOf(value);
    case 'orientation': return value === (isMobile ? 'portrait' : 'landscape');
    case 'pointer': case 'any-pointer': return value === (isMobile ? 'coarse' : 'fine');
    case 'hover': case 'any-hover': return value === (isMobile ? 'none' : 'hover');
    case 'prefers-color-scheme': return value === 'light';
    case 'display-mode': return value === 'browser';
    default: return false;
  }
}

function mediaMatches(query) {
  return query.split(',').some((alternative) => {
    const negated = /^\s*not\b/i.test(alternative);
    const fits = alternative.replace(/^\s*(not|only)\b/i, '').split(/\band\b/i).map((part) => part.trim()).filter(Boolean)
      .every((part) => (part.startsWith('(') ? mediaFeature(part.slice(1, -1)) : /^(all|screen)$/i.test(part)));
    return fits !== negated;
  });
}

class MediaQueryList extends EventTarget {
  constructor(media) {
    super();
    this.media = media;
  }
  get matches() { return mediaMatches(this.media); }
  addListener(callback) { this.addEventListener('change', callback); }
  removeListener(callback) { this.removeEventListener('change', callback); }
}
handlerProperties(MediaQueryList.prototype, ['change']);

expose({
  Navigator, navigator, clientInformation: navigator, Screen, screen, MediaQueryList,
  matchMedia: (query) => new MediaQueryList(`${query}`),
});
