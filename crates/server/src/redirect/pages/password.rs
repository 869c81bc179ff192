//! The page that asks for a link's password. It tells nothing of the link.

use axum::response::Response;
use hopline_domain::limits::LINK_PASSWORD_BYTES_MAX;
use http::StatusCode;

use super::layout::Page;

/// Why the page is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::redirect) enum Asked {
    First,
    Missing,
    Wrong,
    TooOften { retry_after_s: u32 },
}

impl Asked {
    fn status(self) -> StatusCode {
        match self {
            Self::First => StatusCode::OK,
            Self::Missing => StatusCode::BAD_REQUEST,
            Self::Wrong => StatusCode::FORBIDDEN,
            Self::TooOften { .. } => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    fn fault(self) -> Option<String> {
        match self {
            Self::First => None,
            Self::Missing => Some("Give the password.".to_owned()),
            Self::Wrong => Some("That is not the password.".to_owned()),
            Self::TooOften { retry_after_s } => {
                Some(format!("Too many tries. Wait {retry_after_s} s before the next one."))
            }
        }
    }
}

pub(in crate::redirect) fn ask_password(asked: Asked) -> Response {
    let fault =
        asked.fault().map(|fault| format!("<p class=\"fault\" id=\"fault\" role=\"alert\">{fault}</p>\n"));
    let described = if fault.is_some() { " aria-invalid=\"true\" aria-describedby=\"fault\"" } else { "" };
    let fault = fault.unwrap_or_default();
    let main = format!(
        "<h1>This link has a password</h1>\n{fault}<form method=\"post\">\n<label for=\"password\">Password</label>\n\
         <input id=\"password\" name=\"password\" type=\"password\" autocomplete=\"off\" maxlength=\"{LINK_PASSWORD_BYTES_MAX}\" \
         required autofocus{described}>\n<button>Go on</button>\n</form>\n"
    );
    Page { status: asked.status(), title: "Password needed", head: "", main: &main }.respond()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redirect::pages::layout::told;

    #[tokio::test]
    async fn what_went_wrong_is_told() {
        let (status, html) = told(ask_password(Asked::First)).await;
        assert_eq!(status, 200);
        assert!(html.contains("<form method=\"post\">") && !html.contains("class=\"fault\""));
        for (asked, status, said) in [
            (Asked::Missing, 400, "Give the password."),
            (Asked::Wrong, 403, "That is not the password."),
            (Asked::TooOften { retry_after_s: 7 }, 429, "Wait 7 s"),
        ] {
            let (told_status, html) = told(ask_password(asked)).await;
            assert_eq!(told_status, status);
            assert!(html.contains(said) && html.contains("aria-describedby=\"fault\""), "{html}");
        }
    }
}
