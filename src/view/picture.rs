//! A field for a picture: a file to choose, and the picture that is there already with a box that takes it away.

use maud::{Markup, html};

use super::{Href, Icon};

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
    /// The picture that is there.
    pub current: Option<Shown<'a>>,
}

/// A picture as it is shown.
#[derive(Clone, Debug)]
pub struct Shown<'a> {
    /// Its address.
    pub href: Href,
    /// What it shows, as far as one knows.
    pub alt: &'a str,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

impl maud::Render for Shown<'_> {
    fn render(&self) -> Markup {
        html! { img src=(self.href) alt=(self.alt) width=(self.width) height=(self.height); }
    }
}

impl maud::Render for Field<'_> {
    fn render(&self) -> Markup {
        let id = format!("f-{}", self.name);
        let described = format!("{id}-hint{}", self.error.map(|_| format!(" {id}-error")).unwrap_or_default());
        html! {
            div.field.picture .bad[self.error.is_some()] data-picture {
                label for=(id) { (self.label) span.optional { " optional" } }
                p.hint id={(id) "-hint"} { (self.hint) }
                @if let Some(current) = &self.current {
                    div.picture-now {
                        (current)
                        label.inline { input type="checkbox" name={"remove_" (self.name)} value="on"; span { "Remove this photo" } }
                    }
                }
                input id=(id) name=(self.name) type="file" accept="image/jpeg,image/png,image/webp"
                    aria-invalid=[self.error.map(|_| "true")] aria-describedby=(described);
                @if let Some(error) = self.error { p.error id={(id) "-error"} { (Icon::Cross) span { (error) } } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use maud::Render as _;

    use super::*;

    #[test]
    fn a_picture_that_is_there_can_be_seen_and_taken_away() {
        let current = Shown { href: "/p".into(), alt: "The photo", width: 30, height: 20 };
        let field =
            Field { name: "photo", label: "Photo", hint: "Small.", error: Some("Too large."), current: Some(current) };
        let html = field.render().into_string();
        assert!(html.contains("<img src=\"/p\" alt=\"The photo\" width=\"30\" height=\"20\">"));
        assert!(html.contains("name=\"remove_photo\"") && html.contains("type=\"file\""));
        assert!(html.contains("aria-describedby=\"f-photo-hint f-photo-error\""));
    }
}
