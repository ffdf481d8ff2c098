//! The colours of the stylesheet, held to WCAG 2.2: 4.5 to 1 for text (1.4.3), 3 to 1 for controls and shapes (1.4.11).

use std::collections::HashMap;

const CSS: &str = include_str!("../../assets/style/ground.css");

/// What stands on what, as text.
const TEXT: [(&str, &[&str]); 10] = [
    (
        "ink",
        &[
            "paper",
            "card",
            "sunk",
            "accent-wash",
            "good-wash",
            "waiting-wash",
            "doubtful-wash",
            "failed-wash",
            "quiet-wash",
        ],
    ),
    ("soft", &["paper", "card", "sunk", "accent-wash", "doubtful-wash", "quiet-wash"]),
    ("accent", &["paper", "card", "sunk", "accent-wash"]),
    ("on-accent", &["accent"]),
    ("good", &["paper", "card", "sunk", "accent-wash", "good-wash"]),
    ("waiting", &["paper", "card", "sunk", "accent-wash", "waiting-wash"]),
    ("doubtful", &["paper", "card", "sunk", "accent-wash", "doubtful-wash"]),
    ("failed", &["paper", "card", "sunk", "accent-wash", "failed-wash"]),
    ("quiet", &["paper", "card", "sunk", "accent-wash", "quiet-wash"]),
    ("card", &["good", "waiting", "doubtful", "failed"]),
];

/// What has to be seen against what.
const SHAPES: [(&str, &[&str]); 2] = [("edge", &["paper", "card"]), ("accent", &["paper", "card", "sunk"])];

type Palette = HashMap<String, [f64; 3]>;

fn palettes() -> [(&'static str, Palette); 2] {
    let (light, rest) = CSS.split_once("@media (prefers-color-scheme: dark)").unwrap();
    let dark = rest.split_once("/* Ground */").unwrap().0;
    [("light", read(light)), ("dark", read(dark))]
}

fn read(css: &str) -> Palette {
    let declarations = css.split([';', '{', '}']).filter_map(|part| part.trim().strip_prefix("--")?.split_once(": #"));
    declarations.filter(|(_, hex)| hex.len() == 6).map(|(name, hex)| (name.to_owned(), channels(hex))).collect()
}

fn channels(hex: &str) -> [f64; 3] {
    [0, 2, 4].map(|at| f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0)
}

/// Relative luminance (WCAG 2.2, glossary).
fn luminance(colour: [f64; 3]) -> f64 {
    let [r, g, b] = colour.map(|c| if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) });
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn misses(pairs: &[(&str, &[&str])], least: f64) -> Vec<String> {
    let mut out = Vec::new();
    for (theme, palette) in palettes() {
        for (front, grounds) in pairs {
            for ground in *grounds {
                let ratio = contrast(palette[*front], palette[*ground]);
                if ratio < least {
                    out.push(format!("{theme}: {front} on {ground} is {ratio:.2}"));
                }
            }
        }
    }
    out
}

#[test]
fn text_can_be_read_in_both_themes() {
    assert_eq!(misses(&TEXT, 4.5), Vec::<String>::new());
}

#[test]
fn edges_of_fields_and_the_focus_ring_can_be_seen_in_both_themes() {
    assert_eq!(misses(&SHAPES, 3.0), Vec::<String>::new());
}

#[test]
fn black_on_white_is_21_to_1() {
    assert!((contrast([0.0; 3], [1.0; 3]) - 21.0).abs() < 1e-9);
}
