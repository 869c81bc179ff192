//! How things look on a terminal and in files: pure functions from values to text.

pub(crate) mod chain;
pub(crate) mod compare;
pub(crate) mod csv;
pub(crate) mod style;
pub(crate) mod summary;
pub(crate) mod table;
pub(crate) mod verdict;
