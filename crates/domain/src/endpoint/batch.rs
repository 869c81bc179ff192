//! Several events in one request.

use serde::{Deserialize, Serialize};

use crate::{id::BatchId, time::Timestamp};

/// When events that wait are sent together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchRule {
    /// 1–500.
    pub max_events: u32,
    /// How long the first of them waits for others, 0–10,000.
    pub max_wait_ms: u32,
}

/// The body of a batch: `{id, created_at, events: […]}`. Each of `bodies` is one JSON document and stays as it is.
pub fn batch_body(id: BatchId, created_at: Timestamp, bodies: &[Vec<u8>]) -> Vec<u8> {
    let mut body = format!("{{\"id\":\"{id}\",\"created_at\":\"{created_at}\",\"events\":[").into_bytes();
    for (index, one) in bodies.iter().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        body.extend_from_slice(one);
    }
    body.extend_from_slice(b"]}");
    body
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn bodies_stay_as_they_are() {
        let bodies = [b"{\"b\":1.0,\"a\":\"\\u00e9\"}".to_vec(), b"{}".to_vec()];
        let body = batch_body(BatchId(Uuid::nil()), Timestamp(1_780_660_800_000), &bodies);
        insta::assert_snapshot!(String::from_utf8(body.clone()).unwrap(), @r#"{"id":"bat_00000000000000000000000000000000","created_at":"2026-06-05T12:00:00.000Z","events":[{"b":1.0,"a":"\u00e9"},{}]}"#);
        assert_eq!(serde_json::from_slice::<Value>(&body).unwrap()["events"].as_array().unwrap().len(), 2);
    }
}
