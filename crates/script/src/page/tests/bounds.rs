//! Pages that mean harm come to an end, and what came before is still told.

use std::{cell::Cell, rc::Rc};

use super::fake::{World, run_in, run_page, task};
use crate::task::PageReport;

/// Runs a page that is given up soon.
fn run_impatiently(html: &str) -> PageReport {
    let world = World { patience: Cell::new(300), ..World::default() };
    run_in(&Rc::new(world), &task(html))
}

#[test]
fn an_endless_loop_ends_with_the_time() {
    for html in [
        "<script>for(;;);</script><script>location='/other'</script>",
        "<script>setTimeout(()=>{for(;;);})</script>",
        "<script>(function again(){Promise.resolve().then(again)})()</script>",
        "<script>try{for(;;);}catch(e){location='/other'}finally{location='/other'}</script>",
        "<iframe srcdoc='<script>for(;;);</script>'></iframe>",
    ] {
        let report = run_impatiently(html);
        assert_eq!(report.navigation, None, "{html}");
        assert!(report.needs.iter().any(|need| need == "time"), "{html} {:?}", report.needs);
    }
}

#[test]
fn memory_has_a_bound() {
    for html in [
        "<script>var a=[];for(;;)a.push(new Array(100000).fill(1))</script>",
        "<script>var s='x';for(;;)s+=s</script>",
    ] {
        let report = run_page(html);
        assert_eq!(report.navigation, None, "{html}");
        assert!(!report.errors.is_empty(), "{html}");
    }
}

#[test]
fn endless_recursion_is_an_error_of_that_script_only() {
    let report = run_page("<script>function f(){f()}f()</script><script>location='/final'</script>");
    assert_eq!(report.navigation.unwrap().url, "http://a.test:18080/final");
}

#[test]
fn timers_and_writing_without_end_come_to_rest() {
    for html in [
        "<script>setInterval(()=>{},0)</script>",
        "<script>function again(){setTimeout(again,0)}again()</script>",
        "<script>function w(){document.write('<script>w()<\\/script>')}w()</script>",
        "<script>for(;;){var s=document.createElement('script');s.text='1';document.head.append(s);if(document.scripts.length>200)break}</script>",
        "<script>onhashchange=()=>{location.hash=Math.random()};location.hash='a'</script>",
        "<script>onerror=()=>{throw 1};throw 2</script>",
    ] {
        assert_eq!(run_page(html).navigation, None, "{html}");
    }
}

#[test]
fn a_page_that_keeps_asking_to_leave_leaves() {
    let report = run_page("<script>var n=0;setInterval(()=>location='/final?'+n++,5)</script>");
    let navigation = report.navigation.unwrap();
    assert!(navigation.at_ms < 400, "{}", navigation.at_ms);
}

#[test]
fn frames_in_frames_are_counted() {
    let html = "<script>var h='<iframe srcdoc=\"<script>parent.again()<\\/script>\"></iframe>';\
        function again(){document.body.insertAdjacentHTML('beforeend',h)}</script><body><script>again()</script>";
    let report = run_page(html);
    assert_eq!(report.navigation, None);
    assert!(report.needs.contains(&"frames".to_owned()), "{:?}", report.needs);
}

#[test]
fn requests_beyond_the_budget_fail_and_are_told() {
    let html = "<script>var n=0;for(var i=0;i<25;i++)fetch('/d'+i).catch(()=>{if(++n==5)location='/final'})</script>";
    let report = run_page(html);
    assert_eq!(report.navigation.unwrap().url, "http://a.test:18080/final");
    assert!(report.needs.contains(&"subresource_budget".to_owned()));
}

#[test]
fn deep_and_wide_markup_is_cut_not_fatal() {
    for html in [
        format!("{}<script>location='/final?'+document.body.innerHTML.length</script>", "<div>".repeat(2_000)),
        format!("<script>document.body</script>{}<script>location='/final'</script>", "<b>".repeat(2_000)),
        "<script>var e=document.documentElement,d;for(var i=0;i<2000;i++){d=document.createElement('i');e.append(d);e=d}\
            document.documentElement.outerHTML;document.documentElement.cloneNode(true);location='/final'</script>".to_owned(),
    ] {
        let report = run_page(&html);
        assert!(report.navigation.is_some_and(|navigation| navigation.url.contains("/final")), "{:?}", report.errors);
    }
}
