//! Operator commands, carried out the same way for a running server's socket and on a data file that nobody holds.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::actions::keys::{self, NewKey};
use crate::actions::messages::{self, SendOptions, To};
use crate::actions::moving::{self, Lists, export};
use crate::actions::password::{self, Hasher};
use crate::actions::settings::Effective;
use crate::actions::{Caller, Error, Refusal, links, security, setup};
use crate::app::data;
use crate::clock::Timestamp;
use crate::config::Config;
use crate::control::{AdminLine, Answer, KeyLine, Reply, Request, Response};
use crate::model::account::Username;
use crate::model::admin::{AdminName, INVITE_LIFE, Role, SETUP_LIFE};
use crate::model::api_key::ApiKey;
use crate::model::event::Actor;
use crate::model::link::Target;
use crate::model::message::{Body, Format};
use crate::model::moving::Sheet;
use crate::runtime;
use crate::secret::Secret;
use crate::store::{self, Read as _, Store, accounts, meta};

/// The file in the data folder that holds the newest set-up link.
const SETUP_FILE: &str = "setup-link";

/// Carries out commands on a data file.
pub(super) struct Commands {
    store: Store,
    config: Config,
    hasher: Hasher,
    /// Where the web server listens, for links while no base URL is set.
    local: String,
}

impl Commands {
    pub(super) fn new(store: Store, config: Config, hasher: Hasher, local: String) -> Self {
        Self { store, config, hasher, local }
    }

    /// Answers a request; a failure is a sentence.
    pub(super) async fn answer(&self, request: Request) -> Answer {
        self.carry_out(request).await.unwrap_or_else(|error| Response::refused(error.to_string()).into())
    }

    async fn carry_out(&self, request: Request) -> Result<Answer, Error> {
        let reply: Result<Reply, Error> = match request {
            Request::SetupLink => {
                let (url, expires_at) = self.setup_link().await?;
                Ok(Reply::OneTimeLink { purpose: "The set-up link".into(), url, expires_at })
            }
            Request::AdminAdd { name, role } => self.add_admin(&name, role).await,
            Request::AdminPasswd { name, password } => self.set_password(&name, password).await,
            Request::AdminResetSecondFactor { name } => {
                let name = admin_name(&name)?;
                let text = format!("{name} enrols a new second factor at the next sign-in.");
                self.store.write(move |tx| security::reset_2fa(tx, &name)).await?;
                Ok(Reply::Text { text })
            }
            Request::AdminLogoutAll { name } => {
                let name = name.as_deref().map(admin_name).transpose()?;
                let ended = self.store.write(move |tx| security::logout_all(tx, name.as_ref())).await?;
                Ok(Reply::Text { text: format!("{ended} sessions were ended.") })
            }
            Request::AdminList => Ok(Reply::Admins { admins: self.admins()? }),
            Request::Check => self.check().await,
            Request::Link { username } => self.link(&username).await,
            Request::Send { username, text } => self.send(&username, text).await,
            Request::KeyCreate { name, scopes, rate, days } => self.create_key(name, scopes, rate, days).await,
            Request::KeyList => {
                let listed = self.store.read(|read| Ok::<_, Error>((store::keys::all(read)?, read.now())))?;
                let keys = listed.0.iter().map(|(_, key)| key_line(key, listed.1)).collect();
                Ok(Reply::Keys { keys })
            }
            Request::KeyRevoke { name } => {
                let text = format!("The key \"{}\" has ended.", name.trim());
                let revoked = self.store.write(move |tx| {
                    let (id, _) = keys::named(tx, &name)?;
                    keys::revoke(tx, &operator(), id)
                });
                revoked.await?;
                Ok(Reply::Text { text })
            }
            Request::Import { lists, apply, every } => self.import(lists, apply, every).await,
            Request::Export => {
                self.store.write(|tx| export::begin(tx, &operator())).await?;
                return Ok(Answer::Follows(export::pieces(&self.store)));
            }
        };
        Ok(Response::done(reply?).into())
    }

    /// A new one-time link to the set-up, which is also written to a file that only its owner may read; when it ends.
    pub(super) async fn setup_link(&self) -> Result<(String, Timestamp), Error> {
        let token = self.store.write(setup::new_ticket).await?;
        let url = format!("{}/setup?token={}", self.base()?, token.expose());
        let path = self.config.data_dir.value.join(SETUP_FILE);
        let line = format!("{url}\n");
        if let Err(error) = runtime::blocking(move || data::write_private(&path, &line)).await {
            log::warn!("the set-up link could not be written to the data folder: {error}");
        }
        Ok((url, self.store.clock().now().plus(SETUP_LIFE)))
    }

    /// Removes the file of a set-up link that nobody needs any more.
    pub(super) fn forget_setup_link(&self) {
        match std::fs::remove_file(self.config.data_dir.value.join(SETUP_FILE)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                log::warn!("the file of the old set-up link could not be removed: {error}");
            }
            _ => {}
        }
    }

    async fn add_admin(&self, name: &str, role: Role) -> Result<Reply, Error> {
        let name = admin_name(name)?;
        let purpose = format!("The invitation for {name}");
        let token = self.store.write(move |tx| security::add_admin(tx, &name, role)).await?;
        let url = format!("{}/invite?token={}", self.base()?, token.expose());
        Ok(Reply::OneTimeLink { purpose, url, expires_at: self.store.clock().now().plus(INVITE_LIFE) })
    }

    async fn set_password(&self, name: &str, new: Secret) -> Result<Reply, Error> {
        let name = admin_name(name)?;
        password::check("password", &new, &[name.as_str()])?;
        let hash = self.hasher.hash(new).await?;
        let text = format!("{name} has the new password; their sessions were ended.");
        self.store.write(move |tx| security::set_password(tx, &name, &hash)).await?;
        Ok(Reply::Text { text })
    }

    fn admins(&self) -> Result<Vec<AdminLine>, Error> {
        let line = |listed: security::Listed| AdminLine {
            name: listed.name.as_str().to_owned(),
            role: listed.role,
            sessions: u64::try_from(listed.sessions).unwrap_or(u64::MAX),
            last_sign_in: listed.last_sign_in,
        };
        let mut admins: Vec<AdminLine> = self.store.read(security::list)?.into_iter().map(line).collect();
        admins.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(admins)
    }

    async fn check(&self) -> Result<Reply, Error> {
        let store = self.store.clone();
        let report = runtime::blocking(move || store.read(store::check::check)).await?;
        let left = report.found.saturating_sub(u64::try_from(report.findings.len()).unwrap_or(u64::MAX));
        let more = (left > 0).then(|| format!("and {left} more"));
        Ok(Reply::Checked { rows: report.rows, problems: report.findings.into_iter().chain(more).collect() })
    }

    async fn link(&self, username: &str) -> Result<Reply, Error> {
        let username = parse_username(username)?;
        let effective = self.store.read(|read| Effective::load(read, &self.config))?;
        let lifetime = effective.link_lifetime.value;
        let bot = self.store.read(meta::bot)?;
        let bot =
            bot.ok_or_else(|| Refusal::conflict(None, "No bot is connected yet, so there is nothing to link to."))?;
        let name = username.clone();
        let issued = self.store.write(move |tx| {
            let (account, _) = accounts::find(tx, &name)?.ok_or_else(|| unknown(&name))?;
            links::issue(tx, &operator(), Target::Account(account), lifetime)
        });
        let issued = issued.await?;
        let code = issued.code.expose();
        let base_url = effective.base_url.value.map(|base| base.join(&format!("/l/{code}")));
        Ok(Reply::Link {
            username: username.to_string(),
            url: format!(
                "{}/{}?start={code}",
                self.config.telegram_link_url.value.as_str().trim_end_matches('/'),
                bot.username
            ),
            page: base_url,
            command: format!("/start {code}"),
            expires_at: issued.link.expires,
        })
    }

    async fn send(&self, username: &str, text: String) -> Result<Reply, Error> {
        let username = parse_username(username)?;
        let body = Body { text, format: Format::Html, ..Body::default() };
        let sent = self.store.write(move |tx| {
            let (account, _) = accounts::find(tx, &username)?.ok_or_else(|| unknown(&username))?;
            messages::send(tx, &operator(), To::Account(account), body.clone(), SendOptions::default())
        });
        let (_, deliveries) = sent.await?;
        let chats = deliveries.iter().filter(|(_, delivery)| !delivery.state.standing().is_final()).count();
        if chats == 0 {
            return Err(Refusal::conflict(
                None,
                "The account has no chat that can be reached; the message is kept as failed.",
            )
            .into());
        }
        Ok(Reply::Queued { chats: u64::try_from(chats).unwrap_or(u64::MAX) })
    }

    async fn create_key(&self, name: String, scopes: String, rate: u32, days: Option<u32>) -> Result<Reply, Error> {
        let lifetime = days.map(|days| Duration::from_hours(u64::from(days) * 24));
        let made = self
            .store
            .write(move |tx| keys::create(tx, &operator(), NewKey { name: &name, scopes: &scopes, rate, lifetime }));
        let (_, key, secret) = made.await?;
        let line = key_line(&key, self.store.clock().now());
        Ok(Reply::Key { line, secret: secret.expose().to_owned() })
    }

    /// What becomes of lists that are brought.
    async fn import(&self, texts: BTreeMap<Sheet, String>, apply: bool, every: bool) -> Result<Reply, Error> {
        let lists = Arc::new(runtime::blocking(move || Lists::read(&texts)).await);
        let report = if apply {
            self.store.write(move |tx| moving::bring_in(tx, &operator(), &lists)).await?
        } else {
            let store = self.store.clone();
            runtime::blocking(move || store.read(|read| moving::look(read, &lists))).await?
        };
        Ok(Reply::Imported { report: if every { report } else { report.brief() } })
    }

    /// Where people reach this instance, as far as it is known.
    fn base(&self) -> Result<String, Error> {
        let effective = self.store.read(|read| Effective::load(read, &self.config))?;
        let base_url = effective.base_url.value.map(|base| base.as_str().trim_end_matches('/').to_owned());
        Ok(base_url.unwrap_or_else(|| self.local.clone()))
    }
}

fn operator() -> Caller {
    Caller::internal(Actor::Operator)
}

fn key_line(key: &ApiKey, now: Timestamp) -> KeyLine {
    KeyLine {
        name: key.name.clone(),
        hint: key.hint.clone(),
        scopes: key.scopes.to_string(),
        ends: key.ends(),
        live: key.is_live(now),
        used: key.used,
    }
}

fn admin_name(text: &str) -> Result<AdminName, Refusal> {
    AdminName::parse(text).map_err(|error| Refusal::invalid("name", error))
}

fn parse_username(text: &str) -> Result<Username, Refusal> {
    Username::parse(text).map_err(|error| Refusal::invalid("username", error))
}

fn unknown(username: &Username) -> Refusal {
    Refusal::not_found(format!("There is no account called \"{username}\"."))
}
