//! The secret of an endpoint: its form, and the signature made with it (Standard Webhooks 1.0, "Signature scheme").

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::rng::Rng;
use crate::secret::Secret;

/// What every secret begins with.
pub const PREFIX: &str = "whsec_";
/// Random bytes of a secret.
pub const KEY_BYTES: usize = 32;

/// The secret of an endpoint: [`PREFIX`] and its bytes in base64.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret(Secret);

impl SigningSecret {
    /// A new one.
    #[must_use]
    pub fn random(rng: &Rng) -> Self {
        let key = Zeroizing::new(rng.bytes::<KEY_BYTES>());
        Self(Secret::new(format!("{PREFIX}{}", STANDARD.encode(*key))))
    }

    /// One that was made before; nothing when the text is none.
    #[must_use]
    pub fn parse(text: Secret) -> Option<Self> {
        let secret = Self(text);
        (24..=64).contains(&secret.key()?.len()).then_some(secret)
    }

    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// The signature of a message: `v1,` and the HMAC-SHA256 of `id.seconds.body` in base64.
    #[must_use]
    pub fn sign(&self, id: &str, seconds: i64, body: &str) -> String {
        signature(&self.key().unwrap_or_default(), id, seconds, body)
    }

    fn key(&self) -> Option<Zeroizing<Vec<u8>>> {
        let lenient = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let engine = GeneralPurpose::new(&alphabet::STANDARD, lenient);
        engine.decode(self.expose().strip_prefix(PREFIX)?).ok().map(Zeroizing::new)
    }
}

fn signature(key: &[u8], id: &str, seconds: i64, body: &str) -> String {
    // A key of any length will do (RFC 2104, section 3).
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
    mac.update(format!("{id}.{seconds}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example_has_the_published_signature() {
        let secret = SigningSecret::parse(Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).unwrap();
        let signature = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, "{\"test\": 2432232314}");
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_has_its_form_and_signs_what_it_is_given() {
        let secret = SigningSecret::random(&Rng::seeded(1));
        assert_eq!((secret.expose().len(), secret.expose().starts_with(PREFIX)), (50, true));
        let again = SigningSecret::parse(Secret::new(secret.expose())).unwrap();
        assert_eq!(secret.sign("a", 1, "{}"), again.sign("a", 1, "{}"));
        let signatures = [secret.sign("a", 1, "{}"), secret.sign("b", 1, "{}"), secret.sign("a", 2, "{}")];
        assert!(signatures[0] != signatures[1] && signatures[0] != signatures[2]);
        for bad in ["", "whsec_", "whsec_AAAA", "slk_x", "whsec_!!!!"] {
            assert!(SigningSecret::parse(Secret::new(bad)).is_none(), "{bad}");
        }
    }
}
