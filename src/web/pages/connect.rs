//! `/admin/connect`: "Connect your website". Programs to copy in six languages, with this instance's address in them and, on
//! request, a new key or a new secret for signed addresses: both only for an owner who proved it, and shown once.

mod secret;

use maud::{Markup, html};
use tide::http::Method;

use super::super::{Call, Problem, Response, Row};
use super::{Content, may, show};
use crate::actions::keys::{NewKey, create};
use crate::actions::session::Signed;
use crate::actions::{Caller, Error};
use crate::model::admin::Role;
use crate::model::api_key::{ApiKey, KeySecret};
use crate::store::{Read as _, StoreError, Tx, keys};
use crate::view::badge::Tone;
use crate::view::form::{self, Weight, link_button};
use crate::view::layout::{facts, panel, panel_with, terminal};
use crate::view::notice;
use crate::view::reveal::{Copy, sealed_once, secret_once};
use crate::view::shell::Nav;
use crate::view::snippets::{Filling, Language, Task, languages, programs};

/// The path of the page.
pub const PATH: &str = "/admin/connect";
const KEY: &str = "/admin/connect/key";
/// What the key of the programs is called, with a number behind it where that is taken.
const KEY_NAME: &str = "website";
/// What the programs do with it, and nothing more.
const KEY_SCOPES: &str = "accounts:read, links, messages";
/// The form that holds the language, so that it survives a proof of who one is.
const FORM: &str = "language";

/// The routes of these pages.
#[must_use]
pub fn rows() -> Vec<Row> {
    let own = vec![
        Row::signed(Method::Get, PATH, Role::Operator, page),
        Row::step_up(Method::Get, KEY, Role::Owner, ask),
        Row::step_up(Method::Post, KEY, Role::Owner, make),
    ];
    [own, secret::rows()].concat()
}

/// What was made a moment ago, and is filled in.
enum Fresh<'a> {
    Nothing,
    Key(&'a ApiKey, &'a KeySecret),
    Secret(&'a crate::secret::Secret),
}

fn language(word: &str) -> Language {
    Language::parse(word).unwrap_or(Language::Shell)
}

/// `GET /admin/connect`
async fn page(call: Call, signed: Signed) -> Result<Response, Problem> {
    let chosen = language(&call.query("lang"));
    shown(&call, &signed, chosen, &Fresh::Nothing)
}

fn shown(call: &Call, signed: &Signed, chosen: Language, fresh: &Fresh) -> Result<Response, Problem> {
    let plain = Filling::at(&call.visitor().origin.text);
    let filling = match fresh {
        Fresh::Nothing => plain,
        Fresh::Key(_, secret) => Filling { key: secret.expose(), ..plain },
        Fresh::Secret(secret) => Filling { connect_secret: secret.expose(), ..plain },
    };
    let owner = may(signed, Role::Owner);
    let standing = secret::Standing::load(call)?;
    let body = html! {
        div.programs.stack {
            p.lead {
                "Your website knows who is signed in. It asks for a link for that user, shows it, and writes to the user from then on. \
                 Copy a program, run it, and see it happen."
            }
            (first(fresh, owner))
            (chooser(chosen, owner, fresh))
            (panel("1. Connect a user", link(call, &filling)))
            (panel("2. Write to the user", message(&filling)))
            (panel("3. Hear what happens", webhook(&filling)))
            (panel_with("Without calling the API", standing.buttons(owner, FORM), address(&standing, fresh, &filling)))
        }
    };
    Ok(show(call, signed, Content::new("Connect your website", Nav::Connect, body)))
}

fn first(fresh: &Fresh, owner: bool) -> Markup {
    match fresh {
        Fresh::Key(key, secret) => html! {
            (secret_once(Copy { id: "key-secret", label: "The secret of the key", value: secret.expose() }))
            p.hint {
                "It is filled in below. The key \"" (key.name) "\" may use: " (key.scopes) ". On a server it belongs into a file or \
                 a variable that only the website reads. " a href="/admin/settings/keys" { "All keys" }
            }
        },
        Fresh::Nothing | Fresh::Secret(_) if !owner => {
            notice::notice(Tone::Quiet, "An owner makes the key that stands for slk_your-key below.")
        }
        Fresh::Nothing | Fresh::Secret(_) => Markup::default(),
    }
}

/// The languages, and the button that fills in a key.
fn chooser(chosen: Language, owner: bool, fresh: &Fresh) -> Markup {
    html! {
        form.chooser id=(FORM) method="get" action=(KEY) {
            (languages(chosen))
            @if owner && !matches!(fresh, Fresh::Key(..)) {
                (form::submit(Weight::Primary, "Fill in a new key"))
            }
        }
    }
}

fn link(call: &Call, filling: &Filling) -> Markup {
    html! {
        p {
            "Makes a link for the user and prints the page to lead them to. That page shows the QR code, counts down and turns to \
             \"connected\" by itself; " code { "qr_svg" } " and " code { "url" } " are there for a page of your own. Then the program \
             waits until the link is used."
        }
        @if let Some(phone) = call.state().phone() {
            p.hint { "This is a sandbox: open the printed link on one of the " a href=(phone) { "phones" } " and press Start." }
        }
        (programs(Task::Link, filling))
    }
}

fn message(filling: &Filling) -> Markup {
    html! {
        p {
            "You write to the name that the user has at your website, never to a number of Telegram's. A POST with an "
            code { "Idempotency-Key" } " is carried out once, however often it is sent. All else is in the "
            a href="/api/docs" { "documentation" } "."
        }
        (programs(Task::Message, filling))
    }
}

fn webhook(filling: &Filling) -> Markup {
    html! {
        p id="verify" {
            "startlink calls your website when a link is used, when somebody writes, and when a message arrives or does not. Each call is \
             signed, so that nobody else can make one up: check the signature over the body as it came, before you read it. A website \
             that cannot be called asks " code { "GET /api/v1/events" } " instead. Where calls go: "
            a href="/admin/settings/webhooks" { "Webhooks" } "."
        }
        (programs(Task::Webhook, filling))
    }
}

fn address(standing: &secret::Standing, fresh: &Fresh, filling: &Filling) -> Markup {
    let example = format!(
        "<form action=\"{}/connect\">\n  <input type=\"hidden\" name=\"username\" value=\"ada\">\n  <input type=\"hidden\" name=\"expires\" \
         value=\"...\">\n  <input type=\"hidden\" name=\"return_url\" value=\"{}\">\n  <input type=\"hidden\" name=\"signature\" \
         value=\"...\">\n  <button>Connect Telegram</button>\n</form>",
        filling.address, filling.return_url
    );
    html! {
        p {
            "A button on your page is enough: it leads to an address that your server signed for the user who is signed in. Here they see \
             the link, and come back to your page with a signed word that they are connected. No script, no call between the servers."
        }
        @if let Fresh::Secret(secret) = fresh {
            (sealed_once(Copy { id: "connect-secret", label: "The secret that signs addresses", value: secret.expose() }))
            p.hint { "It is filled in below. Whoever has it can connect a chat to any account, so it stays on your server." }
        }
        (standing.told())
        (programs(Task::Address, filling))
        h3.apart { "What is signed" }
        (facts(&[
            ("On the way here", html! { code.lines { "connect ↵ username ↵ expires ↵ return_url" } }),
            ("On the way back", html! { code.lines { "connected ↵ username ↵ startlink_at" } }),
        ]))
        p.hint {
            "HMAC-SHA256 in hexadecimal digits; the key is the secret's whole text, ↵ is one line feed, and none stands at the end. "
            code { "expires" } " is in seconds since 1970, at most a day ahead. An address makes one link, however often it is opened. \
             On the way back the name is not in the address: put in the user who is signed in, so that nobody comes back as somebody else."
        }
        p.hint { "The link can also be a form, as long as your server writes its fields:" }
        (terminal(&example))
    }
}

/// `GET /admin/connect/key`
async fn ask(call: Call, signed: Signed) -> Result<Response, Problem> {
    let lang = call.query("lang");
    let body = html! {
        p.lead { "The programs need a key of the API. It may look at accounts, make links and send messages; nothing else." }
        (form::hidden("lang", language(&lang).word()))
        (form::actions(html! {
            (form::submit(Weight::Primary, "Make the key"))
            (link_button(Weight::Quiet, back_to(&lang), "Not now"))
        }))
    };
    let body = crate::view::layout::frame(form::post(KEY, Some(&signed.session.csrf), body));
    Ok(show(
        &call,
        &signed,
        Content::new("A key for your website", Nav::Connect, body).below(PATH, "Connect your website"),
    ))
}

fn back_to(lang: &str) -> String {
    format!("{PATH}?lang={}", language(lang).word())
}

/// `POST /admin/connect/key`
async fn make(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let form = call.form().await?;
    let caller = signed.caller();
    let (key, secret) = call.state().store().write(move |tx| new_key(tx, &caller)).await?;
    shown(&call, &signed, language(form.get("lang")), &Fresh::Key(&key, &secret))
}

fn new_key(tx: &mut Tx<'_>, caller: &Caller) -> Result<(ApiKey, KeySecret), Error> {
    let name = free_name(tx)?;
    let asked = NewKey { name: &name, scopes: KEY_SCOPES, ..NewKey::default() };
    let (_, key, secret) = create(tx, caller, asked)?;
    Ok((key, secret))
}

/// `website`, `website 2` and so on: a key that is in use keeps its name.
fn free_name(tx: &Tx<'_>) -> Result<String, StoreError> {
    let now = tx.now();
    let taken: Vec<String> =
        keys::all(tx)?.into_iter().filter(|(_, key)| key.is_live(now)).map(|(_, key)| key.name).collect();
    let names =
        std::iter::once(KEY_NAME.to_owned()).chain((2..=taken.len() + 1).map(|number| format!("{KEY_NAME} {number}")));
    Ok(names.into_iter().find(|name| !taken.contains(name)).unwrap_or_else(|| KEY_NAME.to_owned()))
}
