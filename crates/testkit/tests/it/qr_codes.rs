//! QR codes of links: what is drawn leads to the link, and what can't be read is refused.

use hopline_testkit::TestApp;
use serde_json::json;

use crate::short_links::{change, make, path_of};

fn read(picture: &[u8]) -> String {
    let picture = image::load_from_memory(picture).unwrap().into_luma8();
    let (width, height) = picture.dimensions();
    let (width, height) = (usize::try_from(width).unwrap(), usize::try_from(height).unwrap());
    let mut seen =
        rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| picture.as_raw()[y * width + x]);
    seen.detect_grids()[0].decode().unwrap().1
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_lead_to_the_link_and_say_they_were_scanned() {
    let app = TestApp::start().await;
    let link =
        make(&app, "poster", json!({"qr": {"style": "rounded", "foreground": "#103060", "size": 256}})).await;
    let expected = format!("{}?src=qr", link["short_url"].as_str().unwrap());
    for (format, media_type) in [("png", "image/png"), ("webp", "image/webp")] {
        let path = format!("{}/qr.{format}?eyes=circle", path_of(&link));
        let drawn = app.client().get(&path).await.expect_status(200);
        assert_eq!(drawn.header("content-type"), Some(media_type));
        assert_eq!(read(&drawn.body), expected);
    }
    let drawn = app.client().get(&format!("{}/qr.svg?size=300", path_of(&link))).await.expect_status(200);
    assert_eq!(drawn.header("content-type"), Some("image/svg+xml"));
    assert!(drawn.text().contains("width=\"300\"") && drawn.text().contains("#103060"), "{}", drawn.text());
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unreadable_codes_are_refused_with_the_reason() {
    let app = TestApp::start().await;
    let link = make(&app, "pale", json!({})).await;
    let draw = async |query: &str| {
        let problem =
            app.client().get(&format!("{}/qr.png?{query}", path_of(&link))).await.expect_status(400).json();
        problem["errors"][0].clone()
    };
    let pale = draw("foreground=ccc").await;
    assert_eq!((&pale["pointer"], &pale["code"]), (&json!("?foreground"), &json!("unreadable")));
    assert!(pale["detail"].as_str().unwrap().contains("contrast"), "{pale}");
    assert!(draw("foreground=fff&background=000").await["detail"].as_str().unwrap().contains("swap"));
    assert_eq!(draw("size=9").await["pointer"], "?size");
    assert_eq!(draw("colour=red").await["code"], "unknown");
    let pale = json!({"qr": {"foreground": "#ccc"}});
    let refused = app.client().patch(&path_of(&link), &pale).await.expect_status(400).json();
    assert_eq!(refused["errors"][0]["pointer"], "/qr/foreground");
    change(&app, &link, json!({"qr": {"foreground": "#333"}})).await;
    app.finish().await;
}
