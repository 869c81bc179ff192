//! Merge patches of links (RFC 7396): the link as its owner could have written it, with the changes over it.

use hopline_domain::short_link::{LinkDocument, LinkState, ShortLink, ShortUrls};
use serde_json::{Map, Value};

/// Members of the document that nobody writes, and the slug, which is judged only when it is given.
const NOT_WRITTEN: [&str; 10] = [
    "id",
    "domain",
    "slug",
    "short_url",
    "blocked_reason",
    "has_password",
    "health",
    "created_at",
    "updated_at",
    "created_by",
];
/// Members that can be changed but not cleared.
pub(super) const NOT_CLEARED: [&str; 2] = ["slug", "url"];

/// The members of a link, as in the body that would make it; without its slug and its password.
pub(super) fn written(link: &ShortLink, urls: &ShortUrls) -> Map<String, Value> {
    let Ok(Value::Object(mut members)) = serde_json::to_value(LinkDocument::of(link, urls)) else {
        return Map::new();
    };
    members.retain(|name, value| !NOT_WRITTEN.contains(&name.as_str()) && !value.is_null());
    // A block lies over the status, and is not the owner's to write.
    members.insert("status".to_owned(), state_word(link.content.state).into());
    members
}

fn state_word(state: LinkState) -> &'static str {
    state.into()
}

/// Puts the changes over the members. A `null` for what is not there stays, so that unknown names are found.
pub(super) fn merge(members: &mut Map<String, Value>, patch: Map<String, Value>) {
    for (name, value) in patch {
        match value {
            Value::Null if members.remove(&name).is_some() => {}
            Value::Object(changes) => {
                let mut object = match members.remove(&name) {
                    Some(Value::Object(object)) => object,
                    _ => Map::new(),
                };
                merge(&mut object, changes);
                members.insert(name, Value::Object(object));
            }
            value => {
                members.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn merged(members: &Value, patch: &Value) -> Value {
        let mut merged = members.as_object().unwrap().clone();
        merge(&mut merged, patch.as_object().unwrap().clone());
        Value::Object(merged)
    }

    #[test]
    fn objects_are_merged_and_everything_else_is_replaced() {
        let link = json!({"url": "a", "og": {"title": "t", "image": "i"}, "tags": ["x"], "note": "n"});
        let patch = json!({"og": {"title": null, "description": "d"}, "tags": ["y"], "note": null});
        let after = json!({"url": "a", "og": {"image": "i", "description": "d"}, "tags": ["y"]});
        assert_eq!(merged(&link, &patch), after);
        assert_eq!(merged(&after, &json!({})), after, "nothing changes nothing");
    }

    #[test]
    fn unknown_nulls_are_seen() {
        assert_eq!(merged(&json!({"url": "a"}), &json!({"uri": null})), json!({"url": "a", "uri": null}));
        assert_eq!(merged(&json!({}), &json!({"utm": {"sauce": null}})), json!({"utm": {"sauce": null}}));
    }

    #[test]
    fn a_value_gives_way_to_an_object_and_back() {
        assert_eq!(merged(&json!({"qr": 1}), &json!({"qr": {"a": 1}})), json!({"qr": {"a": 1}}));
        assert_eq!(merged(&json!({"qr": {"a": 1}}), &json!({"qr": "x"})), json!({"qr": "x"}));
    }
}
