// Opens one URL in Chromium and writes down what the main frame did, in the corpus' own notation:
//   GET url           a document was asked for          [302]GET url      by an HTTP redirect
//   <200 ip=…>        a document arrived                FAIL net::ERR_…   it did not
//   {sched:reason:s}  a navigation was scheduled        {reason}          a navigation was begun
//   {within:kind}     the URL changed without a request

/** How long nothing may happen before the page counts as settled. Longer than any timer of an unmarked case. */
export const SETTLE_MS = 2500;
/** The longest one page is watched. */
const WATCH_MS_MAX = 25_000;

/** What Chromium did with `url`: `{final, title, error, events}`. */
export async function watch(browser, url, settleMs = SETTLE_MS) {
  const seen = { events: [], error: undefined, last: Date.now() };
  const page = await browser.openPage((method, params) => listen(page, seen, method, params));
  try {
    await Promise.all(["Page.enable", "Network.enable", "Runtime.enable"].map((method) => page.call(method)));
    await page.call("Page.setDownloadBehavior", { behavior: "deny" }).catch(() => {});
    seen.last = Date.now();
    // Chromium may answer this late or never (while a dialog of the page is open, say): what counts is what is seen.
    page.call("Page.navigate", { url }).then(
      ({ errorText = null }) => {
        seen.error = errorText;
      },
      (error) => {
        seen.unanswered = error;
      },
    );
    const end = Date.now() + WATCH_MS_MAX;
    while (Date.now() - seen.last < settleMs && Date.now() < end) await new Promise((wake) => setTimeout(wake, 50));
    const { entries, currentIndex } = await page.call("Page.getNavigationHistory");
    if (seen.error === undefined) throw seen.unanswered ?? new Error(`open ${url}: Chromium never answered`);
    const { url: final, title } = entries[currentIndex];
    return { final, title, error: seen.error, events: seen.events };
  } finally {
    await page.close();
  }
}

function listen(page, seen, method, params) {
  const event = eventOf(page, seen, method, params);
  if (method === "Page.javascriptDialogOpening") page.call("Page.handleJavaScriptDialog", { accept: true }).catch(() => {});
  if (method.startsWith("Page.frame") || method.startsWith("Network.") || event) seen.last = Date.now();
  if (method === "Page.frameScheduledNavigation") seen.last += params.delay * 1000;
  if (event) seen.events.push(event);
}

function eventOf(page, seen, method, params) {
  const isMain = params.frameId === page.frameId;
  switch (method) {
    case "Network.requestWillBeSent": {
      if (params.type !== "Document" || !isMain) return null;
      seen.document = params.requestId;
      const by = params.redirectResponse ? `[${params.redirectResponse.status}]` : "";
      return `${by}${params.request.method} ${params.request.url}${params.request.urlFragment ?? ""}`;
    }
    case "Network.responseReceived":
      if (params.type !== "Document" || !isMain) return null;
      return `<${params.response.status} ip=${params.response.remoteIPAddress}>`;
    case "Network.loadingFailed":
      if (params.type !== "Document" || params.requestId !== seen.document) return null;
      return `FAIL ${params.errorText}`;
    case "Page.frameScheduledNavigation":
      return `{sched:${params.reason}:${params.delay}}`;
    case "Page.frameRequestedNavigation":
      return `{${params.reason}}`;
    case "Page.navigatedWithinDocument":
      return isMain ? `{within:${params.navigationType}}` : null;
    default:
      return null;
  }
}
