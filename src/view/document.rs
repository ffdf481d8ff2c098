//! A document: its name and size, and a field for one: a file to choose, and the one that is there already with a box that takes
//! it away.

use maud::{Markup, html};

use super::Icon;

/// The field. Its form is sent as `multipart/form-data`.
#[derive(Clone, Debug)]
pub struct Field<'a> {
    /// The field's name; the box has `remove_` before it.
    pub name: &'a str,
    /// The label.
    pub label: &'a str,
    /// What is taken.
    pub hint: &'a str,
    /// What is wrong, or nothing.
    pub error: Option<&'a str>,
    /// The document that is there.
    pub current: Option<Shown>,
}

/// A document as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its name.
    pub name: String,
    /// In bytes, where that is known.
    pub size: Option<u64>,
}

impl maud::Render for Shown {
    fn render(&self) -> Markup {
        html! {
            p.bubble-document {
                span dir="auto" { (self.name) }
                @if let Some(size) = self.size { span.sub { " " (bytes(size)) } }
            }
        }
    }
}

impl maud::Render for Field<'_> {
    fn render(&self) -> Markup {
        let id = format!("f-{}", self.name);
        let described = format!("{id}-hint{}", self.error.map(|_| format!(" {id}-error")).unwrap_or_default());
        html! {
            div.field .bad[self.error.is_some()] {
                label for=(id) { (self.label) span.optional { " optional" } }
                p.hint id={(id) "-hint"} { (self.hint) }
                @if let Some(current) = &self.current {
                    (current)
                    label.inline { input type="checkbox" name={"remove_" (self.name)} value="on"; span { "Remove this document" } }
                }
                input id=(id) name=(self.name) type="file"
                    aria-invalid=[self.error.map(|_| "true")] aria-describedby=(described);
                @if let Some(error) = self.error { p.error id={(id) "-error"} { (Icon::Cross) span { (error) } } }
            }
        }
    }
}

/// `1536000` as `1.5 MB`: rounded up, so that what is too large never looks as if it were not.
#[must_use]
pub fn bytes(size: u64) -> String {
    const UNITS: [&str; 3] = ["KB", "MB", "GB"];
    if size < 1024 {
        return super::count(size, "byte", "bytes");
    }
    let (mut unit, mut units) = (1024, UNITS.into_iter());
    let mut word = units.next().unwrap_or_default();
    for larger in units {
        if size < unit * 1024 {
            break;
        }
        (unit, word) = (unit * 1024, larger);
    }
    let tenths = size.saturating_mul(10).div_ceil(unit);
    let (whole, tenth) = (tenths / 10, tenths % 10);
    if whole >= 10 || tenth == 0 {
        format!("{} {word}", super::number(size.div_ceil(unit)))
    } else {
        format!("{whole}.{tenth} {word}")
    }
}

#[cfg(test)]
mod tests {
    use maud::Render as _;

    use super::*;

    #[test]
    fn a_size_is_rounded_up_and_told_in_its_unit() {
        for (size, told) in [
            (0, "0 bytes"),
            (1023, "1,023 bytes"),
            (1024, "1 KB"),
            (1025, "1.1 KB"),
            (20 * 1024 + 1, "21 KB"),
            (50 * 1024 * 1024, "50 MB"),
            (3 * 1024 * 1024 * 1024, "3 GB"),
        ] {
            assert_eq!(bytes(size), told);
        }
        assert!(!bytes(u64::MAX).is_empty());
    }

    #[test]
    fn a_document_that_is_there_is_named_and_can_be_taken_away() {
        let current = Shown { name: "<a>.pdf".to_owned(), size: Some(2048) };
        let field = Field { name: "document", label: "Document", hint: "Any.", error: None, current: Some(current) };
        let html = field.render().into_string();
        assert!(html.contains("&lt;a&gt;.pdf") && html.contains("2 KB"));
        assert!(html.contains("name=\"remove_document\"") && html.contains("type=\"file\""));
    }
}
