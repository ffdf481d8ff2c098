//! Passwords that are guessed first. A list of whole passwords would be megabytes; what long common ones have in common is
//! that they are made of a few well-known parts, so a password is taken apart and what remains is counted.

/// The pieces that common long passwords are built from, in lower case: words for what it is and who it is for, the product
/// and its neighbours, names, and rows of keys.
const PIECES: &str = "\
    password passwort passwd pass motdepasse contrasena senha parola wachtwoord haslo salasana kennwort passphrase \
    secret geheim secure security private access login logon signin letmein welcome willkommen bienvenue bienvenido \
    hello hallo changeme change changeit default temp temporary test testing demo example sample guest user username \
    admin administrator root toor sysadmin superuser master manager owner operator sender viewer server service \
    support system computer internet network database backup website online account office company business \
    enterprise project product production staging dev developer please enter open sesame opensesame trustno \
    nopassword mypassword thisis iam the and my is our your not one two three four five startlink start link \
    telegram tele gram botfather bot token chat message messages linked sandbox setup whatsapp signal facebook \
    google gmail youtube instagram twitter linkedin microsoft windows apple iphone android samsung linux ubuntu \
    debian github docker oracle cisco nginx amazon netflix spotify minecraft fortnite pokemon starwars matrix batman \
    superman spiderman naruto hunter dragon shadow monkey tigger tiger lion eagle falcon phoenix wolf bear dog doggy \
    cat kitty horse butterfly unicorn flower rose sunflower sunshine rainbow summer winter spring autumn fall sommer \
    herbst fruehling monday tuesday wednesday thursday friday saturday sunday january february march april may june \
    july august september october november december happy birthday newyear christmas holiday vacation weekend \
    morning night day today forever always never love iloveyou loveyou iloveu lover lovely loveme you me baby \
    babygirl babyboy girl boy angel princess prince queen king family mother father mommy daddy sister brother \
    friend friends bestfriend sweet sweetheart sweety honey sugar cookie cookies chocolate banana orange cherry \
    coffee cheese pepper ginger football fussball soccer baseball basketball hockey tennis golf liverpool chelsea \
    arsenal barcelona realmadrid manchester united juventus bayern lakers yankees cowboys steelers ferrari mercedes \
    porsche mustang corvette harley yamaha honda toyota america england london paris berlin germany deutschland \
    france canada brasil brazil mexico india china russia moscow newyork california texas jesus jesuschrist christ \
    god godisgood heaven blessed faith hope peace freedom liberty michael jordan jennifer jessica ashley daniel \
    david andrew anthony joshua matthew robert thomas charlie george william alexander nicole michelle samantha \
    elizabeth maria anna laura sarah amanda melissa patrick martin maggie buster killer ninja hacker gamer player \
    money dollar million rich power magic super mega ultra cool best good great fuck fuckyou fuckoff shit bitch \
    asshole sexy sex whatever nothing something everything anything monitor keyboard mouse blink metallica nirvana \
    eminem slipknot purple yellow green blue red black white silver golden gold diamond qwertyuiop qwertzuiop \
    azertyuiop qwerty qwertz azerty asdfghjkl asdfgh asdf zxcvbnm yxcvbnm zxcvbn zxcv poiuytrewq lkjhgfdsa mnbvcxz \
    qazwsxedc qazwsx qaz wsx edc zaq xsw qwe asd zxc qweasdzxc qweasd abcdefghijklmnopqrstuvwxyz abcdefghijkl \
    abcdefgh abcdef abcde abcd abc xyz";

/// Characters that may be left when the known parts are taken out; a common password has hardly any.
const LEFT_OVER: usize = 3;
/// Different characters that a password has at least.
const LEAST_VARIETY: usize = 5;

/// Whether `password` consists of common parts, figures and the given names.
pub(super) fn is_common(password: &str, names: &[&str]) -> bool {
    let lower = password.to_lowercase();
    let variety: std::collections::BTreeSet<char> = lower.chars().collect();
    if variety.len() < LEAST_VARIETY {
        return true;
    }
    let names: Vec<String> =
        names.iter().flat_map(|name| words(name)).filter(|word| word.chars().count() >= 3).collect();
    [letters(&lower), letters(&unleet(&lower))].iter().any(|text| left_over(text, &names) <= LEFT_OVER)
}

/// Letters only: figures and signs are what people append.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphabetic()).collect()
}

/// Figures and signs that stand for letters, undone.
fn unleet(text: &str) -> String {
    let undo = |c: char| match c {
        '0' => 'o',
        '1' | '!' | '|' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        '8' => 'b',
        '9' => 'g',
        other => other,
    };
    text.chars().map(undo).collect()
}

fn words(name: &str) -> Vec<String> {
    let lower = name.to_lowercase();
    lower.split(|c: char| !c.is_alphabetic()).map(str::to_owned).collect()
}

/// Characters that no choice of parts covers, at the fewest.
fn left_over(text: &str, names: &[String]) -> usize {
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    // The fewest uncovered characters up to each position, in order.
    let mut least: Vec<(usize, usize)> = vec![(0, 0)];
    for (at, end) in starts.iter().enumerate().skip(1) {
        let head = text.get(..*end).unwrap_or_default();
        let mut best = least.last().map_or(at, |(_, left)| left + 1);
        for piece in PIECES.split_ascii_whitespace().chain(names.iter().map(String::as_str)) {
            if head.ends_with(piece) {
                let begin = end - piece.len();
                let before = least.iter().find(|(position, _)| *position == begin);
                best = before.map_or(best, |(_, left)| best.min(*left));
            }
        }
        least.push((*end, best));
    }
    least.last().map_or(0, |(_, left)| *left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_variations_of_common_passwords_are_recognised() {
        for bad in [
            "password1234",
            "P@ssw0rd2024!",
            "Welcome123456",
            "iloveyou12345",
            "qwertyuiop[]",
            "1q2w3e4r5t6y",
            "administrator",
            "letmein-letmein",
            "Summer2025Summer",
            "correctcorrect".get(..0).unwrap_or("aaaaaaaaaaaa"),
            "111111111111",
            "abcabcabcabc",
            "startlink-admin",
            "TelegramBot2024",
        ] {
            assert!(is_common(bad, &[]), "{bad}");
        }
    }

    #[test]
    fn the_persons_and_the_sites_names_count_as_common() {
        assert!(is_common("lovelace-2024", &["Ada Lovelace"]));
        assert!(is_common("acmeshop-acme1", &["acmeshop.example", "acme"]));
        assert!(!is_common("lovelace-2024", &[]));
    }

    #[test]
    fn random_words_and_characters_pass() {
        for good in ["correct horse battery staple", "gT5#kqPz81mWx", "walrus trombone ceiling", "mfNcyvQ-k2pLd"] {
            assert!(!is_common(good, &[]), "{good}");
        }
    }
}
