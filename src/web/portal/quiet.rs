//! `/me/quiet`: the hours in which a person wants no news, by their own clock.

use maud::{Markup, html};
use tide::http::Method;

use super::super::pages::done;
use super::super::{Call, Form, Problem, Response, Row, Wrongs};
use super::{Content, HOME, Signed, show};
use crate::actions::portal;
use crate::model::chat::Chat;
use crate::model::quiet::{Quiet, QuietError, minutes, parse_zone, time, zones};
use crate::store::chats;
use crate::view::field::{Choice, Field};
use crate::view::form::{self, Weight};
use crate::view::layout;
use crate::view::notice::Flash;
use crate::view::portal::Nav;

const PATH: &str = "/me/quiet";
/// What is offered to someone who has none yet.
const NIGHT: (&str, &str) = ("22:00", "08:00");

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::member(Method::Get, PATH, page),
        Row::member(Method::Post, PATH, save),
        Row::member(Method::Post, "/me/quiet/off", off),
    ]
}

/// The hours of the chats, in a panel with the way to change them.
pub(super) fn panel<'c>(mut chats: impl Iterator<Item = &'c Chat>) -> Markup {
    let quiet = chats.find_map(|chat| chat.quiet.as_ref().filter(|quiet| quiet.is_on()));
    layout::panel(
        "Quiet hours",
        html! {
            @match quiet {
                Some(quiet) => {
                    p {
                        "From " b { (time(quiet.from)) } " to " b { (time(quiet.until)) } " (" (quiet.zone) ") "
                        @if quiet.silent { "news for many comes without a sound." } @else { "news for many waits." }
                    }
                    p.hint { "Messages to you and answers come at any time." }
                }
                None => p.hint { "News for many comes at any time. You can have it wait at night." },
            }
            (form::actions(form::link_button(Weight::Quiet, PATH, if quiet.is_some() { "Change" } else { "Set quiet hours" })))
        },
    )
}

/// The form as it stands.
struct Typed {
    from: String,
    until: String,
    zone: String,
    silent: bool,
    is_on: bool,
}

impl Typed {
    fn load(call: &Call, signed: &Signed) -> Result<Self, Problem> {
        let rows = call.state().store().read(|read| chats::of_account(read, signed.id))?;
        let quiet = rows.into_iter().find_map(|(_, chat)| chat.quiet.filter(Quiet::is_on));
        let (from, until) = (NIGHT.0.to_owned(), NIGHT.1.to_owned());
        Ok(match quiet {
            Some(Quiet { from, until, zone, silent }) => {
                Self { from: time(from), until: time(until), zone, silent, is_on: true }
            }
            None => Self { from, until, zone: String::new(), silent: false, is_on: false },
        })
    }

    fn of(form: &Form, is_on: bool) -> Self {
        let text = |name: &str| form.trimmed(name).to_owned();
        let silent = form.get("manner") == "silent";
        Self { from: text("from"), until: text("until"), zone: text("zone"), silent, is_on }
    }

    /// The hours, or what is wrong with which field.
    fn parse(&self) -> Result<Quiet, Wrongs> {
        let mut wrongs = Wrongs::none();
        let mut note = |name: &'static str, error: QuietError| wrongs.add(name, error.to_string());
        let from = minutes(&self.from).map_err(|error| note("from", error));
        let until = minutes(&self.until).map_err(|error| note("until", error));
        let zone = parse_zone(&self.zone).map_err(|error| note("zone", error));
        if from.is_ok() && from == until {
            wrongs.add("until", "Choose another end: these hours would be none.".to_owned());
        }
        match (from, until, zone) {
            (Ok(from), Ok(until), Ok(zone)) if wrongs.is_empty() => {
                Ok(Quiet { from, until, zone, silent: self.silent })
            }
            _ => Err(wrongs),
        }
    }

    fn show(&self, csrf: &str, wrongs: &Wrongs) -> Markup {
        let manners = vec![
            Choice { value: "wait", label: "it waits until they are over" },
            Choice { value: "silent", label: "it comes without a sound" },
        ];
        let fields = html! {
            div.fields {
                (Field::text("from", "From").value(&self.from).hint("As 22:00.").error(wrongs.of("from")).required().max(5))
                (Field::text("until", "Until").value(&self.until).error(wrongs.of("until")).required().max(5))
                (Field::text("zone", "Time zone").value(&self.zone).hint("Of the place where you are, such as Europe/Berlin.").error(wrongs.of("zone")).required().suggestions("zones"))
                datalist id="zones" data-zone { @for zone in zones() { option value=(zone) {} } }
                (Field::select("manner", "News for many", manners).value(if self.silent { "silent" } else { "wait" }))
            }
            (form::actions(html! { (form::submit(Weight::Primary, "Save")) (form::link_button(Weight::Quiet, HOME, "Keep it as it is")) }))
        };
        html! {
            (form::summary(&wrongs.summary()))
            (layout::panel("Quiet hours", html! {
                p { "In these hours news for many does not disturb you, in all your chats. Messages to you and answers come at any time." }
                (form::post(PATH, Some(csrf), fields))
                @if self.is_on { (form::one_button("/me/quiet/off", Some(csrf), form::submit(Weight::Quiet, "No quiet hours"))) }
            }))
        }
    }
}

fn framed(call: &Call, signed: &Signed, typed: &Typed, wrongs: &Wrongs) -> Response {
    let body = typed.show(&signed.session.csrf, wrongs);
    let content = Content { title: "Quiet hours".to_owned(), nav: Nav::Chats, below: Some((HOME, "Your chats")), body };
    show(call, signed, content, wrongs)
}

/// `GET /me/quiet`
async fn page(call: Call, signed: Signed) -> Result<Response, Problem> {
    Ok(framed(&call, &signed, &Typed::load(&call, &signed)?, &Wrongs::none()))
}

/// `POST /me/quiet`
async fn save(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let form = call.form().await?;
    let typed = Typed::of(&form, Typed::load(&call, &signed)?.is_on);
    let quiet = match typed.parse() {
        Ok(quiet) => quiet,
        Err(wrongs) => return Ok(framed(&call, &signed, &typed, &wrongs)),
    };
    let (id, hours) = (signed.id, format!("{} to {}", time(quiet.from), time(quiet.until)));
    match call.state().store().write(move |tx| portal::set_quiet(tx, id, Some(&quiet))).await {
        Ok(()) => Ok(done(&call, HOME, &Flash::good(format!("Your quiet hours are from {hours}.")))),
        Err(error) => Ok(framed(&call, &signed, &typed, &Wrongs::try_from(error)?)),
    }
}

/// `POST /me/quiet/off`
async fn off(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    call.form().await?;
    let id = signed.id;
    call.state().store().write(move |tx| portal::set_quiet(tx, id, None)).await?;
    Ok(done(&call, HOME, &Flash::good("You have no quiet hours any more.")))
}
