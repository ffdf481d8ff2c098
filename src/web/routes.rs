//! The routes: each row names its method, its path, the right it needs and its handler. A row is made by the constructor of
//! its right, so that forgetting the right does not compile.

use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;

use tide::http::Method;

use super::api::doc::Doc;
use super::error::{Side, Wants};
use super::guard::Admitted;
use super::{Call, Problem, Response, State, Visitor, api, assets, guard, health, pages, portal};
use crate::actions::keys::Holder;
use crate::actions::session::Signed;
use crate::ids::AccountId;
use crate::model::admin::Role;
use crate::model::api_key::Need;
use crate::model::session::Stage;

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everyone, set up or not: assets and health.
    Always,
    /// Whoever sets the instance up; over once it is.
    Setup,
    /// Everyone, once the instance is set up.
    Public,
    /// A sign-in that is not complete: at exactly this stage.
    Half(Stage),
    /// Admins of at least this role.
    SignedIn(Role),
    /// Admins of at least this role who proved within the last ten minutes who they are.
    StepUp(Role),
    /// Everyone, while the portal is switched on.
    Portal,
    /// A sign-in to the portal that waits for the second factor.
    MemberHalf,
    /// The person of an account, signed in to the portal. An admin is nobody here, and they are nobody elsewhere.
    Member,
    /// Programs with a key that has this right; cookies count for nothing here.
    Key(Need),
}

type Answer = Pin<Box<dyn Future<Output = Result<Response, Problem>> + Send>>;
type Handler = Arc<dyn Fn(Call, Admitted) -> Answer + Send + Sync>;

/// One route.
#[derive(Clone)]
pub struct Row {
    /// The method; a `GET` also answers `HEAD`.
    pub method: Method,
    /// The path; `:name` stands for one segment.
    pub path: &'static str,
    /// The right it needs.
    pub access: Access,
    /// What the API's contract says of it; the routes of the API have one.
    pub doc: Option<&'static Doc>,
    handler: Handler,
}

/// Every route.
#[must_use]
pub fn table() -> Vec<Row> {
    let mut rows = vec![
        Row::always("/assets/:name", assets::serve),
        Row::always("/healthz", health::alive),
        Row::always("/readyz", health::ready),
    ];
    rows.extend(pages::rows());
    rows.extend(portal::rows());
    rows.extend(api::rows());
    rows
}

/// The methods that are known at a path, as the header `Allow` has them (RFC 9110, section 10.2.1).
#[must_use]
pub fn methods_at(state: &State, path: &str) -> String {
    let here = || state.rows().iter().filter(|row| row.matches(path));
    let mut words: Vec<&str> = here().map(|row| row.method.as_ref()).collect();
    if here().any(|row| row.method == Method::Get) {
        words.push("HEAD");
    }
    words.sort_unstable();
    words.dedup();
    words.join(", ")
}

/// The page an admin wanted before they were asked who they are: a path that a `GET` row answers, or `otherwise`.
#[must_use]
pub fn page_or(state: &State, to: &str, otherwise: &str) -> String {
    wanted(state, to, |access| matches!(access, Access::SignedIn(_) | Access::StepUp(_)))
        .unwrap_or(otherwise)
        .to_owned()
}

/// The same in the portal, or its first page.
#[must_use]
pub fn portal_page(state: &State, to: &str) -> String {
    wanted(state, to, |access| access == Access::Member).unwrap_or(guard::PORTAL).to_owned()
}

fn wanted<'a>(state: &State, to: &'a str, opens: impl Fn(Access) -> bool) -> Option<&'a str> {
    let path = to.split(['?', '#']).next().unwrap_or_default();
    let row = state.rows().iter().find(|row| row.method == Method::Get && row.matches(path));
    row.filter(|row| opens(row.access)).map(|_| to)
}

impl Row {
    fn new(method: Method, path: &'static str, access: Access, handler: Handler) -> Self {
        Self { method, path, access, doc: None, handler }
    }

    /// A `GET` for everyone, set up or not.
    pub fn always<F, A>(path: &'static str, handler: F) -> Self
    where
        F: Fn(Call) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Response, Problem>> + Send + 'static,
    {
        Self::new(Method::Get, path, Access::Always, plain(handler))
    }

    /// A step of the set-up before there is an admin.
    pub fn setup<F, A>(method: Method, path: &'static str, handler: F) -> Self
    where
        F: Fn(Call) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Response, Problem>> + Send + 'static,
    {
        Self::new(method, path, Access::Setup, plain(handler))
    }

    /// For everyone, once the instance is set up.
    pub fn public<F, A>(method: Method, path: &'static str, handler: F) -> Self
    where
        F: Fn(Call) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Response, Problem>> + Send + 'static,
    {
        Self::new(method, path, Access::Public, plain(handler))
    }

    /// For a sign-in that is not complete.
    pub fn half<F, A>(method: Method, path: &'static str, stage: Stage, handler: F) -> Self
    where
        F: Fn(Call, Signed) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Response, Problem>> + Send + 'static,
    {
        Self::new(method, path, Access::Half(stage), with_session(handler))
    }

    /// For admins of at least this role.
    pub fn signed<F, A>(method: Method, path: &'static str, role: Role, handler: F) -> Self
    where
        F: Fn(Call, Signed) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Response, Problem>> + Send + 'static,
    {
        Self::new(method, path, Access::SignedIn(role), with_session(handler))
    }

    /// For admins of at least this role who proved a moment ago who they are.
    pub fn step_up<F, A>(method: Method, path: &'static str, role: Role, handler: F) -> Self
    where
        F: Fn(Call, Signed) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Response, Problem>> + Send + 'static,
    {
        Self::new(method, path, Access::StepUp(role), with_session(handler))
    }

    /// For everyone, while the portal is switched on.
    pub fn portal<F, A>(method: Method, path: &'static str, handler: F) -> Self
    where
        F: Fn(Call) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Response, Problem>> + Send + 'static,
    {
        Self::new(method, path, Access::Portal, plain(handler))
    }

    /// For a sign-in to the portal that waits for the second factor.
    pub fn member_half<F, A>(method: Method, path: &'static str, handler: F) -> Self
    where
        F: Fn(Call, Signed<AccountId>) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Response, Problem>> + Send + 'static,
    {
        Self::new(method, path, Access::MemberHalf, with_member(handler))
    }

    /// For the person of an account.
    pub fn member<F, A>(method: Method, path: &'static str, handler: F) -> Self
    where
        F: Fn(Call, Signed<AccountId>) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Response, Problem>> + Send + 'static,
    {
        Self::new(method, path, Access::Member, with_member(handler))
    }

    /// For programs with a key that has this right.
    pub fn key<F, A>(method: Method, path: &'static str, need: Need, doc: &'static Doc, handler: F) -> Self
    where
        F: Fn(Call, Holder) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Response, Problem>> + Send + 'static,
    {
        Self { doc: Some(doc), ..Self::new(method, path, Access::Key(need), with_key(handler)) }
    }

    /// Hangs the row into a server, behind its right.
    pub(super) fn install(&self, server: &mut tide::Server<State>) {
        let (access, handler) = (self.access, Arc::clone(&self.handler));
        server.at(self.path).method(self.method, move |mut request: tide::Request<State>| {
            let handler = Arc::clone(&handler);
            let http: &mut tide::http::Request = request.as_mut();
            let visitor = http.ext_mut().remove::<Visitor>();
            async move {
                let wants = Wants::of(request.url().path(), request.header("accept"));
                let side = Side::of(request.url().path());
                let state = request.state().clone();
                let outcome = match visitor {
                    Some(visitor) => run(access, &handler, Call::new(request, visitor)).await,
                    None => Err(Problem::internal("a request came past the guard")),
                };
                Ok(outcome.unwrap_or_else(|problem| problem.on(side).answer(wants, &guard::number(&state))))
            }
        });
    }

    /// Whether a path, still percent-encoded, is this row's.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        let (mut pattern, mut given) = (self.path.split('/'), path.split('/'));
        loop {
            match (pattern.next(), given.next()) {
                (None, None) => return true,
                (Some(name), Some(segment)) if name.starts_with(':') && !segment.is_empty() => {}
                (Some(word), Some(segment)) if word == segment => {}
                _ => return false,
            }
        }
    }
}

async fn run(access: Access, handler: &Handler, mut call: Call) -> Result<Response, Problem> {
    let admitted = guard::admit(access, &mut call).await?;
    handler(call, admitted).await
}

fn plain<F, A>(handler: F) -> Handler
where
    F: Fn(Call) -> A + Send + Sync + 'static,
    A: Future<Output = Result<Response, Problem>> + Send + 'static,
{
    Arc::new(move |call, _| Box::pin(handler(call)))
}

fn with_session<F, A>(handler: F) -> Handler
where
    F: Fn(Call, Signed) -> A + Send + Sync + 'static,
    A: Future<Output = Result<Response, Problem>> + Send + 'static,
{
    Arc::new(move |call, admitted| match admitted {
        Admitted::Admin(signed) => Box::pin(handler(call, signed)),
        Admitted::Anyone | Admitted::Member(_) | Admitted::Key(..) => {
            Box::pin(ready(Err(Problem::internal("a route for admins was reached without one"))))
        }
    })
}

fn with_member<F, A>(handler: F) -> Handler
where
    F: Fn(Call, Signed<AccountId>) -> A + Send + Sync + 'static,
    A: Future<Output = Result<Response, Problem>> + Send + 'static,
{
    Arc::new(move |call, admitted| match admitted {
        Admitted::Member(signed) => Box::pin(handler(call, signed)),
        Admitted::Anyone | Admitted::Admin(_) | Admitted::Key(..) => {
            Box::pin(ready(Err(Problem::internal("a route of the portal was reached by someone else"))))
        }
    })
}

/// The answer also says how many requests the key has left.
fn with_key<F, A>(handler: F) -> Handler
where
    F: Fn(Call, Holder) -> A + Send + Sync + 'static,
    A: Future<Output = Result<Response, Problem>> + Send + 'static,
{
    Arc::new(move |call, admitted| match admitted {
        Admitted::Key(holder, allowance) => {
            let answer = handler(call, holder);
            Box::pin(async move { allowance.tell(answer.await) })
        }
        Admitted::Anyone | Admitted::Admin(_) | Admitted::Member(_) => {
            Box::pin(ready(Err(Problem::internal("a route of the API was reached without a key"))))
        }
    })
}
