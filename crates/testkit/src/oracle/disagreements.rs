//! The cases that are answered otherwise than Chromium answered them, each with its reason. The tests hold them exact.
//! tidy: data table

/// A case's name and the reason.
pub type Disagreement = (&'static str, &'static str);

/// Where the chain document promises something else than a browser does; no false destination.
pub const BY_CONTRACT: [Disagreement; 1] = [(
    "loc_intent",
    "an app link that names a web page for browsers: the chain goes there and says `app_link`; Chromium on a desktop gives up",
)];

const BROKEN_HEAD: &str =
    "the head of the answer is no HTTP; Chromium reads what it can, here the exchange fails as `protocol`";
const CONTROL_BYTE: &str =
    "a control byte in `Location`: the field is not taken; Chromium cuts or escapes the byte";
const BROWSER_ONLY: &str = "needs a browser: the script engine lays out, decodes and animates nothing";
const RUNS_ON: &str = "a page that led to a 204 stays, and its timers are not run on; Chromium runs them";
const REFUSED_HOP: &str =
    "the same end; the submission whose redirect the page's policy refuses is on record as a hop";
const STAYS: &str = "the same end; the request that was answered 204 is on record as a hop";

/// Without a browser.
pub const WITHOUT_BROWSER: [Disagreement; 12] = [
    ("form_csp_form_action_redirect", REFUSED_HOP),
    ("form_post_204", STAYS),
    ("head_cut", BROKEN_HEAD),
    ("js_animation", BROWSER_ONLY),
    ("js_then_204", RUNS_ON),
    ("loc_control", CONTROL_BYTE),
    ("loc_delete", CONTROL_BYTE),
    ("loc_form_feed", CONTROL_BYTE),
    ("loc_vertical_tab", CONTROL_BYTE),
    ("meta_to_204", STAYS),
    ("status_four_digits", BROKEN_HEAD),
    ("status_word", BROKEN_HEAD),
];

/// With one.
pub const WITH_BROWSER: [Disagreement; 3] =
    [("form_post_204", STAYS), ("js_then_204", STAYS), ("meta_to_204", STAYS)];

/// The reason of a named disagreement.
pub fn reason_for(name: &str) -> Option<&'static str> {
    let named = BY_CONTRACT.iter().chain(&WITHOUT_BROWSER).chain(&WITH_BROWSER);
    named.copied().find(|(known, _)| *known == name).map(|(_, reason)| reason)
}
