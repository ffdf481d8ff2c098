//! Pictures that people upload: looked at before they are decoded, then drawn anew, so that nothing of the file is passed on
//! but what can be seen. Where it was taken, and with what, stays behind.

mod keep;

pub(super) use keep::sweep;
pub use keep::{add, drop_loose};

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::{PngDecoder, PngEncoder};
use image::codecs::webp::WebPDecoder;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageResult, RgbImage};

use crate::model::photo::{BYTES_MAX, Mime};
use crate::runtime;

/// Most of width and height together, in pixels (Bot API, `sendPhoto`).
pub const SIDES_MAX: u32 = 10_000;
/// The longer side is at most so many times the shorter one (Bot API, `sendPhoto`).
pub const RATIO_MAX: u32 = 20;
/// Most memory that one decoded picture takes here.
const MEMORY_MAX: u64 = 80 * 1024 * 1024;
/// JPEG quality, and what is tried when that is too large.
const QUALITIES: [u8; 2] = [88, 75];

/// A picture that Telegram takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The file.
    pub bytes: Vec<u8>,
    /// How to read it.
    pub mime: Mime,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

/// Why a file is no picture for Telegram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// Nothing in it.
    #[error("The file is empty.")]
    Empty,
    /// More than [`BYTES_MAX`].
    #[error("The photo has {} MB; Telegram takes at most 10 MB.", megabytes(*.0))]
    TooLarge(usize),
    /// None of the types that are taken.
    #[error("The file is not a JPEG, PNG or WebP picture; other types are not taken.")]
    WrongType,
    /// It moves.
    #[error("The picture moves, and a photo in Telegram stands still. Choose one that does not move.")]
    Moves,
    /// More than [`SIDES_MAX`].
    #[error(
        "The photo is {0} by {1} pixels; Telegram takes at most {SIDES_MAX} for width and height together, these are {sum}.",
        sum = .0.saturating_add(*.1)
    )]
    TooManyPixels(u32, u32),
    /// Less than [`RATIO_MAX`] allows.
    #[error("The photo is {0} by {1} pixels; Telegram takes one side at most {RATIO_MAX} times as long as the other.")]
    TooNarrow(u32, u32),
    /// It would take more than [`MEMORY_MAX`].
    #[error(
        "The photo is {0} by {1} pixels, which takes too much memory here. Make it smaller; Telegram shows 2,560 pixels at most."
    )]
    TooMuchMemory(u32, u32),
    /// It ends early, or is damaged.
    #[error("The picture is damaged: it cannot be read to its end.")]
    Broken,
}

/// `10485761` as `10.1`: rounded up, so that what is too large never looks as if it were not.
fn megabytes(bytes: usize) -> String {
    let tenths = bytes.saturating_mul(10).div_ceil(1024 * 1024);
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// One picture is drawn at a time, whoever uploads: memory stays bounded.
static EASEL: Mutex<()> = Mutex::new(());

/// [`redraw`] on a thread of its own.
pub async fn prepare(bytes: Vec<u8>) -> Result<Picture, PictureError> {
    runtime::blocking(move || {
        let _turn = EASEL.lock().unwrap_or_else(PoisonError::into_inner);
        // A decoder that trips over a file has met a damaged file.
        catch_unwind(AssertUnwindSafe(|| redraw(&bytes))).unwrap_or(Err(PictureError::Broken))
    })
    .await
}

/// Checks a file by Telegram's limits and draws it anew: JPEG as JPEG, PNG as PNG unless that gets too large, WebP as whichever
/// shows all of it.
pub fn redraw(bytes: &[u8]) -> Result<Picture, PictureError> {
    if bytes.is_empty() {
        return Err(PictureError::Empty);
    }
    if bytes.len() > BYTES_MAX {
        return Err(PictureError::TooLarge(bytes.len()));
    }
    let broken = |_| PictureError::Broken;
    let cursor = Cursor::new(bytes);
    match image::guess_format(bytes) {
        Ok(ImageFormat::Jpeg) => finish(decode(JpegDecoder::new(cursor).map_err(broken)?)?, Mime::Jpeg),
        Ok(ImageFormat::Png) => {
            let decoder = PngDecoder::new(cursor).map_err(broken)?;
            if decoder.is_apng().map_err(broken)? {
                return Err(PictureError::Moves);
            }
            finish(decode(decoder)?, Mime::Png)
        }
        Ok(ImageFormat::WebP) => {
            let decoder = WebPDecoder::new(cursor).map_err(broken)?;
            if decoder.has_animation() {
                return Err(PictureError::Moves);
            }
            let image = decode(decoder)?;
            let mime = if can_be_seen_through(&image) { Mime::Png } else { Mime::Jpeg };
            finish(image, mime)
        }
        Ok(_) | Err(_) => Err(PictureError::WrongType),
    }
}

/// The pixels, upright. What the head announces is judged before anything is made room for.
fn decode(mut decoder: impl ImageDecoder) -> Result<DynamicImage, PictureError> {
    let (width, height) = decoder.dimensions();
    let (long, short) = (width.max(height), width.min(height));
    if width.saturating_add(height) > SIDES_MAX {
        return Err(PictureError::TooManyPixels(width, height));
    }
    if u64::from(long) > u64::from(short) * u64::from(RATIO_MAX) {
        return Err(PictureError::TooNarrow(width, height));
    }
    if decoder.total_bytes() > MEMORY_MAX {
        return Err(PictureError::TooMuchMemory(width, height));
    }
    let drawn: ImageResult<DynamicImage> = (|| {
        let orientation = decoder.orientation()?;
        let mut image = DynamicImage::from_decoder(decoder)?;
        image.apply_orientation(orientation);
        Ok(image)
    })();
    drawn.map_err(|_| PictureError::Broken)
}

fn can_be_seen_through(image: &DynamicImage) -> bool {
    image.color().has_alpha() && image.to_rgba8().pixels().any(|pixel| pixel.0.iter().last().is_some_and(|a| *a < 255))
}

fn finish(image: DynamicImage, mime: Mime) -> Result<Picture, PictureError> {
    let (width, height) = (image.width(), image.height());
    let (bytes, mime) = match mime {
        Mime::Jpeg => (jpeg(&image)?, Mime::Jpeg),
        Mime::Png => {
            let image = eight_bits(image);
            let bytes = png(&image)?;
            if bytes.len() > BYTES_MAX { (jpeg(&image)?, Mime::Jpeg) } else { (bytes, Mime::Png) }
        }
    };
    Ok(Picture { bytes, mime, width, height })
}

fn eight_bits(image: DynamicImage) -> DynamicImage {
    match (image.color().has_color(), image.color().has_alpha()) {
        (true, true) => image.into_rgba8().into(),
        (true, false) => image.into_rgb8().into(),
        (false, true) => image.into_luma_alpha8().into(),
        (false, false) => image.into_luma8().into(),
    }
}

fn png(image: &DynamicImage) -> Result<Vec<u8>, PictureError> {
    let mut bytes = Vec::new();
    image.write_with_encoder(PngEncoder::new(&mut bytes)).map_err(|_| PictureError::Broken)?;
    Ok(bytes)
}

fn jpeg(image: &DynamicImage) -> Result<Vec<u8>, PictureError> {
    let image = on_white(image);
    let mut size = 0;
    for quality in QUALITIES {
        let mut bytes = Vec::new();
        let encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
        image.write_with_encoder(encoder).map_err(|_| PictureError::Broken)?;
        if bytes.len() <= BYTES_MAX {
            return Ok(bytes);
        }
        size = bytes.len();
    }
    Err(PictureError::TooLarge(size))
}

/// What can be seen through is white in a JPEG.
fn on_white(image: &DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.to_rgb8();
    }
    let seen = image.to_rgba8();
    let mut out = RgbImage::new(seen.width(), seen.height());
    for (to, from) in out.pixels_mut().zip(seen.pixels()) {
        let [red, green, blue, alpha] = from.0.map(u16::from);
        let mix = |channel: u16| u8::try_from((channel * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX);
        to.0 = [mix(red), mix(green), mix(blue)];
    }
    out
}

#[cfg(test)]
mod tests;
