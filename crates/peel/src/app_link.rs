//! Links for other programs that name a web page for those who lack the program (`intent:` URLs of Android browsers).
//! A link that names none is left to whoever met it.

use hopline_offline::{Rules, StepKind};
use url::Url;

use crate::location::is_web;

/// The web page that `url` names for browsers without its program.
pub(crate) fn fallback_of(url: &Url) -> Option<Url> {
    if is_web(url) {
        return None;
    }
    let step = Rules::builtin().step(url)?;
    (step.kind == StepKind::AppLink && is_web(&step.url)).then_some(step.url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_web_page_named_as_such_is_a_fallback() {
        let fallback = |text: &str| fallback_of(&Url::parse(text).unwrap()).map(String::from);
        let intent = "intent://scan/#Intent;scheme=zxing;package=com.x;S.browser_fallback_url=";
        assert_eq!(
            fallback(&format!("{intent}https%3A%2F%2Fb.test%2Fx%3Fa%3D1%23f;end")).as_deref(),
            Some("https://b.test/x?a=1#f")
        );
        for text in [
            "intent://scan/#Intent;scheme=zxing;package=com.x;end",
            "market://details?id=com.x",
            "itms-apps://apps.example/app/id1",
            "mailto:a@b.example",
            "https://a.test/#Intent;S.browser_fallback_url=http://b.test/;end",
        ] {
            assert_eq!(fallback(text), None, "{text}");
        }
        for value in ["javascript%3Ax", "market%3A%2F%2Fdetails", "nonsense", "", "%ff"] {
            assert_eq!(fallback(&format!("{intent}{value};end")), None, "{value}");
        }
    }
}
