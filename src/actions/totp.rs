//! The second factor: six digits from a shared secret and the time (RFC 6238), each time step accepted once, and the recovery
//! codes that stand in for it.

use std::time::Duration;

use totp_rs::{Builder, Totp};
use zeroize::Zeroizing;

use crate::clock::Timestamp;
use crate::rng::Rng;
use crate::secret::{Hash, Sealer, Secret, Unsealable, same};

/// Bytes of a secret: as many as SHA-1 gives (RFC 4226, section 4).
const SECRET_LEN: usize = 20;
/// Seconds of a time step.
const STEP: u64 = 30;
/// How many steps the stored one may lie ahead before it is clear that the clock was set back.
const AHEAD: u64 = 2;
/// Recovery codes that are made at once.
const RECOVERY_CODES: usize = 10;

/// A second factor's secret; wiped when dropped.
#[derive(Clone)]
pub struct Shared(Zeroizing<Vec<u8>>);

/// What a person needs to add the secret to an authenticator.
#[derive(Clone)]
pub struct Shown {
    /// The secret in base32, in groups of four, to be typed.
    pub key: String,
    /// `otpauth://totp/...`, for a QR code or a link.
    pub url: String,
}

/// What a code turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matched {
    /// Right; the step has to be stored.
    Step(u64),
    /// Right, but its step or a later one was accepted before.
    Used {
        /// Until the authenticator shows one that will do.
        next: Duration,
    },
    /// Right, but a step far ahead of now was accepted before: the server's clock was set back since.
    ClockWentBack,
    /// Not a code of now.
    No,
}

impl Shared {
    /// A new one of 160 random bits.
    #[must_use]
    pub fn random(rng: &Rng) -> Self {
        Self(Zeroizing::new(rng.bytes::<SECRET_LEN>().to_vec()))
    }

    /// Sealed for the data file or for a form that comes back.
    #[must_use]
    pub fn seal(&self, sealer: &Sealer, purpose: &str) -> Vec<u8> {
        sealer.seal(purpose, &self.0)
    }

    /// The secret that was sealed under the same purpose.
    pub fn open(sealer: &Sealer, purpose: &str, locked: &[u8]) -> Result<Self, Unsealable> {
        sealer.open(purpose, locked).map(Self)
    }

    /// For an authenticator: whose it is, and for which site.
    #[must_use]
    pub fn show(&self, site: &str, name: &str) -> Shown {
        // A colon divides the two in the label (Key URI Format), so neither may hold one.
        let plain = |text: &str| text.replace(':', " ");
        let totp = self.totp(&plain(name), Some(plain(site)));
        let key = totp.as_ref().map(|totp| totp.secret().to_base32()).unwrap_or_default();
        let url = totp.and_then(|totp| totp.to_url().ok()).unwrap_or_default();
        Shown { key: grouped(&key, 4, ' '), url }
    }

    /// Compares a code with the steps before, at and after `now`; `stored` is the newest step that was accepted.
    #[must_use]
    pub fn check(&self, code: &str, stored: u64, now: Timestamp) -> Matched {
        let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let Some(totp) = self.totp("code", None) else { return Matched::No };
        let seconds = u64::try_from(now.seconds()).unwrap_or(0);
        let current = seconds / STEP;
        let steps = current.saturating_sub(1)..=current.saturating_add(1);
        let fits = |step: &u64| same(&totp.generate(step.saturating_mul(STEP)).to_string(), &code);
        let matching: Vec<u64> = steps.filter(fits).collect();
        match (matching.last(), stored) {
            (None, _) => Matched::No,
            (Some(step), stored) if *step > stored => Matched::Step(*step),
            (Some(_), stored) if stored > current.saturating_add(AHEAD) => Matched::ClockWentBack,
            (Some(_), stored) => {
                let next = stored.saturating_add(1).saturating_mul(STEP).saturating_sub(seconds);
                Matched::Used { next: Duration::from_secs(next.max(1)) }
            }
        }
    }

    fn totp(&self, name: &str, site: Option<String>) -> Option<Totp> {
        Builder::new().with_secret(self.0.to_vec()).with_account_name(name).with_issuer(site).build().ok()
    }
}

/// New recovery codes, 128 random bits each, to be shown once.
#[must_use]
pub fn recovery_codes(rng: &Rng) -> Vec<Secret> {
    let code = || totp_rs::Secret::from(rng.bytes::<16>().to_vec()).to_base32().to_lowercase();
    (0..RECOVERY_CODES).map(|_| Secret::new(grouped(&code(), 6, '-'))).collect()
}

/// What is kept of a recovery code. Dashes, spaces and case do not matter, and digits that base32 does not have are taken
/// for the letters they look like.
#[must_use]
pub fn recovery_hash(code: &Secret) -> Hash {
    let letter = |c: char| match c {
        '0' => 'o',
        '1' => 'l',
        '8' => 'b',
        other => other.to_ascii_lowercase(),
    };
    let text: Zeroizing<String> =
        Zeroizing::new(code.expose().chars().filter(char::is_ascii_alphanumeric).map(letter).collect());
    Hash::of(text.as_bytes())
}

fn grouped(text: &str, size: usize, between: char) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / size);
    for (at, letter) in text.chars().enumerate() {
        if at > 0 && at.is_multiple_of(size) {
            out.push(between);
        }
        out.push(letter);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238, appendix B, and a moment from its table: 94287082 with eight digits.
    fn rfc() -> Shared {
        Shared(Zeroizing::new(b"12345678901234567890".to_vec()))
    }

    const AT_59: Timestamp = Timestamp(59_000);

    #[test]
    fn the_rfcs_test_vector_fits_one_step_around_its_own() {
        assert_eq!(rfc().check("287082", 0, AT_59), Matched::Step(1));
        assert_eq!(rfc().check(" 287 082 ", 0, AT_59.plus(Duration::from_secs(30))), Matched::Step(1));
        assert_eq!(rfc().check("287082", 0, Timestamp(0)), Matched::Step(1));
        assert_eq!(rfc().check("287082", 0, Timestamp(90_000)), Matched::No);
        for wrong in ["287083", "", "28708", "2870820", "abcdef"] {
            assert_eq!(rfc().check(wrong, 0, AT_59), Matched::No, "{wrong}");
        }
    }

    #[test]
    fn a_step_is_accepted_once_and_the_wait_for_the_next_is_told() {
        assert_eq!(rfc().check("287082", 1, AT_59), Matched::Used { next: Duration::from_secs(1) });
        assert_eq!(rfc().check("287082", 1, Timestamp(45_000)), Matched::Used { next: Duration::from_secs(15) });
        assert_eq!(rfc().check("287082", 3, AT_59), Matched::Used { next: Duration::from_secs(61) });
        assert_eq!(rfc().check("287082", 4, AT_59), Matched::ClockWentBack);
        assert_eq!(rfc().check("000000", 4, AT_59), Matched::No);
    }

    #[test]
    fn an_authenticator_is_told_site_and_name() {
        let shown = rfc().show("links.example.org:8443", "Ada: B");
        assert_eq!(shown.key, "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        assert!(shown.url.starts_with("otpauth://totp/links"), "{}", shown.url);
        assert!(shown.url.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"));
    }

    #[test]
    fn recovery_codes_are_ten_and_forgive_how_they_are_typed() {
        let codes = recovery_codes(&Rng::seeded(1));
        assert_eq!(codes.len(), 10);
        let code = codes.first().map(Secret::expose).unwrap();
        assert_eq!(code.chars().filter(char::is_ascii_alphanumeric).count(), 26);
        let typed = Secret::new(format!(" {} ", code.to_uppercase().replace('-', " ")));
        assert!(recovery_hash(&typed) == recovery_hash(&Secret::new(code)));
        assert!(recovery_hash(&codes[0]) != recovery_hash(&codes[1]));
    }
}
