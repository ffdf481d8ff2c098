//! How far something is that happens to many: a bar of outcomes, drawn on the server, with a legend that has word, shape and
//! figure of each.

use maud::{Markup, html};

use super::badge::Badge;
use super::share::{WHOLE, percent, thousandths};
use super::{Href, number};

/// One outcome.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Its word, shape and colour.
    pub badge: Badge,
    /// How many.
    pub value: u64,
    /// Where they are listed.
    pub href: Option<Href>,
    /// Whether it is an end; what is still to come is the empty part of the bar.
    pub stage: Stage,
}

/// Whether something more will happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nothing more.
    Ended,
    /// It is still to come.
    Ahead,
}

/// The least that can be seen of an outcome.
const LEAST: u64 = 6;

/// The bar and its legend. `what` is said to screen readers; `total` may be more than the segments have when it still grows.
#[must_use]
pub fn progress(what: &str, segments: &[Segment], total: u64) -> Markup {
    let ended: u64 = segments.iter().filter(|segment| segment.stage == Stage::Ended).map(|segment| segment.value).sum();
    let said = format!("{} of {}, {}", number(ended), number(total), percent(ended, total));
    html! {
        div.progress {
            (bar(what, &said, segments, (ended, total)))
            ul.legend { @for segment in segments { (entry(segment, total)) } }
        }
    }
}

/// The bar alone, for a row of a list.
#[must_use]
pub fn slim(what: &str, segments: &[Segment], total: u64) -> Markup {
    let ended: u64 = segments.iter().filter(|segment| segment.stage == Stage::Ended).map(|segment| segment.value).sum();
    let said = format!("{} of {}, {}", number(ended), number(total), percent(ended, total));
    html! { div.progress.slim { (bar(what, &said, segments, (ended, total))) p.sub { (said) } } }
}

fn bar(what: &str, said: &str, segments: &[Segment], (ended, total): (u64, u64)) -> Markup {
    let mut from = 0;
    let spans: Vec<(u64, u64, &Segment)> = segments
        .iter()
        .filter(|segment| segment.stage == Stage::Ended && segment.value > 0)
        .map(|segment| {
            let width = thousandths(segment.value, total).max(LEAST).min(WHOLE.saturating_sub(from));
            let span = (from, width, segment);
            from += width;
            span
        })
        .collect();
    html! {
        svg.progress-bar viewBox={"0 0 " (WHOLE) " 10"} preserveAspectRatio="none" role="progressbar" focusable="false"
            aria-label=(what) aria-valuemin="0" aria-valuemax=(total) aria-valuenow=(ended) aria-valuetext=(said) {
            @for (x, width, segment) in &spans {
                rect class=(segment.badge.tone.class()) x=(x) y="0" width=(width) height="10" {}
            }
        }
    }
}

fn entry(segment: &Segment, total: u64) -> Markup {
    html! {
        li .(segment.badge.tone.class()) .none[segment.value == 0] {
            (segment.badge.icon)
            span {
                @match segment.href.as_ref().filter(|_| segment.value > 0) {
                    Some(href) => a href=(href) { (segment.badge.word) },
                    None => (segment.badge.word),
                }
            }
            b { (number(segment.value)) }
            span.share { (percent(segment.value, total)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::badge::delivery;

    fn segment(badge: Badge, value: u64, stage: Stage) -> Segment {
        Segment { badge, value, href: Some("/x".into()), stage }
    }

    #[test]
    fn a_bar_says_how_far_it_is_and_what_came_out() {
        let segments = [
            segment(delivery::SENT, 500, Stage::Ended),
            segment(delivery::FAILED, 1, Stage::Ended),
            segment(delivery::UNCERTAIN, 0, Stage::Ended),
            segment(delivery::QUEUED, 499, Stage::Ahead),
        ];
        let html = progress("Broadcast 7", &segments, 1000).into_string();
        assert!(html.contains("aria-valuenow=\"501\" aria-valuetext=\"501 of 1,000, 50 %\""));
        assert!(html.contains("<rect class=\"failed\" x=\"500\" y=\"0\" width=\"6\""), "one failure can be seen");
        assert_eq!(html.matches("height=\"10\"").count(), 2, "what is ahead is empty");
        assert!(html.contains("<a href=\"/x\">failed</a>") && !html.contains("<a href=\"/x\">uncertain</a>"));
        assert!(!html.contains("style="));
    }

    #[test]
    fn a_share_is_never_rounded_to_all_or_nothing() {
        assert_eq!(percent(999_999, 1_000_000), "99 %");
        assert_eq!(percent(1, 1_000_000), "under 1 %");
        assert_eq!((percent(0, 0), percent(7, 7)), ("0 %".to_owned(), "100 %".to_owned()));
    }
}
