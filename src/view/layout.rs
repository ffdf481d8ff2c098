//! How a page is divided: panels, columns, ledgers of figures and lists of facts.

use maud::{Markup, html};

use super::{Href, number};

/// A framed part of a page with a heading.
#[must_use]
pub fn panel(title: &str, body: Markup) -> Markup {
    panel_with(title, Markup::default(), body)
}

/// A framed part without a heading, for what brings its own, such as a chart.
#[must_use]
pub fn frame(body: Markup) -> Markup {
    html! { section.panel { div.panel-body { (body) } } }
}

/// A panel whose heading has links or small buttons at its end.
#[must_use]
pub fn panel_with(title: &str, actions: Markup, body: Markup) -> Markup {
    html! {
        section.panel {
            div.panel-head { h2 { (title) } div.panel-actions { (actions) } }
            div.panel-body { (body) }
        }
    }
}

/// A panel whose body reaches its edges: a table, a conversation.
#[must_use]
pub fn panel_flush(title: &str, actions: Markup, body: Markup) -> Markup {
    html! {
        section.panel {
            div.panel-head { h2 { (title) } div.panel-actions { (actions) } }
            (body)
        }
    }
}

/// A wide column and a narrow one beside it; below each other where there is no room.
#[must_use]
pub fn columns(wide: Markup, narrow: Markup) -> Markup {
    html! { div.columns { div.stack { (wide) } div.stack { (narrow) } } }
}

/// Two columns of equal width.
#[must_use]
pub fn halves(first: Markup, second: Markup) -> Markup {
    html! { div.columns.halves { div.stack { (first) } div.stack { (second) } } }
}

/// Parts below each other at the page's distance.
#[must_use]
pub fn stack(body: Markup) -> Markup {
    html! { div.stack { (body) } }
}

/// One figure of a ledger.
#[derive(Clone, Debug)]
pub struct Tile<'a> {
    /// What is counted.
    pub label: &'a str,
    /// The figure.
    pub value: u64,
    /// What it means or how it moved, in a few words; may be empty.
    pub note: &'a str,
    /// Where the counted things are listed.
    pub href: Option<Href>,
}

/// A row of figures, ruled like a ledger.
#[must_use]
pub fn ledger(tiles: &[Tile]) -> Markup {
    html! {
        dl.ledger { @for tile in tiles {
            div {
                dt { @if let Some(href) = &tile.href { a href=(href) { (tile.label) } } @else { (tile.label) } }
                dd { span.figure { (number(tile.value)) } @if !tile.note.is_empty() { span.note { (tile.note) } } }
            }
        } }
    }
}

/// The same for what is said in words: (label, value, what it means).
#[must_use]
pub fn told(tiles: &[(&str, Markup, String)]) -> Markup {
    html! {
        dl.ledger { @for (label, value, note) in tiles {
            div { dt { (label) } dd { span.figure { (value) } @if !note.is_empty() { span.note { (note) } } } }
        } }
    }
}

/// Names and values below each other.
#[must_use]
pub fn facts(facts: &[(&str, Markup)]) -> Markup {
    html! { dl.facts { @for (name, value) in facts { div { dt { (name) } dd { (value) } } } } }
}

/// Something a machine reads: an id, a code, a path.
#[must_use]
pub fn code(text: &str) -> Markup {
    html! { code { (text) } }
}

/// Lines to paste into a terminal.
#[must_use]
pub fn terminal(text: &str) -> Markup {
    html! { pre.terminal tabindex="0" { code { (text) } } }
}

/// Labels of an account.
#[must_use]
pub fn tags(tags: &[&str]) -> Markup {
    html! { @if !tags.is_empty() { ul.tags { @for tag in tags { li { (tag) } } } } }
}

/// Fine print that opens on demand. Inside a live region give it an id, so that it stays open.
#[must_use]
pub fn more(id: &str, summary: &str, body: Markup) -> Markup {
    html! { details.more id=(id) { summary { (summary) } div { (body) } } }
}
