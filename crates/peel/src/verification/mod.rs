//! Pages that ask for a human. They are recognised and named, never solved, never clicked.
//!
//! `table` is what vendors are known by; `response` judges an answer's head, `gate` what its page is made of.

mod gate;
mod response;
mod table;

pub(crate) use gate::{GateSigns, Ordinary, ProviderHabit};
pub(crate) use response::{AnswerHead, vendor_of_head};
