//! The one binary and composition root.
