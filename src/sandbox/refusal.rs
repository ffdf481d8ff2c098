//! Refusals in Telegram's words: a code, a description, and what a client may do about it.

use std::borrow::Cow;

/// A call that is not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status and `error_code`.
    pub code: u16,
    /// Telegram's description.
    pub description: Cow<'static, str>,
    /// Seconds to wait, with 429.
    pub retry_after: Option<u32>,
    /// The id of the supergroup that a group became.
    pub migrate_to: Option<i64>,
}

impl Refusal {
    /// A refusal with a code and a whole description.
    pub fn new(code: u16, description: impl Into<Cow<'static, str>>) -> Self {
        Self { code, description: description.into(), retry_after: None, migrate_to: None }
    }

    /// 400 `Bad Request: ...`.
    #[must_use]
    pub fn bad(why: &str) -> Self {
        Self::new(400, format!("Bad Request: {why}"))
    }

    /// 403 `Forbidden: ...`.
    #[must_use]
    pub fn forbidden(why: &str) -> Self {
        Self::new(403, format!("Forbidden: {why}"))
    }

    /// 429 `Too Many Requests: retry after N`.
    #[must_use]
    pub fn too_many(seconds: u32) -> Self {
        let description = format!("Too Many Requests: retry after {seconds}");
        Self { retry_after: Some(seconds), ..Self::new(429, description) }
    }

    /// 401, for a token that has the right form but is not valid.
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::new(401, "Unauthorized")
    }

    /// 404, for a token or a method that is none.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(404, "Not Found")
    }

    /// The JSON body.
    #[must_use]
    pub fn json(&self) -> String {
        let mut body = serde_json::json!({ "ok": false, "error_code": self.code, "description": self.description });
        if let Some(body) = body.as_object_mut() {
            if let Some(seconds) = self.retry_after {
                body.insert("parameters".to_owned(), serde_json::json!({ "retry_after": seconds }));
            } else if let Some(chat) = self.migrate_to {
                body.insert("parameters".to_owned(), serde_json::json!({ "migrate_to_chat_id": chat }));
            }
        }
        body.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_has_telegrams_shape() {
        let json: serde_json::Value = serde_json::from_str(&Refusal::too_many(7).json()).unwrap();
        let wanted = serde_json::json!({
            "ok": false, "error_code": 429, "description": "Too Many Requests: retry after 7", "parameters": { "retry_after": 7 }
        });
        assert_eq!(json, wanted);
    }
}
