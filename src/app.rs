//! Builds everything once from the settings; starts, supervises and stops the loops in order.

mod announce;
mod commands;
mod data;
mod signals;
mod supervise;
mod sweep;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use announce::Announcement;
use supervise::{Restarts, supervise};

use crate::actions;
use crate::actions::password::{Cost, Hasher};
use crate::bot::{Bot, BotOptions, health::State};
use crate::clock::{Clock, Timestamp};
use crate::config::{Config, Setting, Source, WebhookAllow};
use crate::control::{self, Answer, Request};
use crate::outbox::Outbox;
use crate::rng::Rng;
use crate::runtime::{self, Stop, Task};
use crate::sandbox::{self, Sandbox};
use crate::store::{Store, StoreError, admins};
use crate::telegram::{Connector, Token};
use crate::web;
use crate::webhooks::{self, Webhooks};
use crate::wire::{self, EngineOptions, ServerLimits};

pub use data::file as data_file;

/// Connections to the Bot API that are kept open: as many as there may be sends in flight, and the poll.
const KEPT_CONNECTIONS: usize = 260;
/// How long a loop may be silent before `/readyz` names it.
const SILENT: Duration = Duration::from_mins(2);

/// Why the process ends before it did what it was started for.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another process holds the data file.
    #[error("{0}")]
    Locked(String),
    /// A setting is wrong in a way that only showed when it was used.
    #[error("{0}")]
    Config(String),
    /// Something else failed.
    #[error("{0}")]
    Failed(String),
}

/// What the sandbox is started with.
#[derive(Clone)]
pub struct SandboxOptions {
    /// The settings. A data folder that nobody set means: a temporary one that is removed at the end.
    pub config: Config,
    /// Where the Bot API and the phones listen; a port that nobody set may be replaced by a free one.
    pub phone_listen: Setting<SocketAddr>,
}

impl StartError {
    fn failed(error: impl std::fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        Self::failed(error)
    }
}

impl From<actions::Error> for StartError {
    fn from(error: actions::Error) -> Self {
        Self::failed(error)
    }
}

/// What an appliance is built from besides its settings.
#[derive(Clone)]
pub struct Extras {
    /// Time.
    pub clock: Clock,
    /// Chance.
    pub rng: Rng,
    /// The sandbox's phone page, when there is one.
    pub phone: Option<String>,
}

impl Default for Extras {
    fn default() -> Self {
        Self { clock: Clock::system(), rng: Rng::system(), phone: None }
    }
}

/// A built appliance: the data file is open and the port is bound, nothing runs yet.
pub struct App {
    config: Config,
    store: Store,
    bot: Bot,
    outbox: Outbox,
    webhooks: Webhooks,
    web: web::State,
    listener: wire::Listener,
    control: control::Listener,
    commands: Arc<commands::Commands>,
    restarts: Restarts,
}

impl App {
    /// Opens the data file, binds the port and the control socket.
    pub async fn build(config: Config, extras: Extras) -> Result<Self, StartError> {
        let Extras { clock, rng, phone } = extras;
        let store = {
            let (config, clock, rng) = (config.clone(), clock.clone(), rng.clone());
            runtime::blocking(move || data::open(&config, &clock, &rng)).await?
        };
        let listener = bind(&config).await?;
        let control = control::Listener::bind(&config.data_dir.value).map_err(StartError::failed)?;
        let options = EngineOptions {
            proxy: config.proxy.as_ref().map(|setting| setting.value.expose().to_owned()),
            max_idle: KEPT_CONNECTIONS,
            ..EngineOptions::default()
        };
        let api_url = config.telegram_api_url.value.as_str();
        let bad = |error: crate::telegram::BadConnection| StartError::Config(error.to_string());
        let connector = Connector::new(api_url, options.clone()).map_err(bad)?;
        let token = config.bot_token.as_ref().and_then(|setting| Token::parse(setting.value.expose()).ok());
        let bot_options = BotOptions { token, api_url: api_url.to_owned(), engine: options, rng: rng.clone() };
        let bot = Bot::new(store.clone(), bot_options).map_err(bad)?;
        let outbox = Outbox::new(store.clone(), &config, connector, clock.clone(), rng.clone());
        let webhooks = Webhooks::new(store.clone(), &config, webhooks::DEADLINE).map_err(StartError::failed)?;
        let hasher = Hasher::new(Cost::STANDARD, rng.clone());
        let restarts = Restarts::new(clock.clone());
        let local = format!("http://{}", listener.local_addr());
        let commands = Arc::new(commands::Commands::new(store.clone(), config.clone(), hasher.clone(), local));
        let web = web::State::new(web::Parts {
            store: store.clone(),
            rng,
            config: config.clone(),
            bot: bot.clone(),
            outbox: outbox.clone(),
            hasher,
            health: readiness(clock, (&bot, &outbox, &webhooks), &restarts),
            phone,
        });
        Ok(Self { config, store, bot, outbox, webhooks, web, listener, control, commands, restarts })
    }

    /// Where the web server listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.listener.local_addr()
    }

    /// The data file.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// A new one-time link to the set-up, while there is no admin. It also lies in a file that only its owner may read.
    pub async fn setup_link(&self) -> Result<Option<String>, StartError> {
        if !self.store.read(admins::is_empty)? {
            self.commands.forget_setup_link();
            return Ok(None);
        }
        self.commands.setup_link().await.map(|(link, _)| Some(link)).map_err(StartError::from)
    }

    /// Runs until `stop` is raised, then stops in order: first what takes work in, then what carries it out.
    pub async fn run(self, stop: Stop) {
        let (front, back) = (Stop::new(), Stop::new());
        let Self { config, store, bot, outbox, webhooks, web, listener, control, commands, restarts } = self;
        let limits = ServerLimits { drain_timeout: config.stop_timeout.value, ..ServerLimits::default() };
        let closing = front.clone();
        let serving = runtime::spawn(async move { listener.serve(web::server(&web), limits, closing).await });
        let handler: control::Handler = Arc::new(move |request| {
            let commands = Arc::clone(&commands);
            Box::pin(async move { commands.answer(request).await })
        });
        let closing = front.clone();
        let answering = runtime::spawn(async move { control.serve(handler, closing).await });
        let polling = {
            let stop = front.clone();
            supervise("poller", &front, &restarts, move || {
                let (bot, stop) = (bot.clone(), stop.clone());
                async move { bot.run(&stop).await }
            })
        };
        let sending = {
            let stop = back.clone();
            supervise("sender", &back, &restarts, move || {
                let (outbox, stop) = (outbox.clone(), stop.clone());
                async move { outbox.run(stop).await }
            })
        };
        let telling = {
            let stop = back.clone();
            supervise("webhooks", &back, &restarts, move || {
                let (webhooks, stop) = (webhooks.clone(), stop.clone());
                async move { webhooks.run(stop).await }
            })
        };
        let sweeping = {
            let stop = back.clone();
            let (store, config) = (store.clone(), config.clone());
            supervise("sweep", &back, &restarts, move || sweep::run(store.clone(), config.clone(), stop.clone()))
        };
        stop.wait().await;
        log::info!("stopping: requests finish and sends in flight are settled");
        front.raise();
        let within = config.stop_timeout.value;
        drain("requests and commands", within, [serving, answering, polling]).await;
        back.raise();
        drain("sends in flight", within, [sending, telling, sweeping]).await;
        log::info!("stopped");
    }
}

/// Waits for tasks, together no longer than `within`.
async fn drain<const N: usize>(what: &str, within: Duration, tasks: [Task<()>; N]) {
    let all = async {
        for task in tasks {
            task.await;
        }
    };
    if runtime::timeout(within, all).await.is_err() {
        log::warn!(wait_ms = u64::try_from(within.as_millis()).unwrap_or(u64::MAX); "{what} took longer than the stop timeout and were left");
    }
}

async fn bind(config: &Config) -> Result<wire::Listener, StartError> {
    let Setting { value: address, source } = config.listen;
    match wire::Listener::bind(address).await {
        Ok(listener) => Ok(listener),
        Err(error) => Err(StartError::Config(format!("cannot listen on {address} (set by {source}): {error}"))),
    }
}

/// The name of a loop that does not come round any more, or had to be started again lately.
fn readiness(
    clock: Clock,
    (bot, outbox, webhooks): (&Bot, &Outbox, &Webhooks),
    restarts: &Restarts,
) -> web::health::Health {
    let (bot, outbox, webhooks, restarts) = (bot.clone(), outbox.clone(), webhooks.clone(), restarts.clone());
    web::health::Health::new(move || {
        let silent = |turned: Option<Timestamp>| turned.is_some_and(|at| clock.now().since(at) > SILENT);
        let report = bot.health().report();
        if silent(outbox.health().turned) {
            Some("sender")
        } else if silent(webhooks.turned()) {
            Some("webhooks")
        } else if report.state == State::Polling && silent(report.last_answer) {
            Some("poller")
        } else {
            restarts.recent()
        }
    })
}

/// Runs until a signal stops it.
pub async fn serve(config: Config) -> Result<(), StartError> {
    let app = App::build(config, Extras::default()).await?;
    let address = format!("http://{}", app.address());
    let admin = match &app.config.base_url {
        Some(base_url) => base_url.value.join("/admin"),
        None => format!("{address}/admin"),
    };
    let data = app.config.data_dir.value.display().to_string();
    Announcement { admin, setup: app.setup_link().await?, phone: None, data }.print();
    let stop = signals::stop_on_signal().map_err(StartError::failed)?;
    app.run(stop).await;
    Ok(())
}

/// Runs the appliance with its stand-in for Telegram until a signal stops it.
pub async fn sandbox(options: SandboxOptions) -> Result<(), StartError> {
    let SandboxOptions { mut config, phone_listen } = options;
    let stop = signals::stop_on_signal().map_err(StartError::failed)?;
    let (clock, rng) = (Clock::system(), Rng::system());
    let telegram_stop = Stop::new();
    let telegram = start_telegram(&phone_listen, &clock, &rng, &telegram_stop).await?;
    let folder = (config.data_dir.source == Source::Default).then(|| temporary_folder(&rng));
    if let Some(folder) = &folder {
        config.data_dir = Setting::default(folder.0.clone());
    }
    let given = Source::Flag("the sandbox");
    config.bot_token = Some(Setting { value: telegram.token(), source: given });
    let url = crate::config::HttpUrl::parse(&telegram.url()).map_err(StartError::failed)?;
    config.telegram_api_url = Setting { value: url.clone(), source: given };
    config.telegram_link_url = Setting { value: url, source: given };
    if config.webhook_allow.source == Source::Default {
        config.webhook_allow = Setting::default(WebhookAllow::this_machine());
    }
    if config.listen.source == Source::Default && wire::Listener::bind(config.listen.value).await.is_err() {
        config.listen.value.set_port(0);
    }
    let phone = telegram.url();
    let app = App::build(config, Extras { clock, rng, phone: Some(phone.clone()) }).await?;
    let data = match &folder {
        Some(folder) => format!("{} (temporary, removed at the end)", folder.0.display()),
        None => app.config.data_dir.value.display().to_string(),
    };
    let admin = format!("http://{}/admin", app.address());
    Announcement { admin, setup: app.setup_link().await?, phone: Some(phone), data }.print();
    app.run(stop).await;
    // What was in flight could still be settled: the stand-in for Telegram leaves last.
    telegram_stop.raise();
    Ok(())
}

async fn start_telegram(
    listen: &Setting<SocketAddr>,
    clock: &Clock,
    rng: &Rng,
    stop: &Stop,
) -> Result<Sandbox, StartError> {
    let start = |listen| {
        let options = sandbox::SandboxOptions { listen, clock: clock.clone(), rng: rng.clone() };
        Sandbox::start(options, stop.clone())
    };
    match start(listen.value).await {
        Ok(sandbox) => Ok(sandbox),
        Err(_) if listen.source == Source::Default => {
            let mut free = listen.value;
            free.set_port(0);
            start(free).await.map_err(StartError::failed)
        }
        Err(error) => Err(StartError::Config(format!("the phones cannot listen on {}: {error}", listen.value))),
    }
}

/// A folder that is removed when the sandbox ends.
struct TemporaryFolder(PathBuf);

fn temporary_folder(rng: &Rng) -> TemporaryFolder {
    let name = format!("startlink-sandbox-{:016x}", u64::from_be_bytes(rng.bytes()));
    TemporaryFolder(std::env::temp_dir().join(name))
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            log::warn!("the sandbox's temporary folder could not be removed: {error}");
        }
    }
}

/// Carries out one command on the data file of a startlink that is not running.
pub async fn offline(config: &Config, request: Request) -> Result<Answer, StartError> {
    let (clock, rng) = (Clock::system(), Rng::system());
    let store = {
        let config = config.clone();
        runtime::blocking(move || data::open_existing(&config, &clock, &rng)).await?
    };
    let local = format!("http://{}", config.listen.value);
    let hasher = Hasher::new(Cost::STANDARD, Rng::system());
    Ok(commands::Commands::new(store, config.clone(), hasher, local).answer(request).await)
}
