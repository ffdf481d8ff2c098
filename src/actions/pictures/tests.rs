//! Files as people have them, and as attackers make them.

use image::{GrayImage, Rgb, Rgba, RgbaImage};

use super::*;

/// Red at the left, blue at the right, twice as wide as high.
fn sample(width: u32) -> DynamicImage {
    let height = width / 2;
    RgbImage::from_fn(width, height, |x, _| if x < width / 2 { Rgb([220, 30, 30]) } else { Rgb([30, 30, 220]) }).into()
}

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A JPEG with an Exif block that says which way is up, and a secret.
fn turned(image: &DynamicImage, orientation: u8) -> Vec<u8> {
    let jpeg = encoded(image, ImageFormat::Jpeg);
    let tiff =
        [b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".as_slice(), &[orientation], b"\0\0\0\0\0\0"].concat();
    let exif = [b"Exif\0\0", tiff.as_slice(), b"52.5200 N 13.4050 E"].concat();
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], b"\xff\xe1", &length, &exif, &jpeg[2..]].concat()
}

#[test]
fn a_photo_is_drawn_upright_and_its_place_stays_behind() {
    let bytes = turned(&sample(64), 6);
    assert!(bytes.windows(7).any(|part| part == b"52.5200"));
    let picture = redraw(&bytes).unwrap();
    assert_eq!((picture.mime, picture.width, picture.height), (Mime::Jpeg, 32, 64));
    assert!(!picture.bytes.windows(4).any(|part| part == b"Exif" || part == b"52.5"));
    let seen = image::load_from_memory(&picture.bytes).unwrap().to_rgb8();
    assert!(seen.get_pixel(16, 4)[0] > 150 && seen.get_pixel(16, 60)[2] > 150, "turned to the right: red is above");
}

#[test]
fn each_type_comes_out_as_telegram_takes_it() {
    let of = |bytes: &[u8]| redraw(bytes).map(|picture| picture.mime);
    assert_eq!(of(&encoded(&sample(64), ImageFormat::Jpeg)), Ok(Mime::Jpeg));
    assert_eq!(of(&encoded(&sample(64), ImageFormat::Png)), Ok(Mime::Png));
    assert_eq!(of(&encoded(&sample(64), ImageFormat::WebP)), Ok(Mime::Jpeg));
    let glass = |alpha| DynamicImage::from(RgbaImage::from_pixel(40, 40, Rgba([200, 0, 0, alpha])));
    assert_eq!(of(&encoded(&glass(100), ImageFormat::WebP)), Ok(Mime::Png));
    assert_eq!(of(&encoded(&glass(255), ImageFormat::WebP)), Ok(Mime::Jpeg));
    let deep = DynamicImage::from(sample(64).to_rgb16());
    let picture = redraw(&encoded(&deep, ImageFormat::Png)).unwrap();
    assert_eq!(image::load_from_memory(&picture.bytes).unwrap().color(), image::ColorType::Rgb8);
    let grey = DynamicImage::from(GrayImage::new(40, 40));
    assert_eq!(of(&encoded(&grey, ImageFormat::Png)), Ok(Mime::Png));
}

#[test]
fn a_png_that_gets_too_large_becomes_a_jpeg() {
    let mut seed = 1_u32;
    let mut noise = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        seed.to_be_bytes()[0]
    };
    let image = RgbaImage::from_fn(1700, 1600, |_, _| Rgba([noise(), noise(), noise(), noise()]));
    let picture = finish(image.into(), Mime::Png).unwrap();
    assert_eq!(picture.mime, Mime::Jpeg);
    assert!(picture.bytes.len() <= BYTES_MAX);
}

#[test]
fn glass_is_white_in_a_jpeg() {
    let image = DynamicImage::from(RgbaImage::from_pixel(40, 40, Rgba([0, 0, 0, 0])));
    assert_eq!(on_white(&image).get_pixel(3, 3).0, [255, 255, 255]);
    let image = DynamicImage::from(RgbaImage::from_pixel(40, 40, Rgba([0, 0, 0, 255])));
    assert_eq!(on_white(&image).get_pixel(3, 3).0, [0, 0, 0]);
}

/// A PNG's head that announces a size, with nothing behind it.
fn announced(width: u32, height: u32, depth: u8, colour: u8) -> Vec<u8> {
    let mut chunk = b"IHDR".to_vec();
    chunk.extend([width.to_be_bytes(), height.to_be_bytes()].concat());
    chunk.extend([depth, colour, 0, 0, 0]);
    let sum = crc(&chunk).to_be_bytes();
    let body = [b"\x89PNG\r\n\x1a\n\0\0\0\x0d".as_slice(), &chunk, &sum].concat();
    let data = [b"\0\0\0\0IDAT".as_slice(), &crc(b"IDAT").to_be_bytes()].concat();
    [body, data].concat()
}

/// The checksum of PNG's chunks (PNG, annex D).
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 })
    })
}

#[test]
fn what_the_head_announces_is_judged_before_it_is_believed() {
    assert_eq!(redraw(&announced(60_000, 60_000, 8, 6)), Err(PictureError::TooManyPixels(60_000, 60_000)));
    assert_eq!(redraw(&announced(5_000, 5_001, 8, 2)), Err(PictureError::TooManyPixels(5_000, 5_001)));
    assert_eq!(redraw(&announced(2_001, 100, 8, 2)), Err(PictureError::TooNarrow(2_001, 100)));
    assert_eq!(redraw(&announced(5_000, 5_000, 16, 6)), Err(PictureError::TooMuchMemory(5_000, 5_000)));
    assert_eq!(
        redraw(&announced(2_000, 100, 8, 2)),
        Err(PictureError::Broken),
        "the size is right and the rest is not"
    );
}

#[test]
fn other_files_are_refused_with_a_sentence() {
    assert_eq!(redraw(b""), Err(PictureError::Empty));
    for bytes in
        [b"GIF89a\x01\0\x01\0".as_slice(), b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", b"%PDF-1.7", b"BM123456"]
    {
        assert_eq!(redraw(bytes), Err(PictureError::WrongType));
    }
    let whole = encoded(&sample(64), ImageFormat::Png);
    assert_eq!(redraw(&whole[..whole.len() / 2]), Err(PictureError::Broken));
    assert_eq!(redraw(&encoded(&sample(64), ImageFormat::Jpeg)[..40]), Err(PictureError::Broken));
    let large = redraw(&vec![0xff; BYTES_MAX + 1]).unwrap_err();
    assert_eq!(large.to_string(), "The photo has 10.1 MB; Telegram takes at most 10 MB.");
    let long = PictureError::TooManyPixels(6_000, 5_000).to_string();
    assert!(long.contains("6000 by 5000") && long.contains("these are 11000"), "{long}");
}

#[test]
fn any_bytes_behind_a_known_beginning_end_in_a_picture_or_a_sentence() {
    let samples = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP].map(|format| encoded(&sample(32), format));
    for whole in samples {
        for at in (0..whole.len()).step_by(3) {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x5a;
            let outcome = runtime::block_on(prepare(bytes));
            assert!(outcome.is_ok() || outcome.is_err_and(|error| !error.to_string().is_empty()));
        }
    }
}
