// Lets the published Node libraries judge webhooks: a JSON list of cases on stdin, one verdict each on stdout.
// A verdict is "verified", or the library's own words.

const { readFileSync } = require("node:fs");
const { Webhook } = require("standardwebhooks");
const stripe = require("stripe")("sk_test_unused");

const libraries = {
  standardwebhooks: ({ secret, headers }, body) => new Webhook(secret).verify(body, headers),
  stripe_construct_event: ({ secret, timestamped }, body) => stripe.webhooks.constructEvent(body, timestamped, secret),
  stripe_verify_header: ({ secret, timestamped }, body) => stripe.webhooks.signature.verifyHeader(body, timestamped, secret, 300),
};

function judge(given) {
  try {
    libraries[given.library](given, Buffer.from(given.body_base64, "base64"));
    return "verified";
  } catch (error) {
    return `${error.name ?? error.type}: ${error.message}`;
  }
}

console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(judge)));
