//! A browser with no place for a link: the job waits its turn again and nothing is said of the link.

use hopline_domain::plan::Plan;
use hopline_testkit::TestApp;
use serde_json::json;

use crate::resolving::{job, queued};

#[tokio::test]
async fn a_job_the_browser_had_no_place_for_goes_back_to_the_queue() {
    let plan = Plan { features: ["browser".to_owned()].into(), ..Plan::default() };
    let full = TestApp::builder().plan(plan).settings(|settings| {
        settings.browser.bounds.tabs_max = 0;
        settings.budgets.browser_ms = 10;
    });
    let mut app = full.start().await;
    let id = queued(&app, json!({"url": app.farm.url("/final"), "browser": "always"})).await;
    // More often than a job may lose its lease.
    for _ in 0..4 {
        app.run_until_idle().await;
        assert_eq!(job(&app, &id).await["status"], "queued");
        app.clock.advance_ms(5_000);
    }
    app.change_settings(|settings| {
        settings.browser.bounds.tabs_max = 1;
        settings.budgets.browser_ms = 60_000;
    });
    app.restart().await;
    app.run_until_idle().await;
    let done = job(&app, &id).await;
    assert_eq!((&done["status"], &done["target_url"]), (&json!("done"), &json!(app.farm.url("/final"))));
    app.finish().await;
}
