//! A person's phone: the chat, the bar under it, the tools beside it, and what the forms on it do.

use std::sync::Arc;
use std::time::Duration;

use maud::{Markup, html};
use tide::{Request, Response, Result, Server};

use super::super::acts::ActError;
use super::super::links;
use super::super::people::{Chat, Standing};
use super::super::phone::Phone;
use super::super::profile::Text;
use super::super::watching;
use super::super::world::{Core, World};
use super::bubble::{Scene, conversation, note};
use super::compose::{self, Bar};
use super::group_choice;
use super::home::{avatar, phone_address};
use super::{field, form, markup, nothing_here, page_with, query, see_other};

/// How long the script's question "anything new?" waits for a change.
pub(super) const LIVE_WAIT: Duration = Duration::from_secs(25);

pub(super) fn mount(app: &mut Server<Arc<Core>>) {
    app.at("/phone/:id").get(show);
    app.at("/phone/:id/live").get(live);
    app.at("/phone/:id/link").get(open_link);
    app.at("/phone/:id/attach").post(attach);
    app.at("/phone/:id/:act").post(act);
}

/// What the address and the last act add to the screen.
#[derive(Default)]
struct Extra {
    /// The payload of an opened link, which START will send.
    start: Option<String>,
    /// Why the last act did not work.
    problem: Option<String>,
    /// A text that was typed and not sent.
    typed: String,
    /// The message that is being answered.
    reply: Option<i64>,
    /// A link that was pasted and not understood.
    pasted: String,
}

/// The phone in a request's address.
pub(super) fn phone(request: &Request<Arc<Core>>) -> Phone {
    let id = request.param("id").ok().and_then(|id| id.parse().ok()).unwrap_or(0);
    Phone { core: Arc::clone(request.state()), id }
}

/// `GET /phone/ID`, with `?start=CODE` when a deep link was opened, `?reply=MESSAGE` when one is being answered.
async fn show(request: Request<Arc<Core>>) -> Result {
    let reply = query(&request, "reply").and_then(|id| id.parse().ok());
    let extra = Extra { start: query(&request, "start"), reply, ..Extra::default() };
    Ok(screen(&phone(&request), 200, &extra))
}

/// `GET /phone/ID/live?seen=REVISION`: the screen when it changed, 204 when it did not for a while.
async fn live(request: Request<Arc<Core>>) -> Result {
    let phone = phone(&request);
    let seen: u64 = query(&request, "seen").and_then(|seen| seen.parse().ok()).unwrap_or(0);
    let start = query(&request, "start");
    if !watching::changed(&phone.core, phone.id, seen, LIVE_WAIT).await {
        return Ok(Response::new(204));
    }
    let world = phone.core.world();
    let Some(chat) = world.chats.get(&phone.id) else { return Ok(nothing_here()) };
    let extra = Extra { start, ..Extra::default() };
    Ok(markup(200, handset(&phone.core.base, &world, chat, &extra)))
}

/// `GET /phone/ID/link?link=...`: a pasted or scanned link.
async fn open_link(request: Request<Arc<Core>>) -> Result {
    let phone = phone(&request);
    let pasted = query(&request, "link").unwrap_or_default();
    Ok(match phone.read_link(&pasted) {
        Ok(payload) => see_other(&phone_address(phone.id, Some(&payload))),
        Err(ActError::GroupLink) => see_other(&group_choice::address(&phone, &pasted)),
        Err(error) => screen(&phone, 422, &Extra { problem: Some(error.to_string()), pasted, ..Extra::default() }),
    })
}

/// `POST /phone/ID/ACT`: the buttons on the screen.
async fn act(mut request: Request<Arc<Core>>) -> Result {
    let phone = phone(&request);
    let name = request.param("act")?.to_owned();
    let fields = form(&mut request).await?;
    let done = match name.as_str() {
        "start" => phone.press_start(field(&fields, "start")).map(|_| ()),
        "send" => match field(&fields, "reply").parse() {
            Ok(message) => phone.reply(message, field(&fields, "text")).map(|_| ()),
            Err(_) => phone.send(field(&fields, "text")).map(|_| ()),
        },
        "press" => press(&phone, &fields),
        "dismiss" => {
            phone.show(None);
            Ok(())
        }
        "block" => phone.block(),
        "unblock" => phone.unblock(),
        "delete" => phone.delete_chat(),
        "deactivate" => phone.deactivate(),
        _ => return Ok(nothing_here()),
    };
    Ok(after(&phone, done, field(&fields, "text")))
}

/// `POST /phone/ID/attach`: a file, a place or a card.
async fn attach(mut request: Request<Arc<Core>>) -> Result {
    let phone = phone(&request);
    let order = compose::order(&mut request).await?;
    let reply_to = order.reply_to;
    let done = match order.attachment() {
        Some(attachment) => phone.attach_to(reply_to, attachment).map(|_| ()),
        None => Err(ActError::BadFile),
    };
    Ok(after(&phone, done, ""))
}

/// Back to the phone, or why not.
fn after(phone: &Phone, done: std::result::Result<(), ActError>, typed: &str) -> Response {
    match done {
        Ok(()) => see_other(&phone_address(phone.id, None)),
        Err(error) => {
            let (problem, typed) = (Some(error.to_string()), typed.to_owned());
            screen(phone, 422, &Extra { problem, typed, ..Extra::default() })
        }
    }
}

fn press(phone: &Phone, fields: &[(String, String)]) -> std::result::Result<(), ActError> {
    let (message, which) = compose::button(fields)?;
    if let Some(note) = compose::note(phone.press(message, &which)?) {
        phone.show(Some(note));
    }
    Ok(())
}

fn screen(phone: &Phone, status: u16, extra: &Extra) -> Response {
    let world = phone.core.world();
    let Some(chat) = world.chats.get(&phone.id) else { return nothing_here() };
    let title = format!("{}'s phone", chat.person.first_name);
    page_with(
        status,
        &title,
        &html! {
            div.desk {
                nav.rail aria-label="Phones" {
                    @for other in world.chats.values().take(40) {
                        a href=(phone_address(other.person.id, extra.start.as_deref())) aria-current=[(other.person.id == phone.id).then_some("page")] {
                            (avatar(other)) span { (other.person.first_name) }
                        }
                    }
                }
                h1.hidden { (title) }
                (handset(&phone.core.base, &world, chat, extra))
                (tools(&world, chat, extra))
            }
        },
    )
}

/// The phone itself; the script replaces it as a whole.
fn handset(base: &str, world: &World, chat: &Chat, extra: &Extra) -> Markup {
    let id = chat.person.id;
    let live = match &extra.start {
        Some(start) => format!(
            "/phone/{id}/live?{}",
            form_urlencoded::Serializer::new(String::new()).append_pair("start", start).finish()
        ),
        None => format!("/phone/{id}/live?"),
    };
    let path = phone_address(id, None);
    let scene = Scene { room: &chat.room, viewer: id, path: &path, crowd: false, bot: &world.bot.username, base };
    html! {
        section.phone #phone data-live=(live) data-revision=(chat.room.revision()) data-standing=(standing_word(chat.standing)) data-testid="phone" {
            header.bar {
                a.back href="/" aria-label="All phones" { "‹" }
                img.face src="/sandbox.svg" alt="" width="36" height="36";
                div.title {
                    strong data-testid="bot-name" { (world.profile.name()) }
                    span { "bot · " (chat.person.name()) "'s phone" }
                }
                (menu(chat))
            }
            @if let Some(problem) = &extra.problem { p.problem role="alert" data-testid="problem" { (problem) } }
            (conversation(&scene, &welcome(world, chat)))
            (note(&path, chat.toast()))
            (bottom(world, chat, extra))
        }
    }
}

fn welcome(world: &World, chat: &Chat) -> Markup {
    let language = chat.person.language_code.as_deref().unwrap_or("");
    let about = world.profile.text(Text::Description, language);
    html! {
        li.welcome {
            @if about.is_empty() { "No messages here yet." } @else { strong { "What can this bot do?" } (about) }
        }
    }
}

fn standing_word(standing: Standing) -> &'static str {
    match standing {
        Standing::Stranger => "stranger",
        Standing::Started => "started",
        Standing::Blocked => "blocked",
        Standing::Deactivated => "deactivated",
    }
}

/// The menu behind the three dots.
fn menu(chat: &Chat) -> Markup {
    let item = |act: &str, label: &str| {
        html! {
            form method="post" action={ "/phone/" (chat.person.id) "/" (act) } { button data-testid=(act) { (label) } }
        }
    };
    html! {
        details.menu {
            summary aria-label="Menu" data-testid="menu" { "⋮" }
            div.sheet {
                @match chat.standing {
                    Standing::Started => (item("block", "Stop and block bot")),
                    Standing::Blocked => (item("unblock", "Unblock bot")),
                    Standing::Stranger | Standing::Deactivated => {}
                }
                @if chat.standing != Standing::Deactivated {
                    (item("delete", "Delete chat and stop bot"))
                    (item("deactivate", "Delete this person's account"))
                }
            }
        }
    }
}

/// What stands where one writes: START, UNBLOCK, or the field itself.
fn bottom(world: &World, chat: &Chat, extra: &Extra) -> Markup {
    let id = chat.person.id;
    let big = |act: &str, label: &str, payload: &str| {
        html! {
            form.bottom method="post" action={ "/phone/" (id) "/" (act) } data-kind=(act) {
                @if act == "start" { input type="hidden" name="start" value=(payload); }
                button.big data-testid={ (act) "-button" } { (label) }
            }
        }
    };
    match (chat.standing, &extra.start) {
        (Standing::Deactivated, _) => html! { p.bottom.gone data-kind="gone" { "This account is deleted." } },
        (_, Some(payload)) => big("start", "START", payload),
        (Standing::Stranger, None) => big("start", "START", ""),
        (Standing::Blocked, None) => big("unblock", "UNBLOCK", ""),
        (Standing::Started, None) => writing(world, chat, extra),
    }
}

fn writing(world: &World, chat: &Chat, extra: &Extra) -> Markup {
    compose::bar(&Bar {
        viewer: chat.person.id,
        path: &phone_address(chat.person.id, None),
        typed: &extra.typed,
        answered: extra.reply.and_then(|id| chat.room.find(id)),
        commands: world.profile.menu(chat.person.language_code.as_deref().unwrap_or("")),
    })
}

/// Beside the phone: the camera's stand-in, and what a newcomer might wonder.
fn tools(world: &World, chat: &Chat, extra: &Extra) -> Markup {
    let id = chat.person.id;
    let example = links::example(&world.bot.username);
    html! {
        aside.side {
            section.card {
                h2 { "Scan or paste" }
                p.hint { "A real phone would scan the QR code or open the link. Here, paste the link or the /start command." }
                form.stack action={ "/phone/" (id) "/link" } {
                    label.hidden for="link" { "Link or /start command" }
                    input #link name="link" required placeholder=(example) value=(extra.pasted) autocomplete="off" data-testid="link-field";
                    button data-testid="open-link" { "Open link" }
                }
            }
            (group_choice::card(world, chat))
            section.card {
                h2 { "About " (chat.person.first_name) }
                dl.facts {
                    dt { "Chat id" } dd { code data-testid="chat-id" { (id) } }
                    dt { "Username" } dd { @match &chat.person.username { Some(name) => { "@" (name) }, None => "none" } }
                    dt { "Language" } dd { (chat.person.language_code.as_deref().unwrap_or("unknown")) }
                    dt { "Bot" } dd { (standing_sentence(chat.standing)) }
                }
            }
        }
    }
}

fn standing_sentence(standing: Standing) -> &'static str {
    match standing {
        Standing::Stranger => "never started",
        Standing::Started => "started",
        Standing::Blocked => "blocked",
        Standing::Deactivated => "account deleted",
    }
}
