// Records what Chromium does with our own cases: `node record.mjs OUT.json [PART-OF-NAME]`.
// Every case is watched twice, in two orders; what differs between the two is said and left out.
import { readFileSync, writeFileSync } from "node:fs";
import { startBrowser } from "./browser.mjs";
import { RECORDED_PORT, serve } from "./server.mjs";
import { watch } from "./watch.mjs";

/** Pages watched at once. */
const PAGES_MAX = 10;
const ROUNDS = 2;
/** A page that goes round for as long as it is watched says nothing a second round would repeat. */
const EVENTS_MAX = 60;

/** What the judge tells apart: a page that stays is judged with the scripts that leave. */
const JUDGED_AS = { network: "network", refresh: "network", script: "script", form: "script", still: "script" };

/** Every written case: `{name, group, path, fragment, response, companions}`. */
async function writtenCases() {
  const groups = await Promise.all(Object.keys(JUDGED_AS).map(async (group) => [group, (await import(`./cases/${group}.mjs`)).default]));
  return groups.flatMap(([group, cases]) =>
    Object.entries(cases).map(([name, value]) => {
      const { response, fragment = null, companions = {} } = Buffer.isBuffer(value) ? { response: value } : value;
      return { name, group: JUDGED_AS[group], path: `/m/${name}`, fragment, response, companions };
    }),
  );
}

async function recordRound(browser, cases) {
  const answers = new Map();
  const queue = [...cases];
  await Promise.all(
    Array.from({ length: PAGES_MAX }, async () => {
      for (let one; (one = queue.shift());) {
        const fragment = one.fragment === null ? "" : `#${one.fragment}`;
        const answer = watch(browser, `http://a.test:${RECORDED_PORT}${one.path}${fragment}`);
        if (queue.length % 50 === 0) console.error(`${queue.length} to go`);
        answers.set(one.name, await answer.catch(({ message }) => ({ unwatched: message, events: [] })));
      }
    }),
  );
  return answers;
}

/** The answers every round agrees on, by name; says which differ. */
async function stableAnswers(cases) {
  const responses = new Map(cases.flatMap((one) => [[one.path, one.response], ...Object.entries(one.companions)]));
  const server = await serve(responses);
  const rounds = [];
  let version;
  for (let round = 0; round < ROUNDS; round++) {
    const browser = await startBrowser(server.resolverRules);
    version = browser.version;
    rounds.push(await recordRound(browser, round % 2 ? [...cases].reverse() : cases));
    await browser.stop();
  }
  server.stop();
  const isStable = ({ name }) => {
    const [first, ...others] = rounds.map((answers) => JSON.stringify(answers.get(name)));
    const stable = others.every((other) => other === first) && !rounds[0].get(name).unwatched && rounds[0].get(name).events.length <= EVENTS_MAX;
    if (!stable) console.error(`left out, not stable: ${name}\n  ${[first, ...others].map((text) => text.slice(0, 400)).join("\n  ")}`);
    return stable;
  };
  return { version, answers: new Map(cases.filter(isStable).map(({ name }) => [name, rounds[0].get(name)])) };
}

function recorded(one, chromium) {
  const companions = Object.entries(one.companions).map(([path, bytes]) => ({ path, response_b64: bytes.toString("base64") }));
  return {
    name: one.name,
    group: one.group,
    path: one.path,
    fragment: one.fragment,
    response_b64: one.response.toString("base64"),
    ...(companions.length ? { companions } : {}),
    chromium,
  };
}

const [out, part] = process.argv.slice(2);
if (!out) throw new Error("usage: node record.mjs OUT.json [PART-OF-NAME]");
const all = await writtenCases();
const wanted = part ? all.filter(({ name }) => name.includes(part)) : all;
const { version, answers } = await stableAnswers(wanted);
// A part is recorded into what is there; a whole recording replaces it.
const kept = part ? new Map(JSON.parse(readFileSync(out, "utf8")).map((one) => [one.name, one])) : new Map();
for (const one of wanted) {
  kept.delete(one.name);
  if (answers.has(one.name)) kept.set(one.name, recorded(one, answers.get(one.name)));
}
const lines = all.filter(({ name }) => kept.has(name)).map(({ name }) => JSON.stringify(kept.get(name)));
writeFileSync(out, `[\n${lines.join(",\n")}\n]\n`);
console.error(`${answers.size} of ${wanted.length} cases recorded with ${version}`);
