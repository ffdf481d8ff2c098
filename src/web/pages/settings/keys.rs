//! `/admin/settings/keys`: keys of the HTTP API. They are made and ended by owners who proved who they are; a secret is shown once.

use std::time::Duration;

use maud::{Markup, html};
use tide::http::Method;

use super::super::super::{Call, Form, Problem, Response, Row, Wrongs};
use super::super::{Content, done, may, show};
use super::{Tabbed, tab_row};
use crate::actions::keys::{NewKey, create, revoke};
use crate::actions::session::Signed;
use crate::clock::Timestamp;
use crate::ids::KeyId;
use crate::model::admin::Role;
use crate::model::api_key::{ApiKey, Area, KeySecret, RATE};
use crate::store::{Read as _, keys};
use crate::view::field::{Choice, Field};
use crate::view::form::{self, Weight};
use crate::view::list::{Empty, Kind, Table, empty, table};
use crate::view::notice::Flash;
use crate::view::reveal::{Copy, secret_once};
use crate::view::shell::Nav;
use crate::view::{layout, time};

pub(super) const PATH: &str = "/admin/settings/keys";
const NEW: &str = "/admin/settings/keys/new";

/// The routes of this page and those below it.
pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::signed(Method::Get, PATH, Role::Operator, index),
        Row::step_up(Method::Get, NEW, Role::Owner, ask),
        Row::step_up(Method::Post, NEW, Role::Owner, make),
        Row::step_up(Method::Get, "/admin/settings/keys/:id/revoke", Role::Owner, ask_revoke),
        Row::step_up(Method::Post, "/admin/settings/keys/:id/revoke", Role::Owner, end),
    ]
}

/// `GET /admin/settings/keys`
async fn index(call: Call, signed: Signed) -> Result<Response, Problem> {
    let (rows, now) = call.state().store().read(|read| Ok::<_, Problem>((keys::all(read)?, read.now())))?;
    let owner = may(&signed, Role::Owner);
    let button = html! { @if owner { (form::link_button(Weight::Primary, NEW, "New key")) } };
    let body = html! {
        (tab_row(Tabbed::Keys))
        @if rows.is_empty() {
            (empty(&Empty {
                title: "No keys yet",
                text: "With a key, your website uses the HTTP API: it makes links, sends messages and hears what happened.",
                button: button.clone(),
                command: "startlink key create --name shop --scope links,messages",
            }))
        } @else {
            (key_table(&rows, now, owner))
            p.hint { "What the API can do stands in its " a href="/api/docs" { "documentation" } "." }
        }
    };
    let actions = if rows.is_empty() { Markup::default() } else { button };
    Ok(show(&call, &signed, Content::new("API keys", Nav::Settings, body).with_actions(actions)))
}

fn key_table(rows: &[(KeyId, ApiKey)], now: Timestamp, owner: bool) -> Markup {
    let columns = [
        ("Name", Kind::Text),
        ("Secret", Kind::Text),
        ("May use", Kind::Text),
        ("Last used", Kind::Text),
        ("Ends", Kind::Text),
        ("Revoke", Kind::Actions),
    ];
    let line = |(id, key): &(KeyId, ApiKey)| {
        let end = match (key.ends(), key.is_live(now)) {
            (None, _) => html! { "never" },
            (Some(at), true) => time::day(at),
            (Some(at), false) => html! { "ended " (time::day(at)) },
        };
        let path = format!("/admin/settings/keys/{id}/revoke");
        vec![
            html! { span dir="auto" { (key.name) } },
            html! { code { (key.hint) "…" } },
            html! { (key.scopes) },
            key.used.map_or_else(|| html! { "never" }, |at| time::ago(at, now)),
            end,
            html! { @if owner && key.is_live(now) { (form::link_button(Weight::Quiet, path, "Revoke")) } },
        ]
    };
    table(&Table { caption: "API keys", columns: &columns, rows: rows.iter().map(line).collect() })
}

/// `GET /admin/settings/keys/new`
async fn ask(call: Call, signed: Signed) -> Result<Response, Problem> {
    Ok(form_page(&call, &signed, (&Form::default(), &Wrongs::none())))
}

/// `POST /admin/settings/keys/new`
async fn make(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let form = call.form().await?;
    let mut wrongs = Wrongs::none();
    let days = number(&form, "days", &mut wrongs);
    let rate = number(&form, "rate", &mut wrongs).unwrap_or(RATE);
    if !wrongs.is_empty() {
        return Ok(form_page(&call, &signed, (&form, &wrongs)));
    }
    let (name, scopes) = (form.get("name").to_owned(), scopes(&form));
    let lifetime = days.map(|days| Duration::from_hours(u64::from(days) * 24));
    let caller = signed.caller();
    let made = call
        .state()
        .store()
        .write(move |tx| create(tx, &caller, NewKey { name: &name, scopes: &scopes, rate, lifetime }));
    match made.await {
        Ok((_, key, secret)) => Ok(made_page(&call, &signed, &key, &secret)),
        Err(error) => {
            let refused = Wrongs::try_from(error)?;
            let mut wrongs = Wrongs::none();
            // The form asks for days.
            for (field, sentence) in refused.summary() {
                let own = if field == "lifetime" { "days" } else { field };
                wrongs.add(
                    ["name", "scopes", "days"].into_iter().find(|name| *name == own).unwrap_or_default(),
                    sentence,
                );
            }
            Ok(form_page(&call, &signed, (&form, &wrongs)))
        }
    }
}

/// A number that may be left out.
fn number(form: &Form, name: &'static str, wrongs: &mut Wrongs) -> Option<u32> {
    let text = form.trimmed(name);
    if text.is_empty() {
        return None;
    }
    wrongs.take(name, text.parse().map_err(|_| "This has to be a whole number."))
}

/// What was chosen, as the words of scopes.
fn scopes(form: &Form) -> String {
    let chosen = Area::ALL.into_iter().filter_map(|area| match form.get(area.word()) {
        "read" => Some(format!("{}:read", area.word())),
        "write" => Some(area.word().to_owned()),
        _ => None,
    });
    chosen.collect::<Vec<_>>().join(",")
}

fn form_page(call: &Call, signed: &Signed, (form, wrongs): (&Form, &Wrongs)) -> Response {
    let choices = || {
        vec![
            Choice { value: "", label: "nothing" },
            Choice { value: "read", label: "look" },
            Choice { value: "write", label: "look and change" },
        ]
    };
    let rate = if form.has("rate") { form.get("rate").to_owned() } else { RATE.to_string() };
    let fields = html! {
        (form::summary(&wrongs.summary()))
        (Field::text("name", "What it is for").value(form.get("name")).error(wrongs.of("name")).required().autofocus()
            .hint("Such as \"shop\". The audit names what was done with it."))
        fieldset id="f-scopes" {
            legend { "What it may do" }
            @if let Some(wrong) = wrongs.of("scopes") { p.problem { (wrong) } }
            @for area in Area::ALL {
                @let field = Field::select(area.word(), words(area), choices()).value(form.get(area.word()));
                @if area == Area::Webhooks {
                    (field.hint("Who changes where events go, can read all of them."))
                } @else {
                    (field)
                }
            }
        }
        (Field::number("days", "Days until it ends").value(form.get("days")).error(wrongs.of("days"))
            .hint("Empty: it works until it is revoked."))
        (Field::number("rate", "Requests a minute").value(&rate).error(wrongs.of("rate")).hint("0 is no limit."))
        (form::actions(form::submit(Weight::Primary, "Make the key")))
    };
    let body = layout::frame(form::post(NEW, Some(&signed.session.csrf), fields));
    let status = if wrongs.is_empty() { 200 } else { wrongs.status() };
    let content = Content::new("New API key", Nav::Settings, body).below(PATH, "API keys").with_status(status);
    show(call, signed, content)
}

fn words(area: Area) -> &'static str {
    match area {
        Area::Accounts => "Accounts and their chats",
        Area::Links => "Links",
        Area::Messages => "Messages",
        Area::Broadcasts => "Broadcasts",
        Area::Events => "Events",
        Area::Webhooks => "Webhook endpoints",
        Area::Everything => "Everything",
    }
}

fn made_page(call: &Call, signed: &Signed, key: &ApiKey, secret: &KeySecret) -> Response {
    let origin = &call.visitor().origin.text;
    let command = format!("curl -H \"Authorization: Bearer $STARTLINK_KEY\" {origin}/api/v1/accounts");
    let body = layout::frame(layout::stack(html! {
        (secret_once(Copy { id: "key-secret", label: "The secret of the key", value: secret.expose() }))
        p { "The key \"" span dir="auto" { (key.name) } "\" may use: " (key.scopes) ". Send it in the header Authorization:" }
        (layout::terminal(&command))
        (form::actions(form::link_button(Weight::Primary, PATH, "I have copied it")))
    }));
    show(call, signed, Content::new("The key is made", Nav::Settings, body).below(PATH, "API keys"))
}

/// `GET /admin/settings/keys/:id/revoke`
async fn ask_revoke(call: Call, signed: Signed) -> Result<Response, Problem> {
    let id = call.id::<KeyId>("id")?;
    let key = call.state().store().read(|read| keys::get(read, id))?.ok_or_else(Problem::not_found)?;
    let text = format!("Whoever uses the key \"{}\" is turned away from now on. This cannot be undone.", key.name);
    let question = form::Confirm {
        text: &text,
        action: format!("/admin/settings/keys/{id}/revoke").into(),
        csrf: &signed.session.csrf,
        verb: "Revoke the key",
        back: PATH.into(),
        more: html! {},
    };
    let content = Content::new("Revoke an API key", Nav::Settings, form::confirm(&question)).below(PATH, "API keys");
    Ok(show(&call, &signed, content))
}

/// `POST /admin/settings/keys/:id/revoke`
async fn end(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    call.form().await?;
    let id = call.id::<KeyId>("id")?;
    let ended = call.state().store().write(move |tx| revoke(tx, &signed.caller(), id)).await?;
    Ok(done(&call, PATH, &Flash::good(format!("The key \"{}\" has ended.", ended.name))))
}
