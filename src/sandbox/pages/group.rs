//! A group on a person's phone: who is there, what was written, and what the forms on it do.

use std::sync::Arc;

use maud::{Markup, html};
use tide::{Request, Response, Result, Server};

use super::super::acts::ActError;
use super::super::group::Group;
use super::super::groups::{GroupChat, Membership};
use super::super::people::{Chat, Standing};
use super::super::watching;
use super::super::world::{Core, World};
use super::bubble::{Scene, conversation, note};
use super::compose::{self, Bar};
use super::home::{avatar, group_address, phone_address, round};
use super::phone::LIVE_WAIT;
use super::{field, form, markup, nothing_here, page_with, query, see_other};

pub(super) fn mount(app: &mut Server<Arc<Core>>) {
    app.at("/phone/:id/group/:group").get(show);
    app.at("/phone/:id/group/:group/live").get(live);
    app.at("/phone/:id/group/:group/attach").post(attach);
    app.at("/phone/:id/group/:group/:act").post(act);
}

/// What the last act adds to the screen.
#[derive(Default)]
struct Extra {
    problem: Option<String>,
    typed: String,
    reply: Option<i64>,
}

/// Who looks at which group.
struct View {
    group: Group,
    viewer: i64,
}

fn view(request: &Request<Arc<Core>>) -> View {
    let number = |name: &str| request.param(name).ok().and_then(|id| id.parse().ok()).unwrap_or(0);
    View { group: Group { core: Arc::clone(request.state()), id: number("group") }, viewer: number("id") }
}

/// `GET /phone/ID/group/GROUP`, with `?reply=MESSAGE` when one is being answered.
async fn show(request: Request<Arc<Core>>) -> Result {
    let reply = query(&request, "reply").and_then(|id| id.parse().ok());
    Ok(screen(&view(&request), 200, &Extra { reply, ..Extra::default() }))
}

/// `GET .../live?seen=REVISION`: the screen when it changed, 204 when it did not for a while.
async fn live(request: Request<Arc<Core>>) -> Result {
    let view = view(&request);
    let seen = query(&request, "seen").and_then(|seen| seen.parse().ok()).unwrap_or(0);
    if !watching::changed(&view.group.core, view.group.id, seen, LIVE_WAIT).await {
        return Ok(Response::new(204));
    }
    let world = view.group.core.world();
    Ok(match members(&world, &view) {
        Some((group, chat)) => markup(200, handset(&view.group.core.base, &world, (group, chat), &Extra::default())),
        None => nothing_here(),
    })
}

fn members<'a>(world: &'a World, view: &View) -> Option<(&'a GroupChat, &'a Chat)> {
    let group = world.groups.get(&view.group.id)?;
    let chat = world.chats.get(&view.viewer)?;
    group.members.contains(&view.viewer).then_some((group, chat))
}

/// `POST .../ACT`: the buttons on the screen.
async fn act(mut request: Request<Arc<Core>>) -> Result {
    let (view, name) = (view(&request), request.param("act")?.to_owned());
    let fields = form(&mut request).await?;
    let (group, by, text) = (&view.group, view.viewer, field(&fields, "text"));
    let done = match name.as_str() {
        "send" => match field(&fields, "reply").parse() {
            Ok(message) => group.reply(by, message, text).map(|_| ()),
            Err(_) => group.send(by, text).map(|_| ()),
        },
        "press" => press(&view, &fields),
        "dismiss" => {
            group.show(by, None);
            Ok(())
        }
        "add-bot" => group.add_bot(by, None).map(|_| ()),
        "remove-bot" => group.remove_bot(by),
        "add-member" => group.add_member(field(&fields, "person").parse().unwrap_or(0)),
        "migrate" => return Ok(migrate(&view)),
        _ => return Ok(nothing_here()),
    };
    Ok(after(&view, done, text))
}

/// `POST .../attach`: a file, a place or a card.
async fn attach(mut request: Request<Arc<Core>>) -> Result {
    let view = view(&request);
    let order = compose::order(&mut request).await?;
    let reply_to = order.reply_to;
    let done = match order.attachment() {
        Some(attachment) => view.group.attach(view.viewer, reply_to, attachment).map(|_| ()),
        None => Err(ActError::BadFile),
    };
    Ok(after(&view, done, ""))
}

fn press(view: &View, fields: &[(String, String)]) -> std::result::Result<(), ActError> {
    let (message, which) = compose::button(fields)?;
    if let Some(note) = compose::note(view.group.press(view.viewer, message, &which)?) {
        view.group.show(view.viewer, Some(note));
    }
    Ok(())
}

fn migrate(view: &View) -> Response {
    match view.group.migrate() {
        Ok(new) => see_other(&group_address(view.viewer, new)),
        Err(error) => after(view, Err(error), ""),
    }
}

/// Back to the group, or why not.
fn after(view: &View, done: std::result::Result<(), ActError>, typed: &str) -> Response {
    match done {
        Ok(()) => see_other(&group_address(view.viewer, view.group.id)),
        Err(error) => {
            let (problem, typed) = (Some(error.to_string()), typed.to_owned());
            screen(view, 422, &Extra { problem, typed, ..Extra::default() })
        }
    }
}

fn screen(view: &View, status: u16, extra: &Extra) -> Response {
    let world = view.group.core.world();
    let Some((group, chat)) = members(&world, view) else { return nothing_here() };
    let title = format!("{} on {}'s phone", group.title, chat.person.first_name);
    let people = group.members.iter().filter_map(|id| world.chats.get(id));
    let body = html! {
        div.desk {
            nav.rail aria-label="Phones in the group" {
                @for other in people.take(40) {
                    a href=(group_address(other.person.id, group.id)) aria-current=[(other.person.id == view.viewer).then_some("page")] {
                        (avatar(other)) span { (other.person.first_name) }
                    }
                }
            }
            h1.hidden { (title) }
            (handset(&view.group.core.base, &world, (group, chat), extra))
            (side(&world, group, chat))
        }
    };
    page_with(status, &title, &body)
}

/// The phone itself; the script replaces it as a whole.
fn handset(base: &str, world: &World, (group, chat): (&GroupChat, &Chat), extra: &Extra) -> Markup {
    let viewer = chat.person.id;
    let path = group_address(viewer, group.id);
    let scene = Scene { room: &group.room, viewer, path: &path, crowd: true, bot: &world.bot.username, base };
    let people = group.members.len();
    html! {
        section.phone #phone data-live={ (path) "/live?" } data-revision=(group.room.revision()) data-testid="phone" {
            header.bar {
                a.back href=(phone_address(viewer, None)) aria-label="Back to the phone" { "‹" }
                (round(&group.title, group.id))
                div.title {
                    strong data-testid="group-name" { (group.title) }
                    span { (group.kind()) " · " (people) @if people == 1 { " person" } @else { " people" } " · " (chat.person.name()) "'s phone" }
                }
                (menu(group, &path))
            }
            @if let Some(problem) = &extra.problem { p.problem role="alert" data-testid="problem" { (problem) } }
            (conversation(&scene, &html! { li.welcome { "No messages here yet." } }))
            (note(&path, group.room.toast(viewer)))
            (bottom(world, group, chat, extra))
        }
    }
}

/// The menu behind the three dots.
fn menu(group: &GroupChat, path: &str) -> Markup {
    let item = |act: &str, label: &str| {
        html! { form method="post" action={ (path) "/" (act) } { button data-testid=(act) { (label) } } }
    };
    html! {
        @if group.is_alive() {
            details.menu {
                summary aria-label="Menu" data-testid="menu" { "⋮" }
                div.sheet {
                    @match group.bot {
                        Membership::Member => (item("remove-bot", "Remove the bot")),
                        Membership::Never | Membership::Kicked => (item("add-bot", "Add the bot")),
                    }
                    @if !group.is_super() { (item("migrate", "Upgrade to a supergroup")) }
                }
            }
        }
    }
}

/// What stands where one writes.
fn bottom(world: &World, group: &GroupChat, chat: &Chat, extra: &Extra) -> Markup {
    let viewer = chat.person.id;
    if let Some(new) = group.migrated_to {
        return html! {
            p.bottom.gone data-kind="gone" { "This group was upgraded. " a href=(group_address(viewer, new)) { "Go to the supergroup" } }
        };
    }
    if chat.standing == Standing::Deactivated {
        return html! { p.bottom.gone data-kind="gone" { "This account is deleted." } };
    }
    compose::bar(&Bar {
        viewer,
        path: &group_address(viewer, group.id),
        typed: &extra.typed,
        answered: extra.reply.and_then(|id| group.room.find(id)),
        commands: world.profile.group_menu(chat.person.language_code.as_deref().unwrap_or("")),
    })
}

/// Beside the phone: who is there, and who else could be.
fn side(world: &World, group: &GroupChat, chat: &Chat) -> Markup {
    let others = world.chats.values().filter(|other| !group.members.contains(&other.person.id)).take(60);
    let bot = match group.bot {
        Membership::Member => "in the group; sees commands, answers to it and reports only",
        Membership::Never => "not in the group",
        Membership::Kicked => "removed",
    };
    html! {
        aside.side {
            section.card {
                h2 { "About this group" }
                dl.facts {
                    dt { "Chat id" } dd { code data-testid="chat-id" { (group.id) } }
                    dt { "Bot" } dd { (bot) }
                    dt { "People" } dd { @for id in &group.members { @if let Some(member) = world.chats.get(id) { div { (member.person.name()) } } } }
                }
                @if group.is_alive() {
                    form.stack method="post" action={ (group_address(chat.person.id, group.id)) "/add-member" } {
                        label.hidden for="person" { "Person to add" }
                        select #person name="person" data-testid="add-person" { @for other in others { option value=(other.person.id) { (other.person.name()) } } }
                        button { "Add to the group" }
                    }
                }
                p { a href=(phone_address(chat.person.id, None)) { (chat.person.first_name) "'s chat with the bot" } }
            }
        }
    }
}
