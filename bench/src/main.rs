//! Load generators and comparisons that print ratios.

fn main() {}
