//! The one thing a Content-Security-Policy changes for a resolver without scripts: a sandbox without
//! `allow-scripts` sets the "sandboxed automatic features" flag, and meta refreshes are ignored.

/// Whether the `Content-Security-Policy` values forbid automatic features.
pub(crate) fn forbids_meta_refresh<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> bool {
    let texts = values.into_iter().map(|value| String::from_utf8_lossy(value).to_ascii_lowercase());
    texts.into_iter().any(|text| text.split(',').any(is_strict_sandbox))
}

/// Of a directive given twice in one policy the first counts (CSP "parse a serialized CSP").
fn is_strict_sandbox(policy: &str) -> bool {
    let directives = policy.split(';').map(str::split_ascii_whitespace);
    let sandbox = directives.into_iter().find_map(|mut words| (words.next()? == "sandbox").then_some(words));
    sandbox.is_some_and(|mut flags| !flags.any(|flag| flag == "allow-scripts"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_sandbox_without_scripts_forbids() {
        for (value, expected) in [
            ("sandbox", true),
            ("default-src 'self'; SANDBOX allow-forms", true),
            ("sandbox allow-scripts", false),
            ("sandbox allow-forms Allow-Scripts", false),
            ("script-src 'none'", false),
            ("script-src 'none', sandbox", true),
            ("sandbox allow-scripts; sandbox", false),
            ("", false),
        ] {
            assert_eq!(forbids_meta_refresh([value.as_bytes()]), expected, "{value}");
        }
    }
}
