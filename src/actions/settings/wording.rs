//! The bot's texts, changed and reset.

use crate::actions::{Caller, Error, Refusal};
use crate::model::admin::Role;
use crate::model::texts::{Language, TextKey, Texts, check};
use crate::store::{Read, StoreError, Tx, journal, meta};

/// The texts in force. One short walk over those that were changed.
pub fn texts(read: &impl Read) -> Result<Texts, StoreError> {
    Ok(Texts::with(meta::texts(read)?))
}

/// Changes a text in one language.
pub fn save_text(tx: &mut Tx<'_>, caller: &Caller, language: Language, key: TextKey, text: &str) -> Result<(), Error> {
    caller.needs(Role::Operator)?;
    let text = check(key, text).map_err(|problem| Refusal::invalid("text", problem))?;
    let name = Texts::name(language, key);
    let changed = (text != key.default(language)).then_some(text.as_str());
    meta::put_text(tx, &name, changed)?;
    journal::audit(tx, caller.actor, "text.save", name)?;
    Ok(())
}

/// Goes back to the original text.
pub fn reset_text(tx: &mut Tx<'_>, caller: &Caller, language: Language, key: TextKey) -> Result<(), Error> {
    caller.needs(Role::Operator)?;
    let name = Texts::name(language, key);
    meta::put_text(tx, &name, None)?;
    journal::audit(tx, caller.actor, "text.reset", name)?;
    Ok(())
}
