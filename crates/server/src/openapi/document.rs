//! The whole document: what the routes say, and what holds for all of them.

use utoipa::openapi::{
    Components, Info, License, OpenApi, Server, Tag,
    security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    tag::TagBuilder,
};

use super::{operations, problem_schema};
use crate::{parts::AppParts, router};

const DESCRIPTION: &str = "Hopline resolves links: it follows them hop by hop to where they really end, and keeps the evidence.\n\n\
Requests and answers are JSON. Times are ISO 8601 UTC with milliseconds; ids are opaque. Every refusal is a problem document (RFC 9457) with a \
stable `code`, and every answer carries `X-Request-Id`. Authenticated answers carry `RateLimit` and `RateLimit-Policy`. Creating calls \
take an `Idempotency-Key`: the same key and request never make two things. Single resources carry an `ETag`.";

/// Tags in the order in which the reference shows them.
const TAGS: [(&str, &str); 11] = [
    ("resolve", "Follow a link to where it really ends."),
    ("jobs", "What became of a link, with the evidence of every hop."),
    ("webhooks", "Endpoints that are told what happens, the events they are told, and replays."),
    ("links", "Short links: what they lead to, for whom, and how long."),
    ("domains", "Domains that short links live on."),
    ("tags", "Words that links are sorted by."),
    ("deliveries", "Webhooks that were sent, that wait, and why."),
    ("keys", "API keys, their rotation, and the secrets that sign their webhooks."),
    ("analytics", "Clicks: counted, exported, deleted."),
    ("account", "Balance, plan, ledger, and the providers known by host."),
    ("meta", "What the server says of itself."),
];

/// The document without a server: the same for every installation of this version.
pub fn document() -> OpenApi {
    let mut document = router::api().into_openapi();
    name_rest_of_path(&mut document);
    document.info = Info::new("Hopline API", env!("CARGO_PKG_VERSION"));
    document.info.description = Some(DESCRIPTION.to_owned());
    document.info.license = Some(License::new("MIT OR Apache-2.0"));
    document.tags = Some(TAGS.iter().map(|(name, description)| tag(name, description)).collect());
    let components = document.components.get_or_insert_with(Components::new);
    components.add_security_scheme("bearer", bearer());
    problem_schema::add(components);
    operations::complete(&mut document);
    document
}

/// A parameter that takes the rest of a path is written `{*name}` for the router, and `{name}` in the document.
fn name_rest_of_path(document: &mut OpenApi) {
    let paths = std::mem::take(&mut document.paths.paths);
    document.paths.paths = paths.into_iter().map(|(path, item)| (path.replace("{*", "{"), item)).collect();
}

/// The document as one installation serves it.
pub(crate) fn served_by(parts: &AppParts) -> OpenApi {
    let mut document = document();
    document.servers = Some(vec![Server::new(parts.public_url.as_str().trim_end_matches('/'))]);
    document
}

fn tag(name: &str, description: &str) -> Tag {
    TagBuilder::new().name(name).description(Some(description)).build()
}

fn bearer() -> SecurityScheme {
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("sk_live_…");
    SecurityScheme::Http(
        scheme.description(Some("An API key. Scopes in a requirement are what the key has to hold.")).build(),
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    fn operations(document: &Value) -> Vec<(String, Value)> {
        let paths = document["paths"].as_object().unwrap();
        let all = paths.iter().flat_map(|(path, item)| {
            item.as_object()
                .unwrap()
                .iter()
                .map(move |(method, operation)| (format!("{method} {path}"), operation.clone()))
        });
        all.collect()
    }

    #[test]
    fn every_route_is_there() {
        let document = serde_json::to_value(document()).unwrap();
        assert_eq!(document["openapi"], "3.1.0");
        let names: BTreeSet<String> = operations(&document).into_iter().map(|(name, _)| name).collect();
        insta::assert_snapshot!(names.into_iter().collect::<Vec<_>>().join("\n"), @r"
        delete /v1/clicks
        delete /v1/domains/{domain_id}
        delete /v1/keys/{key_id}
        delete /v1/links/{link_id}
        delete /v1/tags/{tag_id}
        delete /v1/webhooks/{webhook_id}
        get /v1/account
        get /v1/analytics
        get /v1/clicks
        get /v1/credits
        get /v1/deliveries
        get /v1/deliveries/{delivery_id}
        get /v1/domains
        get /v1/domains/allowed
        get /v1/domains/{domain_id}
        get /v1/events
        get /v1/events/stream
        get /v1/events/{event_id}
        get /v1/jobs
        get /v1/jobs/{job_id}
        get /v1/jobs/{job_id}/evidence
        get /v1/jobs/{job_id}/screenshot
        get /v1/keys
        get /v1/keys/{key_id}
        get /v1/keys/{key_id}/webhook-secret
        get /v1/links
        get /v1/links/by-slug/{domain}/{slug}
        get /v1/links/{link_id}
        get /v1/links/{link_id}/qr.png
        get /v1/links/{link_id}/qr.svg
        get /v1/links/{link_id}/qr.webp
        get /v1/meta
        get /v1/providers
        get /v1/replays/{replay_id}
        get /v1/tags
        get /v1/webhooks
        get /v1/webhooks/{webhook_id}
        patch /v1/domains/{domain_id}
        patch /v1/keys/{key_id}
        patch /v1/links/{link_id}
        patch /v1/tags/{tag_id}
        patch /v1/webhooks/{webhook_id}
        post /v1/credits/grants
        post /v1/deliveries/{delivery_id}/cancel
        post /v1/deliveries/{delivery_id}/retry
        post /v1/domains
        post /v1/domains/{domain_id}/verify
        post /v1/keys
        post /v1/keys/{key_id}/rotate
        post /v1/keys/{key_id}/webhook-secret/rotate
        post /v1/links
        post /v1/links/bulk
        post /v1/replays/{replay_id}/cancel
        post /v1/resolve
        post /v1/tags
        post /v1/webhooks
        post /v1/webhooks/{webhook_id}/replay
        post /v1/webhooks/{webhook_id}/test
        post /v1/webhooks/{webhook_id}/webhook-secret/rotate
        put /v1/links/by-external-id/{external_id}
        ");
    }

    #[test]
    fn every_route_tells_its_problems() {
        let document = serde_json::to_value(document()).unwrap();
        for (name, operation) in operations(&document) {
            let problems = operation["x-problems"].as_array().unwrap();
            assert!(problems.contains(&Value::from("internal")), "{name}");
            assert!(operation["summary"].is_string(), "{name}");
            let secured = operation["security"].is_array();
            assert_eq!(problems.contains(&Value::from("invalid_key")), secured, "{name}");
            assert_eq!(operation["responses"]["401"].is_object(), secured, "{name}");
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = serde_json::to_value(document()).unwrap();
        let text = document.to_string();
        for reference in text.split("\"$ref\":\"#").skip(1) {
            let pointer = reference.split('"').next().unwrap();
            assert!(document.pointer(pointer).is_some(), "{pointer}");
        }
    }

    #[test]
    fn bodies_are_closed_and_name_their_idempotency_key() {
        let document = serde_json::to_value(document()).unwrap();
        for name in [
            "ResolveRequest",
            "CreateKey",
            "UpdateKey",
            "RotateKey",
            "GrantCredits",
            "CreateKeyLimits",
            "ProfileRequest",
        ] {
            assert_eq!(document["components"]["schemas"][name]["additionalProperties"], false, "{name}");
        }
        let schemas = &document["components"]["schemas"];
        assert!(schemas["CreateKey"]["properties"]["idempotency_key"].is_object());
        assert!(schemas["UpdateKey"]["properties"]["idempotency_key"].is_null());
        assert_eq!(schemas["CreateKey"]["required"], serde_json::json!(["name", "scopes"]));
    }
}
