//! The executable with the HTTP API open: a data folder with an admin, accounts and a key, made before it starts.

use std::path::{Path, PathBuf};

use startlink::actions::keys::{self, NewKey};
use startlink::actions::{Caller, accounts, chats};
use startlink::clock::Clock;
use startlink::ids::{ChatId, UserId};
use startlink::model::admin::{Admin, AdminName, Role};
use startlink::model::chat::Profile;
use startlink::model::event::Actor;
use startlink::model::session::Credentials;
use startlink::model::settings::BotIdentity;
use startlink::rng::Rng;
use startlink::runtime::block_on;
use startlink::sandbox::ADA;
use startlink::secret::Sealer;
use startlink::store::{Place, Read as _, Store, admins, meta};

/// The key of the data file, as `STARTLINK_SECRET_KEY` takes it.
pub const KEY: &str = "0707070707070707070707070707070707070707070707070707070707070707";
/// A folder that goes with the test.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("startlink-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _removed = std::fs::remove_dir_all(&self.0);
    }
}

pub fn open(folder: &Path) -> Store {
    let sealer = Sealer::new(&[7; 32], Rng::system());
    Store::open(Place::File(folder.join("startlink.redb")), Clock::system(), Rng::system(), sealer).unwrap()
}

/// An admin, a few accounts, one with Ada's chat, and a key to everything; with the bot of this number, if one is given.
pub fn furnish(folder: &Path, bot: Option<i64>) -> String {
    // The sandbox brings its own settings and reads no variable for the key.
    std::fs::write(folder.join("startlink.key"), KEY).unwrap();
    let store = open(folder);
    let made = store.write(move |tx| {
        let admin = Admin {
            name: AdminName::parse("owner").expect("a name"),
            role: Role::Owner,
            credentials: Credentials::default(),
            created: tx.now(),
        };
        admins::insert(tx, &admin)?;
        if let Some(id) = bot {
            let (id, seen) = (UserId(id), tx.now());
            meta::put_bot(tx, &BotIdentity { id, username: "a_bot".into(), name: "A bot".into(), seen })?;
        }
        let caller = Caller { actor: Actor::Operator, role: Role::Owner };
        for username in ["ada", "ben", "cleo"] {
            let new = accounts::NewAccount { username, name: "", tags: "vip" };
            let (account, _) = accounts::create(tx, &caller, new)?;
            if username == "ada" {
                chats::note(tx, ChatId(ADA), Profile::default())?;
                chats::bind(tx, ChatId(ADA), account)?;
            }
        }
        let asked = NewKey { name: "tool", scopes: "all", rate: 0, lifetime: None };
        Ok::<_, startlink::actions::Error>(keys::create(tx, &caller, asked)?.2.expose().to_owned())
    });
    block_on(made).unwrap()
}
