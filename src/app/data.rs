//! The data folder: its rights, the sealing key beside the data file, and the file itself.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::app::StartError;
use crate::clock::Clock;
use crate::config::{Config, SealingKey};
use crate::rng::Rng;
use crate::secret::{KEY_LEN, Sealer, Secret};
use crate::store::{OpenError, Place, Store};

/// The data file's name.
const FILE: &str = "startlink.redb";
/// The sealing key's name. It is not in backups: without it, sealed values stay closed.
const KEY: &str = "startlink.key";
/// Only its owner may read and write the file.
const PRIVATE_FILE: u32 = 0o600;
const PRIVATE_FOLDER: u32 = 0o700;

/// The data file of a folder.
#[must_use]
pub fn file(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

/// Makes the folder when it is absent, finds or makes the key, opens the data file. Blocks.
pub(super) fn open(config: &Config, clock: &Clock, rng: &Rng) -> Result<Store, StartError> {
    let folder = &config.data_dir.value;
    prepare_folder(folder)?;
    let file = file(folder);
    let fresh = !file.exists();
    let key = match &config.secret_key {
        Some(setting) => setting.value.clone(),
        None => key_file(&folder.join(KEY), fresh, rng)?,
    };
    let sealer = Sealer::new(key.expose(), rng.clone());
    let store =
        Store::open(Place::File(file.clone()), clock.clone(), rng.clone(), sealer).map_err(|error| match error {
            OpenError::Busy => StartError::Locked(format!(
                "the data folder {} is in use by another startlink process",
                folder.display()
            )),
            OpenError::TooNew { .. } | OpenError::WrongKey | OpenError::Failed(_) => StartError::failed(error),
        })?;
    restrict(&file, PRIVATE_FILE)?;
    Ok(store)
}

/// [`open`] for a command: a folder without a data file is a mistake, not a beginning.
pub(super) fn open_existing(config: &Config, clock: &Clock, rng: &Rng) -> Result<Store, StartError> {
    let path = file(&config.data_dir.value);
    if path.exists() {
        open(config, clock, rng)
    } else {
        Err(StartError::Failed(format!(
            "there is no data file {}; start the server once, or name its folder with --data-dir",
            path.display()
        )))
    }
}

fn unusable(path: &Path, error: &std::io::Error) -> StartError {
    StartError::Config(format!("{} cannot be used: {error}", path.display()))
}

fn prepare_folder(folder: &Path) -> Result<(), StartError> {
    let made = DirBuilder::new().recursive(true).mode(PRIVATE_FOLDER).create(folder);
    made.map_err(|error| unusable(folder, &error))
}

fn restrict(path: &Path, mode: u32) -> Result<(), StartError> {
    let set = std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode));
    set.map_err(|error| unusable(path, &error))
}

/// Reads the key file; makes one for a fresh data file only, because an old file opens with its own key alone.
fn key_file(path: &Path, fresh: bool, rng: &Rng) -> Result<SealingKey, StartError> {
    let failed = |error: String| StartError::Config(format!("the sealing key {}: {error}", path.display()));
    match std::fs::read_to_string(path) {
        Ok(text) => SealingKey::parse(text.trim()).map_err(|error| failed(error.to_string())),
        Err(error) if error.kind() == ErrorKind::NotFound && fresh => {
            let text = Secret::random::<KEY_LEN>(rng);
            write_private(path, &format!("{}\n", text.expose())).map_err(|error| failed(error.to_string()))?;
            SealingKey::parse(text.expose()).map_err(|error| failed(error.to_string()))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Err(failed(
            "it is missing, but the data file is there; put the key back, or set STARTLINK_SECRET_KEY".into(),
        )),
        Err(error) => Err(failed(error.to_string())),
    }
}

/// Writes a file that only its owner may read, durable before this returns.
pub(super) fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(PRIVATE_FILE).open(path)?;
    file.set_permissions(std::fs::Permissions::from_mode(PRIVATE_FILE))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
