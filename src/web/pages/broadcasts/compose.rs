//! Writing a broadcast: a new one, a draft, a scheduled one. The form works without script; with it, the preview, the counts and
//! what is wrong keep up with what is typed.

use maud::{Markup, html};
use tide::http::Method;

use super::super::super::once::{self, Turn};
use super::super::super::{Call, Keeper, Problem, Response, Row, State, Upload, Wrongs, answer};
use super::super::{Content, done, files, show};
use super::preview::{Awaited, Preview};
use super::typed::{DOCUMENT, PHOTO, Typed, Whom};
use super::{NEW, PATH, existing, path_of, photo, words};
use crate::actions::broadcasts::{self, Draft, life};
use crate::actions::session::Signed;
use crate::actions::{Caller, pictures};
use crate::ids::{BroadcastId, PhotoId};
use crate::model::admin::Role;
use crate::model::broadcast::{Audience, Broadcast};
use crate::model::message::{BUTTONS_MAX, Body, Format};
use crate::runtime;
use crate::store::{self, Snapshot, StoreError, accounts};
use crate::view::audience::Picker;
use crate::view::badge::Tone;
use crate::view::buttons::WITHIN_FIELD;
use crate::view::chat::FORMAT_FIELD;
use crate::view::field::{Choice, Field, Ticked};
use crate::view::form::{CSRF_FIELD, Weight, hidden, submit_as, summary};
use crate::view::notice::{Flash, notice};
use crate::view::shell::Nav;
use crate::view::{Href, buttons, document, layout, picture};

/// Tags that are suggested.
const TAGS: usize = 200;
/// Where a form is looked at without being kept.
const LOOK: &str = "/admin/broadcasts/preview";

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::signed(Method::Get, NEW, Role::Sender, blank),
        Row::signed(Method::Post, PATH, Role::Sender, create),
        Row::signed(Method::Post, LOOK, Role::Sender, look),
        Row::signed(Method::Get, "/admin/broadcasts/:id/edit", Role::Sender, filled),
        Row::signed(Method::Post, "/admin/broadcasts/:id/edit", Role::Sender, change),
    ]
}

/// Which broadcast is written.
#[derive(Clone)]
enum Which {
    New { once: String },
    Old(BroadcastId, Broadcast),
}

impl Which {
    fn action(&self) -> Href {
        match self {
            Self::New { .. } => PATH.into(),
            Self::Old(id, _) => format!("{}/edit", path_of(*id)).into(),
        }
    }

    /// The audience that is not chosen here.
    fn fixed(&self) -> Option<&Audience> {
        match self {
            Self::Old(_, Broadcast { audience: audience @ Audience::Again { .. }, .. }) => Some(audience),
            Self::Old(..) | Self::New { .. } => None,
        }
    }
}

/// `GET /admin/broadcasts/new`
async fn blank(call: Call, signed: Signed) -> Result<Response, Problem> {
    let which = Which::New { once: once::Once::text(call.state().rng()) };
    page(&call, &signed, &which, &Typed::default(), &Wrongs::none()).await
}

/// `GET /admin/broadcasts/:id/edit`
async fn filled(call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, row) = existing(&call)?;
    life::after(&row.state, &life::Act::Edit, call.state().clock().now()).map_err(|refusal| leading_to(refusal, id))?;
    let typed = call.state().store().read(|read| {
        let body = store::broadcasts::body(read, id)?;
        body.map(|body| Typed::from_row(read, &body, &row.audience)).transpose()
    })?;
    let unreadable = || Problem::conflict("What this broadcast says was sealed with another key and cannot be read.");
    let typed = typed.ok_or_else(unreadable)?;
    page(&call, &signed, &Which::Old(id, row), &typed, &Wrongs::none()).await
}

fn leading_to(refusal: crate::actions::Refusal, id: BroadcastId) -> Problem {
    Problem::from(refusal).leading(path_of(id), "To the broadcast")
}

/// `POST /admin/broadcasts`
async fn create(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let upload = call.upload(Some(keeper(&call, &signed))).await?;
    let form = &upload.form;
    let once = form.get(once::FIELD).to_owned();
    if call.state().once().take(&once) == Turn::Repeated {
        let flash = Flash::good("This broadcast was saved once; the second click changed nothing.");
        return Ok(done(&call, PATH, &flash));
    }
    let answer = save(&call, &signed, Which::New { once: once.clone() }, upload).await;
    // What was refused will be sent again.
    if !answer.as_ref().is_ok_and(|response| u16::from(response.status()) == 303) {
        call.state().once().give_back(&once);
    }
    answer
}

/// `POST /admin/broadcasts/:id/edit`
async fn change(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, row) = existing(&call)?;
    let upload = call.upload(Some(keeper(&call, &signed))).await?;
    save(&call, &signed, Which::Old(id, row), upload).await
}

fn keeper(call: &Call, signed: &Signed) -> Keeper {
    Keeper::new(call.state().store().clone(), signed.caller())
}

async fn save(
    call: &Call,
    signed: &Signed,
    which: Which,
    Upload { form, file, document }: Upload,
) -> Result<Response, Problem> {
    let mut typed = Typed::of(&form, which.fixed());
    let mut wrongs = Wrongs::none();
    // What is chosen now takes the place of what was there.
    if let Some(file) = file {
        match pictures::prepare(file).await {
            Ok(picture) => {
                (typed.photo, typed.document) = (Some(keep(call.state(), signed.caller(), picture).await?), None);
            }
            Err(error) => wrongs.add("photo", error),
        }
    }
    if let Some(arrived) = document {
        // A form that comes back still has it.
        (typed.photo, typed.document) = (None, Some(arrived.keep()));
    }
    let store = call.state().store();
    let audience = store.read(|read| typed.audience(read, &mut wrongs))?;
    let checked = store.read(|read| broadcasts::content::check(read, typed.body()));
    if let Err(error) = checked {
        wrongs.join(Wrongs::try_from(error)?);
    }
    let (Some(audience), true) = (audience, wrongs.is_empty()) else {
        return page(call, signed, &which, &typed, &wrongs).await;
    };
    let (rate, paid) = match &which {
        Which::New { .. } => (None, false),
        Which::Old(_, row) => (row.rate, row.paid),
    };
    let draft = Draft { body: typed.body(), audience, rate, paid };
    let (caller, config, old) = (signed.caller(), call.state().config().clone(), which.clone());
    let written = store.write(move |tx| match &old {
        Which::New { .. } => broadcasts::create(tx, &caller, &config, &draft),
        Which::Old(id, _) => broadcasts::edit(tx, &caller, &config, *id, &draft).map(|_| *id),
    });
    match written.await {
        Ok(id) => go_on(call, signed, id, (form.get("go"), typed.body())).await,
        Err(error) => page(call, signed, &which, &typed, &Wrongs::try_from(error)?).await,
    }
}

/// Keeps a picture that nobody carries yet: a form that comes back still has it.
async fn keep(state: &State, caller: Caller, picture: pictures::Picture) -> Result<PhotoId, Problem> {
    let store = state.store().clone();
    let sealing = runtime::blocking(move || store.read(|read| Ok::<_, StoreError>(picture.seal(read))));
    let (photo, sealed) = sealing.await?;
    Ok(state.store().write(move |tx| pictures::add(tx, &caller, &photo, sealed.clone())).await?)
}

/// Where the button that was pressed leads.
async fn go_on(call: &Call, signed: &Signed, id: BroadcastId, (go, body): (&str, Body)) -> Result<Response, Problem> {
    let edit = format!("{}/edit", path_of(id));
    match go {
        "continue" => Ok(answer::see_other(&format!("{}/start", path_of(id)))),
        "preview" => Ok(answer::see_other(&edit)),
        "test" => {
            let caller = signed.caller();
            let tested = call.state().store().write(move |tx| broadcasts::test(tx, &caller, body.clone())).await;
            let flash = match tested {
                Ok(_) => Flash::good("Saved as a draft. The test is on its way to your own chat, with example names."),
                Err(error) => {
                    let wrongs = Wrongs::try_from(error)?;
                    let why = wrongs.summary().first().map_or("", |(_, sentence)| *sentence).to_owned();
                    Flash::failed(format!("Saved as a draft, but the test was not sent. {why}"))
                }
            };
            Ok(done(call, &edit, &flash))
        }
        _ => Ok(done(call, &path_of(id), &Flash::good("Saved. Nothing is sent before you start it."))),
    }
}

/// `POST /admin/broadcasts/preview`: the parts of the page that follow what is typed.
async fn look(mut call: Call, _: Signed) -> Result<Response, Problem> {
    let form = call.form().await?;
    let typed = Typed::of(&form, None);
    let preview = Preview::load(call.state(), &typed, Awaited::of(&form)).await?;
    Ok(answer::page(preview.parts()))
}

/// What the form shows beside what was typed.
struct Around {
    tags: Vec<String>,
    photo: Option<picture::Shown<'static>>,
    document: Option<document::Shown>,
}

impl Around {
    fn load(read: &Snapshot, typed: &Typed) -> Result<Self, StoreError> {
        let tags = accounts::tags(read, TAGS)?.into_iter().map(|tag| tag.as_str().to_owned()).collect();
        let body = typed.body();
        Ok(Self { tags, photo: photo::shown(read, &body)?, document: files::shown(read, &body)? })
    }
}

async fn page(
    call: &Call,
    signed: &Signed,
    which: &Which,
    typed: &Typed,
    wrongs: &Wrongs,
) -> Result<Response, Problem> {
    let around = call.state().store().read(|read| Around::load(read, typed))?;
    let preview = Preview::load(call.state(), typed, Awaited::Nothing).await?;
    let body = html! {
        (summary(&wrongs.summary()))
        div.compose {
            (written(which, typed, &around, (&signed.session.csrf, wrongs), &preview))
            div.compose-side { (preview.bubble()) (preview.reach()) }
        }
    };
    let title = match which {
        Which::New { .. } => "New broadcast".to_owned(),
        Which::Old(id, _) => format!("Edit broadcast {id}"),
    };
    let content = Content::new(title, Nav::Broadcasts, body);
    let content = match which {
        Which::New { .. } => content.below(PATH, "Broadcasts"),
        Which::Old(id, _) => content.below(path_of(*id), format!("Broadcast {id}")),
    };
    let status = if wrongs.is_empty() { 200 } else { wrongs.status() };
    Ok(show(call, signed, content.with_status(status)))
}

fn written(
    which: &Which,
    typed: &Typed,
    around: &Around,
    (csrf, wrongs): (&str, &Wrongs),
    preview: &Preview,
) -> Markup {
    html! {
        form method="post" action=(which.action()) enctype="multipart/form-data" data-preview=(LOOK) {
            // Before the file: the server reads no file of a form that is not its own.
            (hidden(CSRF_FIELD, csrf))
            @if let Which::New { once } = which { (hidden(once::FIELD, once)) }
            @if let Some(photo) = typed.photo { (hidden(PHOTO, &photo.to_string())) }
            @if let Some(document) = typed.document { (hidden(DOCUMENT, &document.to_string())) }
            (layout::panel("Message", message(typed, around, wrongs, preview)))
            (layout::panel("For whom", audience(typed, around, wrongs)))
            div.form-foot {
                (submit_as(Weight::Quiet, "Save draft", ("go", "save")))
                span.unscripted { (submit_as(Weight::Quiet, "Save and preview", ("go", "preview"))) }
                (submit_as(Weight::Quiet, "Send a test to my chat", ("go", "test")))
                (submit_as(Weight::Primary, "Continue", ("go", "continue")))
            }
            p.hint { "“Continue” saves it and shows how many it reaches and how long that takes. Nothing is sent before you start it there." }
        }
    }
}

fn message(typed: &Typed, around: &Around, wrongs: &Wrongs, preview: &Preview) -> Markup {
    let formats =
        vec![Choice { value: "plain", label: "plain text" }, Choice { value: "html", label: "Telegram's HTML" }];
    let format = if typed.format == Format::Html { "html" } else { "plain" };
    let ticked = |on| if on { Ticked::Yes } else { Ticked::No };
    html! {
        div.fields {
            div.message-text {
                (Field::area("text", "Text", 8)
                    .value(&typed.text)
                    .hint("{username} and {name} are filled in for each person. With a photo or a document, the text may be left empty.")
                    .telling()
                    .error(wrongs.of("text")))
                (preview.counted(wrongs))
            }
            (Field::select(FORMAT_FIELD, "Written as", formats).value(format))
            (layout::more("html-help", "What Telegram's HTML can do", html_help()))
            (picture::Field {
                name: "photo",
                label: "Photo",
                hint: "JPEG, PNG or WebP, up to 10 MB. It is drawn anew here: where and with what it was taken stays behind.",
                error: wrongs.of("photo"),
                current: around.photo.clone(),
            })
            (document::Field {
                name: "document",
                label: "Document",
                hint: "A file of any kind, up to 50 MB, instead of a photo. It arrives as it is, with its name.",
                error: wrongs.of("document"),
                current: around.document.clone(),
            })
            (buttons::editor(&typed.buttons, (2, BUTTONS_MAX), wrongs.of("buttons")))
            (buttons::within(typed.within, wrongs.of(WITHIN_FIELD)))
            (Field::check("silent", "Arrives without a sound", ticked(typed.silent)))
            (Field::check("protect", "Cannot be forwarded or saved", ticked(typed.protect)))
        }
    }
}

fn html_help() -> Markup {
    html! {
        p { "Tags that Telegram knows: " code { "<b>" } ", " code { "<i>" } ", " code { "<u>" } ", " code { "<s>" } ", "
            code { "<a href=\"https://…\">" } ", " code { "<code>" } ", " code { "<pre>" } ", " code { "<blockquote>" } ", "
            code { "<tg-spoiler>" } ". Nothing else; a line ends where you end it." }
        p { "For the signs themselves write " code { "&lt;" } ", " code { "&gt;" } " and " code { "&amp;" } "." }
    }
}

fn audience(typed: &Typed, around: &Around, wrongs: &Wrongs) -> Markup {
    let sentences = wrongs.summary();
    match &typed.whom {
        Whom::Fixed(audience) => {
            let text = format!(
                "It goes {}: to chats that can still be reached, and to nobody else.",
                words::audience(audience).trim_start_matches("to ")
            );
            notice(Tone::Quiet, &text)
        }
        Whom::Chosen { kind, all, any, none, picked } => {
            let picker = Picker { kind: *kind, all, any, none, picked, tags: &around.tags, wrongs: &sentences };
            html! { (picker) }
        }
    }
}
