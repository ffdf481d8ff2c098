//! The faults panel: Telegram's bad days as switches, in plain words.

use std::sync::Arc;

use maud::{Markup, html};
use tide::{Request, Response, Result, Server};

use super::super::faults::{Fault, Trouble};
use super::super::limits::Limits;
use super::super::world::{Core, World};
use super::{field, form, page_with, see_other};

pub(super) fn mount(app: &mut Server<Arc<Core>>) {
    app.at("/faults").get(show);
    app.at("/faults/add").post(add);
    app.at("/faults/switch").post(switch);
    app.at("/faults/clear").post(clear);
    app.at("/faults/limits").post(limits);
}

/// A bad day with a switch: its name, its words, what it does to which method.
type Preset = (&'static str, &'static str, &'static str, Trouble, Option<&'static str>);

const SEND: Option<&str> = Some("send*");
const POLL: Option<&str> = Some("getUpdates");

const PRESETS: [Preset; 13] = [
    (
        "slow-down",
        "“Slow down”",
        "Every message is refused: wait 30 seconds (429).",
        Trouble::TooManyRequests { retry_after: 30 },
        SEND,
    ),
    (
        "outage",
        "Outage",
        "Every call is answered 500, as when Telegram restarts.",
        Trouble::ServerError { status: 500 },
        None,
    ),
    ("gateway", "Broken proxy", "Every call is answered 502 with a page of HTML.", Trouble::HtmlBadGateway, None),
    ("refused", "No connection", "Connections close before anything is done.", Trouble::ResetBefore, None),
    ("lost-answers", "Lost answers", "Messages arrive, but the bot never hears of it.", Trouble::DropAnswer, SEND),
    (
        "half-answers",
        "Half answers",
        "Messages arrive, the answer breaks off in the middle.",
        Trouble::HalfAnswer,
        SEND,
    ),
    ("garbage", "Garbage", "Messages arrive, the answer is 200 and no JSON.", Trouble::Garbage, SEND),
    (
        "late-errors",
        "Late errors",
        "Messages arrive, the answer is 503.",
        Trouble::ServerErrorAfter { status: 503 },
        SEND,
    ),
    ("slow", "Slow", "Every message takes three seconds.", Trouble::Delay { wait_ms: 3000 }, SEND),
    (
        "slow-bodies",
        "Slow answers",
        "Messages arrive; the answer begins at once and ends three seconds later.",
        Trouble::SlowBody { wait_ms: 3000 },
        SEND,
    ),
    ("deaf", "Deaf", "The bot gets no updates: fetching them fails (500).", Trouble::ServerError { status: 500 }, POLL),
    ("revoked", "Token revoked", "Every call is answered 401 Unauthorized.", Trouble::Unauthorized, None),
    ("blocked", "Everybody blocks", "Every message is refused: blocked by the user (403).", Trouble::Blocked, SEND),
];

fn fault_of(preset: &Preset) -> Fault {
    Fault { method: preset.4.map(ToOwned::to_owned), ..Fault::new(preset.3.clone()) }
}

async fn show(request: Request<Arc<Core>>) -> Result {
    Ok(screen(request.state(), 200, None))
}

async fn switch(mut request: Request<Arc<Core>>) -> Result {
    let fields = form(&mut request).await?;
    let name = field(&fields, "name");
    let Some(preset) = PRESETS.iter().find(|preset| preset.0 == name) else { return Ok(super::nothing_here()) };
    let fault = fault_of(preset);
    request.state().change(|world| {
        let on: Vec<u64> = numbers(world, &fault).collect();
        if on.is_empty() {
            world.faults.add(fault);
        } else {
            for number in on {
                world.faults.clear(number);
            }
        }
    });
    Ok(see_other("/faults"))
}

fn numbers<'a>(world: &'a World, wanted: &'a Fault) -> impl Iterator<Item = u64> + 'a {
    world.faults.list().iter().filter(move |(_, fault)| fault == wanted).map(|(number, _)| *number)
}

async fn clear(mut request: Request<Arc<Core>>) -> Result {
    let fields = form(&mut request).await?;
    let number = field(&fields, "number").parse::<u64>().ok();
    request.state().change(|world| match number {
        Some(number) => {
            world.faults.clear(number);
        }
        None => world.faults.clear_all(),
    });
    Ok(see_other("/faults"))
}

async fn limits(mut request: Request<Arc<Core>>) -> Result {
    let fields = form(&mut request).await?;
    let wanted = if field(&fields, "limits") == "off" { Limits::OFF } else { Limits::DOCUMENTED };
    request.state().change(|world| world.limiter = super::super::limits::Limiter::new(wanted));
    Ok(see_other("/faults"))
}

async fn add(mut request: Request<Arc<Core>>) -> Result {
    let fields = form(&mut request).await?;
    let core = request.state();
    Ok(match aimed(&fields) {
        Ok(fault) => {
            core.change(|world| world.faults.add(fault));
            see_other("/faults")
        }
        Err(problem) => screen(core, 422, Some(&problem)),
    })
}

/// The fault that the exact form describes.
fn aimed(fields: &[(String, String)]) -> std::result::Result<Fault, String> {
    let number = |name: &str, label: &str| match field(fields, name).trim() {
        "" => Ok(None),
        text => text.parse::<u32>().map(Some).map_err(|_| format!("{label}: a whole number is needed, not “{text}”.")),
    };
    let amount = number("amount", "Seconds or status")?;
    let status = |lowest: u16| {
        let status = u16::try_from(amount.unwrap_or(u32::from(lowest))).ok();
        let fits = status.filter(|status| (lowest..600).contains(status));
        fits.ok_or_else(|| format!("Status: a number from {lowest} to 599 is needed."))
    };
    let percent = number("percent", "Share")?.map(|percent| {
        let share = u8::try_from(percent).ok().filter(|percent| (1..=100).contains(percent));
        share.ok_or("Share: a number from 1 to 100 is needed.")
    });
    let trouble = match field(fields, "trouble") {
        "too_many_requests" => Trouble::TooManyRequests { retry_after: amount.unwrap_or(30) },
        "server_error" => Trouble::ServerError { status: status(500)? },
        "server_error_after" => Trouble::ServerErrorAfter { status: status(500)? },
        "refuse" => Trouble::Refuse {
            code: status(400)?,
            description: Some(field(fields, "words").trim())
                .filter(|words| !words.is_empty())
                .ok_or("Telegram's words: a description is needed, such as “Bad Request: chat not found”.")?
                .to_owned(),
            migrate_to_chat_id: None,
        },
        "slow_body" => Trouble::SlowBody { wait_ms: u64::from(amount.unwrap_or(3)) * 1000 },
        "delay" => Trouble::Delay { wait_ms: u64::from(amount.unwrap_or(3)) * 1000 },
        "html_bad_gateway" => Trouble::HtmlBadGateway,
        "garbage" => Trouble::Garbage,
        "reset_before" => Trouble::ResetBefore,
        "drop_answer" => Trouble::DropAnswer,
        "half_answer" => Trouble::HalfAnswer,
        "unauthorized" => Trouble::Unauthorized,
        "not_found" => Trouble::NotFound,
        "blocked" => Trouble::Blocked,
        other => return Err(format!("There is no fault of the kind “{other}”.")),
    };
    let method = Some(field(fields, "method").to_owned()).filter(|method| !method.is_empty());
    let chat = field(fields, "chat").parse().ok();
    let times = number("times", "How often")?.filter(|times| *times > 0);
    Ok(Fault { trouble, method, chat, percent: percent.transpose()?, times })
}

/// A fault in one sentence.
pub(super) fn describe(fault: &Fault) -> String {
    let what = match &fault.trouble {
        Trouble::TooManyRequests { retry_after } => format!("429, wait {retry_after} s"),
        Trouble::ServerError { status } => format!("{status} as JSON"),
        Trouble::HtmlBadGateway => "502 with HTML".to_owned(),
        Trouble::Garbage => "done, answered with garbage".to_owned(),
        Trouble::ResetBefore => "connection closed, nothing done".to_owned(),
        Trouble::DropAnswer => "done, answer dropped".to_owned(),
        Trouble::HalfAnswer => "done, half an answer".to_owned(),
        Trouble::Delay { wait_ms } => format!("{wait_ms} ms late"),
        Trouble::Unauthorized => "401, token revoked".to_owned(),
        Trouble::NotFound => "404, no such token".to_owned(),
        Trouble::Blocked => "403, blocked by the user".to_owned(),
        Trouble::Refuse { code, description, .. } => format!("answered {code} {description}"),
        Trouble::ServerErrorAfter { status } => format!("done, {status} as JSON"),
        Trouble::SlowBody { wait_ms } => format!("done, the answer's body {wait_ms} ms late"),
    };
    let share = fault.percent.map(|percent| format!("{percent} % of ")).unwrap_or_default();
    let calls = fault.method.as_deref().unwrap_or("every call");
    let chat = fault.chat.map(|chat| format!(" to chat {chat}")).unwrap_or_default();
    let times = fault.times.map_or_else(|| "until cleared".to_owned(), |times| format!("{times} more"));
    format!("{share}{calls}{chat}: {what} ({times})")
}

fn screen(core: &Core, status: u16, problem: Option<&str>) -> Response {
    let world = core.world();
    let limited = world.limiter.limits() != Limits::OFF;
    page_with(
        status,
        "Faults",
        &html! {
            section.hero {
                h1 { "Telegram's bad days" }
                p.lead { "Switch one on and watch what the bot makes of it. Nothing here changes a message; it only spoils the way." }
            }
            @if let Some(problem) = problem { p.problem role="alert" data-testid="problem" { (problem) } }
            ul.switches {
                @for preset in &PRESETS { li { (switch_card(&world, preset)) } }
                li {
                    form.switch method="post" action="/faults/limits" data-on=[limited.then_some("yes")] {
                        input type="hidden" name="limits" value=(if limited { "off" } else { "on" });
                        button data-testid="limits" aria-pressed=(limited) {
                            strong { "Sending limits" }
                            span { "30 messages a second (1,000 paid), one a second to one chat, as documented." }
                            i.knob aria-hidden="true" {}
                        }
                    }
                }
            }
            (in_force(&world))
            (exact(&world))
        },
    )
}

fn switch_card(world: &World, preset: &Preset) -> Markup {
    let on = numbers(world, &fault_of(preset)).next().is_some();
    html! {
        form.switch method="post" action="/faults/switch" data-on=[on.then_some("yes")] {
            input type="hidden" name="name" value=(preset.0);
            button data-testid={ "fault-" (preset.0) } aria-pressed=(on) {
                strong { (preset.1) } span { (preset.2) } i.knob aria-hidden="true" {}
            }
        }
    }
}

fn in_force(world: &World) -> Markup {
    html! {
        section.card {
            h2 { "In force" }
            @if world.faults.list().is_empty() { p.hint data-testid="no-faults" { "No faults: Telegram is having a good day." } } @else {
                ul.lines data-testid="faults" {
                    @for (number, fault) in world.faults.list() {
                        li {
                            span { (describe(fault)) }
                            form method="post" action="/faults/clear" {
                                input type="hidden" name="number" value=(number);
                                button.quiet { "Clear" }
                            }
                        }
                    }
                }
                form method="post" action="/faults/clear" { button data-testid="clear-faults" { "Clear all" } }
            }
        }
    }
}

const KINDS: [(&str, &str); 14] = [
    ("too_many_requests", "429: slow down (seconds below)"),
    ("server_error", "5xx as JSON (status below)"),
    ("refuse", "Refuse (status and words below)"),
    ("html_bad_gateway", "502 with HTML"),
    ("reset_before", "Close the connection, do nothing"),
    ("drop_answer", "Do it, drop the answer"),
    ("half_answer", "Do it, send half of the answer"),
    ("garbage", "Do it, answer garbage"),
    ("server_error_after", "Do it, answer 5xx (status below)"),
    ("slow_body", "Do it, send the answer's body late (seconds below)"),
    ("delay", "Do it late (seconds below)"),
    ("unauthorized", "401: token revoked"),
    ("not_found", "404: no such token"),
    ("blocked", "403: blocked by the user"),
];

fn exact(world: &World) -> Markup {
    let methods = [
        "send*",
        "sendMessage",
        "sendPhoto",
        "getUpdates",
        "answerCallbackQuery",
        "editMessageText",
        "getMe",
        "getWebhookInfo",
    ];
    html! {
        section.card {
            h2 { "Aim one yourself" }
            form.grid method="post" action="/faults/add" {
                label { "What happens" select name="trouble" data-testid="fault-kind" { @for (value, label) in KINDS { option value=(value) { (label) } } } }
                label { "Seconds or status" input name="amount" inputmode="numeric" placeholder="30"; }
                label { "Telegram's words" input name="words" placeholder="Bad Request: chat not found"; }
                label { "To which calls" select name="method" { option value="" { "every call" } @for method in methods { option { (method) } } } }
                label { "Of which chat" select name="chat" {
                    option value="" { "every chat" }
                    @for chat in world.chats.values().take(40) { option value=(chat.person.id) { (chat.person.name()) } }
                    @for group in world.groups.values().take(40) { option value=(group.id) { (group.title) } }
                } }
                label { "Share of them, in percent" input name="percent" inputmode="numeric" placeholder="all"; }
                label { "How often" input name="times" inputmode="numeric" placeholder="until cleared"; }
                button data-testid="fault-add" { "Add" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(encoded: &str) -> Vec<(String, String)> {
        form_urlencoded::parse(encoded.as_bytes()).into_owned().collect()
    }

    #[test]
    fn the_exact_form_becomes_a_fault() {
        let fault = aimed(&fields("trouble=delay&amount=2&method=sendMessage&chat=7&times=3")).unwrap();
        assert_eq!(fault, Fault::new(Trouble::Delay { wait_ms: 2000 }).on("sendMessage").to(7).times(3));
        assert_eq!(describe(&fault), "sendMessage to chat 7: 2000 ms late (3 more)");
        let fault = aimed(&fields("trouble=garbage&amount=&method=&chat=&times=")).unwrap();
        assert_eq!(fault, Fault::new(Trouble::Garbage));
    }

    #[test]
    fn wrong_numbers_are_named() {
        assert!(aimed(&fields("trouble=delay&amount=soon")).unwrap_err().starts_with("Seconds or status"));
        assert!(aimed(&fields("trouble=server_error&amount=404")).unwrap_err().starts_with("Status"));
        assert!(aimed(&fields("trouble=nothing")).is_err());
        assert!(aimed(&fields("trouble=refuse&amount=400")).unwrap_err().starts_with("Telegram's words"));
        assert!(aimed(&fields("trouble=garbage&percent=101")).unwrap_err().starts_with("Share"));
        let refuse = aimed(&fields("trouble=refuse&amount=403&words=Forbidden%3A+x&percent=5")).unwrap();
        let description = "Forbidden: x".to_owned();
        let expected = Trouble::Refuse { code: 403, description, migrate_to_chat_id: None };
        assert_eq!(refuse, Fault::new(expected).percent(5));
        assert_eq!(describe(&refuse), "5 % of every call: answered 403 Forbidden: x (until cleared)");
    }
}
