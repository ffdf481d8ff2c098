//! Files on their way in and out: forms that come as `multipart/form-data`, and kept files as bodies of answers.

use futures_lite::AsyncReadExt;
use futures_lite::io::Cursor;
use multer::bytes::Bytes;
use multer::{Field, Multipart};
use tide::Body;

use super::params::{Params, Upload};
use super::refusal::Refusal;

/// Bytes read from the connection at once.
const PIECE: usize = 64 * 1024;

/// Reads a whole form into parameters, piece by piece: fields become texts, files are kept apart from them, each in one
/// place only.
pub(super) async fn read(params: &mut Params, content_type: &str, body: Body) -> Result<(), Refusal> {
    let malformed = |_| Refusal::bad("can't parse the request body as multipart/form-data");
    let boundary = multer::parse_boundary(content_type).map_err(malformed)?;
    let pieces = futures_lite::stream::unfold(body, |mut body| async {
        let mut piece = vec![0; PIECE];
        match body.read(&mut piece).await {
            Ok(0) => None,
            Ok(read) => {
                piece.truncate(read);
                Some((Ok(Bytes::from(piece)), body))
            }
            Err(error) => Some((Err(error), body)),
        }
    });
    let mut form = Multipart::new(pieces, boundary);
    while let Some(mut field) = form.next_field().await.map_err(malformed)? {
        let Some(name) = field.name().map(ToOwned::to_owned) else { continue };
        let file_name = field.file_name().map(ToOwned::to_owned);
        let mime = field.content_type().map(|mime| mime.essence_str().to_owned()).unwrap_or_default();
        let value = whole(&mut field).await.map_err(malformed)?;
        match file_name {
            Some(own) => {
                let mime = if mime == "application/octet-stream" { String::new() } else { mime };
                params.add_file(name, Upload { name: own, mime, bytes: Bytes::from(value) });
            }
            None => params.add_text(name, String::from_utf8_lossy(&value).into_owned()),
        }
    }
    Ok(())
}

async fn whole(field: &mut Field<'_>) -> Result<Vec<u8>, multer::Error> {
    let mut value = Vec::new();
    while let Some(piece) = field.chunk().await? {
        value.extend_from_slice(&piece);
    }
    value.shrink_to_fit();
    Ok(value)
}

/// A kept file as a body, without a copy of it.
pub(super) fn body(content: Bytes) -> Body {
    let length = content.len();
    Body::from_reader(Cursor::new(content), Some(length))
}
