//! What Telegram takes as text, and what is refused with its place.

use proptest::prelude::*;

use super::*;

fn html(text: &str) -> Result<MessageText, TextError> {
    MessageText::parse(text, Format::Html)
}

fn refusal(text: &str) -> String {
    html(text).unwrap_err().to_string()
}

#[test]
fn length_is_counted_in_utf16_units() {
    assert_eq!(utf16_len("aé€😀"), 5);
    let text = "😀".repeat(2048);
    assert!(MessageText::parse(&text, Format::Plain).is_ok());
    let error = MessageText::parse(&format!("{text}!"), Format::Plain).unwrap_err();
    assert_eq!(error, TextError::TooLong { length: 4097, limit: 4096 });
}

#[test]
fn markup_does_not_count() {
    let text = format!("<b>{}</b>", "&lt;".repeat(4096));
    assert!(html(&text).is_ok());
    assert_eq!(html(&format!("{text}x")).unwrap_err(), TextError::TooLong { length: 4097, limit: 4096 });
    let long = format!("<a href=\"https://x.example/{}\">x</a>", "y".repeat(RAW_LIMIT));
    assert!(matches!(html(&long), Err(TextError::TooMuchMarkup { .. })));
}

#[test]
fn what_nobody_can_see_is_empty() {
    for text in ["", " \r\n\t", "<b> </b>", "<i></i>"] {
        assert_eq!(html(text).unwrap_err(), TextError::Empty, "{text:?}");
    }
}

#[test]
fn every_tag_of_the_documentation_is_taken() {
    let text = "<b>b</b> <strong>b</strong> <i>i</i> <em>i</em> <u>u</u> <ins>u</ins> <s>s</s> <strike>s</strike> \
                <del>s</del> <span class=\"tg-spoiler\">x</span> <tg-spoiler>x</tg-spoiler> \
                <a href=\"http://www.example.com/?a=1&amp;b=>\">url</a> <a href='tg://user?id=1'>who</a> \
                <tg-emoji emoji-id=\"5368324170671202286\">\u{1f44d}</tg-emoji> <code>c</code> <pre>p</pre> \
                <pre><code class=\"language-python\">c</code></pre> <blockquote>q</blockquote> \
                <blockquote expandable>q</blockquote> <B >b</b > <b>b<i>i</i></b> &lt;&gt;&amp;&quot;&#39;&#x1F600;";
    assert_eq!(html(text).map(|_| ()), Ok(()));
}

#[test]
fn the_first_error_is_told_with_its_place() {
    assert_eq!(refusal("a\nb <font>"), "line 2, column 3: Telegram does not know the tag <font>");
    assert_eq!(refusal("<b>x"), "line 1, column 1: <b> is never closed");
    assert_eq!(refusal("é<b>x</i></b>"), "line 1, column 6: </i> closes nothing that is open");
    assert_eq!(refusal("x</b>"), "line 1, column 2: </b> closes nothing that is open");
    assert_eq!(refusal("1 < 2"), "line 1, column 3: a \"<\" that is no tag must be written &lt;");
    assert_eq!(refusal("<3"), "line 1, column 1: a \"<\" that is no tag must be written &lt;");
    assert_eq!(refusal("< b>x</b>"), "line 1, column 1: a \"<\" that is no tag must be written &lt;");
    assert_eq!(refusal("1 > 2"), "line 1, column 3: a \">\" that is no tag must be written &gt;");
    assert!(refusal("Q&A").starts_with("line 1, column 2: a \"&\" must be written &amp;"));
    assert!(refusal("&nbsp;").starts_with("line 1, column 1: a \"&\" must be written &amp;"));
    assert_eq!(refusal("<span>x</span>"), "line 1, column 1: the tag <span> needs class=\"tg-spoiler\"");
    assert_eq!(refusal("<tg-emoji>x</tg-emoji>"), "line 1, column 1: the tag <tg-emoji> needs emoji-id=\"a number\"");
    assert_eq!(refusal("<a href=\"x>y</a>"), "line 1, column 1: a \"<\" that is no tag must be written &lt;");
    assert_eq!(refusal("<a href=a/b>y</a>"), "line 1, column 1: the attributes of <a> cannot be read");
    assert_eq!(refusal("x<br>y"), "line 1, column 2: Telegram does not know the tag <br>");
}

#[test]
fn plain_text_keeps_the_words_and_the_addresses() {
    assert_eq!(html_to_plain("<b>Hi</b> &lt;you&gt;"), "Hi <you>");
    assert_eq!(
        html_to_plain("see <a href=\"https://a.example/?x=1&amp;y=2\">this</a>!"),
        "see this (https://a.example/?x=1&y=2)!"
    );
    assert_eq!(html_to_plain("<a href=\"https://a.example\">https://a.example</a>"), "https://a.example");
}

#[test]
fn plain_text_of_broken_markup_loses_nothing() {
    assert_eq!(html_to_plain("a < b & <b>c</i> <x>"), "a < b & c</i> <x>");
    assert_eq!(html_to_plain("<a href=\"https://a.example\">go"), "go (https://a.example)");
}

#[test]
fn parts_end_between_paragraphs_then_lines_then_words() {
    assert_eq!(split("aaaa aaaa\n\nbbbb\nbbbb", 14), ["aaaa aaaa", "bbbb\nbbbb"]);
    assert_eq!(split("aaaa aaaa\nbbbb bbbb", 14), ["aaaa aaaa", "bbbb bbbb"]);
    assert_eq!(split("aaaa bbbb cccc", 10), ["aaaa bbbb", "cccc"]);
    assert_eq!(split("aaaa bbbb cccc", 9), ["aaaa bbbb", "cccc"]);
    assert_eq!(split("aaaaabbbbbc", 5), ["aaaaa", "bbbbb", "c"]);
    assert_eq!(split("a\n\nbbbbbbbb bbbb", 12), ["a\n\nbbbbbbbb", "bbbb"]);
    assert_eq!(split("short", 10), ["short"]);
    assert!(split(" \n ", 10).is_empty());
}

#[test]
fn placeholders_are_replaced_once_and_escaped_in_html() {
    let values = [("username", "<b>{site}</b>"), ("site", "A & B")];
    let text = "Hello {username} of {site}: {} {X} { site }";
    assert_eq!(fill(text, Format::Plain, &values).unwrap(), "Hello <b>{site}</b> of A & B: {} {X} { site }");
    assert_eq!(
        fill(text, Format::Html, &values).unwrap(),
        "Hello &lt;b&gt;{site}&lt;/b&gt; of A &amp; B: {} {X} { site }"
    );
    assert_eq!(placeholders("{a}{{b}} {C}").collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn an_unknown_placeholder_is_named() {
    let error = fill("Hi {usrname}", Format::Plain, &[("username", "x")]).unwrap_err();
    assert_eq!(error.to_string(), "there is no placeholder {usrname} here");
}

proptest! {
    #[test]
    fn escaped_text_reads_back_as_it_was(text in "\\PC*") {
        prop_assert_eq!(html_to_plain(&escape_html(&text)), text.clone());
        prop_assert!(check_html(&escape_html(&text)).is_ok());
    }

    #[test]
    fn no_markup_makes_the_reader_fail_or_lose_its_place(text in "[<>&/a-c \"'=;#x0-9\n]{0,60}") {
        let _ = html_to_plain(&text);
        let strict = check_html(&text);
        if let Ok(strict) = strict {
            prop_assert_eq!(strict, pieces(&text));
        }
    }

    #[test]
    fn parts_are_short_not_empty_and_lose_only_white_space(text in "[a-z😀 \n]{0,200}", limit in 2_usize..40) {
        let parts = split(&text, limit);
        for part in &parts {
            prop_assert!(utf16_len(part) <= limit && !part.trim().is_empty());
        }
        let squeeze = |text: &str| text.split_whitespace().collect::<String>();
        prop_assert_eq!(squeeze(&parts.concat()), squeeze(&text));
    }
}
