//! The authenticator: six-digit codes (RFC 6238) for signing in without another device.

use std::sync::Arc;

use maud::{Markup, html};
use tide::{Request, Response, Result, Server};

use super::super::factor::{self, Factor};
use super::super::world::{Core, World};
use super::{field, form, markup, page_with, query, see_other};
use crate::clock::Timestamp;

pub(super) fn mount(app: &mut Server<Arc<Core>>) {
    app.at("/authenticator").get(show);
    app.at("/authenticator/live").get(live);
    app.at("/authenticator/add").post(add);
    app.at("/authenticator/remove").post(remove);
}

async fn show(request: Request<Arc<Core>>) -> Result {
    let pasted = query(&request, "add").unwrap_or_default();
    Ok(screen(request.state(), 200, &pasted, None))
}

async fn live(request: Request<Arc<Core>>) -> Result {
    let core = request.state();
    Ok(markup(200, codes(&core.world(), core.clock.now())))
}

async fn add(mut request: Request<Arc<Core>>) -> Result {
    let fields = form(&mut request).await?;
    let pasted = field(&fields, "secret").trim();
    let core = request.state();
    Ok(match factor::parse(pasted) {
        Ok(totp) => {
            core.change(|world| world.add_factor(totp));
            see_other("/authenticator")
        }
        Err(problem) => screen(core, 422, pasted, Some(&problem)),
    })
}

async fn remove(mut request: Request<Arc<Core>>) -> Result {
    let fields = form(&mut request).await?;
    let number = field(&fields, "number").parse::<u64>().unwrap_or(0);
    request.state().change(|world| world.factors.retain(|factor| factor.number() != number));
    Ok(see_other("/authenticator"))
}

fn screen(core: &Core, status: u16, pasted: &str, problem: Option<&str>) -> Response {
    let world = core.world();
    page_with(
        status,
        "Authenticator",
        &html! {
            section.hero {
                h1 { "Authenticator" }
                p.lead { "The codes that an authenticator app would show. Paste what the QR code of a sign-in page holds." }
            }
            div.codes-place #codes data-live="/authenticator/live" { (codes(&world, core.clock.now())) }
            section.card {
                h2 { "Add a second factor" }
                form.stack method="post" action="/authenticator/add" {
                    label for="secret" { "otpauth:// address or key" }
                    textarea #secret name="secret" rows="3" required spellcheck="false" autocomplete="off" data-testid="totp-secret"
                        aria-describedby=[problem.map(|_| "problem")] aria-invalid=[problem.map(|_| "true")] { (pasted) }
                    @if let Some(problem) = problem { p.problem #problem role="alert" data-testid="problem" { (problem) } }
                    button data-testid="totp-add" { "Add" }
                }
            }
        },
    )
}

fn codes(world: &World, now: Timestamp) -> Markup {
    let second = u64::try_from(now.seconds()).unwrap_or(0);
    html! {
        @if world.factors.is_empty() {
            p.card.hint data-testid="no-codes" { "No second factors yet. The setup shows a QR code with its key: paste it below." }
        } @else {
            ul.codes {
                @for factor in world.factors.iter().rev() { li { (code(factor, second)) } }
            }
            p.hint.no-script { a href="/authenticator" { "Show the current codes" } }
        }
    }
}

fn code(factor: &Factor, second: u64) -> Markup {
    let totp = factor.totp();
    let code = totp.generate(second).to_string();
    let left = totp.next_step(second).saturating_sub(second);
    let (head, tail) = code.split_at_checked(code.len() / 2).unwrap_or((code.as_str(), ""));
    html! {
        div.code {
            div.whose { strong { (totp.issuer().unwrap_or("No issuer")) } span { (totp.account_name()) } }
            output.digits data-testid="totp-code" data-code=(code) data-left=(left) { (head) " " (tail) }
            progress value=(left) max=(totp.step()) aria-label="Time left" {}
            span.left { "new in " span.seconds { (left) } " s" }
            form method="post" action="/authenticator/remove" {
                input type="hidden" name="number" value=(factor.number());
                button.quiet data-testid="totp-remove" { "Remove" }
            }
        }
    }
}
