//! What a person can do about a broadcast that is written: pause, resume, cancel, change its rate, duplicate, send again. What its
//! state does not permit is not offered.

use maud::{Markup, html};
use tide::http::Method;

use super::super::super::{Call, Problem, Response, Row, Wrongs, answer};
use super::super::{Content, done, show};
use super::watch::{Eye, Seen, to_send_again};
use super::{PATH, existing, path_of, report, words};
use crate::actions::session::Signed;
use crate::actions::{Error, broadcasts};
use crate::ids::BroadcastId;
use crate::model::admin::Role;
use crate::model::broadcast::{BroadcastStatus, Figures};
use crate::model::delivery::Standing;
use crate::store;
use crate::view::field::Field;
use crate::view::form::{Confirm, Weight, confirm, hidden, link_button, one_button, post, submit};
use crate::view::notice::Flash;
use crate::view::shell::Nav;
use crate::view::{count, layout, number};

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::signed(Method::Post, "/admin/broadcasts/:id/pause", Role::Sender, pause),
        Row::signed(Method::Post, "/admin/broadcasts/:id/resume", Role::Sender, resume),
        Row::signed(Method::Post, "/admin/broadcasts/:id/rate", Role::Sender, set_rate),
        Row::signed(Method::Post, "/admin/broadcasts/:id/duplicate", Role::Sender, duplicate),
        Row::signed(Method::Post, "/admin/broadcasts/:id/again", Role::Sender, again),
        Row::signed(Method::Get, "/admin/broadcasts/:id/cancel", Role::Sender, ask_cancel),
        Row::signed(Method::Post, "/admin/broadcasts/:id/cancel", Role::Sender, cancel),
        Row::signed(Method::Get, "/admin/broadcasts/:id/remove", Role::Sender, ask_remove),
        Row::signed(Method::Post, "/admin/broadcasts/:id/remove", Role::Sender, remove),
    ]
}

/// What can be done now, by who looks.
pub(super) fn panel(seen: &Seen, eye: &Eye) -> Markup {
    let to = |act: &str| format!("{}/{act}", path_of(seen.id));
    let act = |act: &str, weight, label: &str| one_button(to(act), Some(&eye.csrf), submit(weight, label));
    let status = seen.row.status();
    let is_over = status.is_final();
    html! {
        @if eye.may_send {
            (layout::panel("What you can do", html! {
                div.controls {
                    @match status {
                        BroadcastStatus::Draft => {
                            (link_button(Weight::Primary, to("start"), "Continue"))
                            (link_button(Weight::Quiet, to("edit"), "Edit"))
                            (link_button(Weight::Danger, to("remove"), "Remove"))
                        }
                        BroadcastStatus::Scheduled => {
                            (link_button(Weight::Quiet, to("edit"), "Edit"))
                            (link_button(Weight::Quiet, to("start"), "Change the time or start now"))
                            (act("unschedule", Weight::Quiet, "Take off the schedule"))
                            (link_button(Weight::Danger, to("cancel"), "Cancel"))
                        }
                        BroadcastStatus::Preparing | BroadcastStatus::Sending => {
                            (act("pause", Weight::Quiet, "Pause"))
                            (link_button(Weight::Danger, to("cancel"), "Cancel"))
                        }
                        BroadcastStatus::Paused => {
                            (act("resume", Weight::Primary, "Resume"))
                            (link_button(Weight::Danger, to("cancel"), "Cancel"))
                        }
                        BroadcastStatus::Done | BroadcastStatus::Cancelled => (send_again(seen, eye)),
                    }
                    @if status != BroadcastStatus::Draft { (act("duplicate", Weight::Quiet, "Duplicate")) }
                }
                @if matches!(status, BroadcastStatus::Preparing | BroadcastStatus::Sending | BroadcastStatus::Paused) { (rate(seen, eye)) }
            }))
        }
        @if seen.figures.rows > 0 {
            p { a href=(report::href(seen.id, None)) {
                @if is_over { "The report: what became of each of the " (count(seen.figures.rows.into(), "chat", "chats")) }
                @else { "The report so far: each of the " (count(seen.figures.rows.into(), "chat", "chats")) }
            } }
        }
    }
}

fn rate(seen: &Seen, eye: &Eye) -> Markup {
    let value = seen.row.rate.map(|rate| rate.to_string()).unwrap_or_default();
    let body = html! {
        (Field::number("rate", "Messages a second").value(&value).placeholder("as the settings allow").telling())
        (submit(Weight::Quiet, "Change the rate"))
    };
    html! { div.controls.rate { (post(format!("{}/rate", path_of(seen.id)), Some(&eye.csrf), body)) } }
}

fn send_again(seen: &Seen, eye: &Eye) -> Markup {
    html! {
        @if seen.figures.open() == 0 {
            @for (standing, count) in to_send_again(&seen.figures) {
                (post(format!("{}/again", path_of(seen.id)), Some(&eye.csrf), html! {
                    (hidden("ended", standing.word()))
                    (submit(Weight::Quiet, &again_label(standing, count)))
                }))
            }
        }
    }
}

fn again_label(standing: Standing, count: u32) -> String {
    format!("Send again to the {} that {}", number(count.into()), words::who(standing, count == 1))
}

/// Back to the broadcast, with what was done or why not.
fn told(call: &Call, id: BroadcastId, outcome: Result<(), Error>, news: &str) -> Result<Response, Problem> {
    let flash = match outcome {
        Ok(()) => Flash::good(news),
        Err(error) => {
            let wrongs = Wrongs::try_from(error)?;
            Flash::failed(wrongs.summary().first().map_or("", |(_, sentence)| *sentence))
        }
    };
    Ok(done(call, &path_of(id), &flash))
}

/// `POST /admin/broadcasts/:id/pause`
async fn pause(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, _) = existing(&call)?;
    call.form().await?;
    let caller = signed.caller();
    let paused = call.state().store().write(move |tx| broadcasts::pause(tx, &caller, id)).await;
    told(&call, id, paused, "It is paused. What was on its way by then arrives.")
}

/// `POST /admin/broadcasts/:id/resume`
async fn resume(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, _) = existing(&call)?;
    call.form().await?;
    let caller = signed.caller();
    let resumed = call.state().store().write(move |tx| broadcasts::resume(tx, &caller, id)).await;
    told(&call, id, resumed, "It goes on where it was.")
}

/// `POST /admin/broadcasts/:id/rate`
async fn set_rate(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, _) = existing(&call)?;
    let form = call.form().await?;
    let typed = form.trimmed("rate");
    let rate: Option<u32> = typed.parse().ok();
    if rate.is_none() && !typed.is_empty() {
        let text = format!("\"{typed}\" is not a number of messages a second. Nothing was changed.");
        return Ok(done(&call, &path_of(id), &Flash::failed(text)));
    }
    let (caller, config) = (signed.caller(), call.state().config().clone());
    let set = call.state().store().write(move |tx| broadcasts::set_rate(tx, &caller, &config, id, rate)).await;
    told(&call, id, set, "The rate is changed; it counts from now on.")
}

/// `POST /admin/broadcasts/:id/duplicate`
async fn duplicate(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, _) = existing(&call)?;
    call.form().await?;
    let caller = signed.caller();
    let copy = call.state().store().write(move |tx| broadcasts::duplicate(tx, &caller, id)).await;
    match copy {
        Ok(copy) => {
            let flash = Flash::good(format!("This is a copy of broadcast {id}, as a draft."));
            Ok(done(&call, &format!("{}/edit", path_of(copy)), &flash))
        }
        Err(error) => told(&call, id, Err(error), ""),
    }
}

/// `POST /admin/broadcasts/:id/again`
async fn again(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, _) = existing(&call)?;
    let form = call.form().await?;
    let word = form.get("ended");
    let ended = [Standing::Failed, Standing::Uncertain].into_iter().find(|standing| standing.word() == word);
    let ended =
        ended.ok_or_else(|| Problem::bad_request("It can be sent again to those that failed or are uncertain."))?;
    let caller = signed.caller();
    let child = call.state().store().write(move |tx| broadcasts::again(tx, &caller, id, ended)).await;
    match child {
        Ok(child) => Ok(answer::see_other(&format!("{}/start", path_of(child)))),
        Err(error) => told(&call, id, Err(error), ""),
    }
}

/// `GET /admin/broadcasts/:id/cancel`
async fn ask_cancel(call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, row) = existing(&call)?;
    if row.status().is_final() || row.status() == BroadcastStatus::Draft {
        return Ok(answer::see_other(&path_of(id)));
    }
    let figures = call.state().store().read(|read| store::broadcasts::figures(read, id))?;
    let body = confirm(&Confirm {
        text: "It cannot be resumed after that; it can be duplicated.",
        action: format!("{}/cancel", path_of(id)).into(),
        csrf: &signed.session.csrf,
        verb: "Cancel the broadcast",
        back: path_of(id).into(),
        more: consequences(&figures),
    });
    let content = Content::new(format!("Cancel broadcast {id}?"), Nav::Broadcasts, body);
    Ok(show(&call, &signed, content.below(path_of(id), format!("Broadcast {id}"))))
}

fn consequences(figures: &Figures) -> Markup {
    let of = |standing| u64::from(figures.count(standing));
    let waiting = of(Standing::Queued);
    html! {
        ul.going {
            @if waiting > 0 { li { (count(waiting, "chat that waits gets", "chats that wait get")) " nothing." } }
            @if of(Standing::Sending) > 0 { li { "What is on its way arrives." } }
            @if of(Standing::Sent) > 0 { li { (count(of(Standing::Sent), "chat has got it", "chats have got it")) " already; that stays." } }
            @if figures.rows == 0 { li { "Nobody has got it yet." } }
        }
    }
}

/// `POST /admin/broadcasts/:id/cancel`
async fn cancel(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, _) = existing(&call)?;
    call.form().await?;
    let caller = signed.caller();
    let cancelled = call.state().store().write(move |tx| broadcasts::cancel(tx, &caller, id)).await;
    told(&call, id, cancelled, "It is cancelled. What waited is not sent.")
}

/// `GET /admin/broadcasts/:id/remove`
async fn ask_remove(call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, row) = existing(&call)?;
    if row.status() != BroadcastStatus::Draft {
        return Ok(answer::see_other(&path_of(id)));
    }
    let body = confirm(&Confirm {
        text: "The draft goes with its text and what it carries, and this cannot be undone. Nobody has got anything of it.",
        action: format!("{}/remove", path_of(id)).into(),
        csrf: &signed.session.csrf,
        verb: "Remove the draft",
        back: path_of(id).into(),
        more: Markup::default(),
    });
    let content = Content::new(format!("Remove broadcast {id}?"), Nav::Broadcasts, body);
    Ok(show(&call, &signed, content.below(path_of(id), format!("Broadcast {id}"))))
}

/// `POST /admin/broadcasts/:id/remove`
async fn remove(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, _) = existing(&call)?;
    call.form().await?;
    let caller = signed.caller();
    let removed = call.state().store().write(move |tx| broadcasts::remove(tx, &caller, id)).await;
    match removed {
        Ok(()) => Ok(done(&call, PATH, &Flash::good(format!("The draft no. {id} was removed.")))),
        Err(error) => told(&call, id, Err(error), ""),
    }
}
