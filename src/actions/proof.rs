//! The second half of who one is: a code of the authenticator or a recovery code, counted, compared and used up in one
//! transaction. Refusals are values here, because a counted try has to stay counted.

use crate::actions::totp::{self, Matched, Shared};
use crate::actions::{Refusal, throttle};
use crate::ids::AdminId;
use crate::model::admin::Admin;
use crate::secret::{Hash, Secret};
use crate::store::{Read as _, StoreError, Tx, admins};

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
    /// The browser, if it signed in fully as this admin before.
    pub fn known_device(&self, tx: &impl crate::store::Read, id: AdminId) -> Result<Option<Hash>, StoreError> {
        let Some(cookie) = self.device else { return Ok(None) };
        let known = admins::device(tx, cookie)?.is_some_and(|device| device.admin == id);
        Ok(known.then_some(cookie))
    }
}

/// Accepts the proof and uses it up: the time step or the recovery code is written to `admin` and its row.
pub(super) fn accept(tx: &mut Tx<'_>, id: AdminId, admin: &mut Admin, proof: &Proof, from: &From) -> Outcome<()> {
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
        Proof::Code(code) => code_fits(tx, admin, code),
        Proof::Recovery(code) => recovery_fits(admin, code),
    };
    if judged.is_ok() {
        admins::update(tx, id, admin)?;
    }
    Ok(judged)
}

fn code_fits(tx: &Tx<'_>, admin: &mut Admin, code: &str) -> Result<(), Refusal> {
    let refuse = |sentence: String| Err(Refusal::unproven(Some(CODE_FIELD), sentence));
    let sealed = admin.totp_sealed.as_deref().unwrap_or_default();
    let Ok(shared) = Shared::open(tx.sealer(), totp::PURPOSE, sealed) else {
        return refuse("There is no second factor to compare with. Use a recovery code.".to_owned());
    };
    match shared.check(code, admin.totp_step, tx.now()) {
        Matched::Step(step) => {
            admin.totp_step = step;
            Ok(())
        }
        Matched::Used { next } => {
            refuse(format!("This code was already used. Your authenticator shows the next one in {} s.", next.as_secs()))
        }
        Matched::ClockWentBack => refuse(
            "The code is right, but a code from the future was accepted before: the server's clock was set back. Use a recovery \
             code, or run \"startlink admin reset-2fa\" on the server."
                .to_owned(),
        ),
        Matched::No => refuse(
            "This code is not right. Codes change every 30 s; check that the clock of your authenticator's device is right."
                .to_owned(),
        ),
    }
}

fn recovery_fits(admin: &mut Admin, code: &Secret) -> Result<(), Refusal> {
    let hash = totp::recovery_hash(code);
    let before = admin.recovery.len();
    admin.recovery.retain(|kept| *kept != hash);
    if admin.recovery.len() < before {
        Ok(())
    } else {
        Err(Refusal::unproven(Some(RECOVERY_FIELD), "This is none of your recovery codes, or it was used before."))
    }
}
