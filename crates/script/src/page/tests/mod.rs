//! Pages and where they go: a corpus with Chromium's answers, what a report carries, and pages that mean harm.

mod bounds;
mod case;
mod corpus;
mod fake;
mod report;
