//! Writing `multipart/form-data` (RFC 7578): the only form in which the Bot API takes a file. Pure.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// A file among the fields.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    /// The field's name.
    pub name: &'static str,
    /// What Telegram is told the file is called; it has no meaning for photos.
    pub file_name: &'a str,
    /// What it is.
    pub mime: &'a str,
    /// What makes the boundary one that the file does not hold: the file itself, or something that whoever made the file
    /// could not know.
    pub seed: &'a [u8],
}

/// What stands around a file in a form, and the `content-type` that tells where its parts end.
pub(super) struct Form {
    pub content_type: String,
    /// What comes before the file.
    pub head: Vec<u8>,
    /// What comes behind it.
    pub tail: Vec<u8>,
}

/// A form of plain fields and one file, which the caller puts in its place. Texts are written as they are, all other values as
/// JSON (Bot API, "Making requests").
pub(super) fn form(fields: &Map<String, Value>, file: Part<'_>) -> Form {
    let boundary = boundary(fields, file.seed);
    let mut bytes = Vec::with_capacity(4096);
    for (name, value) in fields {
        open(&mut bytes, &boundary, &format!("name=\"{name}\""));
        bytes.extend_from_slice(b"\r\n\r\n");
        match value.as_str() {
            Some(text) => bytes.extend_from_slice(text.as_bytes()),
            None => bytes.extend_from_slice(value.to_string().as_bytes()),
        }
        bytes.extend_from_slice(b"\r\n");
    }
    open(&mut bytes, &boundary, &format!("name=\"{}\"; filename=\"{}\"", file.name, quoted(file.file_name)));
    bytes.extend_from_slice(format!("\r\nContent-Type: {}\r\n\r\n", file.mime).as_bytes());
    let tail = format!("\r\n--{boundary}--\r\n").into_bytes();
    Form { content_type: format!("multipart/form-data; boundary={boundary}"), head: bytes, tail }
}

/// A name between quotes, as browsers write it (HTML, "Multipart form data").
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

fn open(bytes: &mut Vec<u8>, boundary: &str, disposition: &str) {
    bytes.extend_from_slice(format!("--{boundary}\r\nContent-Disposition: form-data; {disposition}").as_bytes());
}

/// A boundary that the parts do not hold: a digest of them, which nobody can write into what it is the digest of.
fn boundary(fields: &Map<String, Value>, seed: &[u8]) -> String {
    let mut digest = Sha256::new();
    for value in fields.values() {
        digest.update(value.to_string().as_bytes());
    }
    digest.update(seed);
    digest.finalize().iter().take(16).fold("startlink".to_owned(), |name, byte| format!("{name}{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_written_part_by_part_and_its_file_byte_by_byte() {
        let fields = serde_json::json!({ "caption": "ä\r\n--x", "chat_id": 7, "silent": true, "keys": [["a"]] });
        let bytes = b"\0\xff\r\n--";
        let file = Part { name: "photo", file_name: "a\".png", mime: "image/png", seed: bytes };
        let form = form(fields.as_object().unwrap(), file);
        let boundary = form.content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
        assert!(boundary.len() <= 70, "RFC 2046, section 5.1.1");
        let field = |name: &str, value: &str| {
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let mut expected = [("caption", "ä\r\n--x"), ("chat_id", "7"), ("keys", "[[\"a\"]]"), ("silent", "true")]
            .map(|(name, value)| field(name, value))
            .concat()
            .into_bytes();
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a%22.png\"\r\n\
             Content-Type: image/png\r\n\r\n"
        );
        expected.extend(head.as_bytes());
        assert_eq!(form.head, expected);
        assert_eq!(form.tail, format!("\r\n--{boundary}--\r\n").as_bytes());
    }

    #[test]
    fn different_contents_have_different_boundaries() {
        let boundary = |text: &str, file: &[u8]| {
            boundary(serde_json::json!({ "caption": text }).as_object().unwrap_or(&Map::new()), file)
        };
        assert_eq!(boundary("a", b"b"), boundary("a", b"b"));
        assert_ne!(boundary("a", b"b"), boundary("a", b"c"));
        assert_ne!(boundary("a", b"b"), boundary("c", b"b"));
    }
}
