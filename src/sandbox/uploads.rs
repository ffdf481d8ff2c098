//! Calls that come as `multipart/form-data`: fields become parameters, files are kept apart from them.

use std::convert::Infallible;

use multer::Multipart;
use multer::bytes::Bytes;

use super::params::Params;
use super::refusal::Refusal;

/// Reads a whole form into parameters.
pub(super) async fn read(params: &mut Params, content_type: &str, body: Vec<u8>) -> Result<(), Refusal> {
    let malformed = |_| Refusal::bad("can't parse the request body as multipart/form-data");
    let boundary = multer::parse_boundary(content_type).map_err(malformed)?;
    let whole = futures_lite::stream::once(Ok::<_, Infallible>(Bytes::from(body)));
    let mut form = Multipart::new(whole, boundary);
    while let Some(field) = form.next_field().await.map_err(malformed)? {
        let Some(name) = field.name().map(ToOwned::to_owned) else { continue };
        let is_file = field.file_name().is_some();
        let value = field.bytes().await.map_err(malformed)?;
        if is_file {
            params.add_file(name, value.into());
        } else {
            params.add_text(name, String::from_utf8_lossy(&value).into_owned());
        }
    }
    Ok(())
}
