//! How the browser says it got to a page, in the words of a chain.

use hopline_domain::chain::HopKind;

/// The reason of `Page.frameRequestedNavigation`; what is neither refresh nor form is a script's doing.
pub(super) fn of_reason(reason: &str) -> HopKind {
    match reason {
        "httpHeaderRefresh" => HopKind::RefreshHeader,
        "metaTagRefresh" => HopKind::MetaRefresh,
        "formSubmissionGet" | "formSubmissionPost" => HopKind::Form,
        _ => HopKind::Script,
    }
}

/// A redirect the browser made up itself carries this header: HSTS (RFC 6797), which is never on the wire.
pub(super) fn of_redirect(headers: &[(String, String)]) -> HopKind {
    let is_own = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("non-authoritative-reason"));
    if is_own { HopKind::Hsts } else { HopKind::HttpRedirect }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_have_their_kinds() {
        for (reason, kind) in [
            ("httpHeaderRefresh", HopKind::RefreshHeader),
            ("metaTagRefresh", HopKind::MetaRefresh),
            ("formSubmissionGet", HopKind::Form),
            ("formSubmissionPost", HopKind::Form),
            ("scriptInitiated", HopKind::Script),
            ("anchorClick", HopKind::Script),
            ("reload", HopKind::Script),
            ("other", HopKind::Script),
        ] {
            assert_eq!(of_reason(reason), kind, "{reason}");
        }
    }

    #[test]
    fn redirects_of_the_browsers_own_are_hsts() {
        let own = [("Non-Authoritative-Reason".to_owned(), "HSTS".to_owned())];
        assert_eq!(of_redirect(&own), HopKind::Hsts);
        assert_eq!(of_redirect(&[("Location".to_owned(), "/x".to_owned())]), HopKind::HttpRedirect);
    }
}
