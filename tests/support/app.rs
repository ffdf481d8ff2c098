//! The web with a real store in memory, a clock that stands until it is moved, and repeatable chance.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::time::Duration;

use startlink::actions::password::{Cost, Hasher};
use startlink::bot::{Bot, BotOptions};
use startlink::clock::{Clock, Timestamp};
use startlink::config::{Config, Environment, Flags};
use startlink::ids::AdminId;
use startlink::model::admin::{Admin, AdminName, Role};
use startlink::model::session::Credentials;
use startlink::outbox::Outbox;
use startlink::rng::Rng;
use startlink::runtime::block_on;
use startlink::secret::{Sealer, Secret};
use startlink::store::{Place, Store, StoreError, Tx, admins, meta};
use startlink::telegram::{Connector, Token};
use startlink::web::{self, State};
use startlink::wire::EngineOptions;

use super::browser::Browser;

/// 2026-11-22T19:00:00Z, at the begin of a time step of an authenticator.
pub const NOON: Timestamp = Timestamp(1_795_374_000_000);
/// The password of every admin that [`TestApp::add_admin`] makes.
pub const PASSWORD: &str = "walrus trombone ceiling";
/// The base URL of an app that is set up.
pub const BASE: &str = "https://links.example.org";

pub struct TestApp {
    pub state: State,
    pub server: tide::Server<State>,
    pub store: Store,
    pub clock: Clock,
}

/// How an app differs from the usual one.
#[derive(Default)]
pub struct Setting<'a> {
    pub environment: &'a [(&'a str, &'a str)],
    pub phone: Option<&'a str>,
    /// One that stands at [`NOON`] unless given.
    pub clock: Option<Clock>,
}

impl TestApp {
    /// Without an admin.
    pub fn new() -> Self {
        Self::with(&Setting::default())
    }

    pub fn with(setting: &Setting) -> Self {
        let clock = setting.clock.clone().unwrap_or_else(|| Clock::manual(NOON));
        let rng = Rng::seeded(7);
        let sealer = Sealer::new(&[7; 32], rng.clone());
        let store = Store::open(Place::Memory, clock.clone(), rng.clone(), sealer).unwrap();
        let variables = setting.environment.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
        let config = Config::load(&Flags::default(), &Environment::new(variables)).unwrap_or_else(|e| panic!("{e}"));
        let hasher = Hasher::new(Cost { memory_kib: 64, passes: 1 }, rng.clone());
        let options = BotOptions {
            token: config.bot_token.as_ref().and_then(|token| Token::parse(token.value.expose()).ok()),
            api_url: config.telegram_api_url.value.as_str().to_owned(),
            engine: EngineOptions::default(),
            rng: rng.clone(),
        };
        let bot = Bot::new(store.clone(), options).unwrap();
        let connector = Connector::new(config.telegram_api_url.value.as_str(), EngineOptions::default()).unwrap();
        let outbox = Outbox::new(store.clone(), &config, connector, clock.clone(), rng.clone());
        let state = State::new(web::Parts {
            store: store.clone(),
            rng,
            config,
            bot,
            outbox,
            hasher,
            health: web::health::Health::web_only(),
            phone: setting.phone.map(str::to_owned),
        });
        Self { server: web::server(&state), state, store, clock }
    }

    /// With the owner `ada` and the base URL [`BASE`].
    pub fn set_up() -> Self {
        Self::set_up_with(&Setting::default())
    }

    /// [`TestApp::set_up`] in another environment.
    pub fn set_up_with(setting: &Setting) -> Self {
        let app = Self::with(setting);
        app.add_admin("ada", Role::Owner);
        app.save_base(BASE);
        app
    }

    pub fn save_base(&self, base: &str) {
        let base = base.to_owned();
        self.write(move |tx| {
            let saved = meta::saved(tx)?;
            meta::save(tx, &startlink::model::settings::Saved { base_url: Some(base.clone()), ..saved })
        });
    }

    /// An admin with [`PASSWORD`] and the second factor of [`TestApp::code`].
    pub fn add_admin(&self, name: &str, role: Role) -> AdminId {
        let password = block_on(self.state.hasher().hash(Secret::new(PASSWORD))).unwrap();
        let name = AdminName::parse(name).unwrap();
        self.write(move |tx| {
            use startlink::store::Read as _;
            let totp_sealed = Some(tx.sealer().seal("admin.totp", super::browser::TOTP_SECRET));
            let admin = Admin {
                name: name.clone(),
                role,
                credentials: Credentials { totp_sealed, ..Credentials::with_password(password.clone()) },
                created: tx.now(),
            };
            admins::insert(tx, &admin)
        })
    }

    pub fn admin(&self, name: &str) -> (AdminId, Admin) {
        let name = AdminName::parse(name).unwrap();
        self.store.read(|read| admins::find(read, &name)).unwrap().unwrap()
    }

    pub fn change_admin(&self, id: AdminId, change: impl Fn(&mut Admin) + Send + 'static) {
        self.write(move |tx| {
            let mut admin = admins::get(tx, id)?.unwrap();
            change(&mut admin);
            admins::update(tx, id, &admin)
        });
    }

    pub fn write<T: Send + 'static>(
        &self,
        change: impl FnMut(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        block_on(self.store.write(change)).unwrap()
    }

    pub fn advance(&self, span: Duration) {
        self.clock.advance(span);
    }

    /// A browser at the base URL behind a proxy on this machine.
    pub fn browser(&self) -> Browser<'_> {
        Browser::new(self, "links.example.org", "127.0.0.1:50000".parse::<SocketAddr>().unwrap())
    }

    /// A browser on this machine without TLS.
    pub fn local_browser(&self) -> Browser<'_> {
        Browser::new(self, "127.0.0.1:8080", "127.0.0.1:50000".parse::<SocketAddr>().unwrap())
    }
}
