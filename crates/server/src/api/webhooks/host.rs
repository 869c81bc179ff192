//! One look at an endpoint's host when it is saved: a forbidden answer refuses, no answer is only a warning.

use hopline_domain::limits::ENDPOINT_LOOKUP_MS;
use hopline_outbound::{ExchangeError, Purpose};
use url::Url;

use crate::{app::App, problem::Problem};

impl App {
    /// Answers what the owner should know. Every delivery looks again, whatever this says.
    pub(super) async fn look_up_receiver(&self, url: &str) -> Result<Vec<String>, Problem> {
        let Ok(parsed) = Url::parse(url) else {
            return Err(Problem::of_fault("/url", "malformed", "this is no URL"));
        };
        match self.parts.outbound.check_target(&parsed, Purpose::Webhook, ENDPOINT_LOOKUP_MS).await {
            Ok(()) => Ok(Vec::new()),
            Err(error @ (ExchangeError::Forbidden { .. } | ExchangeError::Refused(_))) => {
                Err(Problem::of_fault("/url", "forbidden_address", error.to_string()))
            }
            Err(error) => Ok(vec![format!("the host could not be looked up now: {error}")]),
        }
    }
}
