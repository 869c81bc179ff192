//! `hopline verify`: checks a received webhook and says which step fails. Needs no server.

use std::{
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use hopline_domain::time::{Clock, SystemClock, Timestamp};
use hopline_signing::{Received, StandardHeaders, Step, TOLERANCE_S_DEFAULT, explain};

use crate::{
    config::Environment,
    exit::Outcome,
    output::{self, harmless},
    view::style::{BAD, GOOD, STRONG, paint},
};

/// Deliveries are at most 1 MiB; what is longer is not one.
const BODY_BYTES_MAX: u64 = 2 * 1024 * 1024;
const TIMESTAMPED_HEADER_DEFAULT: &str = "X-Hopline-Signature";

/// Check the signatures of a received webhook, step by step
#[derive(Debug, Args)]
#[command(after_help = "\
Example, with headers and body saved as they were received:
  hopline verify --secret whsec_… -H 'X-Hopline-Signature: t=…,v1=…' body.json

Exit code: 0 if every step holds, 1 if one fails, 2 for wrong usage.")]
pub(crate) struct VerifyArgs {
    /// File with the raw body, `-` for stdin
    #[arg(value_name = "BODY", default_value = "-")]
    body: PathBuf,
    #[arg(help = "Webhook secret [env: HOPLINE_WEBHOOK_SECRET]", long, value_name = "whsec_…")]
    secret: Option<String>,
    /// Header as received, `Name: value`; repeat for all of them
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    headers: Vec<String>,
    /// Name of the t=,v1= header, when it has another
    #[arg(long, value_name = "NAME", default_value = TIMESTAMPED_HEADER_DEFAULT)]
    signature_header: String,
    /// Value of the t=,v1= header
    #[arg(long, value_name = "VALUE")]
    signature: Option<String>,
    /// Value of webhook-id
    #[arg(long, value_name = "VALUE")]
    webhook_id: Option<String>,
    /// Value of webhook-timestamp
    #[arg(long, value_name = "VALUE")]
    webhook_timestamp: Option<String>,
    /// Value of webhook-signature
    #[arg(long, value_name = "VALUE")]
    webhook_signature: Option<String>,
    /// Seconds a timestamp may be away from now
    #[arg(long, value_name = "SECONDS", default_value_t = TOLERANCE_S_DEFAULT)]
    tolerance_s: u64,
    /// Check as if it were that time, ISO 8601; for deliveries of long ago
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<Timestamp>,
}

fn time(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).ok_or_else(|| "write it like 2026-06-05T12:00:00Z".to_owned())
}

/// The four headers that matter, from either kind of flag.
#[derive(Debug, Default)]
struct Headers {
    timestamped: Option<String>,
    id: Option<String>,
    timestamp: Option<String>,
    signatures: Option<String>,
}

impl Headers {
    fn of(args: &VerifyArgs) -> Result<Self> {
        let mut headers = Self {
            timestamped: args.signature.clone(),
            id: args.webhook_id.clone(),
            timestamp: args.webhook_timestamp.clone(),
            signatures: args.webhook_signature.clone(),
        };
        for line in &args.headers {
            let Some((name, value)) = line.split_once(':') else {
                bail!("read --header {line:?}: write it as `Name: value`");
            };
            headers.take(name.trim(), value.trim(), &args.signature_header);
        }
        Ok(headers)
    }

    /// Headers that say nothing about the signature are passed over, so that all can be given.
    fn take(&mut self, name: &str, value: &str, signature_header: &str) {
        let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
        let slot = match () {
            () if is(signature_header) => &mut self.timestamped,
            () if is("webhook-id") => &mut self.id,
            () if is("webhook-timestamp") => &mut self.timestamp,
            () if is("webhook-signature") => &mut self.signatures,
            () => return,
        };
        *slot = Some(value.to_owned());
    }
}

pub(crate) fn run(args: &VerifyArgs, environment: &Environment) -> Result<Outcome> {
    let secret = args.secret.as_deref().or(environment.text("WEBHOOK_SECRET"));
    let secret = secret.context("find the webhook secret: give --secret or set HOPLINE_WEBHOOK_SECRET")?;
    let headers = Headers::of(args)?;
    let body = read_body(&args.body)?;
    let now = args.at.unwrap_or_else(|| SystemClock.now());
    let steps = check(&headers, &body, secret, now, args.tolerance_s);
    output::line(&render(&steps))?;
    Ok(if steps.iter().all(|step| step.ok) { Outcome::Success } else { Outcome::Failure })
}

fn read_body(path: &Path) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().take(BODY_BYTES_MAX).read_to_end(&mut body)
    } else {
        fs::File::open(path).and_then(|file| file.take(BODY_BYTES_MAX).read_to_end(&mut body))
    };
    read.with_context(|| format!("read the body of {}", path.display()))?;
    Ok(body)
}

fn check(headers: &Headers, body: &[u8], secret: &str, now: Timestamp, tolerance_s: u64) -> Vec<Step> {
    let standard = StandardHeaders {
        id: headers.id.as_deref(),
        timestamp: headers.timestamp.as_deref(),
        signatures: headers.signatures.as_deref(),
    };
    let received = Received { timestamped: headers.timestamped.as_deref(), standard, body };
    explain(&received, secret, now.unix_seconds(), tolerance_s)
}

fn render(steps: &[Step]) -> String {
    let width = steps.iter().map(|step| step.name.chars().count()).max().unwrap_or(0);
    let lines = steps.iter().map(|step| {
        let (mark, style) = if step.ok { ("✓", GOOD) } else { ("✗", BAD) };
        let name = paint(STRONG, format_args!("{:<width$}", step.name));
        format!("{} {name}  {}", paint(style, mark), harmless(&step.explanation))
    });
    let verdict =
        if steps.iter().all(|step| step.ok) { paint(GOOD, "genuine") } else { paint(BAD, "do not trust it") };
    lines.chain([verdict]).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use anstream::adapter::strip_str;
    use hopline_signing::{WebhookSecret, standard_header, timestamped_header};

    use super::*;

    const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    const NOW: Timestamp = Timestamp(1_780_660_800_000);

    fn headers() -> Headers {
        let secret = WebhookSecret::parse(SECRET).unwrap();
        let mut headers = Headers::default();
        let signature = timestamped_header(&[&secret], NOW.unix_seconds(), b"{}");
        headers.take("x-linkskipper-signature", &signature, "X-LinkSkipper-Signature");
        headers.take("Webhook-Id", "evt_1", "");
        headers.take("webhook-timestamp", &NOW.unix_seconds().to_string(), "");
        let signatures = standard_header(&[&secret], "evt_1", NOW.unix_seconds(), b"{}").unwrap();
        headers.take("webhook-signature", &signatures, "");
        headers.take("Content-Type", "application/json", "");
        headers
    }

    fn shown(body: &[u8], now: Timestamp) -> String {
        strip_str(&render(&check(&headers(), body, SECRET, now, 300))).to_string()
    }

    #[test]
    fn a_genuine_delivery_holds_at_every_step() {
        insta::assert_snapshot!(shown(b"{}", NOW), @r"
        ✓ secret             well-formed: WebhookSecret(whsec_…b7oD)
        ✓ t=,v1= header      well-formed, one signature
        ✓ t=,v1= timestamp   signed 0 s ago, within 300 s
        ✓ t=,v1= signature   made with this secret over this body
        ✓ webhook-… headers  well-formed, one signature
        ✓ webhook-timestamp  signed 0 s ago, within 300 s
        ✓ webhook-signature  made with this secret over this body
        genuine
        ");
    }

    #[test]
    fn each_failing_step_says_what_to_do() {
        insta::assert_snapshot!(shown(b"{}\n", NOW.plus_ms(900_000)), @r"
        ✓ secret             well-formed: WebhookSecret(whsec_…b7oD)
        ✓ t=,v1= header      well-formed, one signature
        ✗ t=,v1= timestamp   failed to accept the timestamp: signed at 1780660800, now is 1780661700, more than 300 s apart. Hint: an old delivery is being verified, or this machine's clock is ahead; every attempt is signed afresh, so replay the delivery, or widen the tolerance for a test
        ✗ t=,v1= signature   the secret is right, but the body was changed on its way here: the signature matches it without the line break at its end. Verify the raw bytes as received
        ✓ webhook-… headers  well-formed, one signature
        ✗ webhook-timestamp  failed to accept the timestamp: signed at 1780660800, now is 1780661700, more than 300 s apart. Hint: an old delivery is being verified, or this machine's clock is ahead; every attempt is signed afresh, so replay the delivery, or widen the tolerance for a test
        ✗ webhook-signature  the secret is right, but the body was changed on its way here: the signature matches it without the line break at its end. Verify the raw bytes as received
        do not trust it
        ");
    }
}
