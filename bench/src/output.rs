//! What a benchmark prints: absolute medians, the ratio, its target, and whether it was reached.
#![expect(clippy::print_stdout, reason = "printing figures is what a benchmark is for")]

use anyhow::bail;

/// Which side of the target a ratio must be on.
#[derive(Clone, Copy)]
pub enum Goal {
    AtLeast(f64),
    AtMost(f64),
}

#[derive(Default)]
pub struct Report {
    missed: Vec<String>,
}

impl Report {
    pub fn heading(text: &str) {
        println!("\n## {text}\n");
    }

    pub fn line(text: &str) {
        println!("{text}");
    }

    /// One ratio with its target.
    pub fn ratio(&mut self, name: &str, ratio: f64, goal: Goal) {
        let (reached, sign, target) = match goal {
            Goal::AtLeast(target) => (ratio >= target, "≥", target),
            Goal::AtMost(target) => (ratio <= target, "≤", target),
        };
        let mark = if reached { "reached" } else { "MISSED" };
        println!("- {name}: {ratio:.2} × (target {sign} {target} ×): {mark}");
        if !reached {
            self.missed.push(format!("{name}: {ratio:.2} × against {sign} {target} ×"));
        }
    }

    /// Exits non-zero for missed targets only when asked to check.
    pub fn finish(self, check: bool) -> anyhow::Result<()> {
        if self.missed.is_empty() {
            println!("\nEvery target was reached.");
            return Ok(());
        }
        println!("\nMissed: {}", self.missed.join("; "));
        if check {
            bail!("{} targets were missed", self.missed.len());
        }
        Ok(())
    }
}

/// The middle value of an odd number of rounds.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The value below which `share` of the sorted values lie.
pub fn percentile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index from a share of a short list"
    )]
    let index = ((values.len() as f64 * share) as usize).min(values.len().saturating_sub(1));
    values.get(index).copied().unwrap_or(f64::NAN)
}
