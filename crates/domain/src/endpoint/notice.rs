//! Events about endpoints themselves.

use serde_json::json;

use super::DisabledReason;
use crate::{
    event::{EventType, NewEvent, Occasion},
    id::EndpointId,
};

/// `endpoint.disabled`: says which one, and why.
pub fn disabled_event(
    occasion: Occasion,
    endpoint_id: EndpointId,
    url: &str,
    reason: DisabledReason,
) -> NewEvent {
    let data = json!({"endpoint_id": endpoint_id, "url": url, "reason": reason});
    NewEvent::enveloped(EventType::EndpointDisabled, occasion, &data)
}

/// `webhook.test`: sent to one endpoint, to see that it listens.
pub fn test_event(occasion: Occasion, endpoint_id: EndpointId) -> NewEvent {
    let data = json!({"endpoint_id": endpoint_id, "message": "This is a test."});
    NewEvent::enveloped(EventType::WebhookTest, occasion, &data)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        id::{EventId, WorkspaceId},
        time::Timestamp,
    };

    #[test]
    fn says_which_endpoint_and_why() {
        let occasion = Occasion {
            id: EventId(Uuid::nil()),
            workspace_id: WorkspaceId(Uuid::nil()),
            created_at: Timestamp(1_780_660_800_000),
        };
        let event =
            disabled_event(occasion, EndpointId(Uuid::nil()), "https://a.example/", DisabledReason::Failing);
        insta::assert_snapshot!(String::from_utf8(event.body).unwrap(), @r#"{"event":"endpoint.disabled","id":"evt_00000000000000000000000000000000","created_at":"2026-06-05T12:00:00.000Z","workspace_id":"ws_00000000000000000000000000000000","data":{"endpoint_id":"whe_00000000000000000000000000000000","url":"https://a.example/","reason":"failing"}}"#);
    }
}
