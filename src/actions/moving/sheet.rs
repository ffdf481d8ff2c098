//! A list as people's programs save it (RFC 4180): any order of columns, comma, semicolon or tab between them, quotes, a byte
//! order mark, any line ends. What is wrong is told by line; nothing here knows what the columns mean.

use crate::model::moving::LINES_MAX;

/// A column: its name, and whether it has to be there.
pub(super) type Column = (&'static str, bool);

/// What stands in a character's place that was not UTF-8.
const REPLACED: char = char::REPLACEMENT_CHARACTER;
/// What may stand between columns.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// One line, by the columns that were asked for.
pub(super) struct Cells<'r> {
    cells: &'r [String],
    /// Where each column stands.
    places: &'r [Option<usize>],
}

impl Cells<'_> {
    /// What stands in a column; `None` where the list does not have it.
    pub(super) fn get(&self, column: usize) -> Option<&str> {
        let place = self.places.get(column).copied().flatten()?;
        Some(self.cells.get(place).map_or("", String::as_str))
    }

    /// The same, or nothing.
    pub(super) fn text(&self, column: usize) -> &str {
        self.get(column).unwrap_or_default()
    }
}

/// Reads every line with `each`; sentences of it, and of what is wrong with the list itself, come back with their line.
pub(super) fn read<T>(
    text: &str,
    columns: &[Column],
    mut each: impl FnMut(&Cells<'_>) -> Result<T, (String, String)>,
) -> (Vec<(u64, T)>, Vec<Misread>) {
    let (mut rows, mut wrong) = (Vec::new(), Vec::new());
    let mut lines = match Lines::open(text) {
        Ok(lines) => lines,
        Err(sentence) => return (rows, vec![Misread::at(1, sentence)]),
    };
    let Some((line, head)) = lines.next() else {
        return (rows, vec![Misread::at(1, format!("The file is empty. {}", needs(columns)))]);
    };
    let places = match head.and_then(|head| places(&head, columns)) {
        Ok(places) => places,
        Err(sentence) => return (rows, vec![Misread::at(line, sentence)]),
    };
    let width = lines.width;
    for (line, cells) in lines {
        if rows.len() + wrong.len() == LINES_MAX {
            wrong.push(Misread::at(
                line,
                format!("A list has at most {LINES_MAX} lines. Split it, and bring it in parts."),
            ));
            break;
        }
        let row = cells.and_then(|cells| if cells.len() > width { Err(too_many(&cells, width)) } else { Ok(cells) });
        match row
            .map_err(|sentence| (String::new(), sentence))
            .and_then(|cells| each(&Cells { cells: &cells, places: &places }))
        {
            Ok(row) => rows.push((line, row)),
            Err((username, sentence)) => wrong.push(Misread { line, username, sentence }),
        }
    }
    (rows, wrong)
}

/// A line that cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Misread {
    pub(super) line: u64,
    /// Of which account, if that could be read.
    pub(super) username: String,
    pub(super) sentence: String,
}

impl Misread {
    fn at(line: u64, sentence: impl Into<String>) -> Self {
        Self { line, username: String::new(), sentence: sentence.into() }
    }
}

fn needs(columns: &[Column]) -> String {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    format!("Its first line has to name the columns: {}.", names.join(","))
}

/// Where each column stands, by the first line.
fn places(head: &[String], columns: &[Column]) -> Result<Vec<Option<usize>>, String> {
    let named = |cell: &str| columns.iter().position(|(name, _)| name.eq_ignore_ascii_case(cell));
    let mut places = vec![None; columns.len()];
    for (at, cell) in head.iter().enumerate() {
        let Some(slot) = named(cell).and_then(|column| places.get_mut(column)) else {
            return Err(format!("There is no column \"{}\" in this list. {}", shortened(cell), needs(columns)));
        };
        if slot.replace(at).is_some() {
            return Err(format!("The column \"{cell}\" stands here twice."));
        }
    }
    for ((name, needed), place) in columns.iter().zip(&places) {
        if *needed && place.is_none() {
            return Err(format!("The column \"{name}\" is missing. {}", needs(columns)));
        }
    }
    Ok(places)
}

/// A first line may be data, which is not shown whole.
fn shortened(cell: &str) -> String {
    const SHOWN: usize = 4;
    let mut letters = cell.chars();
    let begin: String = letters.by_ref().take(SHOWN).collect();
    if letters.next().is_some() { format!("{begin}…") } else { begin }
}

fn too_many(cells: &[String], width: usize) -> String {
    format!(
        "This line has {} fields, the first line names {width}. A field with a comma in it stands in quotes.",
        cells.len()
    )
}

/// The lines of a list, with their numbers; empty ones are passed over.
struct Lines<'t> {
    text: &'t str,
    reader: csv::Reader<&'t [u8]>,
    /// Up to where line ends were counted, and how many there were.
    counted: (usize, u64),
    /// How many fields the first line has.
    width: usize,
}

impl<'t> Lines<'t> {
    fn open(text: &'t str) -> Result<Self, &'static str> {
        if text.starts_with([REPLACED, '\0']) || text.chars().take(4).any(|c| c == '\0') {
            return Err("This is no UTF-8, perhaps UTF-16. Save the file as \"CSV UTF-8\".");
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let head = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let delimiter = head.bytes().find(|byte| DELIMITERS.contains(byte)).unwrap_or(b',');
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .delimiter(delimiter)
            .from_reader(text.as_bytes());
        Ok(Self { text, reader, counted: (0, 1), width: 0 })
    }

    /// The number of the line on which a record stands that begins at or behind `from`.
    fn line(&mut self, from: usize) -> u64 {
        let rest = self.text.as_bytes().get(from..).unwrap_or_default();
        let start = from + rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let (at, line) = self.counted;
        let ends = self.text.get(at..start).unwrap_or_default().matches('\n').count();
        self.counted = (start.max(at), line + u64::try_from(ends).unwrap_or(u64::MAX));
        self.counted.1
    }
}

impl Iterator for Lines<'_> {
    type Item = (u64, Result<Vec<String>, String>);

    fn next(&mut self) -> Option<Self::Item> {
        let mut record = csv::StringRecord::new();
        loop {
            let from = usize::try_from(self.reader.position().byte()).unwrap_or(usize::MAX);
            match self.reader.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => return Some((self.line(from), Err(format!("This line cannot be read: {error}.")))),
            }
            if record.iter().all(str::is_empty) {
                continue;
            }
            let line = self.line(from);
            if self.width == 0 {
                self.width = record.len();
            }
            return Some((line, cells(&record)));
        }
    }
}

fn cells(record: &csv::StringRecord) -> Result<Vec<String>, String> {
    if record.iter().any(|cell| cell.contains(REPLACED)) {
        return Err("This line is not in UTF-8. Save the file as \"CSV UTF-8\".".to_owned());
    }
    if record.iter().any(|cell| cell.contains(['\r', '\n'])) {
        return Err("A field goes on over the end of the line: is a quotation mark left open?".to_owned());
    }
    Ok(record.iter().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 2] = [("a", true), ("b", false)];

    type Row = (u64, (String, Option<String>));

    fn told(text: &str) -> (Vec<Row>, Vec<(u64, String)>) {
        let (rows, wrong) = read(text, &COLUMNS, |cells| {
            if cells.text(0) == "bad" {
                return Err((String::new(), "Bad.".to_owned()));
            }
            Ok((cells.text(0).to_owned(), cells.get(1).map(str::to_owned)))
        });
        (rows, wrong.into_iter().map(|misread| (misread.line, misread.sentence)).collect())
    }

    fn row(line: u64, a: &str, b: Option<&str>) -> Row {
        (line, (a.to_owned(), b.map(str::to_owned)))
    }

    #[test]
    fn lists_are_read_however_they_were_saved() {
        let rows = [row(2, "1", Some("x, y")), row(3, "2", Some(""))];
        for text in [
            "a,b\n1,\"x, y\"\n2,\n",
            "\u{feff}B,A\r\n\"x, y\",1\r\n,2\r\n",
            "a;b\n1;x, y\n2",
            "a\tb\r\n 1 \tx, y\r\n2\t",
        ] {
            assert_eq!(told(text), (rows.to_vec(), Vec::new()), "{text:?}");
        }
        assert_eq!(told("a\n1"), (vec![row(2, "1", None)], Vec::new()), "a column that may be missing");
        assert_eq!(told("a,b\n"), (Vec::new(), Vec::new()));
    }

    #[test]
    fn lines_are_numbered_as_an_editor_numbers_them() {
        for end in ["\n", "\r\n"] {
            let text = ["", "a,b", "1,x", "", ",", "bad,\"q\"\"q\"", "2,", "", "bad", ""].join(end);
            let (rows, wrong) = told(&text);
            assert_eq!(rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [3, 7], "{end:?}");
            assert_eq!(wrong.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [6, 9], "{end:?}");
        }
    }

    #[test]
    fn what_is_wrong_with_the_first_line_is_told_by_name() {
        for (text, said) in [
            ("", "The file is empty. Its first line has to name the columns: a,b."),
            ("b\n1\n", "The column \"a\" is missing. Its first line has to name the columns: a,b."),
            ("a,c\n", "There is no column \"c\" in this list. Its first line has to name the columns: a,b."),
            ("a,b,A\n", "The column \"A\" stands here twice."),
            ("\u{fffd}\u{fffd}a\0b", "This is no UTF-8, perhaps UTF-16. Save the file as \"CSV UTF-8\"."),
        ] {
            assert_eq!(told(text), (Vec::new(), vec![(1, said.to_owned())]), "{text:?}");
        }
        let secret = "x".repeat(22);
        assert!(!told(&secret).1[0].1.contains(&secret), "what may be a code is not shown whole");
    }

    #[test]
    fn a_line_that_cannot_be_read_is_one_mistake() {
        let (rows, wrong) = told("a,b\n1,2,3\n\u{fffd},x\n4,\"5\n6\",7\n8,9\n");
        assert_eq!(rows, [row(6, "8", Some("9"))]);
        assert_eq!(wrong.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 3, 4]);
        assert!(wrong[0].1.starts_with("This line has 3 fields, the first line names 2."), "{wrong:?}");
        assert!(wrong[1].1.contains("UTF-8") && wrong[2].1.contains("quotation mark"), "{wrong:?}");
    }

    #[test]
    fn a_list_has_an_end() {
        let text = format!("a\n{}", "1\n".repeat(LINES_MAX + 5));
        let (rows, wrong) = told(&text);
        assert_eq!((rows.len(), wrong.len()), (LINES_MAX, 1));
    }
}
