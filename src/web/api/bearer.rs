//! Who asks: the key in the header `Authorization`, and nowhere else (RFC 6750, section 2.1). Cookies count for nothing.

use super::super::{Call, Problem};
use super::rate::Allowance;
use super::wrong;
use crate::actions::keys::{self, Holder};
use crate::model::api_key::{KeySecret, Need};

/// Lets a request in whose key has this right; its use is noted at most once a minute.
pub(in crate::web) async fn admit(call: &Call, need: Need) -> Result<(Holder, Allowance), Problem> {
    let secret = secret(call.header("authorization"))?;
    let store = call.state().store();
    let known = call.state().api().keys.get(store, secret.hash(), |read| keys::find(read, &secret))?;
    let holder = known.filter(|holder| holder.key.is_live(store.clock().now())).ok_or_else(wrong::wrong_key)?;
    let allowance = call.state().api().rates.take(holder.id, holder.key.rate, store.clock().elapsed())?;
    if !holder.key.scopes.allow(need) {
        return Err(allowance.mark(wrong::scope(need)));
    }
    if keys::is_touch_due(&holder, store.clock().now()) {
        let id = holder.id;
        store.write(move |tx| keys::touch(tx, id)).await?;
    }
    Ok((holder, allowance))
}

/// The key of the header; the scheme's case does not matter (RFC 9110, section 11.1).
fn secret(header: Option<&str>) -> Result<KeySecret, Problem> {
    let header = header.ok_or_else(wrong::no_key)?;
    let (scheme, key) = header.split_once(' ').unwrap_or((header, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(wrong::no_key());
    }
    KeySecret::parse(key.trim()).ok_or_else(wrong::wrong_key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;
    use crate::web::error::Wants;

    fn told(header: Option<&str>) -> Option<String> {
        let response = secret(header).err()?.answer(Wants::Json, "");
        assert_eq!(u16::from(response.status()), 401);
        response.header("www-authenticate").map(|value| value.as_str().to_owned())
    }

    #[test]
    fn a_key_comes_in_its_header_or_not_at_all() {
        let key = KeySecret::random(&Rng::seeded(1));
        assert_eq!(told(Some(&format!("Bearer {}", key.expose()))), None);
        assert_eq!(told(Some(&format!("bearer  {} ", key.expose()))), None);
        for none in [None, Some(""), Some("Basic YWRhOng="), Some(key.expose())] {
            assert_eq!(told(none).as_deref(), Some("Bearer realm=\"startlink\""), "{none:?}");
        }
        for wrong in ["Bearer", "Bearer slk_1", &format!("Bearer {}x", key.expose())] {
            assert!(told(Some(wrong)).is_some_and(|challenge| challenge.contains("invalid_token")), "{wrong}");
        }
    }
}
