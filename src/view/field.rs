//! Form fields: a label, one control, a hint, and an error that names the field. What was typed comes back filled in.

use maud::{Markup, Render, html};

use super::Icon;

/// One field of a form. Made by [`Field::text`] and its siblings, refined by the methods, rendered by maud.
#[derive(Clone, Debug)]
pub struct Field<'a> {
    name: &'a str,
    label: &'a str,
    control: Control<'a>,
    value: &'a str,
    hint: Option<&'a str>,
    error: Option<&'a str>,
    autocomplete: &'a str,
    inputmode: Option<&'a str>,
    placeholder: Option<&'a str>,
    list: Option<&'a str>,
    source: Option<&'a str>,
    max: Option<usize>,
    required: bool,
    /// Empty means something, or another field can stand in for it: the word "optional" would say too little.
    telling: bool,
    autofocus: bool,
}

#[derive(Clone, Debug)]
enum Control<'a> {
    Input(&'static str),
    Area { rows: u8 },
    Select(Vec<Choice<'a>>),
    Check { on: bool },
}

/// One entry of a select.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice<'a> {
    /// What is sent.
    pub value: &'a str,
    /// What is read.
    pub label: &'a str,
}

impl<'a> Field<'a> {
    fn new(name: &'a str, label: &'a str, control: Control<'a>) -> Self {
        Self {
            name,
            label,
            control,
            value: "",
            hint: None,
            error: None,
            autocomplete: "off",
            inputmode: None,
            placeholder: None,
            list: None,
            source: None,
            max: None,
            required: false,
            telling: false,
            autofocus: false,
        }
    }

    /// A line of text.
    #[must_use]
    pub fn text(name: &'a str, label: &'a str) -> Self {
        Self::new(name, label, Control::Input("text"))
    }

    /// A password; its value is never rendered. Say `current-password` or `new-password` with [`Field::autocomplete`].
    #[must_use]
    pub fn password(name: &'a str, label: &'a str) -> Self {
        Self::new(name, label, Control::Input("password"))
    }

    /// A six-digit code of an authenticator, offered by phones that know the field.
    #[must_use]
    pub fn code(name: &'a str, label: &'a str) -> Self {
        Self {
            autocomplete: "one-time-code",
            inputmode: Some("numeric"),
            ..Self::new(name, label, Control::Input("text"))
        }
    }

    /// A whole number.
    #[must_use]
    pub fn number(name: &'a str, label: &'a str) -> Self {
        Self { inputmode: Some("numeric"), ..Self::new(name, label, Control::Input("text")) }
    }

    /// A date with a time of day, such as `2026-11-22T14:05`, in the zone that the hint names.
    #[must_use]
    pub fn moment(name: &'a str, label: &'a str) -> Self {
        Self::new(name, label, Control::Input("datetime-local"))
    }

    /// An address beginning with https.
    #[must_use]
    pub fn url(name: &'a str, label: &'a str) -> Self {
        Self { autocomplete: "url", inputmode: Some("url"), ..Self::new(name, label, Control::Input("text")) }
    }

    /// A file with a list.
    #[must_use]
    pub fn list(name: &'a str, label: &'a str) -> Self {
        Self::new(name, label, Control::Input("file"))
    }

    /// Several lines. With [`Field::max`] a live count of UTF-16 units stands below, as Telegram counts (Bot API, `sendMessage`).
    #[must_use]
    pub fn area(name: &'a str, label: &'a str, rows: u8) -> Self {
        Self::new(name, label, Control::Area { rows })
    }

    /// One of several choices; [`Field::value`] says which is chosen.
    #[must_use]
    pub fn select(name: &'a str, label: &'a str, choices: Vec<Choice<'a>>) -> Self {
        Self::new(name, label, Control::Select(choices))
    }

    /// A box to tick; it sends `on`.
    #[must_use]
    pub fn check(name: &'a str, label: &'a str, state: Ticked) -> Self {
        Self::new(name, label, Control::Check { on: state == Ticked::Yes })
    }

    /// What stands in the field.
    #[must_use]
    pub fn value(self, value: &'a str) -> Self {
        Self { value, ..self }
    }

    /// One sentence below the label.
    #[must_use]
    pub fn hint(self, hint: &'a str) -> Self {
        Self { hint: Some(hint), ..self }
    }

    /// What is wrong with the value, or nothing.
    #[must_use]
    pub fn error(self, error: Option<&'a str>) -> Self {
        Self { error, ..self }
    }

    /// The autofill token (HTML, section 4.10.18.7); `off` unless set.
    #[must_use]
    pub fn autocomplete(self, autocomplete: &'a str) -> Self {
        Self { autocomplete, ..self }
    }

    /// An example shown while the field is empty; never the only hint.
    #[must_use]
    pub fn placeholder(self, placeholder: &'a str) -> Self {
        Self { placeholder: Some(placeholder), ..self }
    }

    /// The id of a `datalist` with values to choose from.
    #[must_use]
    pub fn suggestions(self, list: &'a str) -> Self {
        Self { list: Some(list), ..self }
    }

    /// The longest value, in UTF-16 units, as browsers and Telegram count.
    #[must_use]
    pub fn max(self, units: usize) -> Self {
        Self { max: Some(units), ..self }
    }

    /// The form is not sent while it is empty.
    #[must_use]
    pub fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// It may be empty, and the hint or the placeholder says what that means.
    #[must_use]
    pub fn telling(self) -> Self {
        Self { telling: true, ..self }
    }

    /// The cursor begins here.
    #[must_use]
    pub fn autofocus(self) -> Self {
        Self { autofocus: true, ..self }
    }

    /// Set from outside and locked, such as `the environment: STARTLINK_BASE_URL`.
    #[must_use]
    pub fn locked_by(self, source: Option<&'a str>) -> Self {
        Self { source, ..self }
    }

    fn id(&self) -> String {
        format!("f-{}", self.name)
    }

    // A select always has a value, so nothing about it is optional.
    fn can_be_left(&self) -> bool {
        !self.required && !self.telling && self.source.is_none() && !matches!(self.control, Control::Select(_))
    }

    fn described_by(&self) -> Option<String> {
        let parts = [(self.error.is_some(), "error"), (self.hint.is_some(), "hint"), (self.source.is_some(), "source")];
        let ids: Vec<String> =
            parts.iter().filter(|(there, _)| *there).map(|(_, what)| format!("f-{}-{what}", self.name)).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    fn input(&self, kind: &str) -> Markup {
        let value = (kind != "password" && !self.value.is_empty()).then_some(self.value);
        html! {
            input id=(self.id()) name=(self.name) type=(kind) value=[value] autocomplete=(self.autocomplete)
                inputmode=[self.inputmode] placeholder=[self.placeholder] list=[self.list] maxlength=[self.max]
                required[self.required] readonly[self.source.is_some()] autofocus[self.autofocus]
                accept=[(kind == "file").then_some(".csv,text/csv,text/plain")] data-moment[kind == "datetime-local"] spellcheck="false" autocapitalize="off"
                aria-invalid=[self.error.map(|_| "true")] aria-describedby=[self.described_by()];
        }
    }

    // A text that is too long is kept and refused with a sentence: a browser's own cut would lose its end without a word.
    fn area_control(&self, rows: u8) -> Markup {
        html! {
            textarea id=(self.id()) name=(self.name) rows=(rows) placeholder=[self.placeholder]
                required[self.required] readonly[self.source.is_some()] autofocus[self.autofocus] data-max=[self.max]
                aria-invalid=[self.error.map(|_| "true")] aria-describedby=[self.described_by()] { "\n" (self.value) }
            @if let Some(max) = self.max {
                p.counter data-count=(self.id()) { "At most " (super::number(u64::try_from(max).unwrap_or(u64::MAX))) " characters." }
            }
        }
    }

    fn select_control(&self, choices: &[Choice]) -> Markup {
        html! {
            select id=(self.id()) name=(self.name) required[self.required] disabled[self.source.is_some()]
                aria-invalid=[self.error.map(|_| "true")] aria-describedby=[self.described_by()] {
                @for choice in choices {
                    option value=(choice.value) selected[choice.value == self.value] { (choice.label) }
                }
            }
        }
    }

    fn tick_box(&self, on: bool) -> Markup {
        html! {
            input id=(self.id()) name=(self.name) type="checkbox" value="on" checked[on] required[self.required]
                disabled[self.source.is_some()] aria-invalid=[self.error.map(|_| "true")] aria-describedby=[self.described_by()];
        }
    }

    fn notes(&self) -> Markup {
        html! {
            @if let Some(hint) = self.hint { p.hint id={"f-" (self.name) "-hint"} { (hint) } }
            @if let Some(source) = self.source {
                p.hint.source id={"f-" (self.name) "-source"} { (Icon::Lock) "Set by " (source) ", so it is locked here." }
            }
        }
    }

    fn problem(&self) -> Markup {
        html! {
            @if let Some(error) = self.error {
                p.error id={"f-" (self.name) "-error"} { (Icon::Cross) span { (error) } }
            }
        }
    }
}

/// Whether a box is ticked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ticked {
    /// It is.
    Yes,
    /// It is not.
    No,
}

impl Render for Field<'_> {
    fn render(&self) -> Markup {
        if let Control::Check { on } = self.control {
            return html! {
                div.field.check .bad[self.error.is_some()] {
                    (self.tick_box(on))
                    div { label for=(self.id()) { (self.label) } (self.notes()) (self.problem()) }
                }
            };
        }
        html! {
            div.field .bad[self.error.is_some()] {
                label for=(self.id()) { (self.label) @if self.can_be_left() { span.optional { " optional" } } }
                (self.notes())
                @match &self.control {
                    Control::Input(kind) => (self.input(kind)),
                    Control::Area { rows } => (self.area_control(*rows)),
                    Control::Select(choices) => (self.select_control(choices)),
                    Control::Check { .. } => {}
                }
                (self.problem())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_with_an_error_names_it_and_keeps_what_was_typed() {
        let html = Field::text("username", "User name")
            .value("<anna>")
            .error(Some("Too long."))
            .required()
            .render()
            .into_string();
        assert!(html.contains("<label for=\"f-username\">User name</label>"));
        assert!(html.contains("value=\"&lt;anna&gt;\""));
        assert!(html.contains("aria-invalid=\"true\" aria-describedby=\"f-username-error\""));
        assert!(html.contains("id=\"f-username-error\""));
    }

    #[test]
    fn a_password_never_comes_back() {
        let html = Field::password("password", "Password").value("hunter2").render().into_string();
        assert!(!html.contains("hunter2"));
    }

    #[test]
    fn a_locked_field_says_where_it_comes_from_and_cannot_be_edited() {
        let html = Field::url("base_url", "Base URL")
            .locked_by(Some("the environment: STARTLINK_BASE_URL"))
            .render()
            .into_string();
        assert!(html.contains(" readonly"));
        assert!(html.contains("Set by the environment: STARTLINK_BASE_URL, so it is locked here."));
    }

    #[test]
    fn a_text_keeps_its_leading_newline_and_is_escaped() {
        let html = Field::area("text", "Text", 4).value("\n</textarea><b>").render().into_string();
        assert!(html.contains(">\n\n&lt;/textarea&gt;&lt;b&gt;</textarea>"));
    }
}
