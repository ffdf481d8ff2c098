//! A person's groups: the list beside the phone, making one, and adding the bot to one by an opened link.

use std::sync::Arc;

use maud::{Markup, html};
use tide::{Request, Response, Result, Server};

use super::super::Sandbox;
use super::super::acts::ActError;
use super::super::groups::GroupChat;
use super::super::links::{self, DeepLink};
use super::super::people::Chat;
use super::super::phone::Phone;
use super::super::world::{Core, World};
use super::home::{group_address, group_card, group_choice, phone_address, round};
use super::phone::phone;
use super::{field, form, nothing_here, page_with, query, see_other};

pub(super) fn mount(app: &mut Server<Arc<Core>>) {
    app.at("/phone/:id/add-to-group").get(show).post(add);
    app.at("/phone/:id/new-group").post(make);
}

/// Where the choice for a pasted link is.
pub(super) fn address(phone: &Phone, pasted: &str) -> String {
    let world = phone.core.world();
    match links::read(pasted, &world.bot.username, &phone.core.base) {
        Some(DeepLink::StartGroup(payload)) => group_choice(phone.id, &payload),
        Some(DeepLink::Start(_) | DeepLink::Elsewhere(_)) | None => phone_address(phone.id, None),
    }
}

fn groups_of(world: &World, person: i64) -> impl Iterator<Item = &GroupChat> {
    world.groups.values().filter(move |group| group.is_alive() && group.members.contains(&person))
}

/// A person's groups, beside the phone.
pub(super) fn card(world: &World, chat: &Chat) -> Markup {
    let id = chat.person.id;
    html! {
        section.card {
            h2 { "Groups" }
            @for group in groups_of(world, id) { (group_card(group, id)) }
            form.stack method="post" action={ "/phone/" (id) "/new-group" } {
                label.hidden for="new-group" { "Title of a new group" }
                input #new-group name="title" required maxlength="128" placeholder="Title of a new group" autocomplete="off" data-testid="group-title";
                button data-testid="make-group" { "Make a group" }
            }
        }
    }
}

/// `POST /phone/ID/new-group`.
async fn make(mut request: Request<Arc<Core>>) -> Result {
    let (phone, fields) = (phone(&request), form(&mut request).await?);
    let sandbox = Sandbox { core: Arc::clone(&phone.core) };
    Ok(match sandbox.make_group(field(&fields, "title"), phone.id) {
        Ok(group) => see_other(&group_address(phone.id, group.id)),
        Err(error) => choice(&phone, 422, "", Some(error)),
    })
}

/// `GET /phone/ID/add-to-group?startgroup=CODE`: a link was opened that adds the bot to a group.
async fn show(request: Request<Arc<Core>>) -> Result {
    let payload = query(&request, "startgroup").unwrap_or_default();
    Ok(choice(&phone(&request), 200, &payload, None))
}

/// `POST /phone/ID/add-to-group`: the chosen group, or a new one.
async fn add(mut request: Request<Arc<Core>>) -> Result {
    let (phone, fields) = (phone(&request), form(&mut request).await?);
    let payload = field(&fields, "startgroup");
    let sandbox = Sandbox { core: Arc::clone(&phone.core) };
    let chosen = match field(&fields, "group").parse() {
        Ok(id) => Ok(sandbox.group(id)),
        Err(_) => sandbox.make_group(field(&fields, "title"), phone.id),
    };
    let kept = Some(payload).filter(|_| field(&fields, "lost").is_empty());
    let added = chosen.and_then(|group| group.add_bot(phone.id, kept).map(|_| group.id));
    Ok(match added {
        Ok(group) => see_other(&group_address(phone.id, group)),
        Err(error) => choice(&phone, 422, payload, Some(error)),
    })
}

fn choice(phone: &Phone, status: u16, payload: &str, problem: Option<ActError>) -> Response {
    let world = phone.core.world();
    let Some(chat) = world.chats.get(&phone.id) else { return nothing_here() };
    let body = html! {
        section.hero {
            h1 { "Add to group" }
            p.lead { (chat.person.name()) " adds " strong { (world.profile.name()) } " to a group." }
        }
        @if let Some(problem) = problem { p.problem role="alert" data-testid="problem" { (problem) } }
        form.card method="post" action={ "/phone/" (phone.id) "/add-to-group" } {
            input type="hidden" name="startgroup" value=(payload);
            fieldset.choices {
                legend { "Which group?" }
                @for (place, group) in groups_of(&world, phone.id).enumerate() {
                    label.choice {
                        input type="radio" name="group" value=(group.id) checked[place == 0] data-testid="choose-group";
                        (round(&group.title, group.id)) span { (group.title) }
                    }
                }
                label.choice {
                    input type="radio" name="group" value="" checked[groups_of(&world, phone.id).next().is_none()] data-testid="choose-new";
                    span { "A new group" }
                }
            }
            label.stack { span { "Title of the new group" } input name="title" maxlength="128" value="Our group" autocomplete="off" data-testid="group-title"; }
            label.choice {
                input type="checkbox" name="lost" value="yes" data-testid="lose-code";
                span { "This app loses the code (like some iOS and Android versions)" }
            }
            button data-testid="add-to-group" { "Add to group" }
            p { a href=(phone_address(phone.id, None)) { "Back to the phone" } }
        }
    };
    page_with(status, "Add to group", &body)
}
