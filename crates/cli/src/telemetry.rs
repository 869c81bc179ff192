//! Logs on stderr, and traces to a collector when one is configured. Secrets have no printable form, so none gets here (I10).

use std::io::{self, IsTerminal as _};

use anyhow::{Context as _, Result};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::{
    Resource, runtime,
    trace::{SdkTracerProvider, span_processor_with_async_runtime::BatchSpanProcessor},
};
use tracing::Subscriber;
use tracing_subscriber::{
    EnvFilter, Layer, fmt, layer::SubscriberExt as _, registry::LookupSpan, util::SubscriberInitExt as _,
};
use url::Url;

use crate::config::{LogFormat, TelemetrySettings};

const SERVICE_NAME: &str = "hopline";

/// Keeps telling until it is dropped; then what waits is sent.
#[derive(Debug)]
#[must_use = "traces are sent as long as this lives"]
pub(crate) struct Telemetry {
    traces: Option<SdkTracerProvider>,
}

/// Sets up logging and tracing for the process. Needs the runtime when traces are sent.
pub(crate) fn init(settings: &TelemetrySettings) -> Result<Telemetry> {
    let filter = EnvFilter::try_new(&settings.log_level)
        .with_context(|| format!("use the log level {:?}", settings.log_level))?;
    let traces = settings.otlp_endpoint.as_ref().map(provider).transpose()?;
    let spans = traces
        .as_ref()
        .map(|provider| tracing_opentelemetry::layer().with_tracer(provider.tracer(SERVICE_NAME)));
    let subscriber = tracing_subscriber::registry().with(filter).with(spans).with(lines(settings.log_format));
    subscriber.try_init().context("set up logging")?;
    Ok(Telemetry { traces })
}

fn lines<S>(format: LogFormat) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let is_terminal = io::stderr().is_terminal();
    let layer = fmt::layer().with_writer(io::stderr).with_ansi(is_terminal);
    match format {
        LogFormat::Json => layer.json().boxed(),
        LogFormat::Auto if !is_terminal => layer.json().boxed(),
        LogFormat::Auto | LogFormat::Text => layer.boxed(),
    }
}

/// Sends spans in batches, by OTLP over HTTP, to `<endpoint>/v1/traces`.
fn provider(endpoint: &Url) -> Result<SdkTracerProvider> {
    let traces = format!("{}/v1/traces", endpoint.as_str().trim_end_matches('/'));
    let exporter = SpanExporter::builder().with_http().with_endpoint(traces).build();
    let exporter = exporter.with_context(|| format!("send traces to {endpoint}"))?;
    let processor = BatchSpanProcessor::builder(exporter, runtime::Tokio).build();
    let resource = Resource::builder().with_service_name(SERVICE_NAME).build();
    Ok(SdkTracerProvider::builder().with_span_processor(processor).with_resource(resource).build())
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.traces.take().map(|provider| provider.shutdown()) {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}
