//! Signing in: name and password, then the second factor. Who fails learns nothing but that it failed; where from is one stable
//! line in the log, `Failed sign-in from ADDRESS`, for fail2ban and its like.

use crate::actions::password::{Hasher, Verdict};
use crate::actions::proof::{self, From, Outcome, Proof};
use crate::actions::session::{self, Begun, Origin, Signed};
use crate::actions::throttle::Tries;
use crate::actions::who::{Proves as _, Who};
use crate::actions::{Error, Refusal};
use crate::model::session::{Credentials, Device, STEP_UP, Session, Stage};
use crate::secret::{Hash, Secret};
use crate::store::{Read as _, Store, StoreError, Tx, journal, sessions};

/// A try with name and password.
#[derive(Clone)]
pub struct Attempt {
    /// The name as it was typed.
    pub name: String,
    /// The password as it was typed.
    pub password: Secret,
    /// From where, for throttling.
    pub from: From,
    /// From where, for the list of sessions.
    pub origin: Origin,
    /// The session the browser has; it ends when the try succeeds.
    pub replaces: Option<Hash>,
}

/// How far a right password leads.
#[derive(Clone)]
pub struct Half {
    /// The session's secret.
    pub session: Secret,
    /// Whether the second factor has to be shown or to be enrolled, or whether that was all.
    pub stage: Stage,
    /// The device's secret, when that was all and the browser was not known.
    pub device: Option<Secret>,
}

/// What is known before the password is looked at.
struct Candidate<W> {
    id: W,
    hash: String,
}

/// Compares name and password; a right pair begins a session, which waits for the second factor of whoever has or needs one.
/// The work is the same whether the name exists or not.
pub async fn password<W: Who>(store: &Store, hasher: &Hasher, attempt: Attempt) -> Result<Half, Error> {
    let (tries, candidate) = charge::<W>(store, &attempt).await?;
    let stored = candidate.as_ref().map(|candidate| candidate.hash.clone());
    let verdict = hasher.verify(attempt.password.clone(), stored).await?;
    let (Verdict::Right { rehashed }, Some(candidate)) = (verdict, candidate) else {
        note_failure(&attempt.origin);
        return Err(Refusal::unproven(None, "Name or password is wrong.").into());
    };
    let half = store.write(move |tx| begin_half(tx, &candidate, &attempt, &tries, rehashed.as_deref()));
    half.await?.map_err(Error::from)
}

/// Counts the try in its buckets before anything is compared.
async fn charge<W: Who>(store: &Store, attempt: &Attempt) -> Result<(Tries, Option<Candidate<W>>), Error> {
    let (name, from) = (attempt.name.clone(), attempt.from.clone());
    let charged = store.write(move |tx| {
        let found = W::named(tx, &name)?;
        let device = found.as_ref().map(|(id, _)| from.known_device(tx, *id)).transpose()?.flatten();
        let tries = Tries::new::<W>(&name, &from.network, device);
        let wait = tries.charge(tx)?;
        let hash = |person: &W::Person| person.credentials().password.clone();
        let candidate = found.map(|(id, person)| Candidate { id, hash: hash(&person) });
        Ok::<_, StoreError>(wait.map_or(Ok((tries, candidate)), Err))
    });
    charged.await?.map_err(|wait| {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let sentence = format!("Too many failed tries. The next one is looked at in {seconds} s.");
        Refusal::too_many(wait, sentence).into()
    })
}

fn begin_half<W: Who>(
    tx: &mut Tx<'_>,
    candidate: &Candidate<W>,
    attempt: &Attempt,
    tries: &Tries,
    rehashed: Option<&str>,
) -> Outcome<Half> {
    // The password may have been changed while it was compared.
    let unchanged = candidate.id.person(tx)?.filter(|person| person.credentials().password == candidate.hash);
    let Some(mut person) = unchanged else {
        return Ok(Err(Refusal::unproven(None, "Name or password is wrong.")));
    };
    tries.forgive(tx)?;
    if let Some(hash) = rehashed {
        hash.clone_into(&mut person.credentials_mut().password);
        candidate.id.keep(tx, &person)?;
    }
    if let Some(old) = attempt.replaces {
        session::end::<W>(tx, old)?;
    }
    enter(tx, candidate.id, &person, (&attempt.from, &attempt.origin)).map(Ok)
}

/// Begins the session that a right password, or a new one, leads to.
pub(super) fn enter<W: Who>(
    tx: &mut Tx<'_>,
    id: W,
    person: &W::Person,
    (from, origin): (&From, &Origin),
) -> Result<Half, StoreError> {
    let stage = W::after_password(person.credentials());
    let session = session::begin(tx, id, stage, origin)?;
    let device = match stage {
        Stage::Full => {
            journal::audit(tx, id.actor(), &format!("{}.signin", W::AUDIT), person.name())?;
            remember(tx, id, from)?
        }
        Stage::Password | Stage::Enrol => None,
    };
    Ok(Half { session, stage, device })
}

/// The second factor of a sign-in that waits for it; a right one begins the full session under a new secret.
pub fn second_factor<W: Who>(
    tx: &mut Tx<'_>,
    half: &Signed<W>,
    proof: &Proof,
    from: &From,
    origin: &Origin,
) -> Outcome<Begun> {
    // Two answers to one question can arrive at once: the first one ends the half session.
    let Some(mut signed) =
        session::find::<W>(tx, half.cookie)?.filter(|signed| signed.session.stage == Stage::Password)
    else {
        return Ok(Err(Refusal::unproven(None, "This sign-in is over. Begin again.")));
    };
    if let Err(refusal) = proof::accept(tx, signed.id, &mut signed.person, proof, from)? {
        return Ok(Err(refusal));
    }
    let how = match proof {
        Proof::Code(_) => "signin",
        Proof::Recovery(_) => "signin.recovery",
    };
    journal::audit(tx, signed.id.actor(), &format!("{}.{how}", W::AUDIT), signed.person.name())?;
    complete(tx, &signed, from, origin).map(Ok)
}

/// Ends the half session, begins the full one and remembers the browser.
pub(super) fn complete<W: Who>(
    tx: &mut Tx<'_>,
    half: &Signed<W>,
    from: &From,
    origin: &Origin,
) -> Result<Begun, StoreError> {
    session::end::<W>(tx, half.cookie)?;
    let session = session::begin(tx, half.id, Stage::Full, origin)?;
    let device = remember(tx, half.id, from)?;
    Ok(Begun { session, device })
}

/// Notes the use of a known browser, or makes the secret that a new one is known by.
pub(super) fn remember<W: Who>(tx: &mut Tx<'_>, id: W, from: &From) -> Result<Option<Secret>, StoreError> {
    let device = Device { whose: id, seen: tx.now() };
    if let Some(known) = from.known_device(tx, id)? {
        sessions::put_device(tx, known, &device)?;
        return Ok(None);
    }
    let secret = Secret::random::<32>(tx.rng());
    sessions::put_device(tx, secret.hash(), &device)?;
    Ok(Some(secret))
}

/// The password again, for a step-up or a change of password: throttled as a sign-in is, but no session begins.
pub async fn confirm<W: Who>(store: &Store, hasher: &Hasher, attempt: Attempt) -> Result<(), Error> {
    let (tries, candidate) = charge::<W>(store, &attempt).await?;
    let stored = candidate.map(|candidate| candidate.hash);
    match hasher.verify(attempt.password, stored).await? {
        Verdict::Right { .. } => Ok(store.write(move |tx| tries.forgive(tx)).await?),
        Verdict::Wrong => {
            note_failure(&attempt.origin);
            Err(Refusal::unproven(Some("password"), "This is not your password.").into())
        }
    }
}

/// Notes that password and second factor were shown again; the session goes on under a new secret.
pub fn step_up<W: Who>(tx: &mut Tx<'_>, signed: &Signed<W>, proof: &Proof, from: &From) -> Outcome<Secret> {
    let Some(mut now) = session::find::<W>(tx, signed.cookie)?.filter(|signed| signed.session.stage == Stage::Full)
    else {
        return Ok(Err(Refusal::unproven(None, "Your session has ended. Sign in again.")));
    };
    if let Err(refusal) = proof::accept(tx, now.id, &mut now.person, proof, from)? {
        return Ok(Err(refusal));
    }
    let session = Session { stepped_up: Some(tx.now().plus(STEP_UP)), ..now.session };
    sessions::update(tx, now.cookie, &session)?;
    journal::audit(tx, now.id.actor(), &format!("{}.step_up", W::AUDIT), now.person.name())?;
    let renewed = session::renew::<W>(tx, now.cookie)?;
    Ok(renewed.ok_or_else(|| Refusal::unproven(None, "Your session has ended. Sign in again.")))
}

/// Ends a session at its person's wish.
pub fn sign_out<W: Who>(tx: &mut Tx<'_>, signed: &Signed<W>) -> Result<(), StoreError> {
    session::end::<W>(tx, signed.cookie)?;
    journal::audit(tx, signed.id.actor(), &format!("{}.signout", W::AUDIT), signed.person.name())
}

/// The one line that intrusion detection reads.
pub fn note_failure(origin: &Origin) {
    log::warn!("Failed sign-in from {}", origin.address);
}

/// Whether the recovery codes are used up or nearly so.
#[must_use]
pub fn is_short_of_recovery(credentials: &Credentials) -> bool {
    credentials.recovery.len() <= 3
}
