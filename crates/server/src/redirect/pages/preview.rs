//! `{slug}+`: where a link leads, for those who want to know before they go.

use axum::response::Response;
use hopline_domain::short_link::LinkContent;
use http::StatusCode;

use super::layout::Page;
use crate::pages::escape;

/// `None` = the link has a password, so that its destination is not shown.
pub(in crate::redirect) fn preview(short_url: &str, content: Option<&LinkContent>) -> Response {
    let here = escape(short_url);
    let leads = content.map_or_else(
        || "<p>It has a password; where it leads is shown to those who know it.</p>\n".to_owned(),
        leads,
    );
    let main = format!(
        "<h1>Where this link leads</h1>\n<p>{here}</p>\n{leads}<p><a rel=\"noreferrer nofollow\" href=\"{here}\">Follow the link</a></p>\n"
    );
    Page { status: StatusCode::OK, title: "Where this link leads", head: "", main: &main }.respond()
}

fn leads(content: &LinkContent) -> String {
    let url = escape(&content.url);
    let title = content.title.as_deref().map(|title| format!("<p><strong>{}</strong></p>\n", escape(title)));
    let varies = if content.rules.is_empty() {
        ""
    } else {
        "<p>Some visitors are sent elsewhere, by country, device or language.</p>\n"
    };
    format!("{}<p>{url}</p>\n{varies}", title.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redirect::pages::layout::told;

    #[tokio::test]
    async fn the_destination_is_shown_as_text() {
        let mut content = LinkContent::to("https://a.example/?x=1&y=\"2\"");
        content.title = Some("<b>Sale</b>".to_owned());
        let (status, html) = told(preview("https://s.example/a", Some(&content))).await;
        assert_eq!(status, 200);
        assert!(html.contains("https://a.example/?x=1&amp;y=&quot;2&quot;"), "{html}");
        assert!(html.contains("&lt;b&gt;Sale&lt;/b&gt;"), "{html}");
        assert!(html.contains("href=\"https://s.example/a\""), "{html}");
    }

    #[tokio::test]
    async fn a_password_hides_it() {
        let (_, html) = told(preview("https://s.example/a", None)).await;
        assert!(html.contains("It has a password"));
    }
}
