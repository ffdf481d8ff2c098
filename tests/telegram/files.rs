//! Files through the client: documents are uploaded as they are read, files of people are downloaded as they come.

use futures_lite::{AsyncReadExt as _, stream};
use startlink::telegram::{File, NoFile, SendDocument};
use startlink::wire::reader;

use super::*;
use crate::support::bot_api::{BotApi, refuses, serves};

const TOKEN: &str = "7:AbcdefghijklmnopqrstuvwxyzABCDEFGH";

/// Bytes that look like nothing else.
fn content(size: usize) -> Vec<u8> {
    (0..size).map(|at| u8::try_from(at * 31 % 251).unwrap()).collect()
}

fn document<'a>(number: Option<&'a str>, caption: &'a str) -> SendDocument<'a> {
    SendDocument { chat_id: ChatId(11), document: number, caption, manner: Manner::default() }
}

#[test]
fn a_document_is_uploaded_piece_by_piece_and_then_sent_by_its_number() {
    block_on(async {
        let server = BotApi::start(|call| {
            let sent = r#"{"ok":true,"result":{"message_id":5,"document":{"file_id":"doc"}}}"#;
            call.head.contains("/senddocument").then(|| (200, sent.into()))
        });
        let api = client(&server.url(), TOKEN);
        let whole = content(700_000);
        let pieces: Vec<_> = whole.chunks(256 * 1024).map(|piece| Ok(piece.to_vec())).collect();
        let read = reader(stream::iter(pieces));
        let file = File::streamed(read, ("a \"b\".pdf", "application/pdf"), 700_000, &[9; 16]);
        let sent = api.upload_document(&document(None, "Look"), file).await.unwrap();
        assert_eq!((sent.id, sent.file_id.as_deref()), (TelegramMessageId(5), Some("doc")));
        api.send_document(&document(Some("doc"), "")).await.unwrap();
        let calls = server.calls("sendDocument");
        let [upload, by_number] = calls.as_slice() else { panic!("{} calls", calls.len()) };
        assert!(upload.head.contains("content-length: ") && !upload.head.contains("transfer-encoding"));
        assert_eq!(upload.file(), whole);
        assert!(upload.has("name=\"document\"; filename=\"a %22b%22.pdf\"\r\nContent-Type: application/pdf"));
        assert!(upload.has("name=\"disable_content_type_detection\"\r\n\r\ntrue\r\n"));
        assert!(upload.has("name=\"caption\"\r\n\r\nLook\r\n") && upload.has("name=\"chat_id\"\r\n\r\n11\r\n"));
        assert_eq!(by_number.body, br#"{"chat_id":11,"document":"doc"}"#);
    });
}

#[test]
fn an_upload_that_cannot_be_read_to_its_end_is_in_doubt_and_never_arrives_whole() {
    block_on(async {
        let server = Scripted::start(|caller| {
            caller.request();
        });
        let api = client(&format!("http://{}", server.address), TOKEN);
        let pieces = [Ok(content(1000)), Err(std::io::ErrorKind::NotFound.into())];
        let file = File::streamed(reader(stream::iter(pieces)), ("a", "a/b"), 2000, &[9; 16]);
        let error = api.upload_document(&document(None, ""), file).await.unwrap_err();
        assert!(matches!(error.class, Class::Unknown { .. }), "{error}");
        assert_eq!(server.arrivals(), 0);
        let nobody = client(&format!("http://{}", ports::quiet()), TOKEN);
        let file = File::streamed(reader(stream::iter([Ok(content(10))])), ("a", "a/b"), 10, &[9; 16]);
        let error = nobody.upload_document(&document(None, ""), file).await.unwrap_err();
        assert!(matches!(error.class, Class::NotSent { .. }), "{error}");
    });
}

#[test]
fn a_file_is_downloaded_as_it_comes_whatever_answers_may_have() {
    block_on(async {
        let whole = content(300_000);
        let server = BotApi::start(serves(whole.clone()));
        // No answer of a method may be that long.
        let engine = Engine::new(EngineOptions { answer_bytes: 1000, ..EngineOptions::default() }).unwrap();
        let api = Api::new(engine.client(), &server.url(), Token::parse(TOKEN).unwrap()).unwrap();
        let mut body = api.fetch("f").await.unwrap().body;
        assert_eq!(body.len(), Some(300_000));
        let mut read = Vec::new();
        body.read_to_end(&mut read).await.unwrap();
        assert_eq!(read, whole);
        assert_eq!(server.calls("getFile")[0].body, br#"{"file_id":"f"}"#);
        let asked = server.calls("/file/bot")[0].head.clone();
        let path = format!("get /file/bot{TOKEN}/documents/file%207.bin ").to_lowercase();
        assert!(asked.starts_with(&path), "{asked}");
    });
}

#[test]
fn a_file_that_cannot_be_had_says_why() {
    block_on(async {
        let why = async |api: Api| api.fetch("f").await.err();
        let refused = async |words| {
            let server = BotApi::start(refuses(words));
            why(client(&server.url(), TOKEN)).await
        };
        assert_eq!(refused("Bad Request: file is too big").await, Some(NoFile::TooBig));
        assert_eq!(
            refused("Bad Request: wrong file_id or the file is temporarily unavailable").await,
            Some(NoFile::Gone)
        );
        let gone = BotApi::start(|call| {
            let found = serves(Vec::new())(call)?;
            Some(if call.head.starts_with("get ") { (404, b"{}".to_vec()) } else { found })
        });
        assert_eq!(why(client(&gone.url(), TOKEN)).await, Some(NoFile::Gone));
        let nobody = client(&format!("http://{}", ports::quiet()), TOKEN);
        assert_eq!(why(nobody).await, Some(NoFile::Unreachable));
    });
}

#[test]
fn a_download_that_breaks_off_is_an_error_and_not_a_short_file() {
    block_on(async {
        let server = Scripted::start(|caller| {
            if caller.request() {
                let place = r#"{"ok":true,"result":{"file_path":"a"}}"#;
                caller.say(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{place}", place.len()));
                if !caller.head().is_empty() {
                    caller.say("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf");
                }
            }
        });
        let api = client(&format!("http://{}", server.address), TOKEN);
        let mut body = api.fetch("f").await.unwrap().body;
        assert!(body.read_to_end(&mut Vec::new()).await.is_err());
    });
}
