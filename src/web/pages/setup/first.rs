//! The steps before there is an admin: base URL, name and password, second factor.

use maud::{Markup, html};

use super::super::super::cookie::Cookie;
use super::super::super::visitor::Scheme;
use super::super::super::{Call, Form, Problem, Response, Wrongs, answer};
use super::super::enrol::{code_field, codes_page, key};
use super::super::invite::{choose, new_password};
use super::super::signin::{framed, from, give};
use crate::actions::proof::CODE_FIELD;
use crate::actions::{Error, setup};
use crate::config::BaseUrl;
use crate::model::admin::{AdminName, SETUP_LIFE, SetupDraft};
use crate::secret::{Hash, Secret};
use crate::view::badge::Tone;
use crate::view::field::{Field, Ticked};
use crate::view::form::{self, Weight};
use crate::view::layout::terminal;
use crate::view::notice::titled;
use crate::view::shell::{Plain, Step, plain};

/// The command that prints a new link.
const COMMAND: &str = "startlink setup-link";

/// `GET /setup`, with the token of the one-time link or without
pub async fn start(call: Call) -> Result<Response, Problem> {
    let token = Secret::new(call.query("token"));
    if token.expose().is_empty() {
        return Ok(no_link(&call));
    }
    if !call.state().store().read(|read| setup::is_good(read, &token))? {
        let text = "This set-up link is not good any more: it was replaced by a newer one, or its hour is over.";
        return Ok(answer::page_with(401, how_to(text)));
    }
    let proposed = call.visitor().origin.text.clone();
    Ok(base_page(&call, &token, (&proposed, &Wrongs::none())))
}

/// Without the link: where it was printed, and the way on for the browser that has begun.
fn no_link(call: &Call) -> Response {
    if let Ok(draft) = draft(call) {
        return answer::see_other(next_step(&draft));
    }
    let text = "This instance has no admin yet. The one-time link that begins the set-up was printed in the terminal when startlink \
                started; the log of a service has it too.";
    answer::page(how_to(text))
}

fn how_to(text: &str) -> Markup {
    let body = html! {
        p.lead { (text) }
        p { "To print a new one, run this on the server:" }
        (terminal(COMMAND))
    };
    plain(&Plain { title: "Not set up yet", step: None, flash: None, body, foot: html! {} })
}

/// `POST /setup`
pub async fn begin(mut call: Call) -> Result<Response, Problem> {
    let form = call.form().await?;
    let token = form.secret("token");
    let base = match base_url(&call, &form) {
        Ok(base) => base,
        Err(wrongs) => return Ok(base_page(&call, &token, (form.trimmed("base_url"), &wrongs))),
    };
    // What the process was started with is not saved: it would outlive its variable.
    let saved = call.state().config().base_url.is_none().then(|| base.as_str().to_owned());
    let begun = call.state().store().write(move |tx| setup::begin(tx, &token, saved.as_deref())).await;
    match begun {
        Ok(browser) => {
            let mut response = answer::see_other("/setup/password");
            Cookie::Setup.put(&mut response, &call.visitor().origin, &browser, Some(SETUP_LIFE));
            Ok(response)
        }
        Err(Error::Refused(refusal)) => {
            Ok(answer::page_with(Wrongs::from(refusal.clone()).status(), how_to(&refusal.sentence)))
        }
        Err(error) => Err(error.into()),
    }
}

/// The base URL that was typed, or the locked one. One that this browser does not use has to be proven or insisted on.
fn base_url(call: &Call, form: &Form) -> Result<BaseUrl, Wrongs> {
    let config = call.state().config();
    if let Some(setting) = &config.base_url {
        return Ok(setting.value.clone());
    }
    let mut wrongs = Wrongs::none();
    let parsed = BaseUrl::parse(form.trimmed("base_url"), config.plain_http.value);
    let Some(base) = wrongs.take("base_url", parsed) else { return Err(wrongs) };
    let visitor = call.visitor();
    let leads_here = visitor.origin_under(&base).is_some_and(|origin| origin.text == base.as_str());
    if leads_here || (form.is_ticked("anyway") && visitor.is_local()) {
        return Ok(base);
    }
    wrongs.add("base_url", "You are not reading this page at that address, so it is not known to lead here.");
    Err(wrongs)
}

fn base_page(call: &Call, token: &Secret, (typed, wrongs): (&str, &Wrongs)) -> Response {
    let locked =
        call.state().config().base_url.as_ref().map(|setting| (setting.value.clone(), setting.source.to_string()));
    let (value, source) = match &locked {
        Some((base, source)) => (base.as_str(), Some(source.as_str())),
        None => (typed, None),
    };
    let fields = html! {
        (form::hidden("token", token.expose()))
        (form::summary(&wrongs.summary()))
        (Field::url("base_url", "Base URL").value(value).error(wrongs.of("base_url")).locked_by(source).required()
            .hint("The address under which people will reach this server: https:// and a host name of its own."))
        @if let Some(base) = elsewhere(call, typed, wrongs) { (prove(call, &base, token)) }
        (form::actions(form::submit(Weight::Primary, "Go on")))
    };
    let body = html! {
        p.lead { "Five steps, and the last one ends with a message on your phone." }
        (proxy_note(call))
        (form::post("/setup", None, fields))
    };
    let page = Plain { title: "Where is this server?", step: Some(Step::BaseUrl), flash: None, body, foot: html! {} };
    framed(wrongs, page)
}

/// A well-formed address that this browser does not use.
fn elsewhere(call: &Call, typed: &str, wrongs: &Wrongs) -> Option<BaseUrl> {
    wrongs.of("base_url")?;
    BaseUrl::parse(typed, call.state().config().plain_http.value).ok()
}

/// The link that proves an address is the same set-up link there.
fn prove(call: &Call, base: &BaseUrl, token: &Secret) -> Markup {
    let there = base.join(&format!("/setup?token={}", token.expose()));
    titled(
        Tone::Doubtful,
        "Does it lead here?",
        html! {
            p { "Open " a href=(crate::view::Href::from(there)) { (base) } " and go on there: if this page appears, the address is right." }
            @if call.visitor().is_local() {
                (Field::check("anyway", "Take it without the proof; I sit at the server itself", Ticked::No))
            }
        },
    )
}

/// Proxy trouble is told here and not left to be found out.
fn proxy_note(call: &Call) -> Markup {
    let visitor = call.visitor();
    let forwarded = call.header("x-forwarded-for").is_some() || call.header("x-forwarded-proto").is_some();
    let believed = visitor.address != visitor.peer || visitor.scheme == Scheme::Https;
    html! {
        @if forwarded && !believed {
            (titled(Tone::Doubtful, "A proxy stands in front, but is not trusted", html! {
                p { "Requests come from " code { (visitor.peer) } " with forwarded addresses. To see people instead of the proxy, start startlink with:" }
                (terminal(&format!("STARTLINK_TRUSTED_PROXIES={}", visitor.peer)))
            }))
        }
    }
}

/// `GET /setup/password`
pub async fn ask_password(call: Call) -> Result<Response, Problem> {
    let draft = draft(&call)?;
    let name = draft.admin.map(|(name, _)| name.to_string()).unwrap_or_default();
    Ok(password_page(&name, &Wrongs::none()))
}

/// `POST /setup/password`
pub async fn take_password(mut call: Call) -> Result<Response, Problem> {
    let form = call.form().await?;
    draft(&call)?;
    let name = match checked(&call, &form) {
        Ok(name) => name,
        Err(wrongs) => return Ok(password_page(form.get("name"), &wrongs)),
    };
    let hash = call.state().hasher().hash(form.secret("password")).await?;
    let browser = browser(&call);
    call.state().store().write(move |tx| setup::name_admin(tx, browser, &name, &hash)).await?;
    Ok(answer::see_other("/setup/second-factor"))
}

fn checked(call: &Call, form: &Form) -> Result<AdminName, Wrongs> {
    let mut wrongs = Wrongs::none();
    let name = wrongs.take("name", AdminName::parse(form.trimmed("name")));
    let names = [form.get("name"), &call.visitor().host];
    if let Err(refusal) = choose((&form.secret("password"), &form.secret("repeat")), &names) {
        wrongs.add(refusal.field.unwrap_or_default(), refusal.sentence);
    }
    name.filter(|_| wrongs.is_empty()).ok_or(wrongs)
}

fn password_page(name: &str, wrongs: &Wrongs) -> Response {
    let fields = html! {
        (form::summary(&wrongs.summary()))
        (Field::text("name", "Your name").value(name).autocomplete("username").error(wrongs.of("name")).max(64).required().autofocus()
            .hint("You sign in with it."))
        (new_password(wrongs))
        (form::actions(form::submit(Weight::Primary, "Go on")))
    };
    let body = form::post("/setup/password", None, fields);
    framed(wrongs, Plain { title: "Who are you?", step: Some(Step::Password), flash: None, body, foot: html! {} })
}

/// `GET /setup/second-factor`
pub async fn ask_code(call: Call) -> Result<Response, Problem> {
    code_page(&call, &Wrongs::none())
}

/// `POST /setup/second-factor`
pub async fn take_code(mut call: Call) -> Result<Response, Problem> {
    let form = call.form().await?;
    let draft = draft(&call)?;
    let (browser, code) = (browser(&call), form.trimmed(CODE_FIELD).to_owned());
    let (from, origin) = (from(&call), call.origin());
    let finished = call.state().store().write(move |tx| setup::finish(tx, browser, &code, &from, &origin)).await;
    match finished {
        Ok(finished) => {
            let next = (Some(Step::SecondFactor), "/setup/bot");
            let mut response = codes_page((&site(&call, &draft), finished.name.as_str()), &finished.recovery, next);
            Cookie::Setup.clear(&mut response, &call.visitor().origin);
            // The cookies have the form of the address that is the base URL from now on.
            let base = chosen(&call, &draft);
            let origin = base
                .and_then(|base| call.visitor().origin_under(&base))
                .unwrap_or_else(|| call.visitor().origin.clone());
            give(&call, &origin, &mut response, &finished.begun);
            Ok(response)
        }
        Err(error) => code_page(&call, &Wrongs::try_from(error)?),
    }
}

fn code_page(call: &Call, wrongs: &Wrongs) -> Result<Response, Problem> {
    let draft = draft(call)?;
    let shared = call.state().store().read(|read| Ok::<_, Problem>(setup::second_factor(read, &draft)))?;
    let (Some((name, _)), Some(shared)) = (&draft.admin, shared) else {
        return Ok(answer::see_other("/setup/password"));
    };
    let fields = html! {
        (code_field(wrongs))
        (form::actions(form::submit(Weight::Primary, "Confirm")))
    };
    let body = html! {
        p.lead { "A password can be stolen from afar; a code from your phone cannot. Add this key to an authenticator." }
        (form::summary(&wrongs.summary()))
        (key(call, &shared, (&site(call, &draft), name.as_str())))
        (form::post("/setup/second-factor", None, fields))
    };
    let page = Plain { title: "Your second factor", step: Some(Step::SecondFactor), flash: None, body, foot: html! {} };
    Ok(framed(wrongs, page))
}

/// The base URL that was confirmed in the first step.
fn chosen(call: &Call, draft: &SetupDraft) -> Option<BaseUrl> {
    BaseUrl::parse(draft.base_url.as_deref()?, call.state().config().plain_http.value).ok()
}

/// How the authenticator will call this instance.
fn site(call: &Call, draft: &SetupDraft) -> String {
    chosen(call, draft).map_or_else(|| call.visitor().site(), |base| base.host().to_owned())
}

fn browser(call: &Call) -> Option<Hash> {
    call.cookie(Cookie::Setup).map(|secret| secret.hash())
}

/// What this browser gathered; without it the way leads back to the link.
fn draft(call: &Call) -> Result<SetupDraft, Problem> {
    let browser = browser(call);
    let found = call.state().store().read(|read| setup::draft(read, browser));
    found.map_err(|error| match error {
        Error::Refused(refusal) => Problem::from(refusal).leading("/setup", "What to do"),
        Error::Store(error) => error.into(),
    })
}

fn next_step(draft: &SetupDraft) -> &'static str {
    if draft.admin.is_some() { "/setup/second-factor" } else { "/setup/password" }
}
