//! The pages that the `type` of a problem leads to.

use bytes::Bytes;
use hopline_domain::problem::ProblemCode;
use strum::IntoEnumIterator;

use super::{html::line, layout::Site};

/// `/docs/problems`: the whole catalogue.
pub(super) fn index(site: &Site) -> Bytes {
    let row = |code: ProblemCode| {
        let word = code.as_str();
        format!(
            "<tr><td><a href=\"{}/docs/problems/{word}\"><code>{word}</code></a></td><td>{}</td><td>{}</td></tr>\n",
            site.base,
            code.status(),
            code.title()
        )
    };
    let rows: String = ProblemCode::iter().map(row).collect();
    site.page(
        "Problems · Hopline",
        &format!(
            "<main>\n<h1>Problems</h1>\n<p>Every refusal is a document of type <code>application/problem+json</code> (RFC 9457) with one of \
             these codes. The list is closed.</p>\n<table>\n<tr><th>code</th><th>status</th><th>title</th></tr>\n{rows}</table>\n</main>"
        ),
    )
}

/// `/docs/problems/{code}`: what happened, and what to do.
pub(super) fn page(site: &Site, code: ProblemCode) -> Bytes {
    let (word, title) = (code.as_str(), code.title());
    site.page(
        &format!("{title} · Hopline"),
        &format!(
            "<main>\n<h1>{title}</h1>\n<p class=\"dim\"><code>{word}</code>, HTTP status {}</p>\n<p>{}</p>\n\
             <p><a href=\"{}/docs/problems\">All problems</a></p>\n</main>",
            code.status(),
            line(code.advice()),
            site.base
        ),
    )
}
