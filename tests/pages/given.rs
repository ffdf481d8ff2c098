//! What the tests of pages begin with: people who are signed in, accounts, links and chats, made by the actions themselves.

use startlink::actions::accounts::{NewAccount, create};
use startlink::actions::claims::Asker;
use startlink::actions::links::{Issued, issue, mark_used};
use startlink::actions::questions::press;
use startlink::actions::settings::Voice;
use startlink::actions::{Caller, Error, chats};
use startlink::clock::Timestamp;
use startlink::ids::{AccountId, ChatId, SessionId, TelegramMessageId, UserId};
use startlink::model::admin::Role;
use startlink::model::chat::Profile;
use startlink::model::event::Actor;
use startlink::model::link::Target;
use startlink::model::question::{Asked, Ballot};
use startlink::model::session::{STEP_UP, Session, Stage};
use startlink::model::settings::{BotIdentity, LINK_LIFETIME, Saved};
use startlink::runtime::block_on;
use startlink::secret::Secret;
use startlink::store::{self, Read as _, Store, Tx, meta, sessions};

use crate::support::app::{Setting, TestApp};
use crate::support::browser::Browser;

const OWNER: Caller = Caller { actor: Actor::Operator, role: Role::Owner };

/// An app with a base URL, a bot and the name of a site.
pub fn app() -> TestApp {
    app_in(&Setting::default())
}

/// [`app`] in another environment.
pub fn app_in(setting: &Setting) -> TestApp {
    let app = TestApp::set_up_with(setting);
    app.write(|tx| {
        let seen = Timestamp(0);
        let bot = BotIdentity { id: UserId(7), username: "post_bot".into(), name: "Post".into(), seen };
        meta::put_bot(tx, &bot)?;
        let saved = meta::saved(tx)?;
        let site = Some("Northmail".to_owned());
        meta::save(tx, &Saved { site_name: site, site_url: Some("https://www.example.org/me".into()), ..saved })
    });
    app
}

/// A browser in which an admin of this role is signed in.
pub fn signed(app: &TestApp, role: Role) -> Browser<'_> {
    signed_as(app, (&format!("the-{}", role.word()), role), None)
}

/// A browser of an owner who proved a moment ago who they are.
pub fn proven(app: &TestApp) -> Browser<'_> {
    let name = format!("proven-{}", app.state.rng().below(1_000_000_000));
    signed_as(app, (&name, Role::Owner), Some(app.clock.now().plus(STEP_UP)))
}

fn signed_as<'a>(app: &'a TestApp, (name, role): (&str, Role), stepped_up: Option<Timestamp>) -> Browser<'a> {
    let id = app.add_admin(name, role);
    let secret = Secret::random::<32>(app.state.rng());
    let hash = secret.hash();
    app.write(move |tx| {
        let now = tx.now();
        let session = Session {
            id: SessionId(0),
            whose: id,
            stage: Stage::Full,
            epoch: 0,
            created: now,
            seen: now,
            stepped_up,
            csrf: "the-token".into(),
            address: String::new(),
            agent: String::new(),
        };
        sessions::insert(tx, hash, session)
    });
    let mut browser = app.browser();
    browser.cookies.insert("__Host-startlink".into(), secret.expose().to_owned());
    assert_eq!(browser.get("/admin/accounts").status, 200);
    browser
}

/// Carries something out as an action would be.
pub fn act<T: Send + 'static>(
    app: &TestApp,
    change: impl FnMut(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
) -> T {
    block_on(app.store.write(change)).unwrap()
}

pub fn account(app: &TestApp, username: &str) -> AccountId {
    tagged(app, username, "")
}

pub fn tagged(app: &TestApp, username: &str, tags: &str) -> AccountId {
    let (username, tags) = (username.to_owned(), tags.to_owned());
    act(app, move |tx| Ok(create(tx, &OWNER, NewAccount { username: &username, name: "", tags: &tags })?.0))
}

pub fn link(app: &TestApp, account: AccountId) -> Issued {
    act(app, move |tx| issue(tx, &OWNER, Target::Account(account), LINK_LIFETIME))
}

/// A chat presses a button of a question.
pub fn push(store: &Store, chat: ChatId, asked: Asked, button: u8) {
    let pressed = store.write(move |tx| {
        let voice = Voice::load(tx)?;
        let row = store::chats::get(tx, chat)?.unwrap();
        let person = Asker { id: chat, chat: &row, voice: &voice };
        press(tx, &person, Ballot { asked, button }, TelegramMessageId(5))
    });
    block_on(pressed).unwrap();
}

/// A chat claims the link of an account.
pub fn claim(app: &TestApp, account: AccountId, chat: i64, name: &str) -> Issued {
    let issued = link(app, account);
    use_up(app, &issued, account, chat, name);
    issued
}

pub fn use_up(app: &TestApp, issued: &Issued, account: AccountId, chat: i64, name: &str) {
    let (id, row, name) = (issued.id, issued.link.clone(), name.to_owned());
    act(app, move |tx| {
        chats::note(tx, ChatId(chat), Profile { name: name.clone(), username: None, language: None })?;
        mark_used(tx, id, &row, ChatId(chat))?;
        chats::bind(tx, ChatId(chat), account).map(|_| ())
    });
}
