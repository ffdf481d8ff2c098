//! Writing a broadcast: the preview and the count that follow what is typed, mistakes, a photo, a button, the audience, a test.

use std::path::PathBuf;

use super::super::newcomer::{Newcomer, Person};
use super::crowd::{CUSTOMER, Crowd, STAFF};

/// What it says; the sign is two of Telegram's characters.
pub const TEXT: &str = "<b>Summer sale</b> &#128522;\nDear {name}, until Sunday everything is <i>a fifth cheaper</i>. \
                        Your code is <code>SUN-{username}</code>.";
const SEEN: &str =
    "Summer sale \u{1F60A}\nDear {name}, until Sunday everything is a fifth cheaper. Your code is SUN-{username}.";
/// Words of it that no other message has.
pub const WORDS: &str = "a fifth cheaper";
const BUTTON: &str = "See the offers";

/// The empty list says what a broadcast is.
pub fn see_none_yet(newcomer: &Newcomer) {
    let browser = newcomer.at_admin();
    browser.press("Broadcasts");
    browser.see("No broadcasts yet");
    newcomer.look("none");
    browser.press("New broadcast");
    browser.wait_for("[data-part=reach]", "Nobody");
    newcomer.look("new");
}

/// Writes it, with a mistake first; the photo is there for as long as the form is not sent.
pub fn write(newcomer: &Newcomer, crowd: &Crowd) -> Photo {
    let browser = newcomer.at_admin();
    browser.press("Broadcasts");
    browser.press("New broadcast");
    browser.fill("[name=text]", "Half <b>a text");
    browser.click("[name=format] [value=html]");
    browser.wait_for("[data-part=count]", "line 1, column 6: <b> is never closed");
    browser.press("Continue");
    newcomer.refused(422);
    browser.wait_for(".field.bad", "line 1, column 6");
    assert_eq!(browser.attribute("[name=text]", "aria-invalid"), "true");
    assert_eq!(browser.evaluate("return document.querySelector('[name=text]').value;"), "Half <b>a text");
    newcomer.look("mistake");
    browser.fill("[name=text]", TEXT);
    browser.wait_for("[data-part=bubble] b", "Summer sale");
    browser.await_that("no mistake of before", "return !document.querySelector('.bad, .error, [role=alert]');");
    let length = SEEN.encode_utf16().count();
    browser.wait_for("[data-part=count]", &format!("{length} of 4,096 characters"));
    let photo = decorate(newcomer);
    choose_audience(newcomer, crowd);
    newcomer.look("written");
    photo
}

fn decorate(newcomer: &Newcomer) -> Photo {
    let browser = newcomer.at_admin();
    let photo = Photo::draw();
    browser.choose("[name=photo]", &photo.0);
    browser.attribute("[data-photo-slot] img", "src");
    browser.wait_for("[data-part=count]", "of 1,024 characters");
    browser.fill("[name=button_label_0]", BUTTON);
    browser.fill("[name=button_target_0]", "https://shop.example.org/summer");
    browser.wait_for("[data-part=bubble]", BUTTON);
    browser.click("[name=silent]");
    browser.click("[name=protect]");
    browser.wait_for("[data-part=bubble]", "without a sound, not to be forwarded");
    photo
}

fn choose_audience(newcomer: &Newcomer, crowd: &Crowd) {
    let browser = newcomer.at_admin();
    let everyone = format!("{} chats", crowd.count());
    browser.wait_for("[data-part=reach]", &everyone);
    browser.click("#f-audience-tags");
    browser.fill("[name=all]", CUSTOMER);
    browser.fill("[name=none]", STAFF);
    browser.wait_for("[data-part=reach]", &format!("{} chats", crowd.customers));
    newcomer.look("tags");
    browser.click("#f-audience");
    browser.wait_for("[data-part=reach]", &everyone);
}

/// Sends it to the admin's own chat.
pub fn test(newcomer: &Newcomer, photo: Photo) {
    let browser = newcomer.at_admin();
    browser.press("Send a test to my chat");
    browser.see("The test is on its way to your own chat");
    drop(photo);
    browser.attribute(".bubble-photo img[src^='/admin/photos/']", "src");
    newcomer.look("tested");
    newcomer.hears(Person::Ada, "Dear Ada Lovelace, until Sunday everything is a fifth cheaper");
    let phone = newcomer.at_phone(Person::Ada);
    phone.attribute("[data-testid=photo]", "src");
    phone.see(BUTTON);
    phone.see("silent");
    phone.see("protected");
    newcomer.look("phone-test");
}

/// A small picture in a file, removed when this is dropped: the sun above the sea.
pub struct Photo(PathBuf);

impl Drop for Photo {
    fn drop(&mut self) {
        let _gone = std::fs::remove_file(&self.0);
    }
}

impl Photo {
    fn draw() -> Self {
        let path = std::env::temp_dir().join(format!("startlink-photo-{}.png", std::process::id()));
        let mut encoder = png::Encoder::new(std::fs::File::create(&path).unwrap(), 640, 360);
        encoder.set_color(png::ColorType::Rgb);
        let pixels = (0..640 * 360).flat_map(|at| colour(at % 640, at / 640));
        encoder.write_header().unwrap().write_image_data(&pixels.collect::<Vec<u8>>()).unwrap();
        Self(path)
    }
}

fn colour(x: usize, y: usize) -> [u8; 3] {
    let part = |value: usize| u8::try_from(value).unwrap();
    let is_sun = x.abs_diff(320).pow(2) + y.abs_diff(170).pow(2) < 80 * 80;
    match y {
        0..240 if is_sun => [255, 236, 170],
        0..240 => [part(240 + y / 16), part(110 + y / 2), part(90 + y / 4)],
        _ => [part(30 + (y - 240) / 2), part(90 + (y - 240) / 2), part(130 + (y - 240) / 3)],
    }
}
