//! Pictures on their way: uploaded by one message alone, named by Telegram's number of them from then on.

use startlink::ids::PhotoId;
use startlink::model::broadcast::BroadcastStatus;
use startlink::model::photo::{Mime, Photo};
use startlink::sandbox::Call;
use startlink::store::photos;

use super::crowd::as_it_is;
use super::*;

/// What passes for a picture of a hundred by fifty pixels.
fn png() -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0d\0\0\0\x32".to_vec();
    file.resize(5000, b'x');
    file
}

impl Bench {
    /// A message with a picture that nobody has uploaded to Telegram yet.
    pub(super) async fn with_picture(&self, text: &str) -> Body {
        let made = self.store.write(move |tx| {
            let bytes = png();
            let size = u32::try_from(bytes.len()).expect("small");
            let created = tx.now();
            let photo = Photo { mime: Mime::Png, width: 100, height: 50, size, file: None, uses: 0, created };
            let sealed = tx.sealer().seal(Photo::PURPOSE, &bytes);
            photos::insert(tx, &photo, sealed)
        });
        Body { photo: Some(made.await.unwrap()), ..Body::plain(text) }
    }

    fn photo(&self, id: Option<PhotoId>) -> Photo {
        self.store.read(|read| photos::get(read, id.expect("a picture"))).unwrap().expect("the picture")
    }

    /// Whether each call of `sendPhoto`, in the order of arrival, was an upload.
    fn uploads(&self) -> Vec<bool> {
        let sends = self.sandbox.journal(0).into_iter().filter(|call| call.method == "sendPhoto");
        sends.map(|call: Call| call.param("photo").is_some_and(|photo| photo.starts_with("(a file"))).collect()
    }
}

#[test]
fn the_first_send_of_a_picture_is_the_upload_alone_and_the_others_go_by_its_number() {
    block_on(async {
        let mut bench = Bench::new().await;
        let members = bench.crowd(12).await;
        let body = bench.with_picture("Look, {username}").await;
        let photo = body.photo;
        bench.sandbox.add_fault(Fault::new(Trouble::Delay { wait_ms: 300 }).on("sendPhoto").times(1));
        let id = bench.broadcast(body, &members, as_it_is).await;
        bench.start();
        // While the upload is on its way nobody else of twelve is.
        bench.until_it(id, |_, figures| figures.count(Standing::Sending) == 1).await;
        let figures = bench.until_status(id, BroadcastStatus::Done).await;
        assert_eq!(figures.count(Standing::Sent), 12);
        let mut expected = vec![false; 12];
        expected[0] = true;
        assert_eq!(bench.uploads(), expected);
        assert!(bench.photo(photo).file.is_some());
        let shown = bench.sandbox.phone(members[11].chat.0).messages(0).pop().expect("a message");
        assert_eq!(shown.text, format!("Look, person-{}", members[11].chat.0));
        bench.drain().await;
        bench.assert_clean();
    });
}

#[test]
fn an_uncertain_upload_is_followed_by_another() {
    block_on(async {
        let mut bench = Bench::new().await;
        let members = bench.crowd(3).await;
        let body = bench.with_picture("").await;
        bench.sandbox.add_fault(Fault::new(Trouble::DropAnswer).on("sendPhoto").times(1));
        let id = bench.broadcast(body, &members, as_it_is).await;
        bench.start();
        let figures = bench.until_status(id, BroadcastStatus::Done).await;
        assert_eq!((figures.count(Standing::Uncertain), figures.count(Standing::Sent)), (1, 2));
        assert_eq!(bench.uploads(), [true, true, false]);
        bench.drain().await;
        bench.assert_clean();
    });
}

#[test]
fn a_number_that_telegram_does_not_know_any_more_is_forgotten_and_the_picture_uploaded_again() {
    block_on(async {
        let mut bench = Bench::with_rate("20").await;
        let members = bench.crowd(3).await;
        let body = bench.with_picture("").await;
        let (photo, bot) = (body.photo.unwrap(), bench.sandbox.bot().id);
        let learnt = bench.store.write(move |tx| photos::learn(tx, photo, UserId(bot), "of another time"));
        learnt.await.unwrap();
        let id = bench.broadcast(body, &members, as_it_is).await;
        bench.start();
        let figures = bench.until_status(id, BroadcastStatus::Done).await;
        assert_eq!(figures.count(Standing::Sent), 3, "nobody fails because of the number");
        assert!(bench.uploads().contains(&true));
        bench.drain().await;
        bench.assert_clean();
    });
}

#[test]
fn single_messages_share_an_upload_too_and_may_be_silent_and_protected() {
    block_on(async {
        let mut bench = Bench::new().await;
        let body = Body { silent: true, protect: true, ..bench.with_picture("one").await };
        let photo = body.photo;
        let first = bench.send_body(body.clone(), Policy::AtLeastOnce).await;
        bench.start();
        assert!(matches!(bench.until_final(first).await, DeliveryState::Sent { .. }));
        let second = bench.send_body(body, Policy::AtLeastOnce).await;
        assert!(matches!(bench.until_final(second).await, DeliveryState::Sent { .. }));
        assert_eq!(bench.uploads(), [true, false]);
        for call in bench.sandbox.journal(0).iter().filter(|call| call.method == "sendPhoto") {
            assert_eq!(
                (call.param("disable_notification"), call.param("protect_content")),
                (Some("true"), Some("true"))
            );
        }
        assert!(bench.photo(photo).file.is_some());
        bench.drain().await;
        bench.assert_clean();
    });
}
