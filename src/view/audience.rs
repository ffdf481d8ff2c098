//! For whom: everyone, accounts by their tags, or picked ones. Only the fields of what is chosen are in sight.

use maud::{Markup, html};

use super::field::Field;

/// The name of the choice.
pub const FIELD: &str = "audience";
/// The field of tags that an account has all of.
pub const ALL: &str = "all";
/// The field of tags that an account has at least one of.
pub const ANY: &str = "any";
/// The field of tags that an account has none of.
pub const NONE: &str = "none";
/// The field of usernames, one in each line.
pub const PICKED: &str = "picked";
/// The id of the list of tags that are in use.
const TAGS: &str = "tags-in-use";

/// What is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Every account.
    #[default]
    Everyone,
    /// By tags.
    Tags,
    /// By hand.
    Picked,
}

impl Kind {
    /// What is sent.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::Tags => "tags",
            Self::Picked => "picked",
        }
    }

    /// What was sent; anything unknown is nothing.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Everyone, Self::Tags, Self::Picked].into_iter().find(|kind| kind.word() == word)
    }
}

/// The picker with what was typed.
#[derive(Clone, Debug, Default)]
pub struct Picker<'a> {
    /// What is chosen.
    pub kind: Kind,
    /// Tags, separated by commas.
    pub all: &'a str,
    /// Tags, separated by commas.
    pub any: &'a str,
    /// Tags, separated by commas.
    pub none: &'a str,
    /// Usernames, one in each line.
    pub picked: &'a str,
    /// Tags that are in use, for suggestions.
    pub tags: &'a [String],
    /// What is wrong, by field.
    pub wrongs: &'a [(&'a str, &'a str)],
}

impl Picker<'_> {
    fn wrong(&self, field: &str) -> Option<&str> {
        self.wrongs.iter().find(|(name, _)| *name == field).map(|(_, sentence)| *sentence)
    }

    fn option(&self, kind: Kind, label: &str, hint: &str, more: Markup) -> Markup {
        let id = if kind == Kind::Everyone { "f-audience".to_owned() } else { format!("f-audience-{}", kind.word()) };
        html! {
            div.choice {
                input type="radio" id=(id) name=(FIELD) value=(kind.word()) checked[self.kind == kind];
                label for=(id) { (label) span.hint { (hint) } }
                div.choice-more { (more) }
            }
        }
    }

    fn tag_field<'b>(&'b self, name: &'b str, label: &'b str, value: &'b str) -> Field<'b> {
        Field::text(name, label)
            .value(value)
            .placeholder("customer, german")
            .suggestions(TAGS)
            .telling()
            .error(self.wrong(name))
    }
}

impl maud::Render for Picker<'_> {
    fn render(&self) -> Markup {
        let tags = html! {
            (self.tag_field(ALL, "With all of these tags", self.all))
            (self.tag_field(ANY, "With at least one of these", self.any))
            (self.tag_field(NONE, "With none of these", self.none))
            @if !self.tags.is_empty() { datalist id=(TAGS) { @for tag in self.tags { option value=(tag) {} } } }
        };
        let picked = Field::area(PICKED, "Usernames, one in each line", 6)
            .value(self.picked)
            .telling()
            .error(self.wrong(PICKED));
        html! {
            fieldset.field.choices .bad[self.wrong(FIELD).is_some()] {
                legend.hidden { "Audience" }
                (self.option(Kind::Everyone, "Everyone", "Every account with a chat that can be reached.", Markup::default()))
                (self.option(Kind::Tags, "By tags", "Accounts whose tags fit; separate tags by commas.", tags))
                (self.option(Kind::Picked, "Picked by hand", "The accounts that you name.", html! { (picked) }))
                @if let Some(error) = self.wrong(FIELD) { p.error { (super::Icon::Cross) span { (error) } } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use maud::Render as _;

    use super::*;

    #[test]
    fn what_was_chosen_and_typed_comes_back_with_its_mistakes() {
        let tags = ["de".to_owned(), "<fr>".to_owned()];
        let wrongs = [(PICKED, "Line 2: there is no account \"bob\".")];
        let picker =
            Picker { kind: Kind::Picked, picked: "anna\nbob", tags: &tags, wrongs: &wrongs, ..Picker::default() };
        let html = picker.render().into_string();
        assert!(html.contains("id=\"f-audience-picked\" name=\"audience\" value=\"picked\" checked"));
        assert_eq!(html.matches(" checked").count(), 1);
        assert!(html.contains("\nanna\nbob</textarea>") && html.contains("Line 2"));
        assert!(html.contains("<option value=\"&lt;fr&gt;\">") && html.contains("list=\"tags-in-use\""));
    }

    #[test]
    fn every_kind_has_a_word() {
        for kind in [Kind::Everyone, Kind::Tags, Kind::Picked] {
            assert_eq!(Kind::parse(kind.word()), Some(kind));
        }
        assert_eq!(Kind::parse("nobody"), None);
    }
}
