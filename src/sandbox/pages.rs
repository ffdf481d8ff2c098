//! The pages a person sees: routes, the walls around them, the frame. What each page shows lives in `pages/`.

mod attached;
mod authenticator;
mod bubble;
mod compose;
mod faults;
mod group;
mod group_choice;
mod home;
mod journal;
mod phone;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use maud::{DOCTYPE, Markup, html};
use tide::{Next, Request, Response, Result, Server};

use super::world::Core;
use crate::clock::Timestamp;

const STYLE: &str = include_str!("../../assets/sandbox.css");
const SCRIPT: &str = include_str!("../../assets/sandbox.js");
const ICON: &str = include_str!("../../assets/sandbox.svg");

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Adds the pages to the server.
pub(super) fn mount(app: &mut Server<Arc<Core>>) {
    app.with(walls);
    app.at("/").get(home::index);
    app.at("/:bot").get(home::deep_link);
    app.at("/sandbox.css").get(async |_| Ok(asset("text/css; charset=utf-8", STYLE)));
    app.at("/sandbox.js").get(async |_| Ok(asset("text/javascript; charset=utf-8", SCRIPT)));
    app.at("/sandbox.svg").get(async |_| Ok(asset("image/svg+xml", ICON)));
    phone::mount(app);
    group::mount(app);
    group_choice::mount(app);
    authenticator::mount(app);
    faults::mount(app);
    app.at("/photo/:number").get(attached::photo);
    app.at("/attached/:number").get(attached::file);
    app.at("/journal").get(journal::show);
    app.at("*").all(async |_| Ok(nothing_here()));
}

fn asset(kind: &'static str, body: &'static str) -> Response {
    Response::builder(200).content_type(kind).body(body).header("cache-control", "no-cache").build()
}

/// Strict headers on every page, and no act from another site. The Bot API passes untouched.
fn walls<'a>(
    request: Request<Arc<Core>>,
    next: Next<'a, Arc<Core>>,
) -> Pin<Box<dyn Future<Output = Result> + Send + 'a>> {
    Box::pin(async move {
        let path = request.url().path();
        if path.strip_prefix("/bot").is_some_and(|rest| rest.contains('/')) {
            return Ok(next.run(request).await);
        }
        let mut response = match refuse_strangers(&request) {
            Some(refused) => refused,
            None => next.run(request).await,
        };
        for (name, value) in [
            ("content-security-policy", POLICY),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
        ] {
            response.insert_header(name, value);
        }
        if response.header("cache-control").is_none() {
            response.insert_header("cache-control", "no-store");
        }
        Ok(response)
    })
}

/// Other sites may link here, but not act here; and nobody comes by a name that only looks like this machine.
fn refuse_strangers(request: &Request<Arc<Core>>) -> Option<Response> {
    let header = |name: &str| request.header(name).map(|value| value.as_str().to_owned());
    let host = header("host").unwrap_or_default();
    if request.state().loopback && !is_loopback(&host) {
        return Some(page_with(
            421,
            "Wrong address",
            &sentence("The sandbox answers to this machine's own addresses only."),
        ));
    }
    let safe = matches!(request.method(), tide::http::Method::Get | tide::http::Method::Head);
    let control = request.url().path().starts_with("/control/");
    let own_origin =
        header("origin").map(|origin| origin == format!("http://{host}") || origin == format!("https://{host}"));
    let ours = match (header("sec-fetch-site").as_deref(), own_origin) {
        (Some("same-origin"), own) => own.unwrap_or(true),
        // A person's own doing: an address typed, a bookmark, a download tool.
        (Some("none"), _) => safe,
        (Some(_), _) => false,
        (None, Some(own)) => own,
        // No browser: programs may use the control API, forms are for browsers.
        (None, None) => safe || control,
    };
    let linked = safe && !control;
    (!ours && !linked)
        .then(|| page_with(403, "Refused", &sentence("This came from another site. Open the sandbox and do it there.")))
}

fn is_loopback(host: &str) -> bool {
    let name = host
        .strip_prefix('[')
        .and_then(|rest| rest.split(']').next())
        .unwrap_or_else(|| host.rsplit_once(':').map_or(host, |(name, _)| name));
    name.eq_ignore_ascii_case("localhost") || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn sentence(text: &str) -> Markup {
    html! { section.card { p { (text) } p { a href="/" { "Back to the sandbox" } } } }
}

/// A page that says there is nothing at this address.
pub(super) fn nothing_here() -> Response {
    page_with(404, "Nothing here", &sentence("There is no such page in the sandbox."))
}

/// A whole page.
fn page(title: &str, body: &Markup) -> Response {
    page_with(200, title, body)
}

fn page_with(status: u16, title: &str, body: &Markup) -> Response {
    let tabs = [("/", "Phones"), ("/authenticator", "Authenticator"), ("/faults", "Faults"), ("/journal", "Journal")];
    let whole = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Sandbox" }
                link rel="stylesheet" href="/sandbox.css";
                link rel="icon" href="/sandbox.svg" type="image/svg+xml";
                script src="/sandbox.js" defer {}
            }
            body {
                header.top {
                    a.brand href="/" { img src="/sandbox.svg" alt="" width="28" height="28"; span { "Sandbox" } }
                    nav aria-label="Sandbox" {
                        @for (href, label) in tabs {
                            a href=(href) aria-current=[(label == title).then_some("page")] { (label) }
                        }
                    }
                }
                main { (body) }
            }
        }
    };
    markup(status, whole)
}

/// A piece of a page, for the script.
fn markup(status: u16, markup: Markup) -> Response {
    Response::builder(status).content_type("text/html; charset=utf-8").body(markup.into_string()).build()
}

fn see_other(place: &str) -> Response {
    Response::builder(303).header("location", place).build()
}

/// The fields of a posted form.
async fn form(request: &mut Request<Arc<Core>>) -> Result<Vec<(String, String)>> {
    let body = request.body_bytes().await?;
    Ok(form_urlencoded::parse(&body).into_owned().collect())
}

fn field<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    fields.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value.as_str())
}

pub(super) fn query(request: &Request<Arc<Core>>, name: &str) -> Option<String> {
    let pairs = request.url().query_pairs();
    pairs.into_iter().find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
}

/// A moment as the script can turn it into local time; without script, UTC.
fn clock_time(at: Timestamp) -> Markup {
    let second = at.seconds().rem_euclid(86_400);
    let text = format!("{:02}:{:02}", second / 3600, second / 60 % 60);
    html! { time data-at=(at.0) title="UTC" { (text) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machines_own_names_are_loopback() {
        for host in ["127.0.0.1:80", "localhost:4000", "LOCALHOST", "[::1]:80", "127.8.8.8"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["evil.example", "127.0.0.1.evil.example:80", "localhost.evil.example", "10.0.0.1", "", "[::2]"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
