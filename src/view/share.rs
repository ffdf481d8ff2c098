//! A part of a whole, in the thousandths that drawings are made of and in the percent that people read.

/// The whole, in a drawing's own units.
pub const WHOLE: u64 = 1000;

/// How many thousandths of `total` a value is; at most all.
#[must_use]
pub fn thousandths(value: u64, total: u64) -> u64 {
    let exact = u128::from(value) * u128::from(WHOLE) / u128::from(total.max(1));
    u64::try_from(exact).unwrap_or(WHOLE).min(WHOLE)
}

/// A share of a whole, never rounded to nothing or to all.
#[must_use]
pub fn percent(value: u64, total: u64) -> String {
    match (value, thousandths(value, total)) {
        (0, _) => "0 %".to_owned(),
        (_, 0..=9) => "under 1 %".to_owned(),
        (_, thousandths) => format!("{} %", thousandths / 10),
    }
}
