// Chromium over --remote-debugging-pipe: one process, one fresh context per page. Must not know what a case is.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
/** How long one call may take. */
const CALL_MS_MAX = 30_000;

/** Where Chromium is: the variable CHROMIUM, or the first of the usual names on PATH. */
export function chromiumPath() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const folders = (process.env.PATH ?? "").split(delimiter);
  const found = folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find((path) => existsSync(path));
  if (!found) throw new Error("find Chromium: set CHROMIUM to its path");
  return found;
}

/** Starts Chromium; `resolverRules` says which names exist (every other name must map to nothing). */
export async function startBrowser(resolverRules) {
  const profile = mkdtempSync(join(tmpdir(), "oracle-profile-"));
  const flags = [
    "--headless=new",
    "--remote-debugging-pipe",
    `--user-data-dir=${profile}`,
    `--host-resolver-rules=${resolverRules}`,
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-component-update",
    "--disable-background-networking",
    "--disable-sync",
    "--disable-auto-reload",
    "--disable-extensions",
    "--disable-gpu",
    "--no-proxy-server",
    "--mute-audio",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,OptimizationHints,MediaRouter,Translate",
    // The recorder only opens its own pages on loopback; as root Chromium refuses to start with its sandbox.
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    "about:blank",
  ];
  const child = spawn(chromiumPath(), flags, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
  process.once("exit", () => child.kill("SIGKILL"));
  const browser = new Browser(child, profile);
  browser.version = (await browser.call("Browser.getVersion")).product.replace(/^Headless/, "");
  return browser;
}

class Browser {
  constructor(child, profile) {
    Object.assign(this, { child, profile, nextId: 1, calls: new Map(), sessions: new Map() });
    let rest = Buffer.alloc(0);
    child.stdio[4].on("data", (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      for (let at; (at = rest.indexOf(0)) >= 0; rest = rest.subarray(at + 1)) this.receive(JSON.parse(rest.subarray(0, at)));
    });
    child.stdio[3].on("error", () => {});
    child.on("exit", () => {
      for (const { reject } of this.calls.values()) reject(new Error("Chromium ended"));
    });
  }

  receive(message) {
    const call = this.calls.get(message.id);
    if (call) {
      this.calls.delete(message.id);
      clearTimeout(call.timer);
      if (message.error) call.reject(new Error(`${call.method}: ${message.error.message}`));
      else call.resolve(message.result);
    } else if (message.method) this.sessions.get(message.sessionId)?.(message.method, message.params);
  }

  call(method, params = {}, sessionId = undefined) {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.calls.delete(id);
        reject(new Error(`${method}: no answer`));
      }, CALL_MS_MAX);
      this.calls.set(id, { method, resolve, reject, timer });
      this.child.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  /** A page in a context of its own; `listen(method, params)` hears its events. */
  async openPage(listen) {
    const { browserContextId } = await this.call("Target.createBrowserContext", { disposeOnDetach: true });
    const { targetId } = await this.call("Target.createTarget", { url: "about:blank", browserContextId });
    const { sessionId } = await this.call("Target.attachToTarget", { targetId, flatten: true });
    this.sessions.set(sessionId, listen);
    return {
      frameId: targetId,
      call: (method, params) => this.call(method, params, sessionId),
      close: async () => {
        this.sessions.delete(sessionId);
        await this.call("Target.disposeBrowserContext", { browserContextId }).catch(() => {});
      },
    };
  }

  async stop() {
    await this.call("Browser.close").catch(() => {});
    await new Promise((done) => (this.child.exitCode === null ? this.child.once("exit", done) : done()));
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
