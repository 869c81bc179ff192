//! All policies of a document. An action is allowed when every one of them allows it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use url::Url;

use super::{sandbox::Sandbox, source};

/// Where a policy was found: `<meta>` cannot sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::page) enum PolicyOrigin {
    Header,
    Meta,
}

/// Code that stands in the document itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::page) enum Inline {
    Element,
    Attribute,
    /// A `javascript:` URL.
    Navigation,
}

/// A script to be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::page) struct ScriptUrl<'a> {
    pub(in crate::page) url: &'a Url,
    pub(in crate::page) nonce: &'a str,
    /// Whether the parser put it there rather than a script.
    pub(in crate::page) parser_inserted: bool,
}

#[derive(Clone, Debug, Default)]
pub(in crate::page) struct Policies(Vec<Policy>);

#[derive(Clone, Debug)]
struct Policy {
    origin: PolicyOrigin,
    /// Names in lowercase, the first of each name only.
    directives: Vec<(String, Vec<String>)>,
}

impl Policies {
    /// Adds the policies of one header value or `content` attribute; commas part policies.
    pub(in crate::page) fn add(&mut self, text: &str, origin: PolicyOrigin) {
        self.0.extend(
            text.split(',')
                .map(|text| Policy::parse(text, origin))
                .filter(|policy| !policy.directives.is_empty()),
        );
    }

    pub(in crate::page) fn sandbox(&self) -> Sandbox {
        let headers = self.0.iter().filter(|policy| policy.origin == PolicyOrigin::Header);
        let flags = headers.filter_map(|policy| policy.directive(&["sandbox"]));
        flags.fold(Sandbox::OPEN, |open, tokens| open.and(Sandbox::parse(&tokens.join(" "))))
    }

    pub(in crate::page) fn allow_inline(&self, kind: Inline, source: &str, nonce: &str) -> bool {
        self.0.iter().all(|policy| policy.allows_inline(kind, source, nonce))
    }

    pub(in crate::page) fn allow_script(&self, script: &ScriptUrl<'_>, own: &Url) -> bool {
        self.0.iter().all(|policy| policy.allows_script(script, own))
    }

    pub(in crate::page) fn allow_eval(&self) -> bool {
        let lists = self.0.iter().filter_map(|policy| policy.directive(&["script-src", "default-src"]));
        lists.into_iter().all(|list| has(list, "'unsafe-eval'"))
    }

    /// Whether `url` is covered where the first of `names` that a policy has decides.
    pub(in crate::page) fn allow_url(&self, names: &[&str], url: &Url, own: &Url) -> bool {
        let lists = self.0.iter().filter_map(|policy| policy.directive(names));
        lists.into_iter().all(|list| list.iter().any(|expression| source::covers(expression, url, own)))
    }
}

impl Policy {
    fn parse(text: &str, origin: PolicyOrigin) -> Self {
        let mut directives: Vec<(String, Vec<String>)> = Vec::new();
        for directive in text.split(';') {
            let mut words = directive.split_ascii_whitespace();
            let Some(name) = words.next().map(str::to_ascii_lowercase) else { continue };
            if directives.iter().all(|(known, _)| *known != name) {
                directives.push((name, words.map(str::to_owned).collect()));
            }
        }
        Self { origin, directives }
    }

    /// The first of `names` that is there.
    fn directive(&self, names: &[&str]) -> Option<&[String]> {
        names.iter().find_map(|name| {
            self.directives.iter().find(|(known, _)| known == name).map(|(_, values)| values.as_slice())
        })
    }

    fn allows_inline(&self, kind: Inline, source: &str, nonce: &str) -> bool {
        let names: &[&str] = match kind {
            Inline::Attribute => &["script-src-attr", "script-src", "default-src"],
            Inline::Element | Inline::Navigation => &["script-src-elem", "script-src", "default-src"],
        };
        let Some(list) = self.directive(names) else { return true };
        let hashes_count = kind == Inline::Element || has(list, "'unsafe-hashes'");
        (kind == Inline::Element && has_nonce(list, nonce))
            || (hashes_count && list.iter().any(|expression| is_hash_of(expression, source)))
            || (has(list, "'unsafe-inline'")
                && !list.iter().any(|expression| outranks_unsafe_inline(expression)))
    }

    fn allows_script(&self, script: &ScriptUrl<'_>, own: &Url) -> bool {
        let Some(list) = self.directive(&["script-src-elem", "script-src", "default-src"]) else {
            return true;
        };
        if has_nonce(list, script.nonce) {
            return true;
        }
        if has(list, "'strict-dynamic'") {
            return !script.parser_inserted;
        }
        list.iter().any(|expression| source::covers(expression, script.url, own))
    }
}

fn has(list: &[String], keyword: &str) -> bool {
    list.iter().any(|expression| expression.eq_ignore_ascii_case(keyword))
}

fn has_nonce(list: &[String], nonce: &str) -> bool {
    let wanted = |expression: &String| {
        expression.strip_prefix("'nonce-").and_then(|rest| rest.strip_suffix('\'')) == Some(nonce)
    };
    !nonce.is_empty() && list.iter().any(wanted)
}

fn outranks_unsafe_inline(expression: &str) -> bool {
    let lower = expression.to_ascii_lowercase();
    ["'nonce-", "'sha256-", "'sha384-", "'sha512-", "'strict-dynamic'"]
        .iter()
        .any(|prefix| lower.starts_with(prefix))
}

fn is_hash_of(expression: &str, source: &str) -> bool {
    let Some((algorithm, value)) = expression.trim_matches('\'').split_once('-') else { return false };
    let digest = match algorithm.to_ascii_lowercase().as_str() {
        "sha256" => STANDARD.encode(Sha256::digest(source)),
        "sha384" => STANDARD.encode(Sha384::digest(source)),
        "sha512" => STANDARD.encode(Sha512::digest(source)),
        _ => return false,
    };
    digest == value.replace('-', "+").replace('_', "/")
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    fn policies(texts: &[&str]) -> Policies {
        let mut policies = Policies::default();
        for text in texts {
            policies.add(text, PolicyOrigin::Header);
        }
        policies
    }

    fn own() -> Url {
        Url::parse("http://a.test/page").unwrap()
    }

    fn allows_script(policy: &str, url: &str, nonce: &str, parser_inserted: bool) -> bool {
        let url = Url::parse(url).unwrap();
        policies(&[policy]).allow_script(&ScriptUrl { url: &url, nonce, parser_inserted }, &own())
    }

    #[test]
    fn external_scripts_need_a_source_that_covers_them() {
        for (policy, url, allowed) in [
            ("", "http://x.test/a.js", true),
            ("script-src 'none'", "http://a.test/a.js", false),
            ("script-src 'self'", "http://a.test/a.js", true),
            ("script-src 'self'", "https://a.test/a.js", true),
            ("script-src 'self'", "http://b.test/a.js", false),
            ("default-src 'self'", "http://b.test/a.js", false),
            ("script-src-elem *; script-src 'none'", "http://b.test/a.js", true),
            ("script-src *.b.test", "http://x.b.test/a.js", true),
            ("script-src *.b.test", "http://b.test/a.js", false),
            ("script-src b.test", "http://b.test:8080/a.js", false),
            ("script-src b.test:*", "http://b.test:8080/a.js", true),
            ("script-src http://b.test/js/", "http://b.test/js/a.js", true),
            ("script-src http://b.test/js/", "http://b.test/a.js", false),
            ("script-src https:", "https://b.test/a.js", true),
            ("script-src https:", "http://b.test/a.js", false),
            ("img-src 'none'", "http://b.test/a.js", true),
            ("script-src *, script-src 'none'", "http://b.test/a.js", false),
        ] {
            assert_eq!(allows_script(policy, url, "", true), allowed, "{policy} {url}");
        }
    }

    #[test]
    fn strict_dynamic_trusts_scripts_of_scripts_only() {
        let policy = "script-src 'strict-dynamic' 'nonce-n' http://b.test";
        assert!(!allows_script(policy, "http://b.test/a.js", "", true));
        assert!(allows_script(policy, "http://b.test/a.js", "", false));
        assert!(allows_script(policy, "http://c.test/a.js", "n", true));
    }

    #[test]
    fn inline_code_needs_a_word_a_nonce_or_its_hash() {
        for (policy, kind, source, nonce, allowed) in [
            ("script-src 'self'", Inline::Element, "x", "", false),
            ("script-src 'unsafe-inline'", Inline::Element, "x", "", true),
            ("script-src 'unsafe-inline' 'nonce-n'", Inline::Element, "x", "", false),
            ("script-src 'nonce-n'", Inline::Element, "x", "n", true),
            ("script-src 'nonce-n'", Inline::Attribute, "x", "n", false),
            ("script-src-attr 'none'; script-src 'unsafe-inline'", Inline::Attribute, "x", "", false),
            ("script-src 'unsafe-inline'", Inline::Navigation, "x", "", true),
            ("script-src 'self'", Inline::Navigation, "x", "", false),
        ] {
            assert_eq!(policies(&[policy]).allow_inline(kind, source, nonce), allowed, "{policy} {kind:?}");
        }
        let digest = STANDARD.encode(Sha256::digest("location='/final'"));
        let by_hash = format!("script-src 'sha256-{digest}'");
        assert!(policies(&[&by_hash]).allow_inline(Inline::Element, "location='/final'", ""));
        assert!(!policies(&[&by_hash]).allow_inline(Inline::Element, "location='/other'", ""));
        assert!(!policies(&[&by_hash]).allow_inline(Inline::Attribute, "location='/final'", ""));
    }

    #[test]
    fn eval_needs_its_word_wherever_scripts_are_governed() {
        assert!(policies(&["img-src *"]).allow_eval());
        assert!(!policies(&["script-src *"]).allow_eval());
        assert!(policies(&["default-src 'unsafe-eval'"]).allow_eval());
        assert!(!policies(&["script-src 'unsafe-eval'", "default-src 'self'"]).allow_eval());
    }

    #[test]
    fn only_headers_put_a_page_in_a_sandbox() {
        let mut meta = Policies::default();
        meta.add("sandbox", PolicyOrigin::Meta);
        assert_eq!(meta.sandbox(), Sandbox::OPEN);
        let header = policies(&["sandbox allow-scripts allow-forms"]).sandbox();
        assert!(header.scripts && header.forms && !header.same_origin);
        assert!(!policies(&["sandbox"]).sandbox().scripts);
    }
}
