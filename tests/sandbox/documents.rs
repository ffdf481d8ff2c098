//! Documents of the bot: uploads and identifiers, captions and their edits, what is refused, and the phone that shows them.

use serde_json::json;
use startlink::sandbox::{ADA, Attached, Attachment, BEN};

use super::*;

fn run_started<F: Future<Output = ()>>(test: impl FnOnce(Bench) -> F) {
    run(|bench| {
        bench.sandbox.set_limits(Limits::OFF);
        bench.sandbox.phone(ADA).press_start("").unwrap();
        bench.sandbox.phone(BEN).press_start("").unwrap();
        test(bench)
    });
}

impl Bench {
    async fn send_document(&self, fields: &[(&str, &str)], file: &[u8]) -> Value {
        self.upload_to("sendDocument", fields, "document", file).await
    }
}

#[test]
fn a_document_is_uploaded_once_and_sent_again_by_its_identifier() {
    run_started(|bench| async move {
        let file = vec![9; 300_000];
        let fields = [("chat_id", &*ADA.to_string()), ("caption", "A <b>bill</b>"), ("parse_mode", "HTML")];
        let sent = bench.send_document(&fields, &file).await["result"].take();
        let document = &sent["document"];
        assert_eq!((&document["file_name"], &document["mime_type"]), (&json!("a.png"), &json!("image/png")));
        assert_eq!((&document["file_size"], &sent["caption"]), (&json!(300_000), &json!("A bill")));
        assert_eq!(sent["caption_entities"], json!([{ "type": "bold", "offset": 2, "length": 4 }]));
        let again = bench.result("sendDocument", json!({ "chat_id": BEN, "document": document["file_id"] })).await;
        assert_eq!((&again["document"], &again["caption"]), (document, &Value::Null));
        let path = bench.result("getFile", json!({ "file_id": document["file_id"] })).await["file_path"].clone();
        let (url, token) = (bench.sandbox.url(), bench.sandbox.token());
        let fetched = bench.bytes(format!("{url}/file/bot{}/{}", token.expose(), path.as_str().unwrap())).await;
        assert_eq!(fetched, (200, "image/png".to_owned(), file));
        assert_eq!(bench.sandbox.call_counts().1, 0, "nothing unknown to Telegram");
        let shown = bench.sandbox.phone(BEN).next_from_bot(0, SOON).await.unwrap();
        assert!(matches!(&shown.attached, Some(Attached::File(file)) if file.bytes == 300_000));
        assert_eq!(bench.sandbox.arrivals(0).len(), 2);
    });
}

#[test]
fn its_caption_is_edited_like_that_of_a_photo() {
    run_started(|bench| async move {
        let sent = bench.send_document(&[("chat_id", &ADA.to_string())], b"x").await;
        let edit =
            |name: &str, text: &str| json!({ "chat_id": ADA, "message_id": sent["result"]["message_id"], name: text });
        let edited = bench.result("editMessageCaption", edit("caption", "Now with words")).await;
        assert_eq!((&edited["caption"], edited["document"].is_object()), (&json!("Now with words"), true));
        let refused = bench.refusal("editMessageText", edit("text", "x")).await.1;
        assert_eq!(refused, "Bad Request: there is no text in the message to edit");
        let long = bench.refusal("editMessageCaption", edit("caption", &"x".repeat(1025))).await.1;
        assert_eq!(long, "Bad Request: message caption is too long");
    });
}

#[test]
fn what_cannot_be_sent_is_refused_in_telegrams_words() {
    run_started(|bench| async move {
        let to_ada = [("chat_id", &*ADA.to_string())];
        let large = bench.send_document(&to_ada, &vec![0; 50 * 1024 * 1024 + 1]).await;
        assert_eq!((&large["error_code"], &large["description"]), (&json!(413), &json!("Request Entity Too Large")));
        let empty = bench.send_document(&to_ada, b"").await;
        assert_eq!(empty["description"], json!("Bad Request: file must be non-empty"));
        bench
            .sandbox
            .phone(ADA)
            .attach(Attachment::Photo { bytes: photos::png(9, 9, 90), caption: String::new() })
            .unwrap();
        let photo = bench.updates().await.pop().unwrap()["message"]["photo"][0]["file_id"].clone();
        for (document, why) in [
            (json!("BQACAgIAAxkBAAIB"), "wrong file identifier/HTTP URL specified"),
            (json!("https://a.example/x.pdf"), "failed to get HTTP URL content"),
            (photo, "can't use file of type Photo as Document"),
            (json!(""), "there is no document in the request"),
        ] {
            let refused = bench.refusal("sendDocument", json!({ "chat_id": ADA, "document": document })).await;
            assert_eq!(refused, (400, format!("Bad Request: {why}")));
        }
        let document = bench.send_document(&to_ada, b"x").await["result"]["document"]["file_id"].clone();
        let refused = bench.refusal("sendPhoto", json!({ "chat_id": ADA, "photo": document })).await.1;
        assert_eq!(refused, "Bad Request: can't use file of type Document as Photo");
        let stranger = bench.send_document(&[("chat_id", "42")], b"x").await;
        assert_eq!(stranger["description"], json!("Bad Request: chat not found"));
    });
}

#[test]
fn the_phone_shows_its_name_its_size_and_where_to_fetch_it() {
    run_started(|bench| async move {
        bench.send_document(&[("chat_id", &ADA.to_string()), ("caption", "Look")], &[b'<'; 2048]).await;
        let page = bench.get(&format!("/phone/{ADA}")).await.body;
        for part in ["href=\"/attached/1\" download=\"a.png\"", "2.0 KB", ">Look</div>"] {
            assert!(page.contains(part), "{part}: {page}");
        }
        assert!(bench.get("/").await.body.contains("a.png: Look"));
        let url = bench.sandbox.url();
        assert_eq!(bench.bytes(format!("{url}/attached/1")).await.2, [b'<'; 2048]);
        assert_eq!(bench.bytes(format!("{url}/photo/1")).await.0, 404, "nothing but photos is shown by the browser");
    });
}
