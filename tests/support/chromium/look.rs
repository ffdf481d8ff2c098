//! How a page looks and what the console says: pictures, colour scheme, width, complaints, QR codes read from the pixels.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Chromium, ELEMENT, Failure, Screen};

/// What the reader of a page prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    Light,
    Dark,
}

impl Chromium {
    /// Fails when the page is wider than the window, or when the console complained: an uncaught error, a refused resource,
    /// a breach of the content security policy.
    pub fn assert_in_order(&self) {
        let wide = self.evaluate(
            "const limit = document.documentElement.clientWidth;
             const out = [...document.querySelectorAll('body *')].filter((el) => el.getBoundingClientRect().right > limit + 1);
             return document.documentElement.scrollWidth > limit ? [limit, ...out.slice(0, 5).map((el) => el.outerHTML.slice(0, 120))] : [];",
        );
        assert_eq!(wide, json!([]), "{}: {} is wider than the window", self.name, self.url());
        if self.screen == Screen::Phone {
            assert_eq!(self.evaluate("return document.documentElement.clientWidth;"), json!(360), "{}", self.url());
        }
        assert_eq!(self.complaints(), Vec::<String>::new(), "{} at {}", self.name, self.url());
    }

    /// What the console complained about since this was asked last.
    pub fn complaints(&self) -> Vec<String> {
        let entries = self.post("se/log", &json!({ "type": "browser" }));
        let severe = entries.as_array().unwrap().iter().filter(|entry| entry["level"] == "SEVERE");
        severe.map(|entry| entry["message"].as_str().unwrap().to_owned()).collect()
    }

    /// What the console complains about next; it may lag behind the page.
    pub fn awaited_complaints(&self) -> Vec<String> {
        self.patiently("complaint of the console", || {
            let complaints = self.complaints();
            if complaints.is_empty() { Err(Failure::absent()) } else { Ok(complaints) }
        })
    }

    /// Shows pages as to a person who prefers this scheme.
    pub fn prefer(&self, scheme: Scheme) {
        let value = match scheme {
            Scheme::Light => "light",
            Scheme::Dark => "dark",
        };
        self.devtools(
            "Emulation.setEmulatedMedia",
            &json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] }),
        );
    }

    /// Keeps a picture of the whole page in `target/screenshots`, from its head on.
    pub fn picture(&self, of: &str) -> Option<PathBuf> {
        let up = json!({ "script": "scrollTo({ top: 0, behavior: 'instant' });", "args": [] });
        self.driver.post("execute/sync", &up).ok()?;
        let params = json!({ "format": "png", "captureBeyondViewport": true });
        let shot =
            self.driver.post("goog/cdp/execute", &json!({ "cmd": "Page.captureScreenshot", "params": params })).ok()?;
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
        std::fs::create_dir_all(&folder).ok()?;
        let path = folder.join(format!("{}-{of}.png", self.name));
        std::fs::write(&path, STANDARD.decode(shot["data"].as_str()?).ok()?).ok()?;
        Some(path)
    }

    /// What the QR code says that the first shown element is, read from its pixels as a camera would.
    pub fn scan(&self, css: &str) -> String {
        let shot = self.patiently(&format!("{css} to scan"), || {
            let element = self.shown("css selector", css)?;
            self.centre(&element)?;
            self.driver.get(&format!("element/{element}/screenshot"))
        });
        let png = STANDARD.decode(shot.as_str().unwrap()).unwrap();
        read_qr(&png).unwrap_or_else(|problem| panic!("{}: {css} at {}: {problem}", self.name, self.url()))
    }

    /// Brings an element into the middle of the window.
    pub(super) fn centre(&self, element: &str) -> Result<(), Failure> {
        let script = "arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' });";
        self.driver.post("execute/sync", &json!({ "script": script, "args": [{ ELEMENT: element }] })).map(drop)
    }

    fn devtools(&self, method: &str, params: &Value) -> Value {
        self.post("goog/cdp/execute", &json!({ "cmd": method, "params": params }))
    }
}

fn read_qr(png: &[u8]) -> Result<String, String> {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(png));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(|e| e.to_string())?;
    let mut pixels = vec![0; reader.output_buffer_size().ok_or("the picture is too large")?];
    let frame = reader.next_frame(&mut pixels).map_err(|e| e.to_string())?;
    let (width, height) = (usize::try_from(frame.width).unwrap(), usize::try_from(frame.height).unwrap());
    let (samples, line) = (frame.color_type.samples(), frame.line_size);
    let grey = |x: usize, y: usize| pixels[y * line + x * samples..][..samples.min(3)].iter().copied().max().unwrap();
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, height, grey);
    let grids = picture.detect_grids();
    let grid = grids.first().ok_or_else(|| format!("no QR code in {width} x {height} pixels"))?;
    grid.decode().map(|(_, text)| text).map_err(|e| e.to_string())
}
