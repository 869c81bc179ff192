//! `GET /v1/links/{link_id}/qr.{svg,png,webp}`: the link's QR code, by its saved design and what the query changes of it.

use axum::extract::State;
use bytes::Bytes;
use hopline_domain::{
    id::LinkId,
    problem::Fault,
    short_link::{QrDesign, ShortLink},
};
use hopline_qr::{Code, Color, Margin, QrError, Size};
use http::{HeaderValue, StatusCode, header};

use crate::{
    app::{App, AppState},
    auth::{Authorized, LinksRead},
    extract::{FromQuery, ListQuery, PathId, QueryReader},
    problem::Problem,
    qr_design::{self, DOT_WORDS, Design, EYE_WORDS, LEVEL_WORDS},
    reply::Reply,
};

/// Codes drawn at once; the largest takes a core for a moment, and 12 MiB.
pub(crate) const QR_DRAWINGS_MAX: usize = 2;
/// Tells a scan from a click on the link.
const SOURCE: &str = "src=qr";

#[derive(Clone, Copy, Debug)]
enum Format {
    Svg,
    Png,
    Webp,
}

impl Format {
    const fn media_type(self) -> &'static str {
        match self {
            Self::Svg => "image/svg+xml",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
        }
    }

    fn draw(self, code: &Code) -> Result<Vec<u8>, QrError> {
        match self {
            Self::Svg => code.svg().map(String::into_bytes),
            Self::Png => code.png(),
            Self::Webp => code.webp(),
        }
    }
}

/// What the query says beside the saved design.
#[derive(Debug)]
pub(crate) struct QrQuery {
    design: Design,
    has_logo: bool,
}

impl FromQuery for QrQuery {
    fn read(query: &mut QueryReader) -> Self {
        let whole = |text: &str| text.parse::<u32>().ok();
        let design = Design {
            size: query.parameter("size", "give 64 to 2048 pixels", |t| Size::try_from(whole(t)?).ok()),
            margin: query.parameter("margin", "give 0 to 16 modules", |t| Margin::try_from(whole(t)?).ok()),
            foreground: query.parameter("foreground", "give #rgb or #rrggbb; `#` is written %23", color),
            background: query.parameter("background", "give #rgb or #rrggbb; `#` is written %23", color),
            error_correction: query.parameter("error_correction", LEVEL_WORDS, qr_design::level),
            dots: query.parameter("style", DOT_WORDS, qr_design::dot_style),
            eyes: query.parameter("eyes", EYE_WORDS, qr_design::eye_style),
            logo: None,
        };
        let has_logo = query.parsed("logo", "give true or false");
        Self { design, has_logo: has_logo.unwrap_or(true) }
    }
}

/// The query as the document shows it.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the wire; the values are read one by one")]
pub(crate) struct QrParameters {
    /// Pixels along a side.
    #[param(minimum = 64, maximum = 2048)]
    size: Option<u32>,
    /// The quiet zone in modules.
    #[param(maximum = 16)]
    margin: Option<u32>,
    /// `rrggbb` or `rgb`.
    foreground: Option<String>,
    /// `rrggbb` or `rgb`.
    background: Option<String>,
    /// `L`, `M`, `Q` or `H`; a logo makes it `H`.
    error_correction: Option<String>,
    /// `square`, `rounded` or `dots`.
    style: Option<String>,
    /// `square`, `rounded` or `circle`.
    eyes: Option<String>,
    /// `false` leaves the saved logo out.
    logo: Option<bool>,
}

/// With or without its `#`, which a URL would need escaped.
fn color(text: &str) -> Option<Color> {
    text.parse().or_else(|_| format!("#{text}").parse()).ok()
}

/// Get a QR code as SVG
///
/// The code leads to the short URL with `?src=qr`, so that scans are told from clicks. The query changes the saved design for this
/// picture. A code that scanners can't read (low contrast, light on dark, modules too small) is refused with the reason.
#[utoipa::path(
    get, path = "/v1/links/{link_id}/qr.svg", tag = "links", security(("bearer" = ["links:read"])),
    params(
        ("link_id" = String, Path, description = "`lnk_…`"),
        QrParameters,
    ),
    responses((status = 200, description = "The picture.", body = Vec<u8>, content_type = "image/svg+xml")),
)]
pub(crate) async fn get_link_qr_svg(
    State(app): State<AppState>,
    auth: Authorized<LinksRead>,
    PathId(id): PathId<LinkId>,
    ListQuery(query): ListQuery<QrQuery>,
) -> Result<Reply, Problem> {
    picture(&app, &app.own_link(&auth, id).await?, query, Format::Svg).await
}

/// Get a QR code as PNG
///
/// As SVG, in pixels.
#[utoipa::path(
    get, path = "/v1/links/{link_id}/qr.png", tag = "links", security(("bearer" = ["links:read"])),
    params(
        ("link_id" = String, Path, description = "`lnk_…`"),
        QrParameters,
    ),
    responses((status = 200, description = "The picture.", body = Vec<u8>, content_type = "image/png")),
)]
pub(crate) async fn get_link_qr_png(
    State(app): State<AppState>,
    auth: Authorized<LinksRead>,
    PathId(id): PathId<LinkId>,
    ListQuery(query): ListQuery<QrQuery>,
) -> Result<Reply, Problem> {
    picture(&app, &app.own_link(&auth, id).await?, query, Format::Png).await
}

/// Get a QR code as WebP
///
/// As PNG, lossless and smaller.
#[utoipa::path(
    get, path = "/v1/links/{link_id}/qr.webp", tag = "links", security(("bearer" = ["links:read"])),
    params(
        ("link_id" = String, Path, description = "`lnk_…`"),
        QrParameters,
    ),
    responses((status = 200, description = "The picture.", body = Vec<u8>, content_type = "image/webp")),
)]
pub(crate) async fn get_link_qr_webp(
    State(app): State<AppState>,
    auth: Authorized<LinksRead>,
    PathId(id): PathId<LinkId>,
    ListQuery(query): ListQuery<QrQuery>,
) -> Result<Reply, Problem> {
    picture(&app, &app.own_link(&auth, id).await?, query, Format::Webp).await
}

async fn picture(app: &App, link: &ShortLink, query: QrQuery, format: Format) -> Result<Reply, Problem> {
    let text = format!("{}?{SOURCE}", app.urls.short_url(link));
    let saved = link.content.qr.clone();
    let _place = app.drawing.acquire().await.map_err(|_| Problem::internal())?;
    let drawn = tokio::task::spawn_blocking(move || draw(&text, saved, query, format)).await;
    let picture = drawn.map_err(|_| Problem::internal())??;
    Ok(Reply::bytes(StatusCode::OK, HeaderValue::from_static(format.media_type()), Bytes::from(picture))
        .header(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; img-src data:"),
        )
        .header(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")))
}

fn draw(text: &str, saved: Option<QrDesign>, query: QrQuery, format: Format) -> Result<Vec<u8>, Problem> {
    let mut saved = saved.map(|saved| Design::of(&saved)).transpose().map_err(stale)?.unwrap_or_default();
    if !query.has_logo {
        saved.logo = None;
    }
    let code = Code::new(text, query.design.or(saved).style()).map_err(|error| refused(&error))?;
    format.draw(&code).map_err(|error| {
        tracing::error!(%error, "a QR code can't be written");
        Problem::internal()
    })
}

/// The saved design is none any more: it was taken by another version.
fn stale(faults: Vec<Fault>) -> Problem {
    let below = |fault: Fault| Fault::new(format!("/qr{}", fault.pointer), &fault.code, fault.detail);
    Problem::of_faults(faults.into_iter().map(below).collect())
}

fn refused(error: &QrError) -> Problem {
    let fault = qr_design::fault(error);
    let parameter = fault.pointer.trim_start_matches('/');
    Problem::of_fault(&format!("?{parameter}"), "unreadable", fault.detail)
}
