//! `/admin/settings`: how the site is called and reached, how links and messages behave, how fast is sent. Each setting says where
//! its value comes from; what the process was started with is locked. The bot and its texts have pages of their own beside.

mod bot;
mod keys;
mod moving;
mod texts;
mod token;
mod webhooks;

use std::fmt::Display;

use maud::{Markup, html};
use tide::http::Method;

use super::super::{Call, Form, Problem, Response, Row, Wrongs};
use super::{Content, done, show};
use crate::actions::session::Signed;
use crate::actions::settings::{Effective, SettingsChange, save};
use crate::config::{BaseUrl, Setting};
use crate::model::admin::Role;
use crate::view::field::{Field, Ticked};
use crate::view::form::{self, Weight};
use crate::view::layout::panel;
use crate::view::list::{Place, Tab, tabs};
use crate::view::notice::Flash;
use crate::view::shell::Nav;

const PATH: &str = "/admin/settings";

/// The routes of these pages.
#[must_use]
pub fn rows() -> Vec<Row> {
    let own = vec![
        Row::signed(Method::Get, PATH, Role::Operator, page),
        Row::signed(Method::Post, PATH, Role::Owner, change),
    ];
    [own, bot::rows(), token::rows(), texts::rows(), keys::rows(), webhooks::rows(), moving::rows()].concat()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tabbed {
    General,
    Bot,
    Texts,
    Keys,
    Webhooks,
    Moving,
}

fn tab_row(here: Tabbed) -> Markup {
    let tab = |label, href: &str, this| Tab { label, count: None, href: href.into(), place: Place::of(&this, &here) };
    tabs(
        "Settings",
        &[
            tab("General", PATH, Tabbed::General),
            tab("Bot", bot::PATH, Tabbed::Bot),
            tab("Texts", texts::PATH, Tabbed::Texts),
            tab("API keys", keys::PATH, Tabbed::Keys),
            tab("Webhooks", webhooks::PATH, Tabbed::Webhooks),
            tab("Move in and out", moving::PATH, Tabbed::Moving),
        ],
    )
}

/// One setting as the form shows it.
struct Shown {
    value: String,
    /// What locks it.
    lock: Option<String>,
    /// Where an open one's value comes from.
    origin: &'static str,
}

impl Shown {
    fn of<T>(setting: &Setting<T>, text: impl FnOnce(&T) -> String) -> Self {
        let lock = setting.source.is_locked().then(|| setting.source.to_string());
        let origin = match setting.source {
            crate::config::Source::Saved => "Saved on this page.",
            crate::config::Source::Default => "This is the default.",
            crate::config::Source::Flag(_) | crate::config::Source::Env(_) | crate::config::Source::File => "",
        };
        Self { value: text(&setting.value), lock, origin }
    }

    fn optional<T: Display>(setting: &Setting<Option<T>>) -> Self {
        let shown = Self::of(setting, |value| value.as_ref().map(ToString::to_string).unwrap_or_default());
        if setting.value.is_none() { Self { origin: "Not set.", ..shown } } else { shown }
    }
}

/// The form as it stands: what is in force, or what was typed.
struct Sheet {
    fields: Vec<(&'static str, Shown)>,
    confirm: Ticked,
    mask: Ticked,
    answer: Ticked,
    portal: Ticked,
}

const SITE: [&str; 3] = ["site_name", "site_url", "base_url"];
const LINKS: [&str; 2] = ["link_lifetime", "messages_kept"];
const RATES: [&str; 3] = ["rate_global", "rate_chat", "rate_group"];

fn ticked(on: bool) -> Ticked {
    if on { Ticked::Yes } else { Ticked::No }
}

impl Sheet {
    fn of(effective: &Effective) -> Self {
        let minutes = |span: &std::time::Duration| (span.as_secs() / 60).to_string();
        let days = |span: &std::time::Duration| (span.as_secs() / 86_400).to_string();
        let fields = vec![
            ("site_name", Shown::of(&effective.site_name, Clone::clone)),
            ("site_url", Shown::optional(&effective.site_url)),
            ("base_url", Shown::optional(&effective.base_url)),
            ("link_lifetime", Shown::of(&effective.link_lifetime, minutes)),
            ("messages_kept", Shown::of(&effective.messages_kept, days)),
            ("rate_global", Shown::of(&effective.rate_global, ToString::to_string)),
            ("rate_chat", Shown::of(&effective.rate_chat, ToString::to_string)),
            ("rate_group", Shown::of(&effective.rate_group, ToString::to_string)),
        ];
        let (confirm, mask) = (ticked(effective.confirm_before_link.value), ticked(effective.mask_username.value));
        let (answer, portal) = (ticked(effective.automatic_answer.value), ticked(effective.portal.value));
        Self { fields, confirm, mask, answer, portal }
    }

    /// The same with what was typed, for a form that comes back.
    fn typed(mut self, form: &Form) -> Self {
        for (name, shown) in &mut self.fields {
            if shown.lock.is_none() && form.has(name) {
                form.get(name).clone_into(&mut shown.value);
            }
        }
        Self {
            confirm: ticked(form.is_ticked("confirm_before_link")),
            mask: ticked(form.is_ticked("mask_username")),
            answer: ticked(form.is_ticked("automatic_answer")),
            portal: ticked(form.is_ticked("portal")),
            ..self
        }
    }

    fn fields(&self, names: &[&str], wrongs: &Wrongs) -> Markup {
        let among = |name: &str| names.contains(&name);
        html! { @for (name, shown) in self.fields.iter().filter(|(name, _)| among(name)) { (field(name, shown, wrongs)) } }
    }

    fn show(&self, csrf: &str, (wrongs, role): (&Wrongs, Role)) -> Markup {
        let tick = |name, label, state, hint| Field::check(name, label, state).hint(hint);
        let body = html! {
            (form::summary(&wrongs.summary()))
            (panel("The website", html! { div.fields { (self.fields(&SITE, wrongs)) } }))
            (panel("Links and messages", html! { div.fields {
                (self.fields(&LINKS, wrongs))
                (tick("confirm_before_link", "Ask in the chat before it is connected", self.confirm,
                    "The person has to press a button that names the account; a forwarded link then surprises nobody."))
                (tick("mask_username", "Show only the ends of usernames", self.mask,
                    "In the chat and on link pages, ada.lovelace becomes a…e."))
                (tick("automatic_answer", "Tell people that what they write is passed on", self.answer,
                    "The bot says so once a day. Without it only you or your website answer."))
            } }))
            (panel("Portal", html! { div.fields {
                (tick("portal", "Portal for users", self.portal,
                    "At /me the people of your accounts see their chats and messages, connect a chat and delete their data. You let each of them in on their account's page."))
            } }))
            (panel("Speed", html! { div.fields { (self.fields(&RATES, wrongs)) } }))
            @if role >= Role::Owner { (form::actions(form::submit(Weight::Primary, "Save"))) }
            @else { p.hint { "Only an owner can change these." } }
        };
        form::post(PATH, Some(csrf), body)
    }
}

/// Label and hint of a setting.
fn words(name: &str) -> (&'static str, &'static str) {
    match name {
        "site_name" => ("Name", "How the bot and the link pages call your website."),
        "site_url" => ("Way back", "Where people get a new link: the address of your website's page for it."),
        "base_url" => ("Base URL", "Where this instance is reached from outside. It answers under this host only."),
        "link_lifetime" => ("Minutes a link is good for", "From 1 to 10,080, which is 7 days."),
        "messages_kept" => {
            ("Days messages are kept", "From 1 to 3,650. Older ones are removed for good, with what became of them.")
        }
        "rate_global" => (
            "Messages a second, over all",
            "Telegram allows about 30. 0 is no limit, for a Bot API server of your own.",
        ),
        "rate_chat" => ("Messages a second, to one chat", "Telegram allows about 1. 0 is no limit."),
        _ => ("Messages a minute, to one group", "Telegram allows 20. 0 is no limit."),
    }
}

fn field(name: &'static str, shown: &Shown, wrongs: &Wrongs) -> Markup {
    let (label, hint) = words(name);
    let hint = format!("{hint} {}", shown.origin);
    let blank = match name {
        "site_url" | "base_url" => Field::url(name, label),
        "site_name" => Field::text(name, label),
        _ => Field::number(name, label),
    };
    html! { (blank.value(&shown.value).hint(hint.trim_end()).error(wrongs.of(name)).locked_by(shown.lock.as_deref())) }
}

async fn page(call: Call, signed: Signed) -> Result<Response, Problem> {
    let effective = call.state().store().read(|read| Effective::load(read, call.state().config()))?;
    Ok(sheet_page(&call, &signed, &Sheet::of(&effective), &Wrongs::none()))
}

fn sheet_page(call: &Call, signed: &Signed, sheet: &Sheet, wrongs: &Wrongs) -> Response {
    let body = html! { (tab_row(Tabbed::General)) (sheet.show(&signed.session.csrf, (wrongs, signed.person.role))) };
    let status = if wrongs.is_empty() { 200 } else { wrongs.status() };
    show(call, signed, Content::new("Settings", Nav::Settings, body).with_status(status))
}

/// `POST /admin/settings`
async fn change(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let form = call.form().await?;
    let effective = call.state().store().read(|read| Effective::load(read, call.state().config()))?;
    let wish = wish(&form, &effective);
    let mut wrongs = Wrongs::none();
    if let Some(sentence) = locks_out(&call, &effective, wish.base_url.as_deref()) {
        wrongs.add("base_url", sentence);
    } else {
        let (caller, config) = (signed.caller(), call.state().config().clone());
        match call.state().store().write(move |tx| save(tx, &caller, &config, &wish)).await {
            Ok(()) => return Ok(done(&call, PATH, &Flash::good("The settings are saved. They count from now on."))),
            Err(error) => wrongs = Wrongs::try_from(error)?,
        }
    }
    Ok(sheet_page(&call, &signed, &Sheet::of(&effective).typed(&form), &wrongs))
}

/// What the form asks for. A value that is in force by default is left a default.
fn wish(form: &Form, effective: &Effective) -> SettingsChange {
    let sheet = Sheet::of(effective);
    let text = |name: &str| {
        let unchanged = sheet.fields.iter().any(|(each, shown)| *each == name && shown.value == form.trimmed(name));
        (form.has(name) && !unchanged).then(|| form.trimmed(name).to_owned())
    };
    SettingsChange {
        site_name: text("site_name"),
        site_url: text("site_url"),
        base_url: text("base_url"),
        link_lifetime: text("link_lifetime"),
        messages_kept: text("messages_kept"),
        confirm_before_link: Some(form.is_ticked("confirm_before_link")),
        mask_username: Some(form.is_ticked("mask_username")),
        automatic_answer: Some(form.is_ticked("automatic_answer")),
        portal: Some(form.is_ticked("portal")),
        rate_global: text("rate_global"),
        rate_chat: text("rate_chat"),
        rate_group: text("rate_group"),
    }
}

/// A base URL under which the browser that saves it would no longer be answered is a mistake.
fn locks_out(call: &Call, effective: &Effective, typed: Option<&str>) -> Option<String> {
    let typed = typed?;
    if typed.is_empty() {
        return effective
            .base_url
            .value
            .is_some()
            .then(|| "The base URL cannot be taken away, only changed.".to_owned());
    }
    // What is no address at all is refused where it is saved.
    let base = BaseUrl::parse(typed, call.state().config().plain_http.value).ok()?;
    let refused = call.visitor().origin_under(&base).is_none();
    refused.then(|| {
        format!("You came by the host \"{}\", which would not be answered any more. Open this page under the new address first, or by localhost.", call.visitor().host)
    })
}
