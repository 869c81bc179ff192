"""Lets the published Python libraries judge webhooks: a JSON list of cases on stdin, one verdict each on stdout.

A verdict is "verified", or the library's own words.
"""

import base64
import json
import sys

import stripe
from standardwebhooks.webhooks import Webhook

LIBRARIES = {
    "standardwebhooks": lambda case, body: Webhook(case["secret"]).verify(body, case["headers"]),
    "stripe_construct_event": lambda case, body: stripe.Webhook.construct_event(
        body, case["timestamped"], case["secret"], api_key="sk_test_unused"
    ),
    "stripe_verify_header": lambda case, body: stripe.WebhookSignature.verify_header(
        body, case["timestamped"], case["secret"], tolerance=300
    ),
}


def judge(case):
    try:
        LIBRARIES[case["library"]](case, base64.b64decode(case["body_base64"]))
        return "verified"
    except Exception as error:
        return f"{type(error).__name__}: {error}"


print(json.dumps([judge(case) for case in json.load(sys.stdin)]))
