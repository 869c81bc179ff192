//! What a path asks for on a short domain.

use hopline_domain::short_link::is_reserved_segment;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Root,
    Robots,
    Favicon,
    /// A first segment that is the server's own: the API, its pages, `.well-known`.
    Reserved,
    /// A page that shows where a link leads: its slug and a `+`.
    Preview,
    Slug,
}

impl Wanted {
    /// Reads a request's path as received.
    pub(super) fn of(path: &str) -> Self {
        let path = path.strip_prefix('/').unwrap_or(path);
        match path {
            "" => Self::Root,
            "robots.txt" => Self::Robots,
            "favicon.ico" => Self::Favicon,
            _ if is_reserved_segment(path.split('/').next().unwrap_or_default()) => Self::Reserved,
            _ if path.ends_with('+') => Self::Preview,
            _ => Self::Slug,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_apart() {
        for (path, wanted) in [
            ("/", Wanted::Root),
            ("/robots.txt", Wanted::Robots),
            ("/favicon.ico", Wanted::Favicon),
            ("/robots.txt/x", Wanted::Reserved),
            ("/v1", Wanted::Reserved),
            ("/V1/links", Wanted::Reserved),
            ("/v1/links+", Wanted::Reserved),
            ("/.well-known/acme", Wanted::Reserved),
            ("/_x", Wanted::Reserved),
            ("/app/", Wanted::Reserved),
            ("/application", Wanted::Slug),
            ("/v1x", Wanted::Slug),
            ("/sale+", Wanted::Preview),
            ("/a/b", Wanted::Slug),
            ("//a", Wanted::Slug),
            ("*", Wanted::Slug),
        ] {
            assert_eq!(Wanted::of(path), wanted, "{path}");
        }
    }
}
