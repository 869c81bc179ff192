//! The verdicts of a job, for the OpenAPI document; `domain::verdict` computes and writes them.

use utoipa::ToSchema;

/// Statements computed from the chain. `value` is `null` when one does not apply; `detail` is for people.
#[derive(ToSchema)]
#[schema(as = Verdicts)]
#[expect(dead_code, reason = "describes the wire; the values are written by domain")]
pub(super) struct VerdictsSchema {
    /// It ended on the registrable domain you expected.
    expected_domain: TruthVerdict,
    /// Every hop was asked over HTTPS.
    https_all_hops: TruthVerdict,
    /// Some step led from HTTPS to HTTP.
    https_downgrade: TruthVerdict,
    /// Every hop is HTTPS and every step a redirect by the server.
    parallel_tracking_safe: TruthVerdict,
    /// What became of each click identifier.
    click_ids: ClickIdsVerdict,
    /// Query parameters of the link that the destination was asked without.
    params_lost: NamesVerdict,
    /// Affiliate networks met on the way.
    networks: NetworksVerdict,
    /// Hops of more than 1000 ms.
    slow_hops: SlowHopsVerdict,
    /// How many hops there are, the first request included.
    hop_count: CountVerdict,
    /// What is another than at the check before.
    drift: DriftVerdict,
}

macro_rules! verdict_schema {
    ($($(#[$doc:meta])* $name:ident: $value:ty;)*) => {
        $(
            $(#[$doc])*
            #[derive(ToSchema)]
            #[expect(dead_code, reason = "describes the wire; the values are written by domain")]
            pub(super) struct $name {
                #[schema(required)]
                value: Option<$value>,
                #[schema(required)]
                detail: Option<String>,
            }
        )*
    };
}

verdict_schema! {
    /// True or false.
    TruthVerdict: bool;
    /// A number.
    CountVerdict: u32;
    /// A list of names.
    NamesVerdict: Vec<String>;
    /// One entry for each identifier a hop carries.
    ClickIdsVerdict: Vec<ClickIdSchema>;
    /// The networks, in the order they were met.
    NetworksVerdict: NetworksSchema;
    /// The hops and their milliseconds.
    SlowHopsVerdict: Vec<SlowHopSchema>;
    /// Words for what changed; none when nothing did.
    DriftVerdict: Vec<ChangeSchema>;
}

#[derive(ToSchema)]
#[schema(as = ClickId)]
#[expect(dead_code, reason = "describes the wire; the values are written by domain")]
pub(super) struct ClickIdSchema {
    #[schema(example = "gclid")]
    id: String,
    /// The first hop that carries it; 0: the link came with it.
    added_at: u32,
    /// The destination was asked with it.
    survived: bool,
    /// The hop after the last that carried it, when it did not survive.
    #[schema(required)]
    lost_at: Option<u32>,
    /// Hops that carry another value than before.
    changed_at: Vec<u32>,
}

#[derive(ToSchema)]
#[schema(as = Networks)]
#[expect(dead_code, reason = "describes the wire; the values are written by domain")]
pub(super) struct NetworksSchema {
    met: Vec<NetworkMetSchema>,
    /// More than one: more than one may claim the sale.
    several: bool,
}

#[derive(ToSchema)]
#[schema(as = NetworkMet)]
#[expect(dead_code, reason = "describes the wire; the values are written by domain")]
pub(super) struct NetworkMetSchema {
    #[schema(example = "awin")]
    provider: String,
    /// The first hop on it.
    hop: u32,
}

#[derive(ToSchema)]
#[schema(as = SlowHop)]
#[expect(dead_code, reason = "describes the wire; the values are written by domain")]
pub(super) struct SlowHopSchema {
    hop: u32,
    ms: u32,
}

#[derive(ToSchema)]
#[schema(as = Change)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes the wire; the values are written by domain")]
pub(super) enum ChangeSchema {
    Status,
    HttpStatus,
    Domain,
    Url,
}

#[cfg(test)]
mod tests {
    use hopline_domain::verdict::{Change, ClickId, NetworkMet, Networks, SlowHop, Verdicts};
    use serde_json::{Value, json};

    fn names(object: &Value) -> Vec<&String> {
        object.as_object().unwrap().keys().collect()
    }

    #[test]
    fn the_schemas_describe_what_domain_writes() {
        let document = serde_json::to_value(crate::openapi::document()).unwrap();
        let schemas = &document["components"]["schemas"];
        let met = NetworkMet { provider: "awin".to_owned(), hop: 1 };
        let id = ClickId {
            id: "gclid".to_owned(),
            added_at: 0,
            survived: true,
            lost_at: None,
            changed_at: vec![],
        };
        for (schema, written) in [
            ("Verdicts", json!(Verdicts::default())),
            ("TruthVerdict", json!(Verdicts::default().https_all_hops)),
            ("ClickId", json!(id)),
            ("Networks", json!(Networks { met: vec![met.clone()], several: false })),
            ("NetworkMet", json!(met)),
            ("SlowHop", json!(SlowHop { hop: 1, ms: 1_001 })),
        ] {
            assert_eq!(names(&schemas[schema]["properties"]), names(&written), "{schema}");
            let required = schemas[schema]["required"].as_array().unwrap();
            assert_eq!(required.len(), names(&written).len(), "{schema}: every member is always there");
        }
        let changes = [Change::Status, Change::HttpStatus, Change::Domain, Change::Url];
        assert_eq!(schemas["Change"]["enum"], json!(changes));
        let value = &schemas["TruthVerdict"]["properties"]["value"];
        assert_eq!(value["type"], json!(["boolean", "null"]));
        assert_eq!(
            document.pointer("/components/schemas/Job/properties/verdicts/$ref").unwrap(),
            "#/components/schemas/Verdicts"
        );
    }
}
