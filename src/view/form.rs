//! Forms: where they go, the session's token, their buttons, and the summary of what is wrong.

use maud::{Markup, html};

use super::{Href, Icon};

/// The hidden field that carries the session's token against cross-site requests.
pub const CSRF_FIELD: &str = "_csrf";

/// The weight of a button. A page has one primary button at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// What one came for.
    Primary,
    /// Something else one can do.
    Quiet,
    /// Something that cannot be taken back.
    Danger,
}

impl Weight {
    fn class(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Quiet => "quiet",
            Self::Danger => "danger",
        }
    }
}

/// A form sent by POST. `csrf` is the session's token; forms before sign-in have none and rely on the request's headers.
#[must_use]
pub fn post(action: impl Into<Href>, csrf: Option<&str>, body: Markup) -> Markup {
    html! { form method="post" action=(action.into()) { (token(csrf)) (body) } }
}

/// A form that carries files.
#[must_use]
pub fn with_files(action: impl Into<Href>, csrf: Option<&str>, body: Markup) -> Markup {
    html! { form method="post" action=(action.into()) enctype="multipart/form-data" { (token(csrf)) (body) } }
}

/// A form of one button, in the flow of a line.
#[must_use]
pub fn one_button(action: impl Into<Href>, csrf: Option<&str>, button: Markup) -> Markup {
    html! { form.one-button method="post" action=(action.into()) { (token(csrf)) (button) } }
}

fn token(csrf: Option<&str>) -> Markup {
    html! { @if let Some(token) = csrf { input type="hidden" name=(CSRF_FIELD) value=(token); } }
}

/// A value that travels with the form unseen, such as the version of what is edited.
#[must_use]
pub fn hidden(name: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(value); }
}

/// The button that sends the form.
#[must_use]
pub fn submit(weight: Weight, label: &str) -> Markup {
    html! { button.button .(weight.class()) type="submit" { (label) } }
}

/// A button that sends the form with `name=value`, where a form has several ways to go on.
#[must_use]
pub fn submit_as(weight: Weight, label: &str, (name, value): (&str, &str)) -> Markup {
    html! { button.button .(weight.class()) type="submit" name=(name) value=(value) { (label) } }
}

/// A link that looks like a button: it leads somewhere and changes nothing.
#[must_use]
pub fn link_button(weight: Weight, href: impl Into<Href>, label: &str) -> Markup {
    html! { a.button .(weight.class()) href=(href.into()) { (label) } }
}

/// The row of buttons that ends a form.
#[must_use]
pub fn actions(body: Markup) -> Markup {
    html! { div.actions { (body) } }
}

/// The head of a form that came back: every problem with a link to its field. Empty when nothing is wrong.
/// Each problem is (the field's name, a sentence); an empty name means the form as a whole.
#[must_use]
pub fn summary(problems: &[(&str, &str)]) -> Markup {
    html! {
        @if !problems.is_empty() {
            div.notice.failed role="alert" {
                (Icon::Cross)
                div {
                    p.notice-title { @if problems.len() == 1 { "This needs another look" } @else { (problems.len()) " things need another look" } }
                    ul { @for (name, text) in problems {
                        li { @if name.is_empty() { (text) } @else { a href={"#f-" (name)} { (text) } } }
                    } }
                }
            }
        }
    }
}

/// What a person is asked before something that cannot be taken back. It is a page of its own and works without script.
#[derive(Clone, Debug)]
pub struct Confirm<'a> {
    /// What will happen, in a sentence or two.
    pub text: &'a str,
    /// Where yes goes, by POST.
    pub action: Href,
    /// The session's token.
    pub csrf: &'a str,
    /// The verb on the button, such as `Delete anna`.
    pub verb: &'a str,
    /// Where no goes.
    pub back: Href,
    /// Anything to be typed in or shown: fields, a list of consequences.
    pub more: Markup,
}

/// The body of a confirmation page.
#[must_use]
pub fn confirm(ask: &Confirm) -> Markup {
    let body = html! {
        p.lead { (ask.text) }
        (ask.more)
        (actions(html! { (submit(Weight::Danger, ask.verb)) (link_button(Weight::Quiet, &ask.back, "Keep it as it is")) }))
    };
    html! { section.panel { div.panel-body { (post(&ask.action, Some(ask.csrf), body)) } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_carries_the_sessions_token_and_a_safe_action() {
        let html = one_button("/admin/links/7/revoke", Some("t\"k"), submit(Weight::Danger, "Revoke")).into_string();
        assert!(html.contains("action=\"/admin/links/7/revoke\""));
        assert!(html.contains("<input type=\"hidden\" name=\"_csrf\" value=\"t&quot;k\">"));
        assert!(post("javascript:alert(1)", None, Markup::default()).into_string().contains("action=\"#\""));
    }

    #[test]
    fn the_summary_leads_to_each_field() {
        let html =
            summary(&[("username", "User name: it is empty."), ("", "The page was open too long.")]).into_string();
        assert!(html.contains("<a href=\"#f-username\">User name: it is empty.</a>"));
        assert!(html.contains("<li>The page was open too long.</li>"));
        assert_eq!(summary(&[]).into_string(), "");
    }
}
