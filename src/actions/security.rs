//! Credentials: changed by their owner in the browser, or by the operator's commands on the server. Every change ends all other
//! sessions of that admin, open streams included.

use crate::actions::proof::From;
use crate::actions::session::{self, Begun, Origin, Signed};
use crate::actions::signin::{self, Half};
use crate::actions::totp::{self, Shared};
use crate::actions::{Error, Refusal, setup, throttle};
use crate::clock::Timestamp;
use crate::ids::{AdminId, SessionId};
use crate::model::admin::{Admin, AdminName, INVITE_LIFE, Role, SetupTicket, Stage};
use crate::model::event::Actor;
use crate::rng::Rng;
use crate::secret::{Sealer, Secret};
use crate::store::{Read, StoreError, Tx, admins, journal, meta};

/// Another session secret, because the old one ended with the change.
pub type Renewed = Secret;

/// A second factor that is offered for enrolment: shown in the page, and sealed in a form's hidden field until it is confirmed,
/// so that nothing is stored for a page that is only looked at. It opens in the same session only.
#[derive(Clone)]
pub struct Offer {
    /// The secret.
    pub shared: Shared,
    /// What the form brings back.
    pub sealed: Vec<u8>,
}

impl Offer {
    /// A new secret for a session.
    #[must_use]
    pub fn new(rng: &Rng, sealer: &Sealer, session: SessionId) -> Self {
        let shared = Shared::random(rng);
        let locked = shared.seal(sealer, &purpose(session));
        Self { shared, sealed: locked }
    }

    /// What a form brought back.
    pub fn open(sealer: &Sealer, session: SessionId, locked: Vec<u8>) -> Result<Self, Refusal> {
        let opened = Shared::open(sealer, &purpose(session), &locked);
        let sentence = "This page was open too long. Here is a new key; remove the last one from your authenticator.";
        opened.map(|shared| Self { shared, sealed: locked }).map_err(|_| Refusal::unproven(None, sentence))
    }
}

fn purpose(session: SessionId) -> String {
    format!("enrol.totp.{session}")
}

/// Changes the caller's password, which was confirmed and hashed before.
pub fn change_password(tx: &mut Tx<'_>, signed: &Signed, hash: &str) -> Result<Renewed, Error> {
    let mut admin = current(tx, signed.id)?;
    hash.clone_into(&mut admin.password);
    renew(tx, signed, &mut admin, "admin.password")
}

/// Replaces the caller's second factor by the offered one; the recovery codes stay.
pub fn replace_factor(tx: &mut Tx<'_>, signed: &Signed, offer: &Offer, code: &str) -> Result<Renewed, Error> {
    let mut admin = current(tx, signed.id)?;
    admin.totp_step = setup::confirmed(&offer.shared, code, tx)?;
    admin.totp_sealed = Some(offer.shared.seal(tx.sealer(), totp::PURPOSE));
    renew(tx, signed, &mut admin, "admin.second_factor")
}

/// New recovery codes; the old ones are void.
pub fn new_recovery(tx: &mut Tx<'_>, signed: &Signed) -> Result<(Renewed, Vec<Secret>), Error> {
    let mut admin = current(tx, signed.id)?;
    let (codes, hashes) = setup::new_recovery(tx);
    admin.recovery = hashes;
    Ok((renew(tx, signed, &mut admin, "admin.recovery_codes")?, codes))
}

/// Ends all sessions of the caller, this one too, and forgets the browsers they signed in with.
pub fn sign_out_everywhere(tx: &mut Tx<'_>, signed: &Signed) -> Result<(), Error> {
    let mut admin = current(tx, signed.id)?;
    session::end_all(tx, signed.id, &mut admin)?;
    admins::remove_devices(tx, signed.id)?;
    Ok(journal::audit(tx, Actor::Admin(signed.id), "admin.signout_all", admin.name.as_str())?)
}

/// The second factor of an admin who has none: confirmed by a code, it completes the sign-in. With it come recovery codes.
pub fn enrol(
    tx: &mut Tx<'_>,
    half: &Signed,
    offer: &Offer,
    code: &str,
    (from, origin): (&From, &Origin),
) -> Result<(Begun, Vec<Secret>), Error> {
    let over = || Refusal::unproven(None, "This sign-in is over. Begin again.");
    let mut half =
        session::find(tx, half.cookie)?.filter(|signed| signed.session.stage == Stage::Enrol).ok_or_else(over)?;
    if half.admin.totp_sealed.is_some() {
        return Err(Refusal::conflict(None, "A second factor was enrolled meanwhile. Sign in with it.").into());
    }
    half.admin.totp_step = setup::confirmed(&offer.shared, code, tx)?;
    half.admin.totp_sealed = Some(offer.shared.seal(tx.sealer(), totp::PURPOSE));
    let (codes, hashes) = setup::new_recovery(tx);
    half.admin.recovery = hashes;
    session::end_all(tx, half.id, &mut half.admin)?;
    journal::audit(tx, Actor::Admin(half.id), "admin.second_factor", half.admin.name.as_str())?;
    Ok((signin::complete(tx, &half, from, origin)?, codes))
}

fn current(read: &impl Read, id: AdminId) -> Result<Admin, Error> {
    Ok(admins::get(read, id)?.ok_or_else(|| Refusal::not_found("There is no such admin any more."))?)
}

/// Writes the changed admin, ends all other sessions and renews this one.
fn renew(tx: &mut Tx<'_>, signed: &Signed, admin: &mut Admin, action: &str) -> Result<Renewed, Error> {
    // Decided before the first write: a session that ended meanwhile changes nothing.
    if session::find(tx, signed.cookie)?.is_none() {
        return Err(Refusal::unproven(None, "Your session has ended. Sign in again.").into());
    }
    let secret = session::end_others(tx, signed, admin)?;
    journal::audit(tx, Actor::Admin(signed.id), action, admin.name.as_str())?;
    Ok(secret.ok_or_else(|| Refusal::unproven(None, "Your session has ended. Sign in again."))?)
}

/// An admin as the operator's list shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The name they sign in with.
    pub name: AdminName,
    /// What they may do.
    pub role: Role,
    /// Whether a second factor is enrolled.
    pub second_factor: bool,
    /// Recovery codes that are left.
    pub recovery_left: usize,
    /// Sessions that are not over.
    pub sessions: usize,
    /// When they last signed in fully.
    pub last_sign_in: Option<Timestamp>,
    /// When they were made.
    pub created: Timestamp,
}

/// All admins, for the command `admin list`.
pub fn list(read: &impl Read) -> Result<Vec<Listed>, StoreError> {
    let now = read.now();
    let listed = |(id, admin): (AdminId, Admin)| {
        let sessions = admins::sessions(read, id)?.iter().filter(|(_, session)| !session.is_over(now)).count();
        Ok(Listed {
            name: admin.name,
            role: admin.role,
            second_factor: admin.totp_sealed.is_some(),
            recovery_left: admin.recovery.len(),
            sessions,
            last_sign_in: admins::last_sign_in(read, id)?,
            created: admin.created,
        })
    };
    admins::all(read)?.into_iter().map(listed).collect()
}

/// Adds an admin, for the command `admin add`; the answer is the token of the invitation with which they choose a password,
/// and enrol their second factor after it. With the first admin the set-up link is void.
pub fn add_admin(tx: &mut Tx<'_>, name: &AdminName, role: Role) -> Result<Secret, Error> {
    if admins::find(tx, name)?.is_some() {
        return Err(Refusal::conflict(Some("name"), format!("There is an admin called \"{name}\" already.")).into());
    }
    let admin = Admin {
        name: name.clone(),
        role,
        password: String::new(),
        totp_sealed: None,
        totp_step: 0,
        recovery: Vec::new(),
        epoch: 0,
        created: tx.now(),
    };
    let id = admins::insert(tx, &admin)?;
    setup::close(tx)?;
    journal::audit(tx, Actor::Operator, "admin.add", name.as_str())?;
    let secret = Secret::random::<32>(tx.rng());
    let ticket = SetupTicket { hash: secret.hash(), expires: tx.now().plus(INVITE_LIFE) };
    meta::put_invite(tx, id, Some(&ticket))?;
    Ok(Secret::new(format!("{id}.{}", secret.expose())))
}

/// Whom a token invites, while it is good.
pub fn invited(read: &impl Read, token: &Secret) -> Result<Option<(AdminId, Admin)>, StoreError> {
    let parts = token.expose().split_once('.').and_then(|(id, secret)| Some((id.parse().ok()?, Secret::new(secret))));
    let Some((id, secret)) = parts else { return Ok(None) };
    let ticket = meta::invite(read, id)?.filter(|ticket| ticket.hash == secret.hash() && read.now() < ticket.expires);
    match ticket {
        Some(_) => Ok(admins::get(read, id)?.map(|admin| (id, admin))),
        None => Ok(None),
    }
}

/// Takes an invitation up with a hashed password: it is used up, and a sign-in begins that enrols the second factor.
pub fn accept_invite(tx: &mut Tx<'_>, token: &Secret, hash: &str, origin: &Origin) -> Result<Half, Error> {
    let invited = invited(tx, token)?;
    let sentence = "This invitation was used, or its day is over. Ask for a new one.";
    let (id, mut admin) = invited.ok_or_else(|| Refusal::unproven(None, sentence))?;
    hash.clone_into(&mut admin.password);
    admins::update(tx, id, &admin)?;
    meta::put_invite(tx, id, None)?;
    journal::audit(tx, Actor::Admin(id), "admin.invite.accept", admin.name.as_str())?;
    let stage = if admin.totp_sealed.is_some() { Stage::Password } else { Stage::Enrol };
    let session = session::begin(tx, id, stage, origin)?;
    Ok(Half { session, stage })
}

/// Sets a hashed password, for the command `admin passwd`: all sessions end and throttling begins anew.
pub fn set_password(tx: &mut Tx<'_>, name: &AdminName, hash: &str) -> Result<(), Error> {
    let (id, mut admin) = named(tx, name)?;
    hash.clone_into(&mut admin.password);
    meta::put_invite(tx, id, None)?;
    by_operator(tx, id, &mut admin, "admin.password")
}

/// Takes the second factor and the recovery codes away, for the command `admin reset-2fa`: the next sign-in enrols anew.
pub fn reset_2fa(tx: &mut Tx<'_>, name: &AdminName) -> Result<(), Error> {
    let (id, mut admin) = named(tx, name)?;
    admin.totp_sealed = None;
    admin.totp_step = 0;
    admin.recovery = Vec::new();
    by_operator(tx, id, &mut admin, "admin.reset_2fa")
}

/// Ends all sessions of one admin, or of all, for the command `admin logout-all`; how many there were.
pub fn logout_all(tx: &mut Tx<'_>, name: Option<&AdminName>) -> Result<usize, Error> {
    let who = match name {
        Some(name) => vec![named(tx, name)?],
        None => admins::all(tx)?,
    };
    let mut ended = 0;
    for (id, mut admin) in who {
        ended += admins::sessions(tx, id)?.len();
        by_operator(tx, id, &mut admin, "admin.logout_all")?;
    }
    Ok(ended)
}

fn named(read: &impl Read, name: &AdminName) -> Result<(AdminId, Admin), Error> {
    let unknown = || Refusal::not_found(format!("There is no admin called \"{name}\"."));
    Ok(admins::find(read, name)?.ok_or_else(unknown)?)
}

fn by_operator(tx: &mut Tx<'_>, id: AdminId, admin: &mut Admin, action: &str) -> Result<(), Error> {
    session::end_all(tx, id, admin)?;
    admins::remove_devices(tx, id)?;
    throttle::reset(tx, id, &admin.name)?;
    Ok(journal::audit(tx, Actor::Operator, action, admin.name.as_str())?)
}
