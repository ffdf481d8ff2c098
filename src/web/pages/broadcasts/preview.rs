//! What a person would get, while it is written: the bubble with a real name in it, the count in Telegram's measure, what is
//! wrong, and how many it reaches.

use maud::{Markup, html};

use super::super::super::{Form, Problem, State, Wrongs};
use super::super::files;
use super::photo;
use super::typed::Typed;
use crate::actions::broadcasts::audience::{self, Size};
use crate::actions::broadcasts::content;
use crate::actions::settings::Effective;
use crate::model::account::{Account, AccountState, Tag};
use crate::model::broadcast::Audience;
use crate::model::message::{Body, Format};
use crate::model::photo::CAPTION_LIMIT;
use crate::model::text::{MessageText, Piece, TEXT_LIMIT, pieces, utf16_len};
use crate::runtime;
use crate::store::accounts::{Filter, From};
use crate::store::{Snapshot, StoreError, accounts, meta};
use crate::view::badge::Tone;
use crate::view::live::part;
use crate::view::notice::notice;
use crate::view::{buttons, content as content_view, count, document, number, picture};

/// Accounts that are looked through for one whose name can be filled in.
const LOOKED: usize = 50;

/// A file that was chosen in the browser and is not here yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Awaited {
    /// None.
    Nothing,
    /// A photo.
    Photo,
    /// A document.
    Document,
}

impl Awaited {
    /// As the script tells it.
    pub(super) fn of(form: &Form) -> Self {
        if form.is_ticked("chosen_photo") {
            Self::Photo
        } else if form.is_ticked("chosen_document") {
            Self::Document
        } else {
            Self::Nothing
        }
    }

    fn is_some(self) -> bool {
        self != Self::Nothing
    }
}

/// A broadcast as it would be seen.
pub(super) struct Preview {
    body: Body,
    photo: Option<picture::Shown<'static>>,
    document: Option<document::Shown>,
    awaited: Awaited,
    bot: String,
    /// Whose name is filled in.
    person: Option<String>,
    length: usize,
    wrong: Option<String>,
    size: Result<Size, String>,
}

impl Preview {
    /// Looks at what was typed. Audiences that take long to count are counted on a thread of their own.
    pub(super) async fn load(state: &State, typed: &Typed, awaited: Awaited) -> Result<Self, Problem> {
        let mut wrongs = Wrongs::none();
        let audience = state.store().read(|read| typed.audience(read, &mut wrongs))?;
        let why = wrongs.summary().first().map_or(String::new(), |(_, sentence)| (*sentence).to_owned());
        let size = match audience.clone() {
            Some(audience) => {
                let store = state.store().clone();
                Ok(runtime::blocking(move || audience::size(&store, &audience)).await?)
            }
            None => Err(why),
        };
        let config = state.config();
        state.store().read(|read| {
            let body = typed.body();
            let masks = Effective::load(read, config)?.mask_username.value;
            let person = someone(read, audience.as_ref())?;
            let filled = match &person {
                Some(person) => {
                    let masked = person.username.masked();
                    let username = if masks { masked.as_str() } else { person.username.as_str() };
                    content::fill(&body, username, &person.name)
                }
                None => content::sample(&body).text,
            };
            let wrong = mistake(read, &body, awaited)?;
            Ok(Self {
                length: seen(&body.text, body.format),
                photo: photo::shown(read, &body)?,
                document: files::shown(read, &body)?,
                body: Body { text: filled, ..body },
                awaited,
                bot: meta::bot(read)?.map_or_else(|| "Your bot".to_owned(), |bot| bot.name),
                person: person.map(|person| person.username.to_string()),
                wrong,
                size,
            })
        })
    }

    /// The parts that follow what is typed, for the script.
    pub(super) fn parts(&self) -> Markup {
        html! { (self.counted(&Wrongs::none())) (self.bubble()) (self.reach()) }
    }

    /// How long it is, and what is wrong with it, unless the form says that already.
    pub(super) fn counted(&self, told: &Wrongs) -> Markup {
        let limit = if self.carries() { CAPTION_LIMIT } else { TEXT_LIMIT };
        let figure = |units: usize| number(u64::try_from(units).unwrap_or(u64::MAX));
        part(
            "count",
            html! {
                p.counter .over[self.length > limit] {
                    @if self.length > limit { (figure(self.length - limit)) " characters too many: " }
                    (figure(self.length)) " of " (figure(limit)) " characters, as Telegram counts"
                    @if limit == CAPTION_LIMIT { " below a file" }
                    "."
                }
                @if let Some(wrong) = self.wrong.as_ref().filter(|_| told.is_empty()) { (notice(Tone::Failed, wrong)) }
            },
        )
    }

    /// Whether it carries a file, here already or not.
    fn carries(&self) -> bool {
        self.photo.is_some() || self.document.is_some() || self.awaited.is_some()
    }

    /// The bubble.
    pub(super) fn bubble(&self) -> Markup {
        let picture = html! {
            @if self.awaited == Awaited::Photo { div.bubble-photo data-photo-slot { p { "The photo you chose" } } }
            @else if self.awaited == Awaited::Document { p.bubble-document { "The document you chose" } }
            @else if let Some(photo) = &self.photo { div.bubble-photo { (photo) } }
            @else if let Some(document) = &self.document { (document) }
        };
        let is_empty = self.body.text.trim().is_empty() && !self.carries();
        part(
            "bubble",
            html! {
                figure.preview {
                    div.bubble.received { div.bubble-box {
                        p.bubble-name { (self.bot) }
                        @if is_empty { p.hint { "What you write appears here." } }
                        (content_view::pictured(&self.body, picture))
                    } }
                    figcaption {
                        "As it will look in Telegram"
                        @if let Some(person) = &self.person { ", here for " b dir="auto" { (person) } }
                        @if self.body.silent { ", without a sound" }
                        @if self.body.protect { ", not to be forwarded" }
                        @if let Some(seconds) = self.body.answer_within { "; answers count for " (buttons::span(seconds)) }
                        "."
                    }
                }
            },
        )
    }

    /// How many it reaches.
    pub(super) fn reach(&self) -> Markup {
        part("reach", html! { div.panel { div.panel-body { (self.reached()) } } })
    }

    fn reached(&self) -> Markup {
        match &self.size {
            Ok(size) if size.chats == 0 => html! {
                p.figure-line { "Nobody" }
                p.hint { "No chat of this audience can be reached and wants broadcasts." }
            },
            Ok(size) => html! {
                p.figure-line { (count(size.chats, "chat", "chats")) }
                p.hint { "of " (count(size.accounts, "account", "accounts")) ", as of now. Chats that blocked the bot or muted broadcasts are not among them." }
            },
            Err(why) => html! { p.figure-line { "–" } p.hint { (why) } },
        }
    }
}

/// A person of the audience whose name can be filled in, found without going through it.
fn someone(read: &Snapshot, audience: Option<&Audience>) -> Result<Option<Account>, StoreError> {
    let first = |tag: Option<&Tag>, fits: &dyn Fn(&Account) -> bool| {
        let filter = Filter { tag: tag.cloned(), state: Some(AccountState::Linked), ..Filter::default() };
        let page = accounts::list(read, &filter, &From::Start, LOOKED)?;
        Ok(page.rows.into_iter().map(|(_, account)| account).find(fits))
    };
    match audience {
        Some(Audience::Picked(ids)) => ids.first().map_or(Ok(None), |id| accounts::get(read, *id)),
        Some(Audience::Tags(filter)) => {
            first(filter.all.first().or(filter.any.first()), &|account| filter.fits(&account.tags))
        }
        Some(Audience::Everyone | Audience::Again { .. }) | None => first(None, &|_| true),
    }
}

/// What is wrong with it, except that nothing was written yet.
fn mistake(read: &Snapshot, body: &Body, awaited: Awaited) -> Result<Option<String>, Problem> {
    let is_empty = body.text.trim().is_empty() && body.attachment().is_none();
    if is_empty && body.buttons.is_empty() {
        return Ok(None);
    }
    if awaited.is_some()
        && let Err(error) = MessageText::parse_caption(&body.text, body.format)
    {
        return Ok(Some(format!("This cannot be sent: {error}.")));
    }
    let stand_in = is_empty && awaited.is_some();
    let checked = if stand_in { Body { text: "photo".to_owned(), ..body.clone() } } else { body.clone() };
    match content::check(read, checked) {
        Ok(_) => Ok(None),
        Err(error) => {
            let wrongs = Wrongs::try_from(error)?;
            Ok(wrongs.summary().first().map(|(_, sentence)| (*sentence).to_owned()))
        }
    }
}

/// The length that Telegram counts: without markup, each entity one character.
fn seen(text: &str, format: Format) -> usize {
    let text = text.replace("\r\n", "\n");
    match format {
        Format::Plain => utf16_len(&text),
        Format::Html => pieces(&text)
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => utf16_len(text),
                Piece::Char(letter) => letter.len_utf16(),
                Piece::Open(_) | Piece::Close(_) => 0,
            })
            .sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_told_as_telegram_counts() {
        assert_eq!(seen("a\r\nb", Format::Plain), 3);
        assert_eq!(seen("<b>a</b> &lt;&#128512;", Format::Html), 5);
        assert_eq!(seen("<b>a</b>", Format::Plain), 8);
    }
}
