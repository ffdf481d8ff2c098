//! Lists: a table that becomes cards on a phone, its pager, its search, its filters, and what an empty one teaches.

use maud::{Markup, html};

use super::{Href, Icon, number};

/// How the cells of a column are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// From the left.
    Text,
    /// From the right, in figures of one width.
    Number,
    /// Buttons; the heading is for screen readers only.
    Actions,
}

impl Kind {
    fn class(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Actions => "row-actions",
        }
    }
}

/// A list of rows. The first cell of a row names it and becomes the card's head.
#[derive(Debug)]
pub struct Table<'a> {
    /// What is listed, for screen readers.
    pub caption: &'a str,
    /// Headings from left to right.
    pub columns: &'a [(&'a str, Kind)],
    /// Cells from left to right; one for each column.
    pub rows: Vec<Vec<Markup>>,
}

/// The table. Roles are spelt out because cards take the display values of a table away, and the meaning with them.
#[must_use]
pub fn table(table: &Table) -> Markup {
    html! {
        table.list role="table" {
            caption.hidden { (table.caption) }
            thead role="rowgroup" { tr role="row" { @for (label, kind) in table.columns {
                th scope="col" role="columnheader" class=(kind.class()) {
                    @if *kind == Kind::Actions { span.hidden { (label) } } @else { (label) }
                }
            } } }
            tbody role="rowgroup" { @for row in &table.rows { (line(table.columns, row)) } }
        }
    }
}

fn line(columns: &[(&str, Kind)], cells: &[Markup]) -> Markup {
    html! {
        tr role="row" { @for (at, ((label, kind), cell)) in columns.iter().zip(cells).enumerate() {
            @if at == 0 { th scope="row" role="rowheader" class=(kind.class()) { (cell) } }
            @else { td role="cell" class=(kind.class()) data-label=(label) { (cell) } }
        } }
    }
}

/// Where the neighbours of a page of a list are; cursors, never page numbers.
#[derive(Clone, Debug, Default)]
pub struct Pager {
    /// The page before, if there is one.
    pub newer: Option<Href>,
    /// The page after, if there is one.
    pub older: Option<Href>,
}

/// Links to the neighbouring pages; nothing when there is only one page. The words say the order, such as `("Newer", "Older")`.
#[must_use]
pub fn pager(pager: &Pager, (newer, older): (&str, &str)) -> Markup {
    html! {
        @if pager.newer.is_some() || pager.older.is_some() {
            nav.pager aria-label="Pages of this list" {
                @if let Some(href) = &pager.newer { a.button.quiet rel="prev" href=(href) { (Icon::Back) (newer) } } @else { span {} }
                @if let Some(href) = &pager.older { a.button.quiet rel="next" href=(href) { (older) (Icon::Next) } }
            }
        }
    }
}

/// A search by GET.
#[derive(Clone, Debug)]
pub struct Search<'a> {
    /// The page that searches.
    pub action: Href,
    /// What one types, such as `User name begins with`.
    pub label: &'a str,
    /// The query's parameter.
    pub name: &'a str,
    /// What was searched for.
    pub value: &'a str,
    /// Other parameters to keep, such as the filter.
    pub keep: &'a [(&'a str, &'a str)],
}

/// A search box with its button and, once something was searched for, a way back.
#[must_use]
pub fn search(search: &Search) -> Markup {
    let id = format!("search-{}", search.name);
    html! {
        form.search role="search" method="get" action=(search.action) {
            @for (name, value) in search.keep { input type="hidden" name=(name) value=(value); }
            label.hidden for=(id) { (search.label) }
            div.search-box {
                (Icon::Search)
                input id=(id) type="search" name=(search.name) value=(search.value) placeholder=(search.label)
                    autocomplete="off" spellcheck="false" autocapitalize="off" maxlength="128";
            }
            button.button.quiet type="submit" { "Search" }
            @if !search.value.is_empty() { a.clear href=(search.action) { "Show all" } }
        }
    }
}

/// One way to look at a list.
#[derive(Clone, Debug)]
pub struct Tab<'a> {
    /// Its word.
    pub label: &'a str,
    /// How many rows it shows, where that is known.
    pub count: Option<u64>,
    /// The list under this filter.
    pub href: Href,
    /// Whether one is here now.
    pub place: Place,
}

/// Whether a link leads to where one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// One is here.
    Here,
    /// It leads away.
    Elsewhere,
}

impl Place {
    /// `Here` when both are the same.
    #[must_use]
    pub fn of<T: PartialEq>(this: &T, current: &T) -> Self {
        if this == current { Self::Here } else { Self::Elsewhere }
    }

    /// The value of `aria-current`.
    #[must_use]
    pub fn aria(self) -> Option<&'static str> {
        match self {
            Self::Here => Some("page"),
            Self::Elsewhere => None,
        }
    }
}

/// Filters of a list with their counts, or the pages of the settings. `what` names them for screen readers.
#[must_use]
pub fn tabs(what: &str, tabs: &[Tab]) -> Markup {
    html! {
        nav.tabs aria-label=(what) { ul { @for tab in tabs {
            li { a href=(tab.href) aria-current=[tab.place.aria()] {
                (tab.label) @if let Some(count) = tab.count { " " span.tab-count { (number(count)) } }
            } }
        } } }
    }
}

/// What is shown above a list: search at the left, links and buttons at the right.
#[must_use]
pub fn toolbar(left: Markup, right: Markup) -> Markup {
    html! { div.toolbar { div { (left) } div { (right) } } }
}

/// A list with nothing in it yet: it says what will appear, how to begin, and how a program would.
#[derive(Debug)]
pub struct Empty<'a> {
    /// What is not there yet.
    pub title: &'a str,
    /// What will appear here, and when.
    pub text: &'a str,
    /// One button.
    pub button: Markup,
    /// One command line; may be empty.
    pub command: &'a str,
}

/// The empty state of a list.
#[must_use]
pub fn empty(empty: &Empty) -> Markup {
    html! {
        div.empty {
            (super::icon::mark())
            h2 { (empty.title) }
            p { (empty.text) }
            (empty.button)
            @if !empty.command.is_empty() {
                p.hint { "Or on the server:" }
                (super::layout::terminal(empty.command))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_knows_its_heading_and_text_is_escaped() {
        let columns = [("User name", Kind::Text), ("Chats", Kind::Number)];
        let rows = vec![vec![html! { ("<anna>") }, html! { (2) }]];
        let html = table(&Table { caption: "Accounts", columns: &columns, rows }).into_string();
        assert!(html.contains("<th scope=\"row\" role=\"rowheader\" class=\"text\">&lt;anna&gt;</th>"));
        assert!(html.contains("<td role=\"cell\" class=\"number\" data-label=\"Chats\">2</td>"));
    }

    #[test]
    fn a_list_of_one_page_has_no_pager() {
        assert_eq!(pager(&Pager::default(), ("Newer", "Older")).into_string(), "");
        let html = pager(&Pager { newer: None, older: Some("/x?after=3".into()) }, ("Newer", "Older")).into_string();
        assert!(html.contains("rel=\"next\" href=\"/x?after=3\""));
        assert!(!html.contains("rel=\"prev\""));
    }
}
