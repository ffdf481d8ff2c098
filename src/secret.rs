//! Secrets: a string type that cannot be printed, hashes for tokens at rest, and sealing with a key kept apart from the data.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::rng::Rng;

/// Text that must not reach a log, a page or a file by accident: no `Debug`, `Display` or `Serialize`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes ownership of the text; it is wiped when dropped.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself. Every caller is a place to review.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// `N` random bytes in base64url without padding (RFC 4648, section 5): 16 bytes give 22 characters, 32 give 43.
    #[must_use]
    pub fn random<const N: usize>(rng: &Rng) -> Self {
        Self::new(URL_SAFE_NO_PAD.encode(rng.bytes::<N>()))
    }

    /// The SHA-256 that stands for this secret at rest. Only for secrets of 128 random bits or more.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash::of(self.expose().as_bytes())
    }
}

/// A SHA-256 digest; what is kept of a high-entropy secret, and what it is looked up by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// The digest of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

/// Why sealed bytes could not be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sealed value cannot be opened with this key")]
pub struct Unsealable;

/// Seals values for the data file with XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03), key kept outside of it.
#[derive(Clone)]
pub struct Sealer {
    cipher: XChaCha20Poly1305,
    rng: Rng,
}

/// Bytes of a sealing key.
pub const KEY_LEN: usize = 32;
const NONCE_LEN: usize = 24;

impl Sealer {
    /// A sealer with the given key; nonces come from `rng`.
    #[must_use]
    pub fn new(key: &[u8; KEY_LEN], rng: Rng) -> Self {
        Self { cipher: XChaCha20Poly1305::new(&(*key).into()), rng }
    }

    /// `nonce (24 bytes) || ciphertext || tag (16 bytes)`. `purpose` is bound to the value: it opens only under the same purpose.
    #[must_use]
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Vec<u8> {
        let nonce = self.rng.bytes::<NONCE_LEN>();
        let payload = Payload { msg: plain, aad: purpose.as_bytes() };
        let mut out = nonce.to_vec();
        // The cipher refuses only plaintexts of 256 GiB and more, which no caller can hold.
        out.extend(self.cipher.encrypt(&XNonce::from(nonce), payload).unwrap_or_default());
        out
    }

    /// The plain bytes of what [`Sealer::seal`] made under the same purpose.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(Unsealable)?;
        let payload = Payload { msg: rest, aad: purpose.as_bytes() };
        self.cipher.decrypt(&XNonce::from(*nonce), payload).map(Zeroizing::new).map_err(|_| Unsealable)
    }

    /// [`Sealer::open`] for text.
    pub fn open_text(&self, purpose: &str, sealed: &[u8]) -> Result<Secret, Unsealable> {
        let plain = self.open(purpose, sealed)?;
        std::str::from_utf8(&plain).map(Secret::new).map_err(|_| Unsealable)
    }
}

/// Whether two strings are equal, in a time that depends on their lengths only.
#[must_use]
pub fn same(a: &str, b: &str) -> bool {
    Hash::of(a.as_bytes()).0.iter().zip(Hash::of(b.as_bytes()).0).fold(0, |acc, (x, y)| acc | (x ^ y)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_bytes_open_only_under_their_purpose_and_key() {
        let sealer = Sealer::new(&[7; KEY_LEN], Rng::seeded(1));
        let bytes = sealer.seal("link.code", b"hello");
        assert_eq!(sealer.open("link.code", &bytes).map(|p| p.to_vec()), Ok(b"hello".to_vec()));
        assert_eq!(sealer.open("bot.token", &bytes).err(), Some(Unsealable));
        assert_eq!(Sealer::new(&[8; KEY_LEN], Rng::seeded(1)).open("link.code", &bytes).err(), Some(Unsealable));
        assert_eq!(sealer.open("link.code", &bytes[..10]).err(), Some(Unsealable));
    }

    #[test]
    fn a_random_secret_of_16_bytes_is_22_url_safe_characters() {
        let secret = Secret::random::<16>(&Rng::system());
        assert_eq!(secret.expose().len(), 22);
        assert!(secret.expose().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        assert!(Secret::random::<16>(&Rng::system()) != secret);
    }

    #[test]
    fn same_compares_whole_strings() {
        assert!(same("abc", "abc"));
        assert!(!same("abc", "abd"));
        assert!(!same("abc", "abcd"));
    }
}
