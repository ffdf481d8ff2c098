//! Documents on their way: streamed from the data file by one message, named by Telegram's number of them from then on.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use startlink::actions::documents;
use startlink::ids::DocumentId;
use startlink::model::broadcast::BroadcastStatus;
use startlink::model::document::{Document, PIECE_BYTES};

use super::crowd::as_it_is;
use super::*;
use crate::support::bot_api::{BotApi, Brought};

fn content() -> Vec<u8> {
    (0..2 * PIECE_BYTES + 1000).map(|at| u8::try_from(at % 251).unwrap()).collect()
}

/// Takes documents, one message after the other.
fn takes() -> impl Fn(&Brought) -> Option<(u16, Vec<u8>)> + Send + Sync + 'static {
    let next = Arc::new(AtomicUsize::new(1));
    move |call| {
        let id = next.fetch_add(1, Ordering::SeqCst);
        let sent = format!(r#"{{"ok":true,"result":{{"message_id":{id},"document":{{"file_id":"doc"}}}}}}"#);
        call.head.contains("/senddocument").then(|| (200, sent.into()))
    }
}

impl Bench {
    /// A message with a document that nobody has uploaded to Telegram yet.
    async fn with_document(&self, text: &str) -> Body {
        let caller = Caller::internal(Actor::Operator);
        let made = self.store.write(move |tx| {
            let whole = content();
            let id = documents::begin(tx, &caller, "report.pdf", "application/pdf")?;
            for (number, piece) in (0..).zip(whole.chunks(PIECE_BYTES)) {
                let sealed = tx.sealer().seal(Document::PURPOSE, piece);
                documents::append(tx, id, number, &sealed)?;
            }
            documents::finish(tx, &caller, id, u64::try_from(whole.len()).unwrap())?;
            Ok::<_, Error>(id)
        });
        Body { document: Some(made.await.unwrap()), ..Body::plain(text) }
    }

    fn number(&self, id: Option<DocumentId>) -> Option<String> {
        let row = self.store.read(|read| store::documents::get(read, id.expect("a document"))).unwrap();
        row.expect("the document").file.map(|(_, number)| number)
    }
}

#[test]
fn a_broadcast_uploads_its_document_once_and_whole() {
    block_on(async {
        let server = BotApi::start(takes());
        let mut bench = Bench::new().await;
        let members = bench.crowd(5).await;
        let body = bench.with_document("For {username}").await;
        let document = body.document;
        let id = bench.broadcast(body, &members, as_it_is).await;
        bench.start_at(&server.url());
        let figures = bench.until_status(id, BroadcastStatus::Done).await;
        assert_eq!(figures.count(Standing::Sent), 5);
        let calls = server.calls("sendDocument");
        let uploads: Vec<bool> = calls.iter().map(|call| call.head.contains("multipart/form-data")).collect();
        assert_eq!(uploads, [true, false, false, false, false]);
        assert_eq!(calls[0].file(), content());
        assert!(calls[0].has("filename=\"report.pdf\"") && calls[1].has("\"document\":\"doc\""));
        assert_eq!(bench.number(document).as_deref(), Some("doc"));
        bench.drain().await;
        bench.assert_clean();
    });
}

#[test]
fn a_number_that_telegram_does_not_know_any_more_leads_to_another_upload() {
    block_on(async {
        let takes = takes();
        let server = BotApi::start(move |call| {
            let is_stale = call.head.contains("/senddocument") && call.has("\"document\":\"stale\"");
            let words = r#"{"ok":false,"error_code":400,"description":"Bad Request: wrong file identifier/HTTP URL specified"}"#;
            if is_stale { Some((400, words.into())) } else { takes(call) }
        });
        let mut bench = Bench::new().await;
        let body = bench.with_document("").await;
        let document = body.document.unwrap();
        let bot = Token::parse(bench.sandbox.token().expose()).unwrap().bot();
        let learn = bench.store.write(move |tx| store::documents::learn(tx, document, bot, "stale"));
        learn.await.unwrap();
        let id = bench.send_body(body, Policy::AtMostOnce).await;
        bench.start_at(&server.url());
        assert!(matches!(bench.until_final(id).await, DeliveryState::Sent { .. }));
        assert_eq!((server.calls("sendDocument").len(), bench.number(Some(document))), (2, Some("doc".to_owned())));
        bench.drain().await;
        bench.assert_clean();
    });
}

#[test]
fn a_document_that_cannot_be_opened_fails_its_message_and_nothing_leaves() {
    block_on(async {
        let server = BotApi::start(takes());
        let mut bench = Bench::new().await;
        let caller = Caller::internal(Actor::Operator);
        let made = bench.store.write(move |tx| {
            let id = documents::begin(tx, &caller, "a", "")?;
            documents::append(tx, id, 0, b"sealed by nobody")?;
            documents::finish(tx, &caller, id, 5)?;
            Ok::<_, Error>(id)
        });
        let body = Body { document: Some(made.await.unwrap()), ..Body::default() };
        let id = bench.send_body(body, Policy::AtLeastOnce).await;
        bench.start_at(&server.url());
        let state = bench.until_final(id).await;
        assert!(matches!(&state, DeliveryState::Failed { reason: Reason::Content(_), .. }), "{state:?}");
        assert!(server.calls("sendDocument").is_empty());
        bench.drain().await;
    });
}
