//! What people attach: the shapes of the updates, the files behind them, and the phone that shows them.

use serde_json::json;
use startlink::sandbox::{ADA, ActError, Attachment, BEN, Phone};

use super::photos::png;
use super::*;
use crate::support::raw::Raw;

fn started(bench: &Bench) -> Phone {
    bench.sandbox.set_limits(Limits::OFF);
    let ada = bench.sandbox.phone(ADA);
    ada.press_start("").unwrap();
    ada
}

fn document(bytes: Vec<u8>) -> Attachment {
    let (name, caption) = ("Bill 7.pdf".to_owned(), "For *you*".to_owned());
    Attachment::Document { name, mime: String::new(), bytes, caption }
}

impl Bench {
    /// The newest message that waits, without its envelope.
    async fn heard(&self) -> Value {
        self.updates().await.pop().unwrap()["message"].clone()
    }

    async fn fetch_file(&self, file_id: &Value) -> (u16, String, Vec<u8>) {
        let described = self.result("getFile", json!({ "file_id": file_id })).await;
        let path = described["file_path"].as_str().unwrap();
        self.bytes(format!("{}/file/bot{}/{path}", self.sandbox.url(), self.sandbox.token().expose())).await
    }
}

#[test]
fn every_kind_has_its_documented_shape() {
    run(|bench| async move {
        let ada = started(&bench);
        ada.attach(document(b"%PDF-1.7".to_vec())).unwrap();
        let heard = bench.heard().await;
        let file = &heard["document"];
        assert_eq!((&heard["caption"], &heard["text"]), (&json!("For *you*"), &Value::Null));
        assert_eq!((&file["file_name"], &file["mime_type"]), (&json!("Bill 7.pdf"), &json!("application/pdf")));
        assert_eq!((&file["file_size"], file["file_unique_id"].is_string()), (&json!(8), true));
        let fetched = bench.fetch_file(&file["file_id"]).await;
        assert_eq!(fetched, (200, "application/pdf".to_owned(), b"%PDF-1.7".to_vec()));

        let (bytes, caption, name, mime) = (vec![1, 2, 3], String::new(), "a.mp3".to_owned(), String::new());
        ada.attach(Attachment::Voice { bytes: bytes.clone(), duration: 4, caption: caption.clone() }).unwrap();
        let voice = bench.heard().await["voice"].clone();
        assert_eq!(
            (&voice["duration"], &voice["mime_type"], &voice["file_name"]),
            (&json!(4), &json!("audio/ogg"), &Value::Null)
        );
        assert_eq!(bench.fetch_file(&voice["file_id"]).await.2, bytes);
        let music = Attachment::Audio {
            name,
            mime: mime.clone(),
            bytes: bytes.clone(),
            duration: 200,
            caption: caption.clone(),
        };
        ada.attach(music).unwrap();
        let audio = bench.heard().await["audio"].clone();
        assert_eq!((&audio["duration"], &audio["mime_type"]), (&json!(200), &json!("audio/mpeg")));
        let (name, width, height) = ("a.mp4".to_owned(), 640, 480);
        ada.attach(Attachment::Video { name, mime, bytes, duration: 9, width, height, caption }).unwrap();
        let heard = bench.heard().await;
        assert_eq!((&heard["video"]["width"], &heard["caption"]), (&json!(640), &Value::Null));

        ada.attach(Attachment::Photo { bytes: png(800, 600, 90), caption: "Look".to_owned() }).unwrap();
        let heard = bench.heard().await;
        let largest = heard["photo"].as_array().unwrap().last().unwrap();
        assert_eq!((&heard["caption"], &largest["width"]), (&json!("Look"), &json!(800)));
        assert_eq!(bench.fetch_file(&largest["file_id"]).await.2, png(800, 600, 90));
        ada.attach(Attachment::Location { latitude: 48.85837, longitude: 2.29448 }).unwrap();
        assert_eq!(bench.heard().await["location"], json!({ "latitude": 48.85837, "longitude": 2.29448 }));
        let (phone_number, first_name) = ("+15550100".to_owned(), "Mira".to_owned());
        ada.attach(Attachment::Contact { phone_number, first_name, user_id: Some(BEN) }).unwrap();
        let card = json!({ "phone_number": "+15550100", "first_name": "Mira", "user_id": BEN });
        let heard = bench.heard().await;
        assert_eq!((&heard["contact"], &heard["text"]), (&card, &Value::Null));
    });
}

#[test]
fn what_clients_do_not_send_is_refused_and_the_bot_hears_nothing() {
    run(|bench| async move {
        let ada = started(&bench);
        bench.updates().await;
        assert_eq!(ada.attach(document(Vec::new())), Err(ActError::BadFile));
        let photo = |bytes: Vec<u8>, caption: String| Attachment::Photo { bytes, caption };
        assert_eq!(ada.attach(photo(b"%PDF".to_vec(), String::new())), Err(ActError::BadFile));
        assert_eq!(ada.attach(photo(png(9, 9, 90), "x".repeat(1025))), Err(ActError::BadCaption));
        assert_eq!(bench.sandbox.phone(BEN).attach(document(vec![1])), Err(ActError::NotStarted));
        ada.block().unwrap();
        assert_eq!(ada.attach(document(vec![1])), Err(ActError::Blocked));
        assert_eq!(bench.updates().await.len(), 1, "only that it was blocked");
    });
}

#[test]
fn large_and_lost_files_cannot_be_fetched() {
    run(|bench| async move {
        let ada = started(&bench);
        ada.attach(document(vec![7; 20 * 1024 * 1024 + 1])).unwrap();
        let large = bench.heard().await["document"]["file_id"].clone();
        let refused = bench.refusal("getFile", json!({ "file_id": large })).await;
        assert_eq!(refused, (400, "Bad Request: file is too big".to_owned()));
        ada.attach(document(vec![7])).unwrap();
        let small = json!({ "file_id": bench.heard().await["document"]["file_id"] });
        let path = bench.result("getFile", small.clone()).await["file_path"].as_str().unwrap().to_owned();
        bench.sandbox.forget_files();
        let gone = "Bad Request: wrong file_id or the file is temporarily unavailable";
        assert_eq!(bench.refusal("getFile", small).await, (400, gone.to_owned()));
        let token = bench.sandbox.token();
        assert_eq!(bench.bytes(format!("{}/file/bot{}/{path}", bench.sandbox.url(), token.expose())).await.0, 404);
        assert_eq!(bench.refusal("getFile", json!({ "file_id": "BQAC" })).await.1, "Bad Request: invalid file_id");
    });
}

#[test]
fn in_a_group_only_an_answer_to_the_bot_brings_it_a_file() {
    run(|bench| async move {
        started(&bench);
        let group = bench.sandbox.add_group("Family", ADA);
        group.add_bot(ADA, None).unwrap();
        let asked = bench.result("sendMessage", json!({ "chat_id": group.id(), "text": "The bill?" })).await;
        bench.updates().await;
        group.attach(ADA, None, document(vec![1])).unwrap();
        assert_eq!(bench.updates().await.len(), 0);
        group.attach(ADA, asked["message_id"].as_i64(), document(vec![1])).unwrap();
        let heard = bench.heard().await;
        let both = (&heard["document"]["file_name"], &heard["reply_to_message"]["text"]);
        assert_eq!(both, (&json!("Bill 7.pdf"), &json!("The bill?")));
    });
}

#[test]
fn a_phone_attaches_and_shows_without_script() {
    run(|bench| async move {
        let ada = started(&bench);
        let attach = async |fields: &[(&str, &str)], file: &[u8]| {
            let request = bench.client.post(format!("{}/phone/{ADA}/attach", bench.sandbox.url()));
            let kind = format!("multipart/form-data; boundary={}", photos::BOUNDARY);
            let request = request.header("content-type", kind).body(photos::form(fields, "file", file));
            bench.fetch(request.header("sec-fetch-site", "same-origin").header("origin", bench.sandbox.url())).await
        };
        assert!(bench.get(&format!("/phone/{ADA}")).await.body.contains("enctype=\"multipart/form-data\""));
        let sent = attach(&[("kind", "document"), ("caption", "My <file>")], b"1234").await;
        assert_eq!((sent.status, sent.location), (303, format!("/phone/{ADA}")));
        let heard = bench.heard().await;
        assert_eq!((&heard["document"]["file_name"], &heard["caption"]), (&json!("a.png"), &json!("My <file>")));
        assert_eq!(attach(&[("kind", "contact")], b"").await.status, 303);
        let answer = ada.last_id().to_string();
        assert_eq!(attach(&[("kind", "location"), ("reply", &answer)], b"").await.status, 303);
        assert_eq!(bench.heard().await["reply_to_message"]["contact"]["first_name"], json!("Example"));
        assert_eq!(attach(&[("kind", "photo")], b"no picture").await.status, 422);
        assert_eq!(attach(&[("kind", "dance")], b"x").await.status, 422);
        let page = bench.get(&format!("/phone/{ADA}")).await.body;
        for part in ["href=\"/attached/1\"", "4 B", ">Location<", "+15550100", "My &lt;file&gt;"] {
            assert!(page.contains(part), "{part}: {page}");
        }
        let address: SocketAddr = bench.sandbox.url().trim_start_matches("http://").parse().unwrap();
        let ask = format!("GET /attached/1 HTTP/1.1\r\nHost: {address}\r\n\r\n");
        let answer = Raw::connect(address).send(ask).answer();
        assert_eq!(answer.header("content-disposition"), Some("attachment"));
        assert_eq!(answer.header("content-type"), Some("application/octet-stream"));
        assert_eq!(answer.body, "1234");
    });
}

#[test]
fn programs_attach_with_base64() {
    run(|bench| async move {
        started(&bench);
        let post = async |path: &str, body: Value| bench.control(surf::http::Method::Post, path, body).await;
        let path = format!("phones/{ADA}/attach");
        let order = json!({ "kind": "document", "name": "a.txt", "file": "aGVsbG8=", "caption": "Hi" });
        assert_eq!(post(&path, order).await, (200, json!({ "message_id": 2 })));
        let heard = bench.heard().await;
        assert_eq!(bench.fetch_file(&heard["document"]["file_id"]).await.2, b"hello");
        assert_eq!(post(&format!("phones/{ADA}/reply"), json!({ "message": 2, "text": "and?" })).await.0, 200);
        assert_eq!(bench.heard().await["reply_to_message"]["caption"], json!("Hi"));
        for wrong in [json!({ "kind": "document", "file": "%" }), json!({ "kind": "dance" }), json!({ "colour": 1 })] {
            assert_eq!(post(&path, wrong.clone()).await.0, 422, "{wrong}");
        }
        assert_eq!(post(&path, json!({ "kind": "voice" })).await.0, 409, "an empty file");
        assert_eq!(post("phones/1/attach", json!({ "kind": "location" })).await.0, 404);
        assert_eq!(bench.control(surf::http::Method::Delete, "files", json!({})).await.0, 204);
        let file = json!({ "file_id": heard["document"]["file_id"] });
        assert!(bench.refusal("getFile", file).await.1.contains("temporarily unavailable"));
        let (_, read) = bench.control(surf::http::Method::Get, &format!("phones/{ADA}/messages"), json!({})).await;
        assert_eq!(read["messages"][1]["attached"]["file"]["name"], json!("a.txt"));
    });
}
