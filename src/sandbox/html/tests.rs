//! What Telegram's parser accepts and how it refuses, case by case.

use super::*;
use crate::sandbox::entities::units;

fn refused(source: &str) -> String {
    parse(source).unwrap_err()
}

fn parsed(source: &str) -> (String, Vec<(Kind, usize, usize)>) {
    let (text, entities) = parse(source).unwrap();
    assert!(entities.iter().all(|entity| entity.end() <= units(&text)));
    (text, entities.into_iter().map(|e| (e.kind, e.offset, e.length)).collect())
}

fn text_of(source: &str) -> String {
    parsed(source).0
}

fn link(url: &str) -> Kind {
    Kind::TextLink { url: url.to_owned() }
}

#[test]
fn mistakes_in_start_tags_name_the_byte_they_begin_at() {
    assert_eq!(refused("<br>"), "Unsupported start tag \"br\" at byte offset 0");
    assert_eq!(refused("a < b > c"), "Unsupported start tag \"\" at byte offset 2");
    assert_eq!(refused("1 < 2"), "Unsupported start tag \"\" at byte offset 2");
    assert_eq!(refused("é<p>x</p>"), "Unsupported start tag \"p\" at byte offset 2");
    assert_eq!(refused("<kahn@inbox.example>"), "Unsupported start tag \"kahn@inbox.example\" at byte offset 0");
    assert_eq!(refused("x <b"), "Unclosed start tag at byte offset 2");
    assert_eq!(refused("<a href"), "Unclosed start tag \"a\" at byte offset 0");
    assert_eq!(refused("<a href = "), "Unclosed start tag \"a\" at byte offset 0");
    assert_eq!(refused("<a href=\"x\""), "Empty attribute name in the tag \"a\" at byte offset 0");
    assert_eq!(refused("<a href=\"x"), "Unclosed start tag at byte offset 0");
    assert_eq!(refused("<a =\"x\">y</a>"), "Empty attribute name in the tag \"a\" at byte offset 0");
    assert_eq!(refused("<a href=\"x\"y\">z</a>"), "Empty attribute name in the tag \"a\" at byte offset 0");
    assert_eq!(refused("<a href=x/>y</a>"), "Unexpected end of name token at byte offset 8");
    assert_eq!(refused("<span>x</span>"), "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0");
    assert_eq!(refused("<tg-emoji emoji-id=\"x\">y</tg-emoji>"), "Invalid custom emoji identifier specified");
}

#[test]
fn mistakes_in_end_tags_say_what_was_expected() {
    assert_eq!(refused("x</b>"), "Unexpected end tag at byte offset 1");
    assert_eq!(refused("<b>x</b></"), "Unexpected end tag at byte offset 8");
    assert_eq!(refused("<b>x</b"), "Unclosed end tag at byte offset 4");
    assert_eq!(refused("<b>x</i>"), "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\"");
    assert_eq!(refused("<b>x"), "Can't find end tag corresponding to start tag \"b\"");
    assert_eq!(refused("<b><i>x</i>"), "Can't find end tag corresponding to start tag \"b\"");
}

#[test]
fn only_four_named_references_and_numbers_are_decoded() {
    assert_eq!(text_of("&lt;&gt;&amp;&quot;&#65;&#x42;"), "<>&\"AB");
    assert_eq!(text_of("&ge;&nbsp;&laquo;&#12345678;&#0;& &"), "&ge;&nbsp;&laquo;&#12345678;&#0;& &");
    assert_eq!(text_of("a &lt b"), "a < b");
    assert!(refused("&#xDFDF;").starts_with("Text contains invalid Unicode characters"));
}

#[test]
fn offsets_count_utf16_units() {
    assert_eq!(
        parsed("🏟 <i>🏟 &gt;<b any = thing>&lt🏟</b></i>"),
        ("🏟 🏟 ><🏟".to_owned(), vec![(Kind::Italic, 3, 7), (Kind::Bold, 7, 3)])
    );
}

#[test]
fn every_tag_gives_its_entity() {
    for (tag, kind) in [
        ("b", Kind::Bold),
        ("strong", Kind::Bold),
        ("i", Kind::Italic),
        ("em", Kind::Italic),
        ("u", Kind::Underline),
        ("ins", Kind::Underline),
        ("s", Kind::Strikethrough),
        ("strike", Kind::Strikethrough),
        ("del", Kind::Strikethrough),
        ("tg-spoiler", Kind::Spoiler),
        ("blockquote", Kind::Blockquote),
        ("code", Kind::Code),
        ("pre", Kind::Pre { language: None }),
    ] {
        assert_eq!(parsed(&format!("x<{tag}>ab</{tag}>")).1, [(kind, 1, 2)], "{tag}");
    }
    assert_eq!(parsed("<span class='tg-spoiler'>a</span>").1, [(Kind::Spoiler, 0, 1)]);
    assert_eq!(parsed("<blockquote expandable>a</blockquote>").1, [(Kind::ExpandableBlockquote, 0, 1)]);
    assert_eq!(parsed("<B>a</b>").1, [(Kind::Bold, 0, 1)]);
    assert_eq!(parsed("<b>a</>").1, [(Kind::Bold, 0, 1)]);
    assert_eq!(parsed("<b></b>").1, []);
}

#[test]
fn a_link_needs_an_address_that_telegram_takes() {
    assert_eq!(
        parsed("<a href=\"https://a.example/?x=1&amp;y=2\">a</a>").1,
        [(link("https://a.example/?x=1&y=2"), 0, 1)]
    );
    assert_eq!(parsed("<a href=telegram.org>t</a>").1, [(link("http://telegram.org/"), 0, 1)]);
    assert_eq!(parsed("<a>telegram.org</a>").1, [(link("http://telegram.org/"), 0, 12)]);
    assert_eq!(parsed("<a href=\"javascript:alert(1)\">a</a>"), ("a".to_owned(), vec![]));
    assert_eq!(parsed("<a href=\"http://localhost/x\">a</a>"), ("a".to_owned(), vec![]));
}

#[test]
fn a_code_block_takes_the_language_of_the_one_code_inside() {
    let rust = Kind::Pre { language: Some("rust".to_owned()) };
    let plain = Kind::Pre { language: None };
    assert_eq!(parsed("<pre><code class=\"language-rust\">x</code></pre>").1, [(rust.clone(), 0, 1)]);
    assert_eq!(parsed("<code class=\"language-rust\"><pre>x</pre></code>").1, [(rust, 0, 1)]);
    assert_eq!(parsed("<pre><code class=\"language-rust\">x</code> </pre>").1, [(plain, 0, 2), (Kind::Code, 0, 1)]);
}
