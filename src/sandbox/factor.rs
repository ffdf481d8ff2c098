//! Second factors on the authenticator screen (RFC 6238), read from what people paste.

use totp_rs::{Builder, Secret, Totp};

use super::world::World;

/// Entries above which the oldest goes.
const MOST: usize = 20;

/// A second factor.
pub(super) struct Factor {
    number: u64,
    totp: Totp,
}

impl Factor {
    /// What it is removed by.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// What makes its codes.
    pub(super) fn totp(&self) -> &Totp {
        &self.totp
    }
}

impl World {
    /// Adds a second factor; the same secret twice is one entry.
    pub(super) fn add_factor(&mut self, totp: Totp) {
        self.factors.retain(|factor| factor.totp != totp);
        let number = self.factors.last().map_or(1, |last| last.number + 1);
        if self.factors.len() >= MOST {
            self.factors.remove(0);
        }
        self.factors.push(Factor { number, totp });
    }
}

/// Reads an `otpauth://totp/` address or a base32 key; the error is a sentence for people.
pub(super) fn parse(pasted: &str) -> Result<Totp, String> {
    if pasted.is_empty() {
        return Err("Paste the otpauth:// address or the key that is written under the QR code.".to_owned());
    }
    let totp = if pasted.to_ascii_lowercase().starts_with("otpauth:") {
        Totp::from_url(pasted)
    } else {
        let key: String = pasted.chars().filter(|c| !c.is_whitespace() && *c != '-').collect::<String>().to_uppercase();
        let secret = Secret::try_from_base32(key.trim_end_matches('=')).map_err(|_| {
            "This is neither an otpauth:// address nor a base32 key (letters A to Z, digits 2 to 7).".to_owned()
        })?;
        Builder::new().with_secret(secret).with_account_name("pasted key").build()
    };
    totp.map_err(|error| format!("This second factor cannot be used: {error}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_keys_give_the_codes_of_the_rfc() {
        // RFC 6238, appendix B: the ASCII secret 12345678901234567890 at second 59, last six of eight digits.
        let key = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        assert_eq!(parse(&key.to_lowercase()).unwrap().generate(59).to_string(), "287082");
        let spaced = "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ";
        assert_eq!(parse(spaced).unwrap().generate(59).to_string(), "287082");
        let totp = parse(&format!("otpauth://totp/Post:ada?secret={key}&issuer=Post")).unwrap();
        assert_eq!((totp.issuer(), totp.account_name()), (Some("Post"), "ada"));
        assert_eq!(totp.generate(59).to_string(), "287082");
    }

    #[test]
    fn what_is_no_second_factor_is_refused_in_words() {
        for wrong in ["", "hello world!", "otpauth://hotp/x?secret=GEZDGNBVGY3TQOJQ", "GEZD", "otpauth://totp/x"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
        let zero = "otpauth://totp/Post:ada?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&period=0";
        assert!(parse(zero).is_err());
    }
}
