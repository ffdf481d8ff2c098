//! Addresses that the website signs, so that a plain link on its page leads a user here without a call to the API: what is
//! signed, by which secrets, and how the outcome is signed for the way back. HMAC-SHA256 (RFC 2104) over lines of text.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::clock::Timestamp;
use crate::model::link::{CODE_BYTES, Code};
use crate::rng::Rng;
use crate::secret::{Secret, same};

/// What every secret begins with, so that a scanner for leaked secrets knows it.
pub const PREFIX: &str = "scs_";
/// How far ahead an address may end, so that none counts for ever.
pub const AHEAD_MAX: Duration = Duration::from_hours(24);
/// How long the older secret still counts after it was replaced.
pub const OVERLAP: Duration = Duration::from_hours(24);
/// Bytes of a username or a number in an address that are looked at.
const FIELD_MAX: usize = 1024;
/// Bytes of the address to come back to.
const RETURN_MAX: usize = 4096;

/// The website's secrets for signing, sealed, with what links are derived from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secrets {
    /// The one that counts.
    pub current: Vec<u8>,
    /// When it was made.
    pub made: Timestamp,
    /// The one before, and until when it counts too.
    pub older: Option<(Vec<u8>, Timestamp)>,
    /// Known to nobody else: codes are derived from it, so that one address makes one link.
    pub seed: Vec<u8>,
    /// When a link was made last by an address, and by which of the two it was signed.
    pub used: Option<(Timestamp, Signer)>,
}

/// Which secret signed an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Signer {
    /// The newest.
    Current,
    /// The one before it.
    Older,
}

/// A new secret of 256 bits.
#[must_use]
pub fn new_secret(rng: &Rng) -> Secret {
    Secret::new(format!("{PREFIX}{}", Secret::random::<32>(rng).expose()))
}

/// What an address asks for, exactly as it was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The website's name for the account.
    pub username: String,
    /// When the address ends, in seconds since 1970.
    pub expires: String,
    /// Where to come back to; may be empty.
    pub return_url: String,
    /// The signature over the others, in hexadecimal digits.
    pub signature: String,
}

impl Asked {
    /// Whether all is there, and nothing in it could be read as the end of a line.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let needed = [&self.username, &self.expires, &self.signature];
        let fits = |text: &&String| !text.is_empty() && text.len() <= FIELD_MAX;
        let all = [&self.username, &self.expires, &self.return_url, &self.signature];
        let one_line = all.iter().all(|text| !text.chars().any(char::is_control));
        needed.iter().all(fits) && self.return_url.len() <= RETURN_MAX && one_line
    }

    /// When the address ends; nothing when that is no number.
    #[must_use]
    pub fn ends(&self) -> Option<Timestamp> {
        self.expires.parse::<i64>().ok()?.checked_mul(1000).map(Timestamp)
    }

    /// Whether this secret signed it.
    #[must_use]
    pub fn is_signed_by(&self, secret: &Secret) -> bool {
        same(&sign(secret, &self.lines()), &self.signature.to_ascii_lowercase())
    }

    /// The code of the one link that this address makes, whichever secret signed it.
    #[must_use]
    pub fn code(&self, seed: &Secret) -> Option<Code> {
        let [_, username, expires, return_url] = self.lines();
        let digest = digest(seed, &["code", username, expires, return_url]);
        Code::parse(&URL_SAFE_NO_PAD.encode(digest.get(..CODE_BYTES)?))
    }

    fn lines(&self) -> [&str; 4] {
        ["connect", &self.username, &self.expires, &self.return_url]
    }
}

/// The signature of the outcome, which goes back to the website with the user: this account was connected at this second.
#[must_use]
pub fn outcome(secret: &Secret, username: &str, at: Timestamp) -> String {
    sign(secret, &["connected", username, &at.seconds().to_string()])
}

/// The signature of lines, in hexadecimal digits.
fn sign(secret: &Secret, lines: &[&str]) -> String {
    use std::fmt::Write as _;
    digest(secret, lines).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// HMAC-SHA256 over lines. The secret's text is the key; a key may have any length, so that nothing is refused.
fn digest(secret: &Secret, lines: &[&str]) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes());
    mac.map(|mac| mac.chain_update(lines.join("\n")).finalize().into_bytes().to_vec()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(username: &str, return_url: &str) -> Asked {
        Asked {
            username: username.into(),
            expires: "1795374000".into(),
            return_url: return_url.into(),
            signature: String::new(),
        }
    }

    /// RFC 4231, test case 2.
    #[test]
    fn the_signature_is_hmac_sha256_in_hexadecimal_digits() {
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(sign(&Secret::new("Jefe"), &["what do ya want for nothing?"]), expected);
    }

    #[test]
    fn a_signature_fits_its_own_address_and_secret_only() {
        let secret = Secret::new("scs_1");
        let plain = asked("ada", "https://www.example.org/me");
        let signature = sign(&secret, &plain.lines()).to_uppercase();
        let signed = Asked { signature, ..plain };
        assert!(signed.is_signed_by(&secret) && signed.is_whole());
        assert!(!signed.is_signed_by(&Secret::new("scs_2")));
        for other in [
            Asked { username: "bob".into(), ..signed.clone() },
            Asked { expires: "1795374001".into(), ..signed.clone() },
            Asked { return_url: "https://evil.example".into(), ..signed.clone() },
            Asked { return_url: String::new(), ..signed.clone() },
            Asked { signature: String::new(), ..signed.clone() },
        ] {
            assert!(!other.is_signed_by(&secret), "{other:?}");
        }
    }

    #[test]
    fn no_part_can_be_read_as_two_lines() {
        for bad in
            [asked("a\nb", ""), asked("ada", "https://a.example/\n"), asked("", ""), asked(&"a".repeat(1025), "")]
        {
            assert!(!Asked { signature: "00".into(), ..bad }.is_whole());
        }
        assert_eq!(Asked { expires: "soon".into(), ..asked("ada", "") }.ends(), None);
        assert_eq!(Asked { expires: i64::MAX.to_string(), ..asked("ada", "") }.ends(), None);
    }

    #[test]
    fn one_address_has_one_code_and_no_outcome_is_an_address() {
        let (seed, other) = (Secret::new("seed"), Secret::new("other"));
        let code = |asked: &Asked, seed| asked.code(seed).map(|code| code.expose().to_owned());
        let first = asked("ada", "");
        assert!(first.code(&seed).is_some_and(|code| code.has_our_form()));
        assert_eq!(code(&first, &seed), code(&Asked { signature: "ff".into(), ..first.clone() }, &seed));
        assert_ne!(code(&first, &seed), code(&first, &other));
        assert_ne!(code(&first, &seed), code(&asked("ada", "https://a.example"), &seed));
        assert_ne!(outcome(&seed, "ada", Timestamp(0)), outcome(&seed, "ada", Timestamp(1000)));
        assert!(!Asked { signature: outcome(&seed, "ada", Timestamp(0)), ..first }.is_signed_by(&seed));
    }
}
