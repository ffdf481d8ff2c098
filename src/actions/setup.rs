//! The set-up, from a one-time link to the first admin. The link is good for an hour and can be begun again as often as needed;
//! the admin comes into being with the confirmed second factor, in one transaction that refuses a second first admin.

use crate::actions::proof::{CODE_FIELD, From};
use crate::actions::session::{Begun, Origin};
use crate::actions::totp::{self, Matched, Shared};
use crate::actions::who::Who as _;
use crate::actions::{Error, Refusal, session, signin};
use crate::ids::AdminId;
use crate::model::admin::{Admin, AdminName, Role, SETUP_LIFE, SetupDraft, SetupTicket};
use crate::model::event::Actor;
use crate::model::session::{Credentials, Stage};
use crate::model::settings::Saved;
use crate::secret::{Hash, Secret, Unsealable};
use crate::store::{Read, StoreError, Tx, admins, journal, meta};

/// What a draft's second factor is sealed under.
const DRAFT: &str = "setup.totp";

/// The first admin, just made.
#[derive(Clone)]
pub struct Finished {
    /// The secrets for the browser's cookies.
    pub begun: Begun,
    /// The recovery codes, to be shown once.
    pub recovery: Vec<Secret>,
    /// Who it is.
    pub id: AdminId,
    /// Under which name.
    pub name: AdminName,
}

/// Makes a new one-time link's token; an older link and what was begun with it are void.
pub fn new_ticket(tx: &mut Tx<'_>) -> Result<Secret, Error> {
    open(tx)?;
    let token = Secret::random::<32>(tx.rng());
    let ticket = SetupTicket { hash: token.hash(), expires: tx.now().plus(SETUP_LIFE) };
    meta::put_setup_ticket(tx, Some(&ticket))?;
    meta::put_setup_draft(tx, None)?;
    Ok(token)
}

/// Whether a token is that of the present link.
pub fn is_good(read: &impl Read, token: &Secret) -> Result<bool, StoreError> {
    let ticket = meta::setup_ticket(read)?;
    Ok(ticket.is_some_and(|ticket| ticket.hash == token.hash() && read.now() < ticket.expires))
}

/// Begins the set-up, or begins it again: the browser that did gets a secret and goes on alone.
pub fn begin(tx: &mut Tx<'_>, token: &Secret, base_url: Option<&str>) -> Result<Secret, Error> {
    open(tx)?;
    if !is_good(tx, token)? {
        return Err(Refusal::unproven(None, "This set-up link is not good any more.").into());
    }
    let browser = Secret::random::<32>(tx.rng());
    let draft = SetupDraft {
        browser: browser.hash(),
        expires: tx.now().plus(SETUP_LIFE),
        base_url: base_url.map(str::to_owned),
        admin: None,
        totp_sealed: None,
    };
    meta::put_setup_draft(tx, Some(&draft))?;
    Ok(browser)
}

/// What the browser with this cookie gathered so far.
pub fn draft(read: &impl Read, browser: Option<Hash>) -> Result<SetupDraft, Error> {
    let draft = meta::setup_draft(read)?.filter(|draft| read.now() < draft.expires && Some(draft.browser) == browser);
    let sentence = "This set-up was begun again elsewhere, or it took too long. Open the set-up link again.";
    draft.ok_or_else(|| Refusal::unproven(None, sentence).into())
}

/// Notes name and password, and makes the second factor that is shown next.
pub fn name_admin(tx: &mut Tx<'_>, browser: Option<Hash>, name: &AdminName, password: &str) -> Result<(), Error> {
    open(tx)?;
    let mut draft = draft(tx, browser)?;
    draft.admin = Some((name.clone(), password.to_owned()));
    draft.totp_sealed = Some(Shared::random(tx.rng()).seal(tx.sealer(), DRAFT));
    draft.expires = tx.now().plus(SETUP_LIFE);
    Ok(meta::put_setup_draft(tx, Some(&draft))?)
}

/// The second factor of a draft, once there is one.
pub fn second_factor(read: &impl Read, draft: &SetupDraft) -> Option<Shared> {
    let sealed = draft.totp_sealed.as_deref()?;
    Shared::open(read.sealer(), DRAFT, sealed).map_err(|Unsealable| ()).ok()
}

/// The last step before the session: the code proves the second factor, and the first admin comes into being.
pub fn finish(
    tx: &mut Tx<'_>,
    browser: Option<Hash>,
    code: &str,
    from: &From,
    origin: &Origin,
) -> Result<Finished, Error> {
    open(tx)?;
    let draft = draft(tx, browser)?;
    let shared = second_factor(tx, &draft);
    let (Some((name, password)), Some(shared)) = (draft.admin, shared) else {
        return Err(Refusal::conflict(None, "Name and password come first.").into());
    };
    let step = confirmed(&shared, code, tx)?;
    let (recovery, hashes) = new_recovery(tx);
    let totp_sealed = Some(shared.seal(tx.sealer(), AdminId::FACTOR));
    let created = tx.now();
    let admin = Admin {
        name: name.clone(),
        role: Role::Owner,
        credentials: Credentials {
            totp_sealed,
            totp_step: step,
            recovery: hashes,
            ..Credentials::with_password(password)
        },
        created,
    };
    let id = admins::insert(tx, &admin)?;
    if let Some(base_url) = draft.base_url {
        let saved = meta::saved(tx)?;
        meta::save(tx, &Saved { base_url: Some(base_url), ..saved })?;
    }
    close(tx)?;
    journal::audit(tx, Actor::Admin(id), "setup.admin", name.as_str())?;
    let session = session::begin(tx, id, Stage::Full, origin)?;
    let device = signin::remember(tx, id, from)?;
    Ok(Finished { begun: Begun { session, device }, recovery, id, name })
}

/// Ends the link and the draft: there is an admin now.
pub(super) fn close(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    meta::put_setup_ticket(tx, None)?;
    meta::put_setup_draft(tx, None)
}

/// The code of a second factor that is being enrolled; the step it used up.
pub(super) fn confirmed(shared: &Shared, code: &str, tx: &Tx<'_>) -> Result<u64, Refusal> {
    match shared.check(code, 0, tx.now()) {
        Matched::Step(step) => Ok(step),
        Matched::Used { .. } | Matched::ClockWentBack | Matched::No => Err(Refusal::invalid(
            CODE_FIELD,
            "This code is not right. Add the key to your authenticator and type the six digits that it shows now; if it still \
             fails, compare the clocks of both devices.",
        )),
    }
}

pub(super) fn new_recovery(tx: &Tx<'_>) -> (Vec<Secret>, Vec<Hash>) {
    let codes = totp::recovery_codes(tx.rng());
    let hashes = codes.iter().map(totp::recovery_hash).collect();
    (codes, hashes)
}

/// Refuses when there is an admin already.
fn open(read: &impl Read) -> Result<(), Error> {
    if admins::is_empty(read)? {
        Ok(())
    } else {
        Err(Refusal::conflict(None, "This instance is set up already. Sign in, or add an admin by command.").into())
    }
}
