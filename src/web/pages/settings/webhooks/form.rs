//! The forms of endpoints: a new one, a change, another secret, the end. What shows a secret or decides where events go needs
//! an owner who proved it.

use maud::{Markup, html};
use tide::http::Method;

use super::super::super::super::{Call, Form, Problem, Response, Row, Wrongs};
use super::super::super::{Content, done, show};
use super::{NEW, PATH, path_of, words};
use crate::actions::session::Signed;
use crate::actions::webhooks::{self, Change, NewEndpoint, create, edit};
use crate::ids::EndpointId;
use crate::model::admin::Role;
use crate::model::event::NAMES;
use crate::model::webhook::{Chosen, Endpoint, NAME_MAX, OVERLAP, SigningSecret};
use crate::view::field::Field;
use crate::view::form::{self, Weight, link_button};
use crate::view::notice::Flash;
use crate::view::reveal::{Copy, sealed_once};
use crate::view::shell::Nav;
use crate::view::{Href, layout, time};

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::step_up(Method::Get, NEW, Role::Owner, ask),
        Row::step_up(Method::Post, NEW, Role::Owner, make),
        Row::step_up(Method::Get, "/admin/settings/webhooks/:id/edit", Role::Owner, ask_edit),
        Row::step_up(Method::Post, "/admin/settings/webhooks/:id/edit", Role::Owner, change),
        Row::step_up(Method::Get, "/admin/settings/webhooks/:id/secret", Role::Owner, ask_rotate),
        Row::step_up(Method::Post, "/admin/settings/webhooks/:id/secret", Role::Owner, rotate),
        Row::step_up(Method::Get, "/admin/settings/webhooks/:id/delete", Role::Owner, ask_delete),
        Row::step_up(Method::Post, "/admin/settings/webhooks/:id/delete", Role::Owner, delete),
    ]
}

/// The form as it stands.
#[derive(Clone, Default)]
struct Sheet {
    name: String,
    url: String,
    /// The names that are ticked; none of it counts while all are chosen.
    ticked: Vec<String>,
    all: bool,
}

impl Sheet {
    fn empty() -> Self {
        Self { all: true, ..Self::default() }
    }

    fn of(endpoint: &Endpoint) -> Self {
        let (all, ticked) = match &endpoint.events {
            Chosen::All => (true, Vec::new()),
            Chosen::Only(names) => (false, names.clone()),
        };
        Self { name: endpoint.name.clone(), url: endpoint.url.clone(), ticked, all }
    }

    fn typed(form: &Form) -> Self {
        let ticked = form.all("event").map(str::to_owned).collect();
        Self {
            name: form.get("name").to_owned(),
            url: form.trimmed("url").to_owned(),
            ticked,
            all: form.get("events") != "only",
        }
    }

    fn events(&self) -> Option<Vec<String>> {
        (!self.all).then(|| self.ticked.clone())
    }

    fn fields(&self, wrongs: &Wrongs, verb: &str, back: impl Into<Href>) -> Markup {
        html! {
            (form::summary(&wrongs.summary()))
            (Field::url("url", "Address").value(&self.url).error(wrongs.of("url")).required().autofocus()
                .placeholder("https://www.example.org/telegram/events").hint("Where your website takes events by POST. It begins with https://."))
            (Field::text("name", "Name").value(&self.name).error(wrongs.of("name")).max(NAME_MAX)
                .hint("What it is for. Without one, it is called as its host."))
            (self.choice(wrongs))
            (form::actions(html! { (form::submit(Weight::Primary, verb)) (link_button(Weight::Quiet, back, "Not now")) }))
        }
    }

    fn choice(&self, wrongs: &Wrongs) -> Markup {
        html! {
            fieldset.field.choices #f-events .bad[wrongs.of("events").is_some()] {
                legend { "Events" }
                @if let Some(wrong) = wrongs.of("events") { p.error { (crate::view::Icon::Cross) span { (wrong) } } }
                div.choice {
                    input id="f-events-all" type="radio" name="events" value="all" checked[self.all];
                    label for="f-events-all" { "All events " span.hint { "Also those that a later version brings." } }
                    div.choice-more {}
                }
                div.choice {
                    input id="f-events-only" type="radio" name="events" value="only" checked[!self.all];
                    label for="f-events-only" { "Only these " span.hint { "Others are never sent." } }
                    div.choice-more.ticks { @for name in NAMES { (self.tick(name)) } }
                }
            }
        }
    }

    fn tick(&self, name: &str) -> Markup {
        let id = format!("f-event-{}", name.replace('.', "-"));
        html! {
            div.field.check {
                input id=(id) type="checkbox" name="event" value=(name) checked[self.ticked.iter().any(|ticked| ticked == name)];
                div { label for=(id) { code { (name) } } p.hint { (words::event(name)) } }
            }
        }
    }
}

/// What is wrong with the form; what is not about it is a problem of its own.
fn wrongs(error: crate::actions::Error) -> Result<Wrongs, Problem> {
    let refused = Wrongs::try_from(error)?;
    let mut wrongs = Wrongs::none();
    for (field, sentence) in refused.summary() {
        wrongs.add(["name", "url", "events"].into_iter().find(|name| *name == field).unwrap_or_default(), sentence);
    }
    Ok(wrongs)
}

fn form_page(
    call: &Call,
    signed: &Signed,
    (title, action, back): (&str, &str, (&str, &str)),
    (sheet, wrongs): (&Sheet, &Wrongs),
) -> Response {
    let verb = if action == NEW { "Make the endpoint" } else { "Save" };
    let fields = sheet.fields(wrongs, verb, back.0);
    let body = layout::frame(form::post(action, Some(&signed.session.csrf), fields));
    let status = if wrongs.is_empty() { 200 } else { wrongs.status() };
    show(call, signed, Content::new(title, Nav::Settings, body).below(back.0, back.1).with_status(status))
}

const FORM_OF_NEW: (&str, &str, (&str, &str)) = ("New webhook endpoint", NEW, (PATH, "Webhooks"));

/// `GET /admin/settings/webhooks/new`
async fn ask(call: Call, signed: Signed) -> Result<Response, Problem> {
    Ok(form_page(&call, &signed, FORM_OF_NEW, (&Sheet::empty(), &Wrongs::none())))
}

/// `POST /admin/settings/webhooks/new`
async fn make(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let sheet = Sheet::typed(&call.form().await?);
    let (caller, allow) = (signed.caller(), call.state().config().webhook_allow.value.clone());
    let asked = NewEndpoint { name: sheet.name.clone(), url: sheet.url.clone(), events: sheet.events() };
    match call.state().store().write(move |tx| create(tx, &caller, &allow, &asked)).await {
        Ok((id, endpoint, secret)) => Ok(told(&call, &signed, (id, &endpoint), &secret)),
        Err(error) => Ok(form_page(&call, &signed, FORM_OF_NEW, (&sheet, &wrongs(error)?))),
    }
}

/// A secret that was made a moment ago.
fn told(call: &Call, signed: &Signed, (id, endpoint): (EndpointId, &Endpoint), secret: &SigningSecret) -> Response {
    let title = if endpoint.previous.is_some() { "The secret is replaced" } else { "The endpoint is made" };
    let body = layout::frame(layout::stack(html! {
        (sealed_once(Copy { id: "webhook-secret", label: "The secret that signs", value: secret.expose() }))
        p {
            "Put it where your website checks the signature of \"" span dir="auto" { (endpoint.name) } "\": "
            a href="/admin/connect#verify" { "programs that do it" } "."
        }
        @if let Some((_, until)) = &endpoint.previous {
            p { "Until " (time::exact(*until)) " each call carries two signatures, by the new secret and by the one before it, so that nothing is lost while you change over." }
        }
        (form::actions(link_button(Weight::Primary, path_of(id, ""), "I have copied it")))
    }));
    show(call, signed, Content::new(title, Nav::Settings, body).below(PATH, "Webhooks"))
}

fn existing(call: &Call, id: EndpointId) -> Result<Endpoint, Problem> {
    let shown = call.state().store().read(|read| webhooks::find(read, id))?;
    Ok(shown.ok_or_else(Problem::not_found)?.endpoint)
}

/// `GET /admin/settings/webhooks/:id/edit`
async fn ask_edit(call: Call, signed: Signed) -> Result<Response, Problem> {
    let id = call.id::<EndpointId>("id")?;
    let endpoint = existing(&call, id)?;
    Ok(edit_page(&call, &signed, (id, &endpoint.name), (&Sheet::of(&endpoint), &Wrongs::none())))
}

fn edit_page(call: &Call, signed: &Signed, (id, name): (EndpointId, &str), sheet: (&Sheet, &Wrongs)) -> Response {
    let (action, back) = (path_of(id, "/edit"), path_of(id, ""));
    form_page(call, signed, ("Edit a webhook endpoint", &action, (&back, name)), sheet)
}

/// `POST /admin/settings/webhooks/:id/edit`
async fn change(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let id = call.id::<EndpointId>("id")?;
    let sheet = Sheet::typed(&call.form().await?);
    let name = existing(&call, id)?.name;
    let (caller, allow) = (signed.caller(), call.state().config().webhook_allow.value.clone());
    let change = Change { name: Some(sheet.name.clone()), url: Some(sheet.url.clone()), events: Some(sheet.events()) };
    match call.state().store().write(move |tx| edit(tx, &caller, &allow, id, &change)).await {
        Ok(_) => {
            Ok(done(&call, &path_of(id, ""), &Flash::good("Saved. What waits already goes to the address above.")))
        }
        Err(error) => Ok(edit_page(&call, &signed, (id, &name), (&sheet, &wrongs(error)?))),
    }
}

/// `GET /admin/settings/webhooks/:id/secret`
async fn ask_rotate(call: Call, signed: Signed) -> Result<Response, Problem> {
    let id = call.id::<EndpointId>("id")?;
    let endpoint = existing(&call, id)?;
    let now = call.state().clock().now();
    let early = endpoint.previous.as_ref().filter(|(_, until)| *until > now).map(|(_, until)| *until);
    let more = html! {
        @if let Some(until) = early {
            p { "It was replaced less than a day ago: the one before it, which would sign until " (time::exact(until)) ", ends at once." }
        }
    };
    let text = format!(
        "The new secret signs at once. The present one signs along for {} more, so that your website can change over.",
        time::span(OVERLAP)
    );
    let question = form::Confirm {
        text: &text,
        action: path_of(id, "/secret").into(),
        csrf: &signed.session.csrf,
        verb: "Replace the secret",
        back: path_of(id, "").into(),
        more,
    };
    let content = Content::new("Replace the secret", Nav::Settings, form::confirm(&question));
    Ok(show(&call, &signed, content.below(path_of(id, ""), endpoint.name)))
}

/// `POST /admin/settings/webhooks/:id/secret`
async fn rotate(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    call.form().await?;
    let (id, caller) = (call.id::<EndpointId>("id")?, signed.caller());
    let (endpoint, secret) = call.state().store().write(move |tx| webhooks::rotate(tx, &caller, id)).await?;
    Ok(told(&call, &signed, (id, &endpoint), &secret))
}

/// `GET /admin/settings/webhooks/:id/delete`
async fn ask_delete(call: Call, signed: Signed) -> Result<Response, Problem> {
    let id = call.id::<EndpointId>("id")?;
    let endpoint = existing(&call, id)?;
    let text = format!("\"{}\" gets nothing any more. What waits for it and its log are gone.", endpoint.name);
    let question = form::Confirm {
        text: &text,
        action: path_of(id, "/delete").into(),
        csrf: &signed.session.csrf,
        verb: "Delete the endpoint",
        back: path_of(id, "").into(),
        more: html! {},
    };
    let content = Content::new("Delete a webhook endpoint", Nav::Settings, form::confirm(&question));
    Ok(show(&call, &signed, content.below(path_of(id, ""), endpoint.name)))
}

/// `POST /admin/settings/webhooks/:id/delete`
async fn delete(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    call.form().await?;
    let id = call.id::<EndpointId>("id")?;
    let name = existing(&call, id)?.name;
    call.state().store().write(move |tx| webhooks::delete(tx, &signed.caller(), id)).await?;
    Ok(done(&call, PATH, &Flash::good(format!("The endpoint \"{name}\" is deleted."))))
}
