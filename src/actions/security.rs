//! Credentials: changed by whose they are in the browser, or by the operator's commands on the server. Every change ends all
//! other sessions of that person, open streams included.

use crate::actions::proof::{self, From, Outcome, Proof};
use crate::actions::session::{self, Begun, Origin, Signed};
use crate::actions::signin::{self, Half};
use crate::actions::totp::Shared;
use crate::actions::who::{Proves as _, Who};
use crate::actions::{Error, Refusal, setup, throttle};
use crate::clock::Timestamp;
use crate::ids::{AdminId, SessionId};
use crate::model::admin::{Admin, AdminName, INVITE_LIFE, Role, SetupTicket};
use crate::model::event::Actor;
use crate::model::session::{Credentials, Stage};
use crate::rng::Rng;
use crate::secret::{Sealer, Secret};
use crate::store::{Read, StoreError, Tx, admins, journal, meta, sessions};

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
pub fn change_password<W: Who>(tx: &mut Tx<'_>, signed: &Signed<W>, hash: &str) -> Result<Renewed, Error> {
    let mut person = current(tx, signed.id)?;
    hash.clone_into(&mut person.credentials_mut().password);
    renew(tx, signed, &mut person, "password")
}

/// Replaces the caller's second factor by the offered one; the recovery codes stay.
pub fn replace_factor(tx: &mut Tx<'_>, signed: &Signed, offer: &Offer, code: &str) -> Result<Renewed, Error> {
    let mut admin = current(tx, signed.id)?;
    put_factor::<AdminId>(tx, &mut admin.credentials, offer, code)?;
    renew(tx, signed, &mut admin, "second_factor")
}

/// Writes an offered second factor, proven by a code of it, to the credentials.
fn put_factor<W: Who>(tx: &Tx<'_>, credentials: &mut Credentials, offer: &Offer, code: &str) -> Result<(), Refusal> {
    credentials.totp_step = setup::confirmed(&offer.shared, code, tx)?;
    credentials.totp_sealed = Some(offer.shared.seal(tx.sealer(), W::FACTOR));
    Ok(())
}

/// A second factor for someone signed in who has none and need not have one. With it come recovery codes.
pub fn add_factor<W: Who>(
    tx: &mut Tx<'_>,
    signed: &Signed<W>,
    offer: &Offer,
    code: &str,
) -> Result<(Renewed, Vec<Secret>), Error> {
    let mut person = current(tx, signed.id)?;
    if person.credentials().totp_sealed.is_some() {
        return Err(Refusal::conflict(None, "You have a second factor already.").into());
    }
    put_factor::<W>(tx, person.credentials_mut(), offer, code)?;
    let (codes, hashes) = setup::new_recovery(tx);
    person.credentials_mut().recovery = hashes;
    Ok((renew(tx, signed, &mut person, "second_factor")?, codes))
}

/// Takes the caller's own second factor away, proven by a code of it or a recovery code. For those who need not have one.
pub fn remove_factor<W: Who>(tx: &mut Tx<'_>, signed: &Signed<W>, proof: &Proof, from: &From) -> Outcome<Renewed> {
    let Some(mut person) = signed.id.person(tx)? else { return Ok(Err(session_over())) };
    if session::find::<W>(tx, signed.cookie)?.is_none() {
        return Ok(Err(session_over()));
    }
    if let Err(refusal) = proof::accept(tx, signed.id, &mut person, proof, from)? {
        return Ok(Err(refusal));
    }
    person.credentials_mut().forget_factor();
    let renewed = session::end_others(tx, signed, &mut person)?;
    journal::audit(tx, signed.id.actor(), &format!("{}.second_factor.remove", W::AUDIT), person.name())?;
    Ok(renewed.ok_or_else(session_over))
}

/// New recovery codes; the old ones are void.
pub fn new_recovery<W: Who>(tx: &mut Tx<'_>, signed: &Signed<W>) -> Result<(Renewed, Vec<Secret>), Error> {
    let mut person = current(tx, signed.id)?;
    let (codes, hashes) = setup::new_recovery(tx);
    person.credentials_mut().recovery = hashes;
    Ok((renew(tx, signed, &mut person, "recovery_codes")?, codes))
}

/// Ends all sessions of the caller, this one too, and forgets the browsers they signed in with.
pub fn sign_out_everywhere<W: Who>(tx: &mut Tx<'_>, signed: &Signed<W>) -> Result<(), Error> {
    let mut person = current(tx, signed.id)?;
    session::end_all(tx, signed.id, &mut person)?;
    sessions::remove_devices(tx, signed.id)?;
    Ok(journal::audit(tx, signed.id.actor(), &format!("{}.signout_all", W::AUDIT), person.name())?)
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
    let found = session::find::<AdminId>(tx, half.cookie)?;
    let mut half = found.filter(|signed| signed.session.stage == Stage::Enrol).ok_or_else(over)?;
    if half.person.credentials.totp_sealed.is_some() {
        return Err(Refusal::conflict(None, "A second factor was enrolled meanwhile. Sign in with it.").into());
    }
    put_factor::<AdminId>(tx, &mut half.person.credentials, offer, code)?;
    let (codes, hashes) = setup::new_recovery(tx);
    half.person.credentials.recovery = hashes;
    session::end_all(tx, half.id, &mut half.person)?;
    journal::audit(tx, Actor::Admin(half.id), "admin.second_factor", half.person.name.as_str())?;
    Ok((signin::complete(tx, &half, from, origin)?, codes))
}

fn current<W: Who>(read: &impl Read, id: W) -> Result<W::Person, Error> {
    Ok(id.person(read)?.ok_or_else(|| Refusal::not_found("There is nobody of this name any more."))?)
}

/// Writes the changed row, ends all other sessions and renews this one.
fn renew<W: Who>(tx: &mut Tx<'_>, signed: &Signed<W>, person: &mut W::Person, action: &str) -> Result<Renewed, Error> {
    // Decided before the first write: a session that ended meanwhile changes nothing.
    if session::find::<W>(tx, signed.cookie)?.is_none() {
        return Err(session_over().into());
    }
    let secret = session::end_others(tx, signed, person)?;
    journal::audit(tx, signed.id.actor(), &format!("{}.{action}", W::AUDIT), person.name())?;
    Ok(secret.ok_or_else(session_over)?)
}

fn session_over() -> Refusal {
    Refusal::unproven(None, "Your session has ended. Sign in again.")
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
        let open = sessions::of(read, id)?.iter().filter(|(_, session)| !session.is_over(now)).count();
        Ok(Listed {
            name: admin.name,
            role: admin.role,
            second_factor: admin.credentials.totp_sealed.is_some(),
            recovery_left: admin.credentials.recovery.len(),
            sessions: open,
            last_sign_in: sessions::last_sign_in(read, id)?,
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
    let admin = Admin { name: name.clone(), role, credentials: Credentials::default(), created: tx.now() };
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
pub fn accept_invite(
    tx: &mut Tx<'_>,
    token: &Secret,
    hash: &str,
    (from, origin): (&From, &Origin),
) -> Result<Half, Error> {
    let invited = invited(tx, token)?;
    let sentence = "This invitation was used, or its day is over. Ask for a new one.";
    let (id, mut admin) = invited.ok_or_else(|| Refusal::unproven(None, sentence))?;
    hash.clone_into(&mut admin.credentials.password);
    admins::update(tx, id, &admin)?;
    meta::put_invite(tx, id, None)?;
    journal::audit(tx, Actor::Admin(id), "admin.invite.accept", admin.name.as_str())?;
    Ok(signin::enter(tx, id, &admin, (from, origin))?)
}

/// Sets a hashed password, for the command `admin passwd`: all sessions end and throttling begins anew.
pub fn set_password(tx: &mut Tx<'_>, name: &AdminName, hash: &str) -> Result<(), Error> {
    let (id, mut admin) = named(tx, name)?;
    hash.clone_into(&mut admin.credentials.password);
    meta::put_invite(tx, id, None)?;
    by_operator(tx, id, &mut admin, "admin.password")
}

/// Takes the second factor and the recovery codes away, for the command `admin reset-2fa`: the next sign-in enrols anew.
pub fn reset_2fa(tx: &mut Tx<'_>, name: &AdminName) -> Result<(), Error> {
    let (id, mut admin) = named(tx, name)?;
    admin.credentials.forget_factor();
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
        ended += sessions::of(tx, id)?.len();
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
    sessions::remove_devices(tx, id)?;
    throttle::reset(tx, id, admin)?;
    Ok(journal::audit(tx, Actor::Operator, action, admin.name.as_str())?)
}
