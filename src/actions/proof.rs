//! The second half of who one is: a code of the authenticator or a recovery code, counted, compared and used up in one
//! transaction. Refusals are values here, because a counted try has to stay counted.

use crate::actions::totp::{self, Matched, Shared};
use crate::actions::who::{Proves as _, Who};
use crate::actions::{Refusal, throttle};
use crate::model::session::Credentials;
use crate::secret::{Hash, Secret};
use crate::store::{Read as _, StoreError, Tx, sessions};

/// What becomes of an act whose refusal leaves traces: both outcomes are committed.
pub type Outcome<T> = Result<Result<T, Refusal>, StoreError>;

/// What a person shows.
#[derive(Clone)]
pub enum Proof {
    /// Six digits of the authenticator.
    Code(String),
    /// One of the recovery codes.
    Recovery(Secret),
}

/// From where it is shown; tries are counted by it.
#[derive(Clone, Debug)]
pub struct From {
    /// The person's network.
    pub network: String,
    /// The hash of the browser's device cookie, if it has one.
    pub device: Option<Hash>,
}

/// The field of forms that a code is typed into.
pub const CODE_FIELD: &str = "code";
/// The field of forms that a recovery code is typed into.
pub const RECOVERY_FIELD: &str = "recovery";

impl From {
    /// The browser, if it signed in fully as this person before.
    pub fn known_device<W: Who>(&self, tx: &impl crate::store::Read, id: W) -> Result<Option<Hash>, StoreError> {
        let Some(cookie) = self.device else { return Ok(None) };
        let known = sessions::device::<W>(tx, cookie)?.is_some_and(|device| device.whose == id);
        Ok(known.then_some(cookie))
    }
}

/// Accepts the proof and uses it up: the time step or the recovery code is written to `person` and its row.
pub(super) fn accept<W: Who>(
    tx: &mut Tx<'_>,
    id: W,
    person: &mut W::Person,
    proof: &Proof,
    from: &From,
) -> Outcome<()> {
    let who = throttle::second_factor_key(&from.network, from.known_device(tx, id)?);
    let kind = match proof {
        Proof::Code(_) => "totp",
        Proof::Recovery(_) => "recovery",
    };
    if !throttle::charge_daily(tx, kind, id, &who)? {
        let wait = throttle::until_tomorrow(tx.now());
        return Ok(Err(Refusal::too_many(wait, "Too many tries today. Use a recovery code, or try again tomorrow.")));
    }
    let judged = match proof {
        Proof::Code(code) => code_fits::<W>(tx, person.credentials_mut(), code),
        Proof::Recovery(code) => recovery_fits(person.credentials_mut(), code),
    };
    if judged.is_ok() {
        id.keep(tx, person)?;
    }
    Ok(judged)
}

fn code_fits<W: Who>(tx: &Tx<'_>, credentials: &mut Credentials, code: &str) -> Result<(), Refusal> {
    let refuse = |sentence: String| Err(Refusal::unproven(Some(CODE_FIELD), sentence));
    let sealed = credentials.totp_sealed.as_deref().unwrap_or_default();
    let Ok(shared) = Shared::open(tx.sealer(), W::FACTOR, sealed) else {
        return refuse("There is no second factor to compare with. Use a recovery code.".to_owned());
    };
    match shared.check(code, credentials.totp_step, tx.now()) {
        Matched::Step(step) => {
            credentials.totp_step = step;
            Ok(())
        }
        Matched::Used { next } => {
            refuse(format!("This code was already used. Your authenticator shows the next one in {} s.", next.as_secs()))
        }
        Matched::ClockWentBack => refuse(format!(
            "The code is right, but a code from the future was accepted before: the server's clock was set back. Use a recovery \
             code, or {}.",
            W::HELP
        )),
        Matched::No => refuse(
            "This code is not right. Codes change every 30 s; check that the clock of your authenticator's device is right."
                .to_owned(),
        ),
    }
}

fn recovery_fits(credentials: &mut Credentials, code: &Secret) -> Result<(), Refusal> {
    let hash = totp::recovery_hash(code);
    let before = credentials.recovery.len();
    credentials.recovery.retain(|kept| *kept != hash);
    if credentials.recovery.len() < before {
        Ok(())
    } else {
        Err(Refusal::unproven(Some(RECOVERY_FIELD), "This is none of your recovery codes, or it was used before."))
    }
}
