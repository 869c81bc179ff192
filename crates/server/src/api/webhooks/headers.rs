//! Custom headers between the wire and the store: judged together, merged, and sealed for their endpoint (I10).

use std::collections::BTreeMap;

use hopline_domain::{
    endpoint::{EndpointSettings, HeaderRefusal, SealedHeaders, judge_header},
    id::EndpointId,
    limits::ENDPOINT_HEADERS_MAX,
    problem::Fault,
};
use hopline_signing::{SEALING_NONCE_BYTES, Sealed};

use crate::{app::App, fields::Change, problem::Problem};

/// What stands for a value that is not shown.
pub(super) const MASK: &str = "***";

/// Names and values, in order.
type Headers = Vec<(String, String)>;

fn context(id: EndpointId) -> String {
    format!("endpoint_headers:{id}")
}

impl App {
    /// The settings with their headers changed and sealed.
    pub(super) fn with_headers(
        &self,
        id: EndpointId,
        settings: EndpointSettings,
        change: Change<BTreeMap<String, Option<String>>>,
    ) -> Result<EndpointSettings, Problem> {
        let keeps = change == Change::Keep;
        let headers = match change {
            Change::Keep => self.open_headers(id, &settings.headers)?,
            Change::Clear => Headers::new(),
            Change::Set(members) => merged(self.open_headers(id, &settings.headers)?, members),
        };
        judge(&headers, &settings.signature_headers)?;
        if keeps {
            return Ok(settings);
        }
        Ok(EndpointSettings { headers: self.seal_headers(id, &headers), ..settings })
    }

    fn seal_headers(&self, id: EndpointId, headers: &Headers) -> SealedHeaders {
        if headers.is_empty() {
            return SealedHeaders::default();
        }
        let mut nonce = [0; SEALING_NONCE_BYTES];
        self.parts.entropy.fill(&mut nonce);
        let text = serde_json::to_vec(headers).unwrap_or_default();
        SealedHeaders {
            names: headers.iter().map(|(name, _)| name.clone()).collect(),
            sealed: self.parts.master_key.seal(&context(id), &text, nonce).into_bytes(),
        }
    }

    fn open_headers(&self, id: EndpointId, headers: &SealedHeaders) -> Result<Headers, Problem> {
        if headers.sealed.is_empty() {
            return Ok(Headers::new());
        }
        let opened = self.parts.master_key.open(&context(id), &Sealed::from_bytes(headers.sealed.clone()));
        let opened = opened.ok().and_then(|opened| serde_json::from_slice(&opened).ok());
        opened.ok_or_else(|| {
            tracing::error!(endpoint.id = %id, "an endpoint's headers can't be opened");
            Problem::internal()
        })
    }
}

/// RFC 7396 by name, without case; the mask stands for the value that is there.
fn merged(mut headers: Headers, members: BTreeMap<String, Option<String>>) -> Headers {
    for (name, value) in members {
        let known = headers.iter().position(|(other, _)| other.eq_ignore_ascii_case(&name));
        match (known, value) {
            (Some(at), None) => drop(headers.remove(at)),
            (Some(at), Some(value)) if value != MASK => headers[at] = (name, value),
            (None, Some(value)) => headers.push((name, value)),
            (Some(_), Some(_)) | (None, None) => {}
        }
    }
    headers
}

fn judge(headers: &Headers, signature_headers: &[String]) -> Result<(), Problem> {
    let fault = |name: &str, code: &str, detail: String| {
        let token = name.replace('~', "~0").replace('/', "~1");
        Fault::new(format!("/headers/{token}"), code, detail)
    };
    let mut faults: Vec<Fault> = headers
        .iter()
        .filter_map(|(name, value)| {
            let refusal = judge_header(name, value, signature_headers).err()?;
            let code = match refusal {
                HeaderRefusal::NoName | HeaderRefusal::NoValue => "malformed",
                HeaderRefusal::Reserved | HeaderRefusal::Signature => "not_allowed",
            };
            Some(fault(name, code, refusal.to_string()))
        })
        .collect();
    if headers.len() > ENDPOINT_HEADERS_MAX {
        let detail = format!("give at most {ENDPOINT_HEADERS_MAX} headers");
        faults.push(Fault::new("/headers".to_owned(), "too_many", detail));
    }
    if faults.is_empty() { Ok(()) } else { Err(Problem::of_faults(faults)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_merged_by_name_without_case() {
        let headers = vec![("X-A".to_owned(), "1".to_owned()), ("X-B".to_owned(), "2".to_owned())];
        let members = [("x-a", Some("3")), ("X-B", None), ("X-C", Some("4")), ("X-D", None)];
        let members = members.map(|(name, value)| (name.to_owned(), value.map(str::to_owned)));
        let after = merged(headers.clone(), members.into());
        assert_eq!(after, [("x-a", "3"), ("X-C", "4")].map(|(a, b)| (a.to_owned(), b.to_owned())));
        let masked = [("X-A".to_owned(), Some(MASK.to_owned()))];
        assert_eq!(merged(headers.clone(), masked.into()), headers);
    }
}
