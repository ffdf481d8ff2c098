//! The embedded files, each under a name that carries the hash of its content: it may be cached for ever,
//! because another content has another name. Serving them is the web's part.

use std::sync::LazyLock;

use crate::secret::Hash;

/// One embedded file as it is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// What it is called in pages, such as `style.css`.
    pub name: &'static str,
    /// The path it is served under, such as `/assets/style-3f2a91c0.css`.
    pub path: String,
    /// The media type for `Content-Type`.
    pub content_type: &'static str,
    /// The bytes.
    pub body: &'static [u8],
}

/// One sheet is served; it is kept in parts, because they are about different things. What narrow windows change comes last.
const STYLE: &str = concat!(
    include_str!("../../assets/style/ground.css"),
    include_str!("../../assets/style/lists.css"),
    include_str!("../../assets/style/messages.css"),
    include_str!("../../assets/style/public.css"),
    include_str!("../../assets/style/figures.css"),
    include_str!("../../assets/style/website.css"),
    include_str!("../../assets/style/portal.css"),
    include_str!("../../assets/style/narrow.css"),
);

const FILES: [(&str, &[u8]); 3] = [
    ("style.css", STYLE.as_bytes()),
    ("script.js", include_bytes!("../../assets/script.js")),
    ("mark.svg", include_bytes!("../../assets/mark.svg")),
];

static ALL: LazyLock<Vec<Asset>> = LazyLock::new(|| FILES.iter().map(|(name, body)| asset(name, body)).collect());

/// Every embedded file.
#[must_use]
pub fn all() -> &'static [Asset] {
    &ALL
}

/// The file served under `path`, if there is one.
#[must_use]
pub fn find(path: &str) -> Option<&'static Asset> {
    ALL.iter().find(|asset| asset.path == path)
}

/// The path under which the file called `name` is served. An unknown name gives a path that nothing is served under.
#[must_use]
pub fn url(name: &str) -> String {
    ALL.iter().find(|asset| asset.name == name).map_or_else(|| format!("/assets/{name}"), |asset| asset.path.clone())
}

fn asset(name: &'static str, body: &'static [u8]) -> Asset {
    Asset { name, path: hashed(name, body), content_type: content_type(name), body }
}

/// Thirty-two bits of the content's hash stand before the extension: enough to tell versions of one file apart.
fn hashed(name: &str, body: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut path = String::from("/assets/");
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, "bin"));
    path.push_str(stem);
    path.push('-');
    for byte in Hash::of(body).0.iter().take(4) {
        let _ = write!(path, "{byte:02x}");
    }
    path.push('.');
    path.push_str(extension);
    path
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_changes_with_the_content_and_only_with_it() {
        assert_eq!(hashed("style.css", b"a"), hashed("style.css", b"a"));
        assert_ne!(hashed("style.css", b"a"), hashed("style.css", b"b"));
        assert_eq!(hashed("style.css", b""), "/assets/style-e3b0c442.css");
    }

    #[test]
    fn every_file_is_found_under_its_url_with_a_known_type() {
        for file in all() {
            assert_eq!(find(&url(file.name)), Some(file));
            assert_ne!(file.content_type, "application/octet-stream", "{}", file.name);
        }
        assert_eq!(find("/assets/style.css"), None);
        assert_eq!(find(&url("nothing.css")), None);
    }
}
