//! The guard: every request passes here first, every answer last. It decides what headers can decide (host, way, cross-site),
//! turns panics and bare statuses into pages, and adds the security headers. Who may do what is decided per route.

use std::panic::AssertUnwindSafe;

use futures_lite::FutureExt as _;
use tide::{Middleware, Next, Request};

use super::api::bearer;
use super::api::rate::Allowance;
use super::cookie::Cookie;
use super::csrf::{self, Marks};
use super::error::{Side, Wants};
use super::visitor::{Scheme, Standing};
use super::{Access, Call, Problem, Response, State, Visitor, headers};
use crate::actions::keys::Holder;
use crate::actions::session::{self, Signed};
use crate::actions::who::Who;
use crate::ids::{AccountId, AdminId};
use crate::model::session::{SEEN_EVERY, Stage};

/// The portal's first page.
pub(super) const PORTAL: &str = "/me";

/// The middleware.
pub struct Guard;

#[tide::utils::async_trait]
impl Middleware<State> for Guard {
    async fn handle(&self, request: Request<State>, next: Next<'_, State>) -> tide::Result {
        let wants = Wants::of(request.url().path(), request.header("accept"));
        let side = Side::of(request.url().path());
        let state = request.state().clone();
        let visitor = Visitor::of(request.state(), &request);
        let scheme = visitor.as_ref().map_or(Scheme::Http, |visitor| visitor.origin.scheme);
        let passing = AssertUnwindSafe(pass(request, visitor, next)).catch_unwind().await;
        let outcome = passing.unwrap_or_else(|_| Err(Problem::internal("a handler panicked")));
        let told = |problem: Problem| problem.on(side).answer(wants, &number(&state));
        let mut response = outcome.unwrap_or_else(told);
        headers::add(&mut response, scheme);
        Ok(response)
    }
}

/// A number for the log, without meaning.
pub(super) fn number(state: &State) -> String {
    format!("{:016x}", u64::from_be_bytes(state.rng().bytes::<8>()))
}

async fn pass(
    mut request: Request<State>,
    visitor: Result<Visitor, Problem>,
    next: Next<'_, State>,
) -> Result<Response, Problem> {
    let visitor = visitor?;
    if !csrf::is_safe(request.method()) && !request.url().path().starts_with("/api/") {
        let last = |name: &str| request.header(name).map(|values| values.last().as_str());
        let marks = Marks { fetch_site: last("sec-fetch-site"), origin: last("origin") };
        if !csrf::comes_from_own_page(marks, &visitor.origin.text) {
            return Err(Problem::foreign_form());
        }
    }
    let (state, path) = (request.state().clone(), request.url().path().to_owned());
    let is_new = visitor.standing == Standing::New;
    let wants = Wants::of(request.url().path(), request.header("accept"));
    request.set_ext(visitor);
    let response = next.run(request).await;
    let status = u16::from(response.status());
    match status {
        404 if response.is_empty() != Some(false) && is_new => Err(unready(wants)),
        405 if response.is_empty() != Some(false) => Err(Problem::method(super::routes::methods_at(&state, &path))),
        400.. if response.is_empty() != Some(false) => Err(Problem::of_status(status)),
        _ => Ok(response),
    }
}

/// Until the instance is set up, every page leads to what to do about it.
fn unready(wants: Wants) -> Problem {
    match wants {
        Wants::Page => Problem::elsewhere("/setup"),
        Wants::Json => Problem::not_set_up(),
    }
}

/// Whom a route let in.
pub(super) enum Admitted {
    /// Whoever it was.
    Anyone,
    /// An admin.
    Admin(Signed),
    /// The person of an account.
    Member(Signed<AccountId>),
    /// A program with a key.
    Key(Holder, Allowance),
}

/// Whether the caller may use a route; with who it is where the route asks for that.
pub(super) async fn admit(access: Access, call: &mut Call) -> Result<Admitted, Problem> {
    match (access, call.visitor().standing) {
        (Access::Always, _) | (Access::Setup, Standing::New) | (Access::Public, Standing::SetUp) => {
            return Ok(Admitted::Anyone);
        }
        (Access::Setup, Standing::SetUp) => {
            return Err(if call.is_navigation() {
                Problem::elsewhere("/admin")
            } else {
                Problem::conflict("This instance is set up already.").leading("/sign-in", "Sign in")
            });
        }
        (_, Standing::New) => return Err(unready(call.wants())),
        (Access::Key(need), Standing::SetUp) => {
            let (holder, allowance) = bearer::admit(call, need).await?;
            return Ok(Admitted::Key(holder, allowance));
        }
        (Access::Portal | Access::Member | Access::MemberHalf, Standing::SetUp) => {
            return admit_to_portal(access, call).await;
        }
        (Access::Half(_) | Access::SignedIn(_) | Access::StepUp(_), Standing::SetUp) => {}
    }
    let Some(signed) = signed_in(call).await? else {
        return Err(ask_to_sign_in(call));
    };
    call.expect_token(&signed);
    check(access, &signed, call)?;
    Ok(Admitted::Admin(signed))
}

/// The portal's own door: nobody comes in while it is switched off, and an admin's session opens nothing here.
async fn admit_to_portal(access: Access, call: &mut Call) -> Result<Admitted, Problem> {
    if !call.visitor().portal {
        return Err(Problem::no_portal());
    }
    if access == Access::Portal {
        return Ok(Admitted::Anyone);
    }
    let Some(signed) = member(call).await? else {
        return Err(ask_to_sign_in(call));
    };
    call.expect_token(&signed);
    match (access, signed.session.stage) {
        (Access::MemberHalf, Stage::Full) => Err(Problem::elsewhere(PORTAL)),
        (Access::MemberHalf, Stage::Password | Stage::Enrol) | (_, Stage::Full) => Ok(Admitted::Member(signed)),
        (_, Stage::Password | Stage::Enrol) => Err(half(call, "/me/sign-in/code")),
    }
}

/// The admin's session of this request, if there is one.
pub async fn signed_in(call: &Call) -> Result<Option<Signed>, Problem> {
    session_of::<AdminId>(call, Cookie::Session).await
}

/// The portal's session of this request, if there is one.
pub async fn member(call: &Call) -> Result<Option<Signed<AccountId>>, Problem> {
    session_of::<AccountId>(call, Cookie::MemberSession).await
}

/// Its use is noted at most once a minute, and not for a page's own looks.
async fn session_of<W: Who>(call: &Call, cookie: Cookie) -> Result<Option<Signed<W>>, Problem> {
    let Some(secret) = call.cookie(cookie) else { return Ok(None) };
    let store = call.state().store();
    let cookie = secret.hash();
    let Some(signed) = store.read(|read| session::find::<W>(read, cookie))? else { return Ok(None) };
    let due = store.clock().now().since(signed.session.seen) >= SEEN_EVERY;
    if due && !call.is_background() {
        store.write(move |tx| session::touch::<W>(tx, cookie)).await?;
    }
    Ok(Some(signed))
}

fn ask_to_sign_in(call: &Call) -> Problem {
    let door = if is_portal(call.path()) { "/me/sign-in" } else { "/sign-in" };
    if call.is_navigation() {
        Problem::elsewhere(with_return(door, &call.path_and_query()))
    } else {
        Problem::signed_out()
    }
}

/// Whether a path is one of the portal's, whether anything is there or not.
pub(super) fn is_portal(path: &str) -> bool {
    path.strip_prefix(PORTAL).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// `path?to=...`; the overview, or the portal's first page, is where one goes anyway.
pub(super) fn with_return(path: &str, to: &str) -> String {
    if to == "/admin" || to == PORTAL {
        return path.to_owned();
    }
    let query: String = form_urlencoded::Serializer::new(String::new()).append_pair("to", to).finish();
    format!("{path}?{query}")
}

fn check(access: Access, signed: &Signed, call: &Call) -> Result<(), Problem> {
    let role = match (access, signed.session.stage) {
        (Access::Half(needed), stage) if needed == stage => return Ok(()),
        (Access::Half(_), Stage::Full) => return Err(Problem::elsewhere("/admin")),
        (_, Stage::Password) => return Err(half(call, "/sign-in/code")),
        (_, Stage::Enrol) => return Err(half(call, "/sign-in/enrol")),
        (Access::SignedIn(role) | Access::StepUp(role), Stage::Full) => role,
        (
            Access::Always
            | Access::Setup
            | Access::Public
            | Access::Key(_)
            | Access::Portal
            | Access::Member
            | Access::MemberHalf,
            Stage::Full,
        ) => return Ok(()),
    };
    signed.caller().needs(role)?;
    let now = call.state().clock().now();
    let proven = signed.session.stepped_up.is_some_and(|until| until > now);
    match access {
        Access::StepUp(_) if !proven && call.is_navigation() => {
            Err(Problem::elsewhere(with_return("/admin/confirm", &call.path_and_query())))
        }
        Access::StepUp(_) if !proven => Err(Problem::unproven(with_return("/admin/confirm", call.path()))),
        Access::StepUp(_)
        | Access::SignedIn(_)
        | Access::Half(_)
        | Access::Always
        | Access::Setup
        | Access::Public
        | Access::Key(_)
        | Access::Portal
        | Access::Member
        | Access::MemberHalf => Ok(()),
    }
}

/// A sign-in that is not complete goes on where it stopped.
fn half(call: &Call, path: &'static str) -> Problem {
    if call.is_navigation() { Problem::elsewhere(path) } else { Problem::signed_out() }
}
