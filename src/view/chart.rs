//! Pictures of figures, drawn as SVG on the server, each with a sentence and a table that say the same.
//! Shapes are stretched to the room there is and words stay HTML, so that they keep their size on a phone.

use std::fmt::Write as _;

use maud::{Markup, PreEscaped, html};

use super::badge::Tone;
use super::number;
use super::share::{WHOLE, percent, thousandths};

/// Figures over time, oldest first.
#[derive(Clone, Debug)]
pub struct Series<'a> {
    /// What is shown.
    pub title: &'a str,
    /// The sentence that says what one sees, such as `412 linked, 38 more than a week ago.`
    pub summary: &'a str,
    /// What a point is called in the table, such as `Day`.
    pub axis: &'a str,
    /// (label, figure), such as `("22 Nov", 412)`.
    pub points: &'a [(String, u64)],
}

/// A line with its area, for amounts that grow and shrink.
#[must_use]
pub fn line(series: &Series) -> Markup {
    let top = ceiling(series.points);
    let steps = u64::try_from(series.points.len().saturating_sub(1)).unwrap_or(0).max(1);
    let mut path = String::new();
    for (at, (_, value)) in (0_u64..).zip(series.points) {
        let _ = write!(
            path,
            "{}{} {}",
            if at == 0 { 'M' } else { 'L' },
            at * WHOLE / steps,
            WHOLE - thousandths(*value, top)
        );
    }
    let area = format!("{path}V{WHOLE}H0z");
    frame(series, top, html! { path class="area" d=(PreEscaped(area)) {} path class="line" d=(PreEscaped(path)) {} })
}

/// Bars, for amounts per day.
#[must_use]
pub fn bars(series: &Series) -> Markup {
    let top = ceiling(series.points);
    let count = u64::try_from(series.points.len()).unwrap_or(0).max(1);
    let slot = WHOLE / count;
    frame(
        series,
        top,
        html! { @for (at, (label, value)) in (0_u64..).zip(series.points) {
            rect class="bar" x=(at * WHOLE / count + slot / 8) y=(WHOLE - thousandths(*value, top)) width=(slot * 3 / 4) height=(thousandths(*value, top)) {
                title { (label) ": " (number(*value)) }
            }
        } },
    )
}

/// One part of a whole.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// Its meaning.
    pub tone: Tone,
    /// Its word, such as `sent`.
    pub label: &'a str,
    /// How many.
    pub value: u64,
}

/// A bar made of parts, with a legend that has the figures: the outcome of deliveries.
#[must_use]
pub fn outcome(title: &str, parts: &[Part]) -> Markup {
    let total: u64 = parts.iter().map(|part| part.value).sum();
    let mut from = 0;
    let spans: Vec<(u64, u64, &Part)> = parts
        .iter()
        .map(|part| {
            let width = if part.value == 0 { 0 } else { thousandths(part.value, total.max(1)).max(8) };
            let span = (from, width, part);
            from += width;
            span
        })
        .collect();
    html! {
        figure.chart {
            figcaption { (title) }
            svg.stacked viewBox={"0 0 " (from.max(1)) " 10"} preserveAspectRatio="none" aria-hidden="true" {
                @for (x, width, part) in &spans { rect class=(part.tone.class()) x=(x) y="0" width=(width) height="10" {} }
            }
            ul.legend { @for part in parts {
                li .(part.tone.class()) { (part.tone.icon()) span { (part.label) } b { (number(part.value)) } span.share { (percent(part.value, total)) } }
            } }
        }
    }
}

/// Figures that belong to words, such as the answers to a question.
#[derive(Clone, Debug)]
pub struct Tally<'a> {
    /// What is counted.
    pub title: &'a str,
    /// The sentence that says what one sees.
    pub summary: &'a str,
    /// (word, figure), in their own order.
    pub rows: &'a [(String, u64)],
}

/// A bar for each word, as long as its share of all, with its figure beside it.
#[must_use]
pub fn tally(tally: &Tally) -> Markup {
    let total: u64 = tally.rows.iter().map(|(_, value)| *value).sum();
    html! {
        figure.chart {
            figcaption { (tally.title) span.chart-summary { (tally.summary) } }
            ul.tally { @for (word, value) in tally.rows {
                li {
                    span dir="auto" { (word) } b { (number(*value)) } span.share { (percent(*value, total)) }
                    svg viewBox={"0 0 " (WHOLE) " 10"} preserveAspectRatio="none" aria-hidden="true" {
                        rect class="bar" x="0" y="0" width=(thousandths(*value, total)) height="10" {}
                    }
                }
            } }
        }
    }
}

fn frame(series: &Series, top: u64, shapes: Markup) -> Markup {
    let first = series.points.first().map_or("", |(label, _)| label);
    let last = series.points.last().map_or("", |(label, _)| label);
    html! {
        figure.chart {
            figcaption { (series.title) @if !series.summary.is_empty() { span.chart-summary { (series.summary) } } }
            div.plot {
                div.scale aria-hidden="true" { span { (number(top)) } span { (number(top / 2)) } span { "0" } }
                svg viewBox={"0 0 " (WHOLE) " " (WHOLE)} preserveAspectRatio="none" role="img" aria-label={(series.title) ". " (series.summary)} {
                    path class="rule" d={"M0 0H" (WHOLE) "M0 " (WHOLE / 2) "H" (WHOLE) "M0 " (WHOLE) "H" (WHOLE)} {}
                    (shapes)
                }
                div.ends aria-hidden="true" { span { (first) } span { (last) } }
            }
            details.more { summary { "The figures" } div { (figures(series)) } }
        }
    }
}

fn figures(series: &Series) -> Markup {
    html! {
        table.figures {
            thead { tr { th scope="col" { (series.axis) } th scope="col" { "Number" } } }
            tbody { @for (label, value) in series.points.iter().rev() { tr { th scope="row" { (label) } td { (number(*value)) } } } }
        }
    }
}

/// The next of 2, 4 ... 18, 20, 40 ... 180, 200 ... at or above the largest figure, so that half of it is a whole number.
fn ceiling(points: &[(String, u64)]) -> u64 {
    let largest = points.iter().map(|(_, value)| *value).max().unwrap_or(0);
    let mut decade: u64 = 1;
    loop {
        for step in [2, 4, 6, 8, 10, 12, 14, 16, 18] {
            let top = decade.saturating_mul(step);
            if top >= largest {
                return top;
            }
        }
        decade = decade.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_ends_at_a_round_figure_above_the_largest() {
        let top = |value| ceiling(&[(String::new(), value)]);
        assert_eq!([top(0), top(3), top(10), top(11), top(412), top(99_000)], [2, 4, 10, 12, 600, 100_000]);
        assert_eq!(top(u64::MAX), u64::MAX);
    }

    #[test]
    fn a_chart_says_in_words_and_a_table_what_it_shows() {
        let points = [("21 <Nov>".to_owned(), 1), ("22 Nov".to_owned(), 4)];
        let series = Series { title: "Linked", summary: "4 linked.", axis: "Day", points: &points };
        let html = line(&series).into_string();
        assert!(html.contains("aria-label=\"Linked. 4 linked.\""));
        assert!(html.contains("d=\"M0 750L1000 0\""));
        assert!(html.contains("<th scope=\"row\">21 &lt;Nov&gt;</th><td>1</td>"));
        assert_eq!(bars(&series).into_string().matches("<rect").count(), 2);
    }

    #[test]
    fn a_tally_tells_each_figure_and_draws_its_share() {
        let rows = [("<Yes>".to_owned(), 3), ("No".to_owned(), 1), ("Later".to_owned(), 0)];
        let html = tally(&Tally { title: "Answers", summary: "4 answers.", rows: &rows }).into_string();
        assert!(html.contains("&lt;Yes&gt;</span><b>3</b><span class=\"share\">75 %</span>"));
        assert!(["width=\"750\"", "width=\"250\"", "width=\"0\""].iter().all(|width| html.contains(width)));
        let none = [("Yes".to_owned(), 0)];
        assert!(tally(&Tally { rows: &none, title: "", summary: "" }).into_string().contains("width=\"0\""));
    }

    #[test]
    fn a_small_part_stays_visible_and_is_told_honestly() {
        let parts = [
            Part { tone: Tone::Good, label: "sent", value: 99_999 },
            Part { tone: Tone::Failed, label: "failed", value: 1 },
        ];
        let html = outcome("Outcome", &parts).into_string();
        assert!(html.contains("width=\"8\""));
        assert!(html.contains("under 1 %"));
        assert!(outcome("Outcome", &[]).into_string().contains("viewBox=\"0 0 1 10\""));
    }
}
