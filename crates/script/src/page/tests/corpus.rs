//! The whole corpus: a wrong destination is worse than none, so every answer is compared to the letter.

use super::case::parse;

fn check(corpus: &str) {
    let mut wrong = Vec::new();
    for case in parse(corpus) {
        let (went, report) = case.run();
        if went != case.answer {
            let hints = format!("{:?} {:?}", report.needs, report.errors);
            wrong.push(format!("{}\n  want {}\n  got  {went}\n  {hints}", case.name, case.answer));
        }
    }
    assert!(wrong.is_empty(), "{} pages went elsewhere:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_way_out_is_taken() {
    check(include_str!("corpus/ways.txt"));
}

#[test]
fn the_last_departure_before_the_page_is_left_wins() {
    check(include_str!("corpus/order.txt"));
}

#[test]
fn pages_find_what_they_expect_around_them() {
    check(include_str!("corpus/environment.txt"));
}

#[test]
fn forms_are_sent_as_browsers_send_them() {
    check(include_str!("corpus/forms.txt"));
}

#[test]
fn policies_are_kept() {
    check(include_str!("corpus/policies.txt"));
}

#[test]
fn what_is_no_departure_is_none() {
    check(include_str!("corpus/still.txt"));
}
