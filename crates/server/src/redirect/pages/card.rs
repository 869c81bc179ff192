//! What link-preview bots are shown when a link has a card of its own (Open Graph).

use axum::response::Response;
use hopline_domain::short_link::LinkContent;
use http::StatusCode;

use super::layout::Page;
use crate::pages::escape;

pub(in crate::redirect) fn card(short_url: &str, content: &LinkContent, location: &str) -> Response {
    let og = &content.og;
    let title = og.title.as_deref().or(content.title.as_deref());
    let size = if og.image.is_some() { "summary_large_image" } else { "summary" };
    let properties = [
        ("property", "og:type", Some("website")),
        ("property", "og:url", Some(short_url)),
        ("property", "og:title", title),
        ("property", "og:description", og.description.as_deref()),
        ("property", "og:image", og.image.as_deref()),
        ("name", "description", og.description.as_deref()),
        ("name", "twitter:card", Some(size)),
    ];
    let head: String =
        properties.into_iter().filter_map(|(kind, name, text)| Some(meta(kind, name, text?))).collect();
    let (title, there) = (title.unwrap_or(short_url), escape(location));
    let main = format!("<h1>{}</h1>\n<p><a href=\"{there}\">{there}</a></p>\n", escape(title));
    Page { status: StatusCode::OK, title, head: &head, main: &main }.respond()
}

fn meta(kind: &str, name: &str, text: &str) -> String {
    format!("<meta {kind}=\"{name}\" content=\"{}\">\n", escape(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redirect::pages::layout::told;

    #[tokio::test]
    async fn cards_carry_what_was_given_escaped() {
        let mut content = LinkContent::to("https://a.example/");
        content.og.title = Some("A \"quoted\" <title>".to_owned());
        content.og.image = Some("https://a.example/i.png?a&b".to_owned());
        let (_, html) = told(card("https://s.example/a", &content, "https://a.example/?x&y")).await;
        for part in [
            "<meta property=\"og:title\" content=\"A &quot;quoted&quot; &lt;title&gt;\">",
            "<meta property=\"og:image\" content=\"https://a.example/i.png?a&amp;b\">",
            "<meta name=\"twitter:card\" content=\"summary_large_image\">",
            "<a href=\"https://a.example/?x&amp;y\">",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(!html.contains("og:description"));
    }
}
