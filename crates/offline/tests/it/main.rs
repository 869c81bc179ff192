//! The shipped rules seen from outside: what they decode, what they must not, and what the documentation says of them.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own table has failed")]

mod lookalikes;
mod nested;
mod properties;
mod table;
