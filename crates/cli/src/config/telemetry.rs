//! How the server talks of itself: logs on stderr, traces to a collector when one is named.

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use url::Url;

use super::Environment;

/// How a log line looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, strum::EnumString)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum LogFormat {
    /// Text on a terminal, JSON otherwise.
    #[default]
    Auto,
    Text,
    Json,
}

/// `[log]` and `[telemetry]` of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TelemetrySection {
    pub log_format: Option<LogFormat>,
    /// Filter directives as of `RUST_LOG`: `info`, `hopline_engine=debug,info`.
    pub log_level: Option<String>,
    pub otlp_endpoint: Option<Url>,
}

/// What holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TelemetrySettings {
    pub log_format: LogFormat,
    pub log_level: String,
    /// Base of the collector's OTLP over HTTP; `None` sends nothing.
    pub otlp_endpoint: Option<Url>,
}

impl TelemetrySection {
    pub(super) fn from_environment(environment: &Environment) -> Result<Self> {
        let level = environment.text("LOG_LEVEL").or_else(|| environment.foreign("RUST_LOG"));
        Ok(Self {
            log_format: environment.value("LOG_FORMAT").context("choose auto, text or json")?,
            log_level: level.map(str::to_owned),
            otlp_endpoint: environment.value("OTLP_ENDPOINT")?,
        })
    }

    pub(super) fn over(self, lower: Self) -> Self {
        Self {
            log_format: self.log_format.or(lower.log_format),
            log_level: self.log_level.or(lower.log_level),
            otlp_endpoint: self.otlp_endpoint.or(lower.otlp_endpoint),
        }
    }

    pub(super) fn settle(self) -> Result<TelemetrySettings> {
        if let Some(endpoint) = &self.otlp_endpoint {
            let scheme = endpoint.scheme();
            ensure!(
                scheme == "http",
                "send traces to {endpoint}: plain http to a collector nearby is supported, not {scheme}"
            );
        }
        let settings = TelemetrySettings::default();
        Ok(TelemetrySettings {
            log_format: self.log_format.unwrap_or_default(),
            log_level: self.log_level.unwrap_or(settings.log_level),
            otlp_endpoint: self.otlp_endpoint,
        })
    }
}

impl Default for TelemetrySettings {
    fn default() -> Self {
        Self { log_format: LogFormat::Auto, log_level: "info".to_owned(), otlp_endpoint: None }
    }
}
