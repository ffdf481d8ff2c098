//! Photos: uploads and identifiers, what is refused and in which words, downloads, and the phone that shows them.

use serde_json::json;
use startlink::sandbox::{ADA, BEN};

use super::*;

pub const BOUNDARY: &str = "a-boundary";

/// A picture as far as its header goes.
pub fn png(width: u32, height: u32, length: usize) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    file.extend(width.to_be_bytes());
    file.extend(height.to_be_bytes());
    file.resize(length, b'x');
    file
}

pub fn form(fields: &[(&str, &str)], name: &str, file: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend(part.as_bytes());
    }
    let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"a.png\"\r\n\r\n");
    body.extend(head.as_bytes());
    body.extend(file);
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    body
}

impl Bench {
    async fn upload(&self, fields: &[(&str, &str)], name: &str, file: &[u8]) -> Value {
        self.upload_to("sendPhoto", fields, name, file).await
    }

    pub async fn upload_to(&self, method: &str, fields: &[(&str, &str)], name: &str, file: &[u8]) -> Value {
        let request = self.client.post(self.method_url(method));
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let mut response = request.header("content-type", kind).body(form(fields, name, file)).await.unwrap();
        response.body_json().await.unwrap()
    }

    pub async fn bytes(&self, url: String) -> (u16, String, Vec<u8>) {
        let mut response = self.client.get(url).await.unwrap();
        let kind = response.header("content-type").map(|value| value.as_str().to_owned()).unwrap_or_default();
        (response.status().into(), kind, response.body_bytes().await.unwrap())
    }
}

fn run_started<F: Future<Output = ()>>(test: impl FnOnce(Bench) -> F) {
    run(|bench| {
        bench.sandbox.set_limits(Limits::OFF);
        bench.sandbox.phone(ADA).press_start("").unwrap();
        bench.sandbox.phone(BEN).press_start("").unwrap();
        test(bench)
    });
}

#[test]
fn an_upload_is_sent_again_by_its_identifier_and_can_be_fetched() {
    run_started(|bench| async move {
        let file = png(1600, 800, 70_000);
        let fields = [("chat_id", &*ADA.to_string()), ("caption", "A <b>bold</b> word"), ("parse_mode", "HTML")];
        let sent = bench.upload(&fields, "photo", &file).await;
        let message = &sent["result"];
        assert_eq!((&message["caption"], &message["text"]), (&json!("A bold word"), &Value::Null), "{sent}");
        assert_eq!(message["caption_entities"], json!([{ "type": "bold", "offset": 2, "length": 4 }]));
        let sizes = message["photo"].as_array().unwrap();
        let largest = sizes.last().unwrap();
        assert_eq!((sizes.len(), &largest["width"], &largest["file_size"]), (5, &json!(1600), &json!(70_000)));
        let again = json!({ "chat_id": BEN, "photo": largest["file_id"] });
        let again = bench.result("sendPhoto", again).await;
        assert_eq!((&again["photo"], &again["caption"]), (&message["photo"], &Value::Null));
        let described = bench.result("getFile", json!({ "file_id": largest["file_id"] })).await;
        let path = described["file_path"].as_str().unwrap();
        let token = bench.sandbox.token();
        let fetched = bench.bytes(format!("{}/file/bot{}/{path}", bench.sandbox.url(), token.expose())).await;
        assert_eq!(fetched, (200, "image/png".to_owned(), file));
        assert_eq!(bench.bytes(format!("{}/file/bot1:x/{path}", bench.sandbox.url())).await.0, 404);
        assert_eq!(bench.sandbox.call_counts().1, 0, "nothing unknown to Telegram");
        let kept = bench.sandbox.journal(0)[0].clone();
        assert_eq!((kept.chat, kept.param("photo")), (Some(ADA), Some("(a file of 70000 bytes)")));
        let edit = json!({ "chat_id": ADA, "message_id": message["message_id"], "text": "x" });
        let refused = bench.refusal("editMessageText", edit).await.1;
        assert_eq!(refused, "Bad Request: there is no text in the message to edit");
    });
}

#[test]
fn what_is_no_photo_is_refused_in_telegrams_words() {
    run_started(|bench| async move {
        let ada = ADA.to_string();
        let words = async |fields: &[(&str, &str)], name: &str, file: &[u8]| {
            bench.upload(fields, name, file).await["description"].as_str().unwrap_or("done").to_owned()
        };
        let to_ada = [("chat_id", &*ada)];
        let good = png(10, 10, 64);
        assert_eq!(words(&to_ada, "photo", b"%PDF-1.7").await, "Bad Request: IMAGE_PROCESS_FAILED");
        assert_eq!(words(&to_ada, "photo", &png(9999, 2, 64)).await, "Bad Request: PHOTO_INVALID_DIMENSIONS");
        let large = png(10, 10, 10 * 1024 * 1024 + 1);
        assert!(words(&to_ada, "photo", &large).await.contains("is too big for a photo"));
        assert_eq!(words(&to_ada, "picture", &good).await, "Bad Request: there is no photo in the request");
        let named = [("chat_id", &*ada), ("photo", "attach://picture")];
        assert_eq!(words(&named, "picture", &good).await, "done");
        let long = "x".repeat(1025);
        let captioned = [("chat_id", &*ada), ("caption", &long)];
        assert_eq!(words(&captioned, "photo", &good).await, "Bad Request: message caption is too long");
        assert_eq!(words(&[("chat_id", "42")], "photo", b"no picture").await, "Bad Request: chat not found");
        for (id, why) in [
            ("AgACAgIAAxkBAAIB", "wrong file identifier/HTTP URL specified"),
            ("https://a.example/x.png", "failed to get HTTP URL content"),
        ] {
            let refused = bench.refusal("sendPhoto", json!({ "chat_id": ADA, "photo": id })).await;
            assert_eq!(refused, (400, format!("Bad Request: {why}")));
        }
        let broken = bench.client.post(bench.method_url("sendPhoto")).header("content-type", "multipart/form-data");
        assert_eq!(u16::from(broken.body("x").await.unwrap().status()), 400);
    });
}

#[test]
fn the_phone_shows_the_picture_its_caption_and_how_it_was_sent() {
    run_started(|bench| async move {
        let fields = [
            ("chat_id", &*ADA.to_string()),
            ("caption", "Look"),
            ("disable_notification", "true"),
            ("protect_content", "true"),
        ];
        let file = png(640, 480, 900);
        bench.upload(&fields, "photo", &file).await;
        let shown = bench.sandbox.phone(ADA).next_from_bot(0, SOON).await.unwrap();
        let photo = shown.photo.unwrap();
        assert_eq!((shown.text.as_str(), photo.width, photo.bytes), ("Look", 640, 900));
        let url = bench.sandbox.url();
        let page = bench.client.get(format!("{url}/phone/{ADA}")).recv_string().await.unwrap();
        for part in ["src=\"/photo/1\"", ">Look</div>", ">silent</span>", ">protected</span>"] {
            assert!(page.contains(part), "{part}: {page}");
        }
        let picture = bench.client.get(format!("{url}/photo/1")).await.unwrap();
        let header = |name: &str| picture.header(name).map(|value| value.as_str().to_owned()).unwrap_or_default();
        assert_eq!(header("content-type"), "image/png");
        assert_eq!(bench.bytes(format!("{url}/photo/1")).await.2, file);
        assert_eq!(bench.bytes(format!("{url}/photo/2")).await.0, 404);
        assert!(bench.client.get(url).recv_string().await.unwrap().contains("Photo: Look"));
    });
}

#[test]
fn messages_that_allow_paid_broadcasts_go_past_the_free_limit_and_are_counted() {
    run(|bench| async move {
        let message = |chat: i64, paid: bool| json!({ "chat_id": chat, "text": "x", "allow_paid_broadcast": paid });
        for _ in 0..40 {
            let phone = bench.sandbox.add_person("P", "en");
            phone.press_start("").unwrap();
            bench.result("sendMessage", message(phone.id(), true)).await;
        }
        let paid = bench.sandbox.paid();
        assert_eq!((paid.messages, paid.charged, paid.stars().as_str()), (40, 10, "1.0"));
        let mut refused = 0;
        for person in bench.sandbox.people().into_iter().filter(|person| person.first_name == "P") {
            refused += usize::from(bench.call("sendMessage", message(person.id, false)).await.0 == 429);
        }
        assert_eq!(refused, 7, "33 go without paying");
        let journal = bench.client.get(format!("{}/journal", bench.sandbox.url())).recv_string().await.unwrap();
        assert!(journal.contains("40 messages allowed paid broadcasts and cost 1.0 Stars."), "{journal}");
    });
}
