//! `/admin/settings/texts`: what the bot says, in each language, changed, seen as it will look, and reset.

use maud::{Markup, html};
use tide::http::Method;

use super::super::super::{Call, Problem, Response, Row, Wrongs};
use super::super::{Content, done, may, show};
use super::{Tabbed, tab_row};
use crate::actions::session::Signed;
use crate::actions::settings::{Voice, reset_text, save_text};
use crate::model::admin::Role;
use crate::model::message::Format;
use crate::model::text::fill;
use crate::model::texts::{Language, TextKey, Texts, Use};
use crate::store::meta;
use crate::view::chat::preview;
use crate::view::field::Field;
use crate::view::form::{self, Weight};
use crate::view::layout::{columns, frame, panel};
use crate::view::list::{Kind, Place, Tab, Table, table, tabs};
use crate::view::notice::Flash;
use crate::view::shell::Nav;
use crate::view::{Href, content};

pub(super) const PATH: &str = "/admin/settings/texts";

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::signed(Method::Get, PATH, Role::Viewer, index),
        Row::signed(Method::Get, "/admin/settings/texts/:language/:key", Role::Operator, one),
        Row::signed(Method::Post, "/admin/settings/texts/:language/:key", Role::Operator, change),
        Row::signed(Method::Post, "/admin/settings/texts/:language/:key/reset", Role::Operator, reset),
    ]
}

fn path_of(language: Language, key: TextKey) -> String {
    format!("{PATH}/{}/{}", language.tag(), key.word())
}

/// The texts of a language.
fn list_of(language: Language) -> Href {
    Href::from(PATH).with("language", language.tag())
}

/// `unknown_code` as a heading: `Unknown code`.
fn heading(key: TextKey) -> String {
    let words = key.word().replace('_', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

async fn index(call: Call, signed: Signed) -> Result<Response, Problem> {
    let language = Language::parse(&call.query("language")).unwrap_or(Language::En);
    let voice = call.state().store().read(Voice::load)?;
    let columns = [("Text", Kind::Text), ("What it says", Kind::Text), ("State", Kind::Text)];
    let rows = TextKey::ALL.iter().map(|key| line(&voice.texts, language, *key, &signed)).collect();
    let body = html! {
        (tab_row(Tabbed::Texts))
        p.hint { "The bot speaks the language that a person's Telegram speaks, and English to everyone else." }
        (tabs("Languages", &languages(language)))
        section.panel { (table(&Table { caption: "Texts", columns: &columns, rows })) }
    };
    Ok(show(&call, &signed, Content::new("Settings", Nav::Settings, body)))
}

fn languages(here: Language) -> Vec<Tab<'static>> {
    let tab = |language: Language| Tab {
        label: language.name(),
        count: None,
        href: list_of(language),
        place: Place::of(&language, &here),
    };
    Language::ALL.into_iter().map(tab).collect()
}

fn line(texts: &Texts, language: Language, key: TextKey, signed: &Signed) -> Vec<Markup> {
    let changed = texts.changed(language, key);
    vec![
        html! {
            @if may(signed, Role::Operator) { a href=(Href::from(path_of(language, key))) { (heading(key)) } } @else { (heading(key)) }
        },
        html! { span.said dir="auto" lang=(language.tag()) { (changed.unwrap_or_else(|| key.default(language))) } },
        html! { @if changed.is_some() { b { "changed" } } @else { span.sub { "original" } } },
    ]
}

/// The text that the path names.
fn named(call: &Call) -> Result<(Language, TextKey), Problem> {
    let language = Language::parse(&call.param("language")?);
    language.zip(TextKey::parse(&call.param("key")?)).ok_or_else(Problem::not_found)
}

async fn one(call: Call, signed: Signed) -> Result<Response, Problem> {
    let (language, key) = named(&call)?;
    let voice = call.state().store().read(Voice::load)?;
    let text = voice.texts.get(key, Some(language.tag())).to_owned();
    edit_page(&call, &signed, (language, key), (&text, &Wrongs::none()))
}

fn edit_page(
    call: &Call,
    signed: &Signed,
    (language, key): (Language, TextKey),
    (text, wrongs): (&str, &Wrongs),
) -> Result<Response, Problem> {
    let voice = call.state().store().read(Voice::load)?;
    let bot = call.state().store().read(meta::bot)?.map_or_else(|| "Your bot".to_owned(), |bot| bot.name);
    let csrf = signed.session.csrf.as_str();
    let wide = frame(edit_form((language, key), csrf, (text, wrongs)));
    let narrow = html! {
        (panel("Looks like this", shown(&bot, key, &sample(&voice, text))))
        (panel("Original", html! {
            p.said dir="auto" lang=(language.tag()) { (key.default(language)) }
            @if voice.texts.changed(language, key).is_some() {
                (form::post(format!("{}/reset", path_of(language, key)), Some(csrf), form::actions(form::submit(Weight::Quiet, "Go back to the original"))))
            }
        }))
    };
    let status = if wrongs.is_empty() { 200 } else { wrongs.status() };
    let page = Content::new(format!("{}, {}", heading(key), language.name()), Nav::Settings, columns(wide, narrow));
    Ok(show(call, signed, page.below(list_of(language), "Texts").with_status(status)))
}

fn edit_form((language, key): (Language, TextKey), csrf: &str, (text, wrongs): (&str, &Wrongs)) -> Markup {
    let rows = if key.appears() == Use::Message { 6 } else { 2 };
    let known: Vec<String> = key.placeholders().iter().map(|name| format!("{{{name}}}")).collect();
    let hint = match known.as_slice() {
        [] => "Nothing is filled in here.".to_owned(),
        names => format!("Filled in when it is said: {}.", names.join(", ")),
    };
    let label = heading(key);
    let field = Field::area("text", &label, rows)
        .value(text)
        .hint(&hint)
        .error(wrongs.of("text"))
        .max(key.appears().limit())
        .required();
    let body = html! {
        (field)
        (form::actions(html! {
            (form::submit(Weight::Primary, "Save"))
            (form::submit_as(Weight::Quiet, "Look at it", ("do", "preview")))
            (form::link_button(Weight::Quiet, list_of(language), "Back"))
        }))
    };
    form::post(path_of(language, key), Some(csrf), body)
}

/// The text with placeholders filled in by examples.
fn sample(voice: &Voice, text: &str) -> String {
    let values = [
        ("username", "anna"),
        ("other", "ben"),
        ("site", voice.site.as_str()),
        ("minutes", "7"),
        ("days", "180"),
        ("name", "Anna"),
        ("answer", "Yes"),
        ("group", "Our team"),
        ("from", "22:00"),
        ("until", "08:00"),
        ("zone", "Berlin"),
    ];
    fill(text, Format::Plain, &values).unwrap_or_else(|_| text.to_owned())
}

fn shown(bot: &str, key: TextKey, text: &str) -> Markup {
    match key.appears() {
        Use::Message => preview(bot, content::text(text)),
        Use::Button => html! { div.bubble-buttons { span { (text) } } },
        Use::Notice => html! { p.preview-notice { (text) } },
        Use::Command => html! { p { code { "/" (key.word().trim_start_matches("command_")) } " " (text) } },
    }
}

/// `POST /admin/settings/texts/:language/:key`
async fn change(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let (language, key) = named(&call)?;
    let form = call.form().await?;
    let text = form.get("text").to_owned();
    if form.get("do") == "preview" {
        return edit_page(&call, &signed, (language, key), (&text, &Wrongs::none()));
    }
    let (caller, typed) = (signed.caller(), text.clone());
    match call.state().store().write(move |tx| save_text(tx, &caller, language, key, &typed)).await {
        Ok(()) => {
            Ok(done(&call, &path_of(language, key), &Flash::good("The text is saved. The bot says it from now on.")))
        }
        Err(error) => edit_page(&call, &signed, (language, key), (&text, &Wrongs::try_from(error)?)),
    }
}

/// `POST /admin/settings/texts/:language/:key/reset`
async fn reset(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let (language, key) = named(&call)?;
    call.form().await?;
    let caller = signed.caller();
    call.state().store().write(move |tx| reset_text(tx, &caller, language, key)).await?;
    Ok(done(&call, &path_of(language, key), &Flash::good("The original text is back.")))
}
